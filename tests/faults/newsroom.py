"""What a run publishes: articles, their revisions in a shuffled order, retractions, repeats, comments, poison, views.

Pure: the same plan gives the same news.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared import topics
from tests.faults.plans import Plan

PUBLISHER = "Chaos Courier"
_SECTIONS = ("World", "Economy", "Science", "Culture", "Sport")
_WORDS = (
    *("harbour", "council", "bridge", "budget", "storm", "river", "engine", "market", "teacher", "election", "vaccine", "railway"),
    *("museum", "forest", "satellite", "treaty", "concert", "hospital", "island", "factory", "library", "farmer", "reactor"),
    *("glacier", "airport", "printer", "copper", "violin", "orchard", "lighthouse"),
)
_VIEWED = 60


@dataclass(frozen=True)
class Publish:
    """A revision of article number `number`, as its publisher sends it."""

    number: int
    revision: int
    submission: dict[str, Any]


@dataclass(frozen=True)
class Retract:
    """Article `number` is taken back, by a revision."""

    number: int
    revision: int


@dataclass(frozen=True)
class Comment:
    """A reader's words under article `number`."""

    number: int
    own_id: str
    text: str


@dataclass(frozen=True)
class Poison:
    """A record that nobody can process, and where it is written."""

    topic: str
    value: str
    headers: tuple[tuple[str, str], ...]


Step = Publish | Retract | Comment | Poison


def write_revision(seed: int, number: int, revision: int) -> Publish:
    """A revision; no two have the same headline, nor the same text."""
    chance = random.Random(f"{seed} {number} {revision}")  # noqa: S311 - the same text every time
    words = [chance.choice(_WORDS) for _ in range(50)]
    body = f"The {' '.join(words[:25])}.\n\nNumber {number}, as of revision {revision}: the {' '.join(words[25:])}."
    return Publish(
        number,
        revision,
        {
            "id": f"item-{seed}-{number}",
            "publisher": PUBLISHER,
            "headline": f"{' '.join(words[:4]).capitalize()} {number}.{revision}",
            "body": body,
            "section": _SECTIONS[number % len(_SECTIONS)],
            "language": "en",
            "revision": revision,
        },
    )


def count_viewed(plan: Plan) -> int:
    """How many articles are viewed and commented on, the first ones; these are not retracted."""
    return min(_VIEWED, plan.articles // 2)


def plan_steps(plan: Plan) -> list[Step]:
    """Everything but the views, in the order in which it is sent.

    A revision comes up to a third of the run before or after its turn, so older ones come after newer ones. Retractions of even
    articles stand above all revisions; those of odd ones below the last, which therefore brings the article back.
    """
    chance = random.Random(f"news {plan.seed}")  # noqa: S311 - the same news every time
    timed: list[tuple[float, int, Step]] = []

    def at(when: float, step: Step) -> None:
        timed.append((when, len(timed), step))

    turn = {number: chance.random() for number in range(plan.articles)}
    newest = dict.fromkeys(range(plan.articles), 1)
    for number in range(plan.articles):
        at(turn[number], write_revision(plan.seed, number, 1))
    for _ in range(plan.updates):
        number = chance.randrange(plan.articles)
        newest[number] += 2  # the number between is free for a retraction
        at(turn[number] + chance.uniform(-0.1, 0.33), write_revision(plan.seed, number, newest[number]))
    viewed = count_viewed(plan)
    for number in chance.sample(range(viewed, plan.articles), plan.retractions):
        revision = newest[number] + 1 if number % 2 == 0 or newest[number] == 1 else newest[number] - 1
        at(turn[number] + chance.uniform(0.0, 0.4), Retract(number, revision))
    for _ in range(plan.repeats):
        number = chance.randrange(plan.articles)
        at(turn[number] + chance.uniform(0.0, 0.5), write_revision(plan.seed, number, 1))
    for place in range(plan.comments):
        at(chance.random(), Comment(chance.randrange(viewed), f"comment-{plan.seed}-{place}", f"Reader {place} says so."))
    for step in poison(plan):
        at(chance.random(), step)
    return [step for _, _, step in sorted(timed)]


def poison(plan: Plan) -> Iterator[Poison]:
    """Records of twelve kinds that nobody can process, each of its own value."""
    kinds = (
        (topics.PUBLISHED, "news.article.published.v1", "not JSON {}"),
        (topics.PUBLISHED, "news.article.published.v9", '{{"of": "a later version", "n": "{}"}}'),
        (topics.PUBLISHED, "", '{{"without": "a type", "n": "{}"}}'),
        (topics.PUBLISHED, "news.article.published.v1", '{{"article_id": "short", "revision": 1, "n": "{}"}}'),
        (topics.ENRICHED, "news.article.enriched.v1", "[[[[ {}"),
        (topics.ENRICHED, "news.article.enriched.v1", '{{"revision": -1, "n": "{}"}}'),
        (topics.ENRICHED, "news.article.lost.v1", '{{"n": "{}"}}'),
        (topics.COMMENTS, "news.comment.posted.v1", '{{"comment_id": 7, "n": "{}"}}'),
        (topics.COMMENTS, "news.comment.posted.v1", "\x01 {}"),
        (topics.INBOUND, "", "<xml>{}</xml>"),
        (topics.INBOUND, "", '{{"headline": "an article without an address", "n": "{}"}}'),
        (topics.ENGAGEMENT, "news.engagement.recorded.v1", '{{"views": "many", "n": "{}"}}'),
    )
    for place in range(plan.poison):
        topic, kind, value = kinds[place % len(kinds)]
        yield Poison(topic, value.format(f"{plan.seed}-{place}"), (("ce_type", kind),) if kind else ())


def plan_views(plan: Plan) -> Iterator[tuple[int, str]]:
    """(article number, visitor) of every view; no visitor comes twice, some articles are viewed much more than others."""
    chance = random.Random(f"views {plan.seed}")  # noqa: S311 - the same views every time
    for place in range(plan.views):
        yield int(chance.random() ** 3 * count_viewed(plan)), f"visitor {plan.seed} {place}"


def spell(submission: dict[str, Any]) -> bytes:
    """A submission as JSON."""
    return json.dumps(submission, ensure_ascii=False).encode()
