"""Pages of stories, from a model of an index: every story once, in the order of its first article."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.collapsed import fetch_collapsed
from services.search.core import collapsing
from services.search.core.paging import Page, next_page
from services.search.core.parameters import SearchParameters

STORIES = st.lists(st.one_of(st.none(), st.integers(0, 12)), max_size=60)


class Index:
    """Articles in the order of a search, each of a story or of none; answers as Elasticsearch does."""

    def __init__(self, stories):
        self.hits: list[dict[str, Any]] = [
            {"_source": {"article_id": str(number), "story_id": None if story is None else f"s{story}"}, "sort": [number]}
            for number, story in enumerate(stories)
        ]
        self.asked = 0

    async def ask(self, body):
        """The hits of one search, or the first of each story."""
        self.asked += 1
        if "collapse" in body:
            wanted = body["query"]["bool"]["filter"][0]["terms"]["story_id"]
            firsts = {hit["_source"]["story_id"]: hit for hit in reversed(self.hits)}
            return an_answer([firsts[story] for story in wanted])
        left_out = [
            each["bool"]["must_not"][0]["terms"]["story_id"]
            for each in body.get("post_filter", {"bool": {"filter": []}})["bool"]["filter"]
        ]
        hits = [
            hit
            for hit in self.hits
            if hit["sort"] > body.get("search_after", [-1]) and not any(hit["_source"]["story_id"] in each for each in left_out)
        ]
        return an_answer(hits[: body["size"]])

    def expected(self):
        """The articles that come first of their stories."""
        seen = set()
        for hit in self.hits:
            story = hit["_source"]["story_id"]
            if story is None or story not in seen:
                yield hit["_source"]["article_id"]
            seen.add(story)


def an_answer(hits):
    return {"hits": {"hits": hits, "total": {"value": len(hits), "relation": "eq"}}, "aggregations": {}}


async def turn_pages(index, size):
    """The articles of each page."""
    asked = SearchParameters(collapse="story", sort="date", size=size)
    page: Page | None = Page(0)
    pages = []
    while page is not None:
        answer, looked_until = await fetch_collapsed(index.ask, asked, ("en",), page)
        hits = answer["hits"]["hits"]
        pages.append([hit["_source"]["article_id"] for hit in hits[:size]])
        page = next_page(page, size, hits, looked_until)
    return pages


@settings(deadline=None)
@given(STORIES, st.integers(1, 7))
def test_pages_have_every_story_once_in_order_and_each_but_the_last_is_full(stories, size):
    index = Index(stories)

    pages = asyncio.run(turn_pages(index, size))

    assert [article_id for page in pages for article_id in page] == list(index.expected())
    assert all(len(page) == size for page in pages[:-1])


def test_a_story_of_very_many_articles_takes_no_more_rounds_than_one_of_few():
    index = Index([1] * 5_000 + [2])

    assert asyncio.run(turn_pages(index, 5)) == [["0", "5000"]]
    assert index.asked <= 6


def test_a_page_for_which_too_much_had_to_be_looked_at_is_given_up_and_the_next_goes_on_from_there(monkeypatch):
    monkeypatch.setattr(collapsing, "_LATER_HITS", 2)
    index = Index([*range(60), *range(60), 999])

    pages = asyncio.run(turn_pages(index, 3))

    assert min(len(page) for page in pages[:-1]) == 0, "given up"
    assert [article_id for page in pages for article_id in page] == list(index.expected())


def test_the_other_rounds_count_nothing_again():
    body = collapsing.build_next_round({"query": {}, "aggs": {}, "size": 21, "track_total_hits": 10_000}, {"b", "a"}, [1, "x"])

    assert "aggs" not in body
    assert body["track_total_hits"] is False
    assert body["post_filter"] == {"bool": {"filter": [{"bool": {"must_not": [{"terms": {"story_id": ["a", "b"]}}]}}]}}
    assert body["search_after"] == [1, "x"]
