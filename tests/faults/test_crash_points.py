"""A process that dies at the worst moment, between two effects of one piece of work, loses nothing and does nothing twice.

T2 of the test programme: each service is started so that it dies at a named point, while news and views come in. The points are
those of `shared.failpoints`; the test fails when one of them is not reached. `make test` takes the points of which each stands for
others, FAULTS=middle all of them, FAULTS=release each 25 times.
"""

import json
import time
from dataclasses import replace

import pytest

from shared.failpoints import EXIT_CODE, VARIABLE, FailPoint
from shared.producing import Producer
from tests.faults import reconciling
from tests.faults.ledger import Ledger
from tests.faults.plans import Plan
from tests.faults.rig import running_rig
from tests.faults.sending import Senders
from tests.faults.tier import TIER
from tests.stack import eventually

ALL_POINTS = [
    ("ingest", FailPoint.ACKNOWLEDGED),
    ("enrich", FailPoint.CLAIMED),
    ("enrich", FailPoint.HANDLED),
    ("enrich", FailPoint.SENT),
    ("enrich", FailPoint.DEAD_LETTER_SENT),
    ("enrich", FailPoint.COMMITTED),
    ("indexer", FailPoint.HANDLED),
    ("indexer", FailPoint.SENT),
    ("indexer", FailPoint.DEAD_LETTER_SENT),
    ("indexer", FailPoint.COMMITTED),
    ("indexer", FailPoint.BULK_BUILT),
    ("indexer", FailPoint.BULK_ANSWERED),
    ("indexer", FailPoint.REVISIONS_KEPT),
    ("popularity", FailPoint.OPENED),
    ("popularity", FailPoint.CHECKPOINT_SENT),
    ("popularity", FailPoint.CHECKPOINT_STORED),
]
#: One of each kind of effect: an answer, a claim, a bulk, a transaction.
FEW_POINTS = [
    ("ingest", FailPoint.ACKNOWLEDGED),
    ("enrich", FailPoint.CLAIMED),
    ("indexer", FailPoint.BULK_ANSWERED),
    ("popularity", FailPoint.CHECKPOINT_STORED),
]
POINTS = FEW_POINTS if TIER == "small" else ALL_POINTS
TIMES = 25 if TIER == "release" else 1


def a_plan(seed: int) -> Plan:
    return Plan(
        name="crash",
        seed=seed,
        seconds=2,
        articles=60,
        updates=30,
        retractions=6,
        repeats=4,
        comments=6,
        poison=24,
        views=600,
    )


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with running_rig(tmp_path_factory.mktemp("points"), with_search=False) as running:
        yield running


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    with Ledger(tmp_path_factory.mktemp("ledger") / "ledger.jsonl") as kept:
        yield kept


@pytest.fixture(scope="module")
def begun():
    """The minute in which the first views may be seen."""
    return int(time.time()) // 60


@pytest.mark.parametrize("number", range(TIMES))
@pytest.mark.parametrize(("name", "point"), POINTS, ids=[f"{name}-{point}" for name, point in POINTS])
def test_a_service_that_dies_there_is_gone_on_with(rig, ledger, begun, name, point, number):
    service, plan = rig.services[name], rig.services[name].plan
    service.process.stop()
    service.plan = replace(plan, environment={**plan.environment, VARIABLE: f"{point}:{number % 5 + 1}"})
    service.start()
    service.plan = plan

    with Producer(rig.kafka, "poison") as producer:
        senders = Senders(a_plan(1000 * number + POINTS.index((name, point))), ledger, rig.client, producer)
        senders.start()
        died = eventually(service.process.exit_code, lambda code: code is not None, 90)
        service.restart_if_ended()
        eventually(senders.is_done, bool, 60)

    assert senders.failure is None
    assert died == EXIT_CODE, "it ended by itself, not at the point"
    eventually(lambda: reconciling.count_left(rig.kafka), lambda left: left == 0, 90)
    _, verdict = reconciling.judge(rig, ledger, range(begun, int(time.time()) // 60 + 1))
    assert verdict.is_kept, json.dumps(verdict.examples, indent=1)
