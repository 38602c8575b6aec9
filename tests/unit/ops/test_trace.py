"""The way of one article, and where it is now, from what was found of it."""

import io
from dataclasses import replace

import orjson
import pytest
from rich.console import Console

from ops.trace.journey import InIndex, InLog, Journey, Looked, State, build_step, judge_where
from ops.trace.naming import parse_name
from ops.trace.telling import build_trace_report, build_trace_screen, tell_lists, tell_looked
from services.ingest.core.identity import address_identity, name_article
from shared.dead_letters import DeadLetter
from shared.failures import Misconfigured
from tests.builders import ARTICLE_ID, a_record, a_retraction, an_article, an_enriched_article

REVISION = an_article().revision
PUBLISHED = a_record(an_article(), offset=7, timestamp_ms=1_795_521_600_000)
ENRICHED = a_record(an_enriched_article(), topic="articles.enriched", offset=3, timestamp_ms=1_795_521_601_000)
DOCUMENT = {
    "revision": REVISION,
    "status": "published",
    "index": "articles-000001",
    "version": REVISION * 1024,
    "date_indexed": "2026-11-24T12:00:02Z",
}
READ = {("enrich", "articles.published"): 8, ("indexer", "articles.enriched"): 4}
WHOLE = Looked("articles.published", 0, 0, 0, 8)


def a_journey(*records, document=None, committed=READ, letters=(), **fields):
    log = InLog(records, [WHOLE], committed, letters=letters)
    return Journey(ARTICLE_ID, log, InIndex(document), **fields)


def a_letter(record):
    return DeadLetter(record, "enrich", "too_slow", "reading it took 10 s")


def test_an_article_whose_newest_revision_is_in_the_index_is_searchable():
    assert judge_where(a_journey(PUBLISHED, ENRICHED, document=DOCUMENT)).state is State.SEARCHABLE


def test_an_article_that_is_only_in_the_index_is_searchable():
    assert judge_where(a_journey(document=DOCUMENT)).state is State.SEARCHABLE


def test_a_retracted_article_is_told_as_such():
    record = a_record(a_retraction())
    document = {**DOCUMENT, "revision": REVISION + 1, "status": "retracted"}

    assert judge_where(a_journey(PUBLISHED, record, document=document)).state is State.RETRACTED


@pytest.mark.parametrize(
    ("records", "committed", "told"),
    [
        ((PUBLISHED,), {("enrich", "articles.published"): 5}, "waits for enrich, with 2 records before it"),
        ((PUBLISHED,), {}, "waits for enrich, which has read nothing yet"),
        ((PUBLISHED, ENRICHED), {**READ, ("indexer", "articles.enriched"): 3}, "waits for the indexer, with 0 records before it"),
    ],
)
def test_an_article_that_waits_says_for_whom(records, committed, told):
    verdict = judge_where(a_journey(*records, committed=committed))

    assert verdict.state is State.WAITS
    assert told in verdict.why


def test_a_newer_revision_that_waits_is_told_though_an_older_one_stands_in_the_index():
    newer = a_record(an_article(revision=REVISION + 5), offset=9)

    verdict = judge_where(a_journey(PUBLISHED, ENRICHED, newer, document=DOCUMENT))

    assert verdict.state is State.WAITS
    assert "the revision before it stands in the index" in verdict.why


@pytest.mark.parametrize("record", [PUBLISHED, ENRICHED])
def test_an_article_that_was_put_aside_says_by_whom_and_why(record):
    verdict = judge_where(a_journey(PUBLISHED, ENRICHED, letters=[a_letter(record)]))

    assert verdict.state is State.REFUSED
    assert f"enrich put {record.place} aside: too_slow, reading it took 10 s" in verdict.why
    assert record.place in verdict.do


def test_a_letter_of_an_older_revision_does_not_hide_that_the_newer_one_is_searchable():
    older = a_letter(a_record(an_article(revision=1), offset=1))

    assert judge_where(a_journey(PUBLISHED, ENRICHED, document=DOCUMENT, letters=[older])).state is State.SEARCHABLE


def test_a_record_that_cannot_be_read_is_refused_though_no_revision_is_known():
    broken = a_record(value=b"not json", offset=2)

    verdict = judge_where(a_journey(broken, letters=[a_letter(broken)]))

    assert verdict.state is State.REFUSED


