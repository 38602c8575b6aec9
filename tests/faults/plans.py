"""How much is published and what strikes in one run of the fault programme; the same plan and seed give the same run."""

import os
import random
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.tier import TIER

#: What is killed: every process of Dateline that takes part in the way of an article or a view.
SERVICES = ("ingest", "enrich", "popularity", "indexer")


class Kind(StrEnum):
    """What strikes."""

    KILL = "kill -9"
    TERM = "SIGTERM"
    STALL = "SIGSTOP"
    BROKER = "kill -9 of the broker"
    ENGINE = "kill -9 of Elasticsearch"
    CUT = "cut links"
    HOLE = "links that swallow everything"
    FLOOD = "flood-stage block"


@dataclass(frozen=True)
class Plan:
    """One run. `seconds` is how long is published; strikes come in that time, and end a tenth of it before."""

    name: str
    seed: int
    seconds: float
    articles: int
    updates: int
    retractions: int
    repeats: int
    comments: int
    poison: int
    views: int
    kills: int = 0
    terms: int = 0
    stalls: int = 0
    engine_kills: int = 0
    cuts: int = 0
    floods: int = 0
    stall_seconds: float = 0
    block_seconds: float = 0

    @property
    def events(self) -> int:
        """What is published, the views apart."""
        return self.articles + self.updates + self.retractions + self.repeats + self.comments + self.poison

    @property
    def replay(self) -> str:
        """The line that runs it again."""
        return f"FAULTS={self.name} FAULTS_SEED={self.seed} .venv/bin/pytest tests/faults/test_whole_chain.py"


@dataclass(frozen=True, order=True)
class Strike:
    """At some second of the run something meets with a fault; `target` is a service, or a link, or empty."""

    at_seconds: float
    kind: Kind
    target: str = ""
    seconds: float = 0.0


def small(seed: int) -> Plan:
    """For `make test`: a minute."""
    return Plan(
        name="small",
        seed=seed,
        seconds=45,
        articles=400,
        updates=200,
        retractions=40,
        repeats=40,
        comments=60,
        poison=24,
        views=6_000,
        kills=8,
        terms=2,
        stalls=1,
        engine_kills=1,
        cuts=1,
        stall_seconds=9,
        block_seconds=5,
    )


def middle(seed: int) -> Plan:
    """T1 of the test programme, for `make faults`: a quarter of an hour."""
    return Plan(
        name="middle",
        seed=seed,
        seconds=840,
        articles=12_000,
        updates=6_000,
        retractions=1_000,
        repeats=500,
        comments=600,
        poison=300,
        views=200_000,
        kills=60,
        terms=20,
        stalls=4,
        engine_kills=3,
        cuts=4,
        floods=1,
        stall_seconds=60,
        block_seconds=30,
    )


def release(seed: int) -> Plan:
    """T3: ten times `middle`, for `make faults-release`."""
    return Plan(
        name="release",
        seed=seed,
        seconds=8_400,
        articles=120_000,
        updates=60_000,
        retractions=10_000,
        repeats=5_000,
        comments=6_000,
        poison=900,
        views=2_000_000,
        kills=600,
        terms=100,
        stalls=20,
        engine_kills=15,
        cuts=20,
        floods=3,
        stall_seconds=60,
        block_seconds=60,
    )


PLANS = {"small": small, "middle": middle, "release": release}


def chosen_plans() -> list[Plan]:
    """What the environment asks for: `FAULTS` names the plan, `FAULTS_SEED` one seed or several."""
    plan = PLANS[TIER]
    return [plan(int(seed)) for seed in os.environ.get("FAULTS_SEED", "1").split(",")]


def schedule(plan: Plan) -> list[Strike]:
    """All strikes in the order of their times. Every service is killed equally often; what takes long is spread out."""
    chance = random.Random(f"strikes {plan.seed}")  # noqa: S311 - the same schedule every time
    whole = plan.seconds * 0.9

    def spread(kind: Kind, targets: tuple[str, ...], number: int, seconds: float = 0.0) -> list[Strike]:
        each = whole / max(number, 1)
        offset = chance.randrange(len(targets))
        return [
            Strike(place * each + chance.uniform(0.1, 0.6) * each, kind, targets[(place + offset) % len(targets)], seconds)
            for place in range(number)
        ]

    return sorted(
        [
            *(Strike(chance.uniform(2, whole), Kind.KILL, SERVICES[number % len(SERVICES)]) for number in range(plan.kills)),
            *(Strike(chance.uniform(2, whole), Kind.TERM, SERVICES[number % len(SERVICES)]) for number in range(plan.terms)),
            *spread(Kind.STALL, SERVICES[1:], plan.stalls, plan.stall_seconds),
            *spread(Kind.BROKER, ("",), plan.engine_kills),
            *spread(Kind.ENGINE, ("",), plan.engine_kills),
            *spread(Kind.CUT, ("kafka", "elasticsearch"), (plan.cuts + 1) // 2, plan.block_seconds),
            *spread(Kind.HOLE, ("elasticsearch", "kafka"), plan.cuts // 2, plan.block_seconds),
            *spread(Kind.FLOOD, ("",), plan.floods, plan.block_seconds),
        ]
    )
