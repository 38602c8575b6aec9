"""Events in, outcomes out: numbers of enrichments, and records that no recogniser can read."""

import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.enrich.core.recognisers import English, Recognisers
from services.enrich.core.spans import Span
from services.enrich.events import enrich_events
from services.enrich.time_limit import TimeLimit, TooSlow
from shared.articles import ArticlePublished
from shared.events import Again
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome, Published
from shared.topics import ENRICHED
from tests.builders import NOON, a_retraction, an_article, an_event, body_of

SHORT = TimeLimit(processor_seconds=0.2, clock_seconds=0.4)
LONG = TimeLimit(processor_seconds=60, clock_seconds=60)


def own_stories(articles: Sequence[ArticlePublished]) -> list[str]:
    return [article.article_id for article in articles]


def enriched(*events: Any, recognisers: Recognisers, limit: TimeLimit = LONG) -> list[Outcome]:
    return enrich_events(events, recognisers, own_stories, NOON, limit)


def spinning(text: str) -> None:
    """Never ends, and takes a processor."""
    while text:
        pass


def waiting(_text: str) -> None:
    """Never ends within the test, and takes no processor."""
    time.sleep(60)


def raising(text: str) -> None:
    raise RuntimeError(f"cannot read {text[:6]}")


def with_recogniser(recognisers: Recognisers, meet: Any) -> Recognisers:
    """Recognisers of which the one of English meets its fate in every text that begins with `poison`."""

    def recognise(texts: Sequence[str]) -> list[list[Span]]:
        for text in texts:
            if text.startswith("poison"):
                meet(text)
        return [[] for _ in texts]

    return replace(recognisers, english=English(recognise, lambda _word: False))


GOOD, POISON = an_event(an_article()), an_event(an_article(headline="poison in the harbour of the town"))


def test_an_article_published_for_the_first_time_is_enrichment_0(recognisers: Recognisers) -> None:
    (outcome,) = enriched(GOOD, recognisers=recognisers)

    assert isinstance(outcome, Published)
    assert body_of(outcome.records[0]).enrichment == 0


def test_one_that_is_asked_for_again_gets_the_number_asked_for_and_its_neighbours_theirs(recognisers: Recognisers) -> None:
    outcomes = enriched(GOOD, replace(GOOD, again=Again(5)), an_event(a_retraction()), GOOD, recognisers=recognisers)

    records = [outcome.records[0] for outcome in outcomes if isinstance(outcome, Published)]
    assert [getattr(body_of(record), "enrichment", None) for record in records] == [0, 5, None, 0]
    assert {record.topic for record in records} == {ENRICHED}
    assert dict(records[1].headers)["ce_id"].endswith(b".5")
    assert not any("ce_enrichment" in dict(record.headers) for record in records), "it is in the body from here on"


def test_one_that_is_asked_for_again_stays_in_its_story_and_only_the_others_are_looked_up(recognisers: Recognisers) -> None:
    looked_up: list[int] = []

    def tell(articles: Sequence[ArticlePublished]) -> list[str]:
        looked_up.append(len(articles))
        return ["b" * 32 for _ in articles]

    events = [replace(GOOD, again=Again(1, "a" * 32)), GOOD, replace(GOOD, again=Again(1))]
    outcomes = enrich_events(events, recognisers, tell, NOON)

    records = [outcome.records[0] for outcome in outcomes if isinstance(outcome, Published)]
    assert [body_of(record).story_id[0] for record in records] == ["a", "b", "b"]
    assert looked_up == [2]


@pytest.mark.parametrize("hang", [spinning, waiting])
def test_a_record_that_a_recogniser_hangs_in_is_too_slow_and_says_where(recognisers: Recognisers, hang: Any) -> None:
    (outcome,) = enriched(POISON, recognisers=with_recogniser(recognisers, hang), limit=SHORT)

    assert isinstance(outcome, DeadLettered)
    assert outcome.code is DeadLetterCode.TOO_SLOW
    assert outcome.detail.startswith("reading it took more than 0.")
    assert hang.__name__ in outcome.detail


def test_a_batch_with_such_a_record_is_handed_back_to_be_tried_one_by_one(recognisers: Recognisers) -> None:
    with pytest.raises(TooSlow):
        enriched(GOOD, POISON, recognisers=with_recogniser(recognisers, spinning), limit=SHORT)


def test_the_limit_ends_with_the_batch(recognisers: Recognisers) -> None:
    before = signal.getsignal(signal.SIGALRM)

    (outcome,) = enriched(GOOD, recognisers=recognisers, limit=SHORT)

    assert isinstance(outcome, Published)
    assert (signal.getitimer(signal.ITIMER_REAL), signal.getsignal(signal.SIGALRM)) == ((0.0, 0.0), before)


def test_the_model_of_english_reads_on_after_it_was_interrupted(recognisers: Recognisers) -> None:
    long = an_event(an_article(body="The minister, Ada Lund, met Emmanuel Macron in Oslo on Monday. " * 4000))
    (slow,) = enriched(long, recognisers=recognisers, limit=TimeLimit(processor_seconds=0.05))
    (outcome,) = enriched(an_event(an_article(body="Ada Lund met Emmanuel Macron in Oslo.")), recognisers=recognisers)

    assert isinstance(slow, DeadLettered)
    assert isinstance(outcome, Published)
    assert {"Ada Lund", "Emmanuel Macron", "Oslo"} <= {entity.name for entity in body_of(outcome.records[0]).entities}