@pytest.mark.parametrize(
    ("records", "told"),
    [((PUBLISHED,), "is not in what was looked through of articles.enriched"), ((PUBLISHED, ENRICHED), "the indexer has read it")],
)
def test_an_article_that_everybody_has_read_and_is_nowhere_is_missing(records, told):
    verdict = judge_where(a_journey(*records))

    assert verdict.state is State.MISSING
    assert told in verdict.why


def test_of_an_article_that_nobody_knows_it_is_told_whether_all_was_looked_at():
    assert judge_where(a_journey()).state is State.UNKNOWN
    assert "further back" not in judge_where(a_journey()).do
    part = replace(a_journey(), log=InLog(looked=[replace(WHOLE, begins=0, start=4)]))
    assert "further back" in judge_where(part).do


def test_nothing_is_said_of_an_article_while_an_engine_is_away():
    verdict = judge_where(a_journey(failures={"kafka": "away"}))

    assert verdict.state is State.UNKNOWN
    assert "not everything could be asked" in verdict.why


def test_the_way_is_told_in_the_order_of_time():
    steps = a_journey(ENRICHED, PUBLISHED).steps

    assert [(step.stage, step.place) for step in steps] == [
        ("accepted", "articles.published-0-7"),
        ("enriched", "articles.enriched-0-3"),
    ]
    assert steps[1].facts["language"] == "en (90%)"


def test_a_record_that_was_put_back_says_so():
    step = build_step(replace(PUBLISHED, headers=(*PUBLISHED.headers, ("replay_count", b"1"), ("replay_by", b"ana@x"))))

    assert step is not None
    assert step.facts["put back"] == "by ana@x"


def test_the_screen_and_the_report_tell_the_same():
    journey = a_journey(PUBLISHED, ENRICHED, document=DOCUMENT, letters=[a_letter(PUBLISHED)])
    verdict = judge_where(journey)
    console = Console(width=160, record=True, file=io.StringIO())

    console.print(build_trace_screen(journey, verdict))
    report = orjson.loads(orjson.dumps(build_trace_report(journey, verdict)))

    shown = console.export_text()
    assert all(told in shown for told in ("searchable", "articles.published-0-7", "too_slow", "articles-000001"))
    assert (report["state"], report["steps"][0]["place"], report["document"]["index"]) == (
        "searchable",
        "articles.published-0-7",
        "articles-000001",
    )


def test_what_a_headline_says_cannot_steer_the_terminal():
    value = (PUBLISHED.value or b"").replace(b"Harbour bridge reopens", rb"\u001b[2Jgone [bold]x[/bold]")
    console = Console(width=160, record=True, file=io.StringIO())
    journey = a_journey(replace(PUBLISHED, value=value))

    console.print(build_trace_screen(journey, judge_where(journey)))

    assert "\x1b" not in console.export_text()


def test_lists_are_told_by_measure_without_those_of_recent_articles():
    lists = [("views.1h.p3", 2, 31), ("views.24h.p3", 2, 31), ("views.24h.fresh7.p3", 1, 31), ("comments.all.p3", 1, 4)]

    assert tell_lists(lists) == "views: place 2 with 31 (1h, 24h); comments: place 1 with 4 (all)"


def test_how_far_was_looked_is_told():
    part = Looked("articles.enriched", 3, 10, 500, 900, is_complete=False)

    assert tell_looked([WHOLE, part]) == (
        "articles.published-0 (all), articles.enriched-3 (offsets 500 to 900 of those from 10 on, not finished in time)"
    )


def test_an_article_is_named_by_its_id_its_address_or_its_publisher_s_id():
    assert parse_name(ARTICLE_ID.upper(), None).article_id == ARTICLE_ID
    named = parse_name("HTTPS://Courier.example/bridge/?utm_source=x", None)
    assert named.url == "https://courier.example/bridge"
    assert named.article_id == address_identity("https://courier.example/bridge").hex()
    own = name_article("Courier", "a-1", None, "").own
    assert own is not None
    assert parse_name("a-1", "Courier").article_id == own.hex()


@pytest.mark.parametrize("name", ["", "bridge", "ftp://a.example/x", "g" * 32])
def test_what_names_no_article_is_refused(name):
    with pytest.raises(Misconfigured, match="neither an article's id"):
        parse_name(name, None)
