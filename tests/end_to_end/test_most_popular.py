"""Most Popular from the door to the reader: published in sections and languages, viewed, listed, retracted."""

import time
import uuid

import pytest

from tests.stack import Stack, eventually

MARK = uuid.uuid4().hex[:8]
SEA, LAND = f"Sea {MARK}", f"Land {MARK}"
TEXTS = {
    "harbour": (
        SEA,
        "The harbour bridge was opened again on Monday after two years of work, and the mayor thanked all who built it.",
    ),
    "phare": (
        SEA,
        "Le phare du port a été rallumé lundi soir après deux ans de travaux, et le maire a remercié tous les ouvriers.",
    ),
    "meadow": (LAND, "The meadow behind the old mill will not be built on, the council decided on Tuesday after a long debate."),
}
VIEWS = {"harbour": 3, "phare": 5, "meadow": 9}


@pytest.fixture(scope="module")
def ids(stack: Stack) -> dict[str, str]:
    """Articles, published and viewed by so many visitors."""
    published = {}
    for name, (section, body) in TEXTS.items():
        article = {
            "headline": body.split(",")[0],
            "body": body,
            "section": section,
            "url": f"https://courier.example/{MARK}/{name}",
        }
        published[name] = stack.ingest.post("/v1/articles", json=article).raise_for_status().json()["article_id"]
    views = [
        {"article_id": published[name], "visitor": f"{name} {MARK} {number}"}
        for name, count in VIEWS.items()
        for number in range(count)
    ]
    stack.ingest.post("/v1/views", json={"views": views}).raise_for_status()
    return published


def listed(stack: Stack, ids: dict[str, str], **asked: str | int) -> dict[str, int]:
    """Articles of this test in a list, best first, with their counts."""
    names = {article_id: name for name, article_id in ids.items()}
    entries = stack.search.get("/v1/most-popular", params={"size": 100, **asked}).raise_for_status().json()["entries"]
    return {names[entry["article_id"]]: entry["count"] for entry in entries if entry["article_id"] in names}


def test_a_section_has_a_list_of_its_own(stack: Stack, ids: dict[str, str]) -> None:
    found = eventually(lambda: listed(stack, ids, section=SEA), lambda counts: len(counts) == 2)

    assert list(found.items()) == [("phare", 5), ("harbour", 3)]


def test_a_section_in_one_language_has_one_too_in_every_window(stack: Stack, ids: dict[str, str]) -> None:
    for window in ("1h", "24h", "7d", "30d", "all", "today", "this-week"):
        assert eventually(lambda w=window: listed(stack, ids, section=SEA, language="fr", window=w), bool) == {"phare": 5}, window  # type: ignore[misc]  # no types for lambda defaults


def test_recent_and_trending_lists_have_them(stack: Stack, ids: dict[str, str]) -> None:
    assert eventually(lambda: listed(stack, ids, section=LAND, published_within_days=7), bool) == {"meadow": 9}
    assert eventually(lambda: listed(stack, ids, measure="hot", section=LAND), bool) == {"meadow": 9}


def test_the_section_page_shows_its_own_list(stack: Stack, ids: dict[str, str]) -> None:
    page = eventually(lambda: stack.search.get(f"/sections/{SEA}").text, lambda text: "5 views" in text)
    box = page[page.index('id="most-popular"') :]

    assert "3 views" in box
    assert ids["meadow"] not in box[: box.index("Recent Comments")]


def test_an_explained_list_says_from_when_to_when_it_counts(stack: Stack, ids: dict[str, str]) -> None:
    eventually(lambda: listed(stack, ids, section=SEA), lambda counts: len(counts) == 2)
    answer = stack.search.get("/v1/most-popular", params={"section": SEA, "explain": True}).raise_for_status().json()

    explanation = answer["entries"][0]["explanation"]
    assert (explanation["count"], explanation["bucket_minutes"], explanation["formula"]) == (5, 60, "count")
    assert explanation["counted_from"] < explanation["as_of"]


def test_what_is_retracted_leaves_all_lists_within_ten_seconds_and_late_views_do_not_bring_it_back(
    stack: Stack, ids: dict[str, str]
) -> None:
    eventually(lambda: listed(stack, ids, section=SEA), lambda counts: len(counts) == 2)
    begun = time.monotonic()
    stack.ingest.delete(f"/v1/articles/{ids['phare']}").raise_for_status()
    eventually(lambda: documents_with(stack, ids["phare"]), lambda names: not names, timeout_seconds=10)
    assert time.monotonic() - begun < 10

    views = [{"article_id": ids[name], "visitor": f"late {MARK} {number}"} for name in ("phare", "harbour") for number in range(9)]
    stack.ingest.post("/v1/views", json={"views": views}).raise_for_status()
    eventually(lambda: listed(stack, ids, section=SEA), lambda counts: counts == {"harbour": 12})
    assert documents_with(stack, ids["phare"]) == set()


def documents_with(stack: Stack, article_id: str) -> set[str]:
    """The lists in the index, of all articles and of this test's sections, in which an article stands, shown or not."""
    stack.elastic.indices.refresh(index="most-popular")
    found = stack.elastic.search(
        index="most-popular", size=1000, query={"bool": {"must_not": {"terms": {"measure": ["comments"]}}}}
    )
    return {
        hit["_id"]
        for hit in found["hits"]["hits"]
        if any(entry["article_id"] == article_id for entry in hit["_source"].get("entries", ()))
    }
