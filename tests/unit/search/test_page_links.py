"""Where a page leads to other forms of what it shows: each must be an address that the site answers."""

from urllib.parse import parse_qs, urlsplit

from services.search.core.exports import ExportParameters
from services.search.core.page_links import build_filter_query, build_take_along
from services.search.core.parameters import SearchFilters, SearchParameters
from services.search.feeds import FeedParameters
from services.search.streams_api import StreamParameters

ASKED = SearchParameters(
    q='a&b="c"', section=("World",), has_comments=True, date_from="2024", sort="popularity", collapse="story", cursor="x", size=5
)


def query(link):
    return parse_qs(urlsplit(link).query)


def test_what_is_asked_of_streams_and_files_is_which_articles_and_not_how_they_are_shown():
    assert parse_qs(build_filter_query(ASKED)) == {
        "q": ['a&b="c"'],
        "section": ["World"],
        "has_comments": ["True"],
        "from": ["2024"],
    }


def test_feeds_files_stream_and_saving_take_the_parameters_that_their_links_have():
    along = build_take_along(ASKED)

    takers: list[tuple[str, type[SearchFilters]]] = [(along.stream, StreamParameters)]
    takers += [(link.href, FeedParameters) for link in along.feeds] + [(link.href, ExportParameters) for link in along.files]
    for address, model in takers:
        asked = model.model_validate({name: values if name == "section" else values[0] for name, values in query(address).items()})
        assert (asked.q, asked.section, asked.has_comments, str(asked.date_from)) == (ASKED.q, ("World",), True, "2024")
    assert urlsplit(along.save).path == "/saved"


def test_a_search_for_everything_has_links_without_a_query():
    along = build_take_along(SearchParameters())

    assert build_filter_query(SearchFilters()) == ""
    assert [link.href for link in along.feeds] == ["/feeds/search.rss", "/feeds/search.atom", "/feeds/search.json"]
    assert [link.href for link in along.files] == ["/v1/export?format=csv", "/v1/export?format=ndjson"]
    assert (along.stream, along.save) == ("/v1/stream/search", "/saved")
