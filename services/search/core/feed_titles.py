"""What feeds are called: by what was asked for."""

from services.search.core.languages import language_name
from services.search.core.parameters import PopularParameters, SearchFilters
from shared.popularity import Measure

_MEASURES = {
    Measure.VIEWS: "Most read",
    Measure.COMMENTS: "Most discussed",
    Measure.SHARES: "Most shared",
    Measure.ENGAGED: "Read longest",
    Measure.TRENDING: "Trending",
    Measure.HOT: "Hot",
    Measure.VIEWS_PER_DAY: "Most read a day",
}


def title_search(filters: SearchFilters) -> str:
    """The words and the filters of a search; `All articles` where there are none."""
    chosen = [*filters.section, *filters.publisher, *filters.entity, *filters.author, *filters.keyword]
    chosen += [language_name(language) for language in filters.language]
    return ", ".join([*([filters.q] if filters.q else []), *chosen]) or "All articles"


def title_list(parameters: PopularParameters) -> str:
    """The list and its filters: `Most read (24h), World`."""
    chosen = [*parameters.section, *parameters.publisher, *(language_name(language) for language in parameters.language)]
    return ", ".join([f"{_MEASURES.get(parameters.measure, str(parameters.measure))} ({parameters.listed_window})", *chosen])
