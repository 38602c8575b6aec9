"""What a page gives: an article with what the page says about it, or the reason why there is none. Both are values."""

from dataclasses import dataclass

from pydantic import Field

from shared.articles import Frozen, LanguageCode, Link, PageComment, UTCTime, WebURL
from shared.text import Line, Text


class ExtractedArticle(Frozen):
    """An article as one page shows it, not yet identified, dated by its feed or counted as a revision.

    Fields are named as in `shared.articles.ArticlePublished`. What the page does not say is None or empty, never guessed.
    """

    headline: Line = Field(min_length=1, max_length=1000)
    body: Text = Field(default="", description="paragraphs parted by one empty line, without the headline, widgets and comments")
    url: WebURL | None = Field(default=None, description="canonical, see `identity.canonical_url`")
    description: Text | None = None
    authors: tuple[Line, ...] = ()
    publisher: Line | None = None
    section: Line | None = None
    breadcrumb: tuple[Line, ...] = Field(default=(), description="as the page shows it, from Home to section, without the headline")
    keywords: tuple[Line, ...] = ()
    language: LanguageCode | None = Field(default=None, description="as the page declares it")
    image_url: WebURL | None = None
    date_published: UTCTime | None = None
    date_modified: UTCTime | None = None
    date_retrieved: UTCTime | None = Field(default=None, description="the day on which a text page says it was scraped")
    related_links: tuple[Link, ...] = ()
    comments: tuple[PageComment, ...] = Field(default=(), max_length=100, description="of readers, in the order of the page")
    paywalled: bool = Field(
        default=False, description="the page says that its text is not free to read: the body may be an excerpt"
    )


@dataclass(frozen=True)
class NoArticle:
    """A page without an article in it.

    `reason` is one of "empty page", "error page", "login page", "index page", "no headline", "page too large"; for a page that
    was given up it says what it takes too much of, see `children.GivenUp`.
    """

    reason: str
