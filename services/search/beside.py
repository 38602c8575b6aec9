"""The lists that stand beside the reader pages: Most Popular, what is trending, recent comments; and the sections to go to."""

import asyncio
from typing import Annotated, Any, NamedTuple

from fastapi import Depends

from services.search.core.answers import MostPopular
from services.search.core.parameters import PopularParameters
from services.search.reading import Reading
from shared.popularity import LISTED_WINDOWS, Measure, Window

#: Comments and related articles that are listed.
IN_LISTS = 6
_POPULAR = 10
_TRENDING = 5


class Beside(NamedTuple):
    """Which Most Popular list stands beside a page. A window that the measure has no list for gives way to one that it has."""

    window: Window = Window.DAY
    measure: Measure = Measure.VIEWS


def get_beside(window: Window = Window.DAY, measure: Measure = Measure.VIEWS) -> Beside:
    """What the tabs in the address choose."""
    return Beside(window, measure)


BesideOf = Annotated[Beside, Depends(get_beside)]


async def fetch_lists(reading: Reading, beside: Beside, section: str | None = None) -> dict[str, Any]:
    """What stands beside every page: Most Popular (of a section), recent comments, and the sections for the navigation."""
    listed = beside.window in LISTED_WINDOWS[beside.measure]
    asked = PopularParameters(
        measure=beside.measure,
        window=beside.window if listed else None,
        section=() if section is None else (section,),
        size=_POPULAR,
    )
    popular, recent, overview = await asyncio.gather(
        _fetch_popular(reading, asked),
        reading.lately.ask("recent comments", lambda: reading.fetch_recent_comments(IN_LISTS)),
        reading.fetch_overview(),
    )
    return {"popular": popular, "recent": recent, "sections": overview.sections}


async def fetch_trending(reading: Reading, beside: Beside) -> dict[str, Any]:
    """What is read much more than expected, where it is not the list beside the page anyway."""
    if beside.measure == Measure.TRENDING:
        return {"trending": None}
    return {"trending": await _fetch_popular(reading, PopularParameters(measure=Measure.TRENDING, size=_TRENDING))}


async def _fetch_popular(reading: Reading, asked: PopularParameters) -> MostPopular:
    return await reading.lately.ask(asked, lambda: reading.fetch_most_popular(asked))
