"""Ranked lists of what is read most (`news.popularity.ranked.v1`)."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from shared.articles import ArticleID, Frozen, Revision, UTCTime

LONGEST_LIST = 100


class Measure(StrEnum):
    """What a list counts."""

    VIEWS = "views"
    COMMENTS = "comments"


class Window(StrEnum):
    """How far back a list looks from its `as_of`."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    ALL = "all"


#: The length of every window that has one.
WINDOW_LENGTHS = {
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(hours=24),
    Window.WEEK: timedelta(days=7),
    Window.MONTH: timedelta(days=30),
}


class RankedArticle(Frozen):
    """One place of a list."""

    article_id: ArticleID
    count: int = Field(ge=1)


class PopularityRanked(Frozen):
    """A whole list as of a time, best first; equal counts in the order of the article ids."""

    list_id: str = Field(pattern=r"^[a-z0-9][a-z0-9.:_-]{0,199}$")
    revision: Revision = Field(description="`as_of` in ms: the newest form of a list wins")
    measure: Measure
    window: Window
    as_of: UTCTime
    entries: tuple[RankedArticle, ...] = Field(max_length=LONGEST_LIST)


def list_id(measure: Measure, window: Window, partition: int | None = None) -> str:
    """The id of a list: `views.24h` for the whole, `views.24h.p3` for the part that one partition contributes."""
    whole = f"{measure}.{window}"
    return whole if partition is None else f"{whole}.p{partition}"
