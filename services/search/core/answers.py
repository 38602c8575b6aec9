"""What readers and programs are answered, as data; the OpenAPI document is made of these models.

Before this: `results`, which fills them from what Elasticsearch answers.
"""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue

from shared.articles import Entity, Frozen, PageComment, UTCTime
from shared.popularity import Measure, Trend, Window


def _web_url_or_none(value: object) -> object:
    """Links come from strangers; nothing but the web's two schemes is handed on (failure-modes F36)."""
    return value if isinstance(value, str) and value.lower().startswith(("https://", "http://")) else None


WebAddress = Annotated[str | None, BeforeValidator(_web_url_or_none)]
#: HTML: escaped text in which the only element is `<mark>`.
MarkedText = Annotated[str, Field(description="HTML: escaped text, its only element is `<mark>` around what was searched for")]
NextCursor = Annotated[str | None, Field(description="pass it as `cursor` for what comes next; null at the end")]

_EXAMPLE_ID = "0b1f6c9b3d5e4f708192a3b4c5d6e7f8"
_SUMMARY: dict[str, JsonValue] = {
    "article_id": _EXAMPLE_ID,
    "revision": 1732147200000,
    "headline": "Iran and Pakistan agree to open the border to trade",
    "description": None,
    "url": "https://news.example/iran/border-trade",
    "authors": ["Dana Example"],
    "publisher": "Example News",
    "section": "Iran",
    "language": "en",
    "image_url": None,
    "date": "2024-11-21T00:00:00Z",
    "date_published": None,
    "date_modified": None,
    "date_retrieved": "2024-11-21T00:00:00Z",
    "story_id": _EXAMPLE_ID,
}


class ArticleSummary(Frozen):
    """An article without its text."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUMMARY]})

    article_id: str
    revision: int = Field(description="only grows for an article")
    headline: str
    description: str | None = Field(default=None, description="the publisher's own summary")
    url: WebAddress = Field(default=None, description="where the publisher shows it; http or https")
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    section: str | None = None
    language: str = Field(default="und", description="BCP 47; und when unknown")
    image_url: WebAddress = None
    date: UTCTime = Field(description="what articles are sorted by: when published, or when retrieved if that is not known")
    date_published: UTCTime | None = None
    date_modified: UTCTime | None = None
    date_retrieved: UTCTime | None = None
    story_id: str | None = Field(
        default=None, description="the same for all articles that tell nearly the same text: the id of the first of them"
    )


class RelatedLink(Frozen):
    """A link that the publisher showed beside the article."""

    headline: str
    url: WebAddress = None


class Article(ArticleSummary):
    """An article as it stands in the index."""

    body: str = Field(default="", description="plain text; an empty line parts paragraphs")
    enrichment: int = Field(default=0, description="grows within a revision when entities or language are found anew")
    breadcrumb: tuple[str, ...] = ()
    keywords: tuple[str, ...] = Field(default=(), description="the publisher's own")
    keywords_found: tuple[str, ...] = Field(default=(), description="what it is about besides the entities, best first")
    word_count: int | None = Field(default=None, description="of the body; estimated for scripts without blanks")
    reading_seconds: int | None = Field(default=None, description="what reading the body takes")
    language_declared: str | None = Field(default=None, description="as the source declared it")
    language_confidence: float | None = None
    entities: tuple[Entity, ...] = Field(default=(), description="who and what it names; offsets count code points")
    related_links: tuple[RelatedLink, ...] = ()
    translation_of: str | None = None
    page_comments: tuple[PageComment, ...] = Field(default=(), description="of readers, as the publisher's page showed them")
    paywalled: bool = Field(default=False, description="the publisher's page is not free to read: the text may be an excerpt")
    correction: str | None = Field(default=None, description="what was corrected, in the publisher's words")
    truncated: bool = False


class Tombstone(Frozen):
    """What is left of a retracted article."""

    article_id: str
    revision: int
    date_retracted: UTCTime | None = None


class Highlights(Frozen):
    """Where the words that were searched for stand."""

    headline: MarkedText
    passages: tuple[MarkedText, ...] = Field(description="from the body; its beginning when no word stands there")


class Hit(ArticleSummary):
    """An article that was found."""

    score: float | None = Field(default=None, description="the higher, the more relevant; null when sorted by date")
    highlights: Highlights


class FacetValue(Frozen):
    """How many of the found articles have this value."""

    value: str
    count: int


class Facets(Frozen):
    """Values to narrow a search down by, most frequent first; each facet counts what all other filters leave."""

    language: tuple[FacetValue, ...] = ()
    section: tuple[FacetValue, ...] = ()
    publisher: tuple[FacetValue, ...] = ()
    entity: tuple[FacetValue, ...] = ()


class SearchAnswer(Frozen):
    """One page of what was found; always complete, never what only some shards know."""

    total: int = Field(description="how many articles fit")
    total_is_exact: bool = Field(description="false when there are more than `total`")
    hits: tuple[Hit, ...]
    facets: Facets
    cursor: NextCursor


class RelatedAnswer(Frozen):
    """What is like an article, most similar first."""

    article_id: str
    related: tuple[ArticleSummary, ...]


class Comment(Frozen):
    """What a reader wrote under an article; plain text."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "comment_id": "5d41402abc4b2a76b9719d911017c592",
                    "article_id": _EXAMPLE_ID,
                    "author": "Corner café owner",
                    "text": "The talks were overdue.",
                    "time": "2024-11-21T18:20:00Z",
                }
            ]
        }
    )

    comment_id: str
    article_id: str
    author: str
    text: str
    time: UTCTime


class CommentsAnswer(Frozen):
    """Comments on one article, newest first."""

    article_id: str
    comments: tuple[Comment, ...]
    cursor: NextCursor


class RecentComment(Comment):
    """A comment with the article it is on."""

    article: ArticleSummary


class RecentCommentsAnswer(Frozen):
    """The newest comments on published articles."""

    comments: tuple[RecentComment, ...]


class Explanation(Frozen):
    """Why an article stands where it does: what was counted, from when to when, and what its score is made of."""

    list_id: str = Field(description="the part of the list that it comes from: an article is counted in one partition")
    rank_in_list: int = Field(ge=1, description="its place there")
    as_of: UTCTime = Field(description="when that part was made")
    counted_from: UTCTime | None = Field(description="begin of the window's oldest bucket; null for all time")
    counted_until: UTCTime | None = Field(description="end of its newest bucket, or `as_of`")
    bucket_minutes: int | None = Field(description="how long the buckets are that the window is made of")
    count: int
    sorted_by: float = Field(description="the score, or the count where there is none")
    formula: str = Field(description="how that is made of the other numbers")
    trend: Trend | None = None


class PopularEntry(ArticleSummary):
    """One place of a Most Popular list."""

    rank: int = Field(ge=1, description="place among those listed here")
    count: int = Field(ge=0, description="views or comments in the window; 0 for what is pinned and not listed")
    score: float | None = Field(default=None, description="what the list is sorted by where that is not the count")
    is_pinned: bool = Field(default=False, description="stands on top because that was asked for")
    explanation: Explanation | None = None


class MostPopular(Frozen):
    """What is read or commented on most, best first; equal ones in the order of the article ids."""

    measure: Measure
    window: Window
    as_of: UTCTime | None = Field(description="how old the list is; null when there is none yet")
    is_complete: bool = Field(
        default=True, description="false when fewer than asked for are listed although there may be more: the lists ended there"
    )
    entries: tuple[PopularEntry, ...]
