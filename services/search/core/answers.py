"""What readers and programs are answered, as data; the OpenAPI document is made of these models.

Before this: `results`, which fills them from what Elasticsearch answers.
"""

from typing import Annotated, Any

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


class ScoreParts(Frozen):
    """What a score is made of: `score = text * (1 + freshness + popularity)`."""

    text: float = Field(description="how well the words fit, BM25; the headline weighs most")
    freshness: float = Field(description="0.5 for an article of this minute, half of that for every 7 days it is older")
    popularity: float = Field(description="0.1 * log10(1 + views)")


class OtherArticle(Frozen):
    """Another article of the same story."""

    article_id: str
    headline: str
    publisher: str | None = None
    language: str = "und"
    url: WebAddress = None


class AlsoIn(Frozen):
    """Who else tells the same story, newest first."""

    count: int = Field(description="how many other articles the story has, whatever was searched for")
    articles: tuple[OtherArticle, ...] = Field(description="up to 5 of them")


def _require_nothing(schema: dict[str, Any]) -> None:
    schema.pop("required", None)


class Hit(ArticleSummary):
    """An article that was found; with `fields` only those are there."""

    model_config = ConfigDict(json_schema_extra=_require_nothing)

    score: float | None = Field(default=None, description="the higher, the more relevant; null unless sorted by relevance")
    highlights: Highlights | None = Field(default=None, description="null without `highlight`")
    explanation: ScoreParts | None = Field(default=None, description="with `explain`, when sorted by relevance")
    also_in: AlsoIn | None = Field(default=None, description="with `collapse`, where others tell the same story")


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
    author: tuple[FacetValue, ...] = ()
    keyword: tuple[FacetValue, ...] = ()
    story: tuple[FacetValue, ...] = Field(default=(), description="ids of those that several articles tell")
    has_comments: int = Field(default=0, description="how many have comments of readers")


class HistogramBucket(Frozen):
    """How many of the found articles are from one span of time."""

    start: UTCTime
    count: int


class Histogram(Frozen):
    """The found articles by time, oldest first, without gaps; at most 100 spans of the same length."""

    interval: str = Field(description="how long each span is: `1h`, `1d`, `1w`, `1M`, `1q` or `1y`", examples=["1d"])
    buckets: tuple[HistogramBucket, ...]


class SearchAnswer(Frozen):
    """One page of what was found; always complete, never what only some shards know."""

    total: int = Field(description="how many articles fit")
    total_is_exact: bool = Field(description="false when there are more than `total`")
    is_relaxed: bool = Field(
        default=False,
        description="no article has all words: these have most of them. Only for three or more words without operators",
    )
    did_you_mean: str | None = Field(
        default=None, description="`q` with words corrected, where little was found and that finds more; null on later pages"
    )
    hits: tuple[Hit, ...]
    facets: Facets | None = Field(default=None, description="null without `facets`")
    histogram: Histogram | None = Field(default=None, description="with `histogram`; null when nothing was found")
    cursor: NextCursor


class Completions(Frozen):
    """How what is being typed may go on, most used first."""

    completions: tuple[str, ...] = Field(examples=[["Iran", "Iraq"]])


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
    count: int = Field(
        ge=0, description="views, visitors, comments, shares or engaged seconds in the window; 0 for what is pinned and not listed"
    )
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
