"""Answers of Elasticsearch, read."""

import html
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.core import results
from services.search.core.answers import Article, Tombstone
from services.search.core.popular import Place
from shared.popularity import Measure, PopularityRanked, RankedArticle, Trend
from tests.builders import ARTICLE_ID, NOON
from tests.unit.search.builders import HOSTILE, a_document, an_answer

START, END = "\ue000", "\ue001"


@pytest.mark.parametrize(
    ("answer", "gap"),
    [
        (an_answer(), None),
        (an_answer() | {"timed_out": True}, "the search took longer than Elasticsearch was given (after 3 ms)"),
        (an_answer() | {"_shards": {"total": 5, "failed": 2}}, "2 of 5 shards did not answer"),
    ],
)
def test_what_is_not_complete_is_noticed(answer, gap):
    assert results.find_gap(answer) == gap


def test_a_match_is_marked_and_all_else_escaped():
    assert results.build_marked_text(f"a < b {START}&{END} <mark>") == "a &lt; b <mark>&amp;</mark> &lt;mark&gt;"


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from([START, END, "<mark>", "</mark>", "&amp;"]), st.text())).map("".join))
def test_marked_text_is_the_text_and_its_only_elements_are_marks(text):
    marked = results.build_marked_text(text)

    assert re.fullmatch(r"(?:[^<>]|<mark>[^<>]*</mark>)*", marked)
    assert html.unescape(re.sub("</?mark>", "", marked)) == text.replace(START, "").replace(END, "")


def test_a_hit_has_its_texts_whatever_its_language_and_its_highlights():
    document = a_document(headline={"other": "Мост открыт"}, body={}, description={"other": "Снова"}, language="uk")
    fragments = {"headline.other": [f"{START}Мост{END} открыт"], "body.other": ["a", f"{START}b{END}"]}

    (hit,) = results.parse_hits(an_answer(document, highlight=fragments))

    assert (hit.headline, hit.description, hit.language, hit.score) == ("Мост открыт", "Снова", "uk", 1.5)
    assert hit.highlights is not None
    assert hit.highlights.headline == "<mark>Мост</mark> открыт"
    assert hit.highlights.passages == ("a", "<mark>b</mark>")


def test_a_headline_without_a_match_is_escaped_too():
    (hit,) = results.parse_hits(an_answer(a_document(headline={"en": HOSTILE})))

    assert hit.highlights is not None
    assert hit.highlights.headline == html.escape(HOSTILE)
    assert hit.headline == HOSTILE


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "//host/x", " https://x", 7, None])
def test_no_link_is_handed_on_but_those_of_the_web(url):
    links = [{"headline": "Other", "url": url}]
    article = results.parse_article(an_answer(a_document(url=url, image_url=url, related_links=links)))

    assert isinstance(article, Article)
    assert (article.url, article.image_url, article.related_links[0].url) == (None, None, None)


def test_an_article_is_one_a_tombstone_or_nothing():
    tombstone = {"article_id": ARTICLE_ID, "revision": 5, "enrichment": 1023, "status": "retracted", "retraction_reason": None}

    assert results.parse_article(an_answer()) is None
    assert results.parse_article(an_answer(tombstone)) == Tombstone(article_id=ARTICLE_ID, revision=5)
    article = results.parse_article(an_answer(a_document(entities=[{"type": "GPE", "name": "Tyre", "count": 2}])))
    assert isinstance(article, Article)
    assert (article.body.split("\n\n")[1], article.entities[0].name) == ("Traffic was light.", "Tyre")


def test_places_of_a_list_pass_from_unpublished_articles_to_those_behind_them():
    known = results.parse_summaries(an_answer(*(a_document(article_id=name * 32) for name in "dca")))

    entries = results.build_entries(places(a=9, b=8, c=7, d=6), known)

    assert [(entry.rank, entry.article_id[0], entry.count) for entry in entries] == [(1, "a", 9), (2, "c", 7), (3, "d", 6)]
    assert (entries[0].headline, entries[0].section, entries[0].language) == ("Harbour bridge reopens", "World", "en")


def test_pinned_articles_come_first_in_their_order_whether_they_are_listed_or_not():
    known = results.parse_summaries(an_answer(*(a_document(article_id=name * 32) for name in "abe")))

    entries = results.build_entries(places(a=9, b=8), known, ["e" * 32, "b" * 32, "f" * 32])

    assert [(entry.article_id[0], entry.count, entry.is_pinned) for entry in entries] == [
        ("e", 0, True),
        ("b", 8, True),
        ("a", 9, False),
    ]


def test_an_explanation_names_the_list_the_count_and_what_a_score_is_made_of():
    trend = Trend(expected=2.0, own_per_hour=1.0, section_per_hour=0.5, section_lift=2.0)
    entry = RankedArticle(article_id="a" * 32, count=9, score=4.04, trend=trend)
    part = a_part("trending", "1h", (entry,), counted_from=NOON - timedelta(hours=1), bucket_minutes=1)
    known = results.parse_summaries(an_answer(a_document(article_id="a" * 32)))

    (explained,) = results.explain_entries(results.build_entries([Place(entry, part)], known), [Place(entry, part)])

    assert explained.explanation is not None
    assert explained.explanation.model_dump() == {
        "list_id": "trending.1h.p0",
        "rank_in_list": 1,
        "as_of": NOON,
        "counted_from": NOON - timedelta(hours=1),
        "counted_until": NOON,
        "bucket_minutes": 1,
        "count": 9,
        "sorted_by": 4.04,
        "formula": results._FORMULAS[Measure.TRENDING],  # noqa: SLF001 - text, compared nowhere else
        "trend": trend.model_dump(),
    }


def a_part(measure, window, entries, **fields):
    name = f"{measure}.{window}.p0"
    return PopularityRanked(list_id=name, revision=1, measure=measure, window=window, as_of=NOON, entries=entries, **fields)


def places(**counts):
    entries = tuple(RankedArticle(article_id=name * 32, count=count) for name, count in counts.items())
    part = a_part("views", "24h", entries)
    return [Place(entry, part) for entry in entries]


def an_overview(languages, sections):
    counted = {"language": languages, "section": sections}
    return {"aggregations": {n: {"buckets": [{"key": key, "doc_count": 1} for key in keys]} for n, keys in counted.items()}}


def test_an_overview_has_sections_in_order_and_always_the_field_of_all_other_languages():
    overview = results.parse_overview(an_overview(["en", "nb", "uk", "und", "zh-Hant"], ["World", "Art"]))

    assert overview == results.Overview(sections=("World", "Art"), language_fields=("en", "no", "other", "zh"))
    assert results.parse_overview(an_overview([], [])) == results.Overview(sections=(), language_fields=("other",))


def test_times_are_in_utc():
    (hit,) = results.parse_hits(an_answer(a_document(date="2026-11-24T13:00:00+01:00")))

    assert hit.date == NOON
    assert hit.date.isoformat() == "2026-11-24T12:00:00+00:00"
