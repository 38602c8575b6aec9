"""What the door takes: articles, views and comments as their senders write them. Unknown fields are refused, so typos are found."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.articles import ArticleID, LanguageCode, Link, Revision, UTCTime, WebURL
from shared.page_tokens import LONGEST_TOKEN
from shared.text import Line, Text


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


#: One of many names or words: together with the body they must fit into a record.
Name = Annotated[Line, Field(max_length=200)]
Lines = Annotated[tuple[Name, ...], BeforeValidator(_one_or_many)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArticleSubmission(_Strict):
    """An article in Dateline's own form. It needs a `url`, or an `id` that the publisher gives."""

    headline: Line = Field(min_length=1, max_length=1000, examples=["Harbour bridge reopens after two years"])
    body: Text = Field(default="", max_length=10_000_000, description="plain text, paragraphs parted by an empty line")
    id: str | None = Field(default=None, min_length=1, max_length=500, description="the publisher's own id for the article")
    url: WebURL | None = Field(default=None, examples=["https://www.harbour-courier.example/world/bridge"])
    revision: Revision | None = Field(default=None, description="only grows for an article; the time of acceptance if absent")
    description: Text | None = Field(default=None, max_length=10_000)
    authors: Lines = Field(default=(), max_length=100)
    publisher: Line | None = Field(default=None, max_length=200)
    section: Line | None = Field(default=None, max_length=200)
    breadcrumb: tuple[Name, ...] = Field(default=(), max_length=20)
    keywords: Lines = Field(default=(), max_length=100)
    language: LanguageCode | None = None
    image_url: WebURL | None = None
    date_published: UTCTime | None = None
    date_modified: UTCTime | None = None
    translation_of: ArticleID | WebURL | None = Field(default=None, description="id or url of the article that this one translates")
    correction: Text | None = Field(default=None, max_length=2000, description="what was corrected, in the publisher's words")
    related_links: tuple[Link, ...] = Field(default=(), max_length=50)


class PageSubmission(_Strict):
    """A web page: its `html`, or the `text` that was scraped from it."""

    url: WebURL | None = None
    html: str | None = Field(default=None, min_length=1, max_length=10_000_000)
    text: str | None = Field(default=None, min_length=1, max_length=10_000_000)
    publisher: Line | None = Field(default=None, max_length=200)


class ViewSubmission(_Strict):
    """One view. A sender that reports the views of others says who they are: by `visitor`, or by `address` and `user_agent`.

    Where none of the three is given, the reader is who sent the request.
    """

    article_id: ArticleID
    visitor: str | None = Field(
        default=None, min_length=1, max_length=500, description="what the sender tells its visitors apart by; it is hashed at once"
    )
    address: str | None = Field(
        default=None, min_length=2, max_length=45, description="the reader's IP address; only its hash leaves ingest"
    )
    user_agent: str | None = Field(default=None, max_length=2000, description="the reader's; those of robots are refused")
    time: UTCTime | None = Field(
        default=None, description="when it was seen, at most 24 hours ago; the time of acceptance if absent"
    )


class ViewsSubmission(_Strict):
    """Views that came together."""

    views: tuple[ViewSubmission, ...] = Field(min_length=1, max_length=10_000)


class SharesSubmission(_Strict):
    """Shares that came together. A share says who shared as a view says who read."""

    shares: tuple[ViewSubmission, ...] = Field(min_length=1, max_length=1000)


class PageViewSubmission(_Strict):
    """One view by the reader whose browser sends it, now, vouched for by the token of the page; or what the reader did besides."""

    page_token: str = Field(min_length=1, max_length=LONGEST_TOKEN, description="that of the page, see docs/page-views.md")
    article_id: ArticleID
    engaged_seconds: int | None = Field(
        default=None, ge=1, le=86_400, description="of a page that is being left: for how long it was read; no further view"
    )
    shared: Literal[True] | None = Field(default=None, description="the reader has shared the article; no further view")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.engaged_seconds is not None and self.shared is not None:
            raise ValueError("engaged_seconds and shared are reported apart")
        return self


class CommentSubmission(_Strict):
    """A comment. The same `id`, or without one the same author and text under the same article, is the same comment."""

    article_id: ArticleID
    author: Line = Field(min_length=1, max_length=200)
    text: Text = Field(min_length=1, max_length=10_000)
    id: str | None = Field(default=None, min_length=1, max_length=500)
    time: UTCTime | None = None
