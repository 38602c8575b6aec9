"""What an article is on its way: published by ingest, understood by enrich, or retracted.

Field names follow schema.org NewsArticle in snake_case. Times are aware and in UTC. Text is plain, NFC, never HTML.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from shared.text import Line, Text

#: The highest revision: times 1,024 it still fits the 63 bits of an Elasticsearch external version, and it is exact in JSON.
HIGHEST_REVISION = 2**53 - 1
#: Enrichment numbers of one revision run from 0 to this one, see `index_version`.
HIGHEST_ENRICHMENT = 1023
#: The last number that an article takes: a tombstone's is above it.
LAST_ENRICHMENT = HIGHEST_ENRICHMENT - 1

ArticleID = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="128 bits of SHA-256 over the source identity")]
Revision = Annotated[int, Field(ge=1, le=HIGHEST_REVISION, description="only grows for an article")]
LanguageCode = Annotated[str, Field(pattern=r"^([a-z]{2,3})(-[A-Za-z0-9]{2,8})*$", description="BCP 47, und if unknown")]


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside of the years 1 to 9999 in UTC") from None


UTCTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
WebURL = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s]*$", max_length=2048)]


class Frozen(BaseModel):
    """What every event body is: immutable, and deaf to fields that a newer version added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Link(Frozen):
    """A link that a page showed beside its article, such as one under "Related articles"."""

    headline: Line
    url: str


class PageComment(Frozen):
    """What a reader wrote under an article on its page; `time` is None where the page does not say it, or says "2 days ago"."""

    author: Line = Field(min_length=1, max_length=200)
    text: Text = Field(min_length=1, max_length=10_000)
    time: UTCTime | None = None


class ArticlePublished(Frozen):
    """A new or changed article, complete, as ingest accepted it (`news.article.published.v1`)."""

    article_id: ArticleID
    revision: Revision
    headline: Line = Field(min_length=1, max_length=1000)
    body: Text = ""
    url: WebURL | None = None
    description: Text | None = None
    authors: tuple[Line, ...] = ()
    publisher: Line | None = None
    section: Line | None = None
    breadcrumb: tuple[Line, ...] = ()
    keywords: tuple[Line, ...] = ()
    language: LanguageCode | None = Field(default=None, description="as the source declares it")
    image_url: WebURL | None = None
    date_published: UTCTime | None = None
    date_modified: UTCTime | None = None
    date_retrieved: UTCTime = Field(description="when ingest got it, or the page was scraped")
    translation_of: ArticleID | None = None
    correction: Text | None = Field(default=None, description="what was corrected, in the publisher's words")
    related_links: tuple[Link, ...] = ()
    page_comments: tuple[PageComment, ...] = Field(default=(), description="of readers, as its page showed them")
    paywalled: bool = Field(default=False, description="its page says that the text is not free to read: it may be an excerpt")
    truncated: bool = Field(default=False, description="the body was cut to the size limit of an event")


class ArticleRetracted(Frozen):
    """An article that must no longer be shown, nor come back (`news.article.retracted.v1`)."""

    article_id: ArticleID
    revision: Revision
    date_retracted: UTCTime
    reason: Line | None = None


class Mention(Frozen):
    """Where an entity is named: code-point offsets into the published text of one field, `end` exclusive."""

    field: Literal["headline", "body"]
    start: int = Field(ge=0)
    end: int = Field(ge=1)


class Entity(Frozen):
    """Somebody or something that an article names; `type` as in OntoNotes (PERSON, ORG, GPE, LOC, FAC, NORP, EVENT, PRODUCT …)."""

    type: str = Field(pattern=r"^[A-Z_]{3,16}$")
    name: Line = Field(min_length=1, description="the fullest form found, without title")
    count: int = Field(ge=1)
    mentions: tuple[Mention, ...] = ()
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1, for places")
    geonames_id: int | None = None
    entity_id: str | None = Field(
        default=None,
        max_length=64,
        description="the same in every article: `country:IR`, `geonames:1176615`, else the type and a hash of the normalised name",
    )
    role: Line | None = Field(default=None, description="the title of a person, as it stands before the name")
    salience: float | None = Field(
        default=None, ge=0, le=1, description="how much the article is about it: by headline, place and count"
    )
    latitude: float | None = Field(default=None, ge=-90, le=90, description="degrees, for places; of an area where its people live")
    longitude: float | None = Field(default=None, ge=-180, le=180)


class ArticleEnriched(ArticlePublished):
    """A published article with what enrich found in it (`news.article.enriched.v1`).

    `language` is now the one the text is in; what the source declared is kept in `language_declared`.
    """

    enrichment: int = Field(ge=0, le=HIGHEST_ENRICHMENT)
    language: LanguageCode = "und"
    language_confidence: float = Field(ge=0, le=1)
    language_declared: LanguageCode | None = None
    entities: tuple[Entity, ...] = ()
    keywords_found: tuple[Line, ...] = Field(default=(), description="what it is about besides the entities, best first")
    word_count: int | None = Field(default=None, ge=0, description="of the body; estimated for scripts without blanks")
    reading_seconds: int | None = Field(default=None, ge=0, description="what reading the body takes")
    story_id: ArticleID | None = Field(default=None, description="the first article known that tells nearly the same text")
    recogniser: str = Field(description="names and versions of what found the entities")
    date_enriched: UTCTime


def index_version(revision: int, enrichment: int) -> int:
    """The external version of an article's document: a newer revision wins, then a newer enrichment of it."""
    return revision * (HIGHEST_ENRICHMENT + 1) + enrichment
