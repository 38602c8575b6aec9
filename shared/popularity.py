"""What is read most: ranked lists (`news.popularity.ranked.v1`), and how much each article is (`news.popularity.signalled.v1`)."""

import hashlib
import json
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from pydantic import Field

from shared.articles import ArticleID, Frozen, Revision, UTCTime

LONGEST_LIST = 100


class Measure(StrEnum):
    """What a list is sorted by: what is counted, or a score made of the views. `engaged` is counted in seconds."""

    VIEWS = "views"
    VISITORS = "visitors"
    COMMENTS = "comments"
    SHARES = "shares"
    ENGAGED = "engaged"
    VIEWS_PER_DAY = "views-per-day"
    TRENDING = "trending"
    HOT = "hot"


class Window(StrEnum):
    """How far back a list looks from its `as_of`; the last three are days and weeks of the calendar (popularity's time zone)."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    ALL = "all"
    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this-week"


#: The length of every window that has one.
WINDOW_LENGTHS = {
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(hours=24),
    Window.WEEK: timedelta(days=7),
    Window.MONTH: timedelta(days=30),
}


#: The windows that each measure is listed for.
LISTED_WINDOWS = {
    Measure.VIEWS: tuple(Window),
    # A visitor is counted once a day, at the first view of it: in windows of days.
    Measure.VISITORS: (Window.WEEK, Window.MONTH, Window.ALL, Window.TODAY, Window.YESTERDAY, Window.THIS_WEEK),
    Measure.COMMENTS: tuple(Window),
    Measure.SHARES: tuple(Window),
    Measure.ENGAGED: tuple(Window),
    Measure.VIEWS_PER_DAY: (Window.WEEK, Window.MONTH, Window.ALL),
    Measure.TRENDING: (Window.HOUR,),
    Measure.HOT: (Window.WEEK,),
}


#: Hours of which a trend tells the views one by one.
TREND_HOURS = 24


class Trend(Frozen):
    """What a trending score is made of; views an hour. `score = (count - expected) / sqrt(expected + 1)`."""

    expected: float = Field(description="views that the hour would have had by both baselines")
    own_per_hour: float = Field(description="of the article in the 24 hours before, or since it was published")
    section_per_hour: float = Field(description="of an article of its section in that time, on average")
    section_lift: float = Field(description="how many times as much as in that time its section is read now")
    per_hour: tuple[int, ...] = Field(
        default=(),
        max_length=TREND_HOURS,
        description="views of each of the last hours (UTC), oldest first; the last is the hour of `as_of`, as far as it is over",
    )


class RankedArticle(Frozen):
    """One place of a list."""

    article_id: ArticleID
    count: int = Field(ge=1, description="of views, visitors, comments, shares or engaged seconds, by the measure")
    score: float | None = Field(default=None, description="what the list is sorted by where that is not the count")
    trend: Trend | None = None


class ListGroup(Frozen):
    """Whose articles a list is of: those that have every value that is given."""

    section: str | None = None
    language: str | None = None
    publisher: str | None = None

    @property
    def id(self) -> str | None:
        """`g-` and 16 hex digits of SHA-256 over the JSON array of the three values; None for the group of all articles."""
        return _group_id(self.section, self.language, self.publisher)


@lru_cache(maxsize=4096)
def _group_id(*values: str | None) -> str | None:
    if not any(values):
        return None
    return "g-" + hashlib.sha256(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:16]


EVERYTHING = ListGroup()


class PopularityRanked(Frozen):
    """A whole list as of a time, best first; equal ones in the order of the article ids."""

    list_id: str = Field(pattern=r"^[a-z0-9][a-z0-9.:_-]{0,199}$")
    revision: Revision = Field(description="`as_of` in ms: the newest form of a list wins")
    measure: Measure
    window: Window
    as_of: UTCTime
    partition: int | None = Field(default=None, ge=0, description="whose part of the list this is")
    group: str | None = Field(default=None, description="id of the group of articles; absent when all are ranked")
    section: str | None = None
    language: str | None = None
    publisher: str | None = None
    fresh_days: int | None = Field(default=None, ge=1, description="only articles of the last so many days")
    counted_from: UTCTime | None = Field(default=None, description="begin of the window's oldest bucket; absent for all time")
    counted_until: UTCTime | None = Field(default=None, description="end of its newest bucket where that is not `as_of`")
    bucket_minutes: int | None = Field(default=None, description="how long the buckets are that the window is made of")
    groups_left_out: int = Field(
        default=0, ge=0, description="in lists of all articles: groups of this partition that have no lists, being too many"
    )
    groups_since: UTCTime | None = Field(
        default=None, description="in lists of all articles: lists of groups of this partition that are older are void"
    )
    entries: tuple[RankedArticle, ...] = Field(max_length=LONGEST_LIST)


#: The highest number that the index has for a count.
HIGHEST_COUNT = 2**31 - 1


class PopularitySignalled(Frozen):
    """Views and comments of an article, of all time: told when one of the two has passed another power of two."""

    article_id: ArticleID
    revision: Revision = Field(description="when this was counted, in ms: of one article it grows, and so do the counts")
    views: int = Field(ge=0, le=HIGHEST_COUNT, description="views that counted, of all time")
    comments: int = Field(ge=0, le=HIGHEST_COUNT, description="comments of readers, of all time")


def list_id(
    measure: Measure,
    window: Window,
    partition: int | None = None,
    group: ListGroup = EVERYTHING,
    fresh_days: int | None = None,
) -> str:
    """The id of a list: `views.24h` for the whole, `views.24h.p3` for the part that one partition contributes.

    A list of a group has its id in it, one of the articles of the last days their number: `views.24h.g-0123456789abcdef.fresh7.p3`.
    """
    names = [
        measure,
        window,
        group.id,
        f"fresh{fresh_days}" if fresh_days else None,
        None if partition is None else f"p{partition}",
    ]
    return ".".join(name for name in names if name)
