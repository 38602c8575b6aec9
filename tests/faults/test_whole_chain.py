"""Nothing accepted is lost, shown twice, shown in an old revision or after its retraction, whatever is killed, stalled or cut.

T1 of the test programme: a newsroom publishes while everything is struck; afterwards what is there is compared with a ledger of
what was answered 2xx. `make test` runs a small one, `make faults` the middle one with three seeds, `make faults-release` the whole.
"""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from shared.producing import Producer
from tests.faults import reconciling
from tests.faults.ledger import Ledger
from tests.faults.plans import Plan, chosen_plans, schedule
from tests.faults.rig import Rig, running_rig
from tests.faults.sending import Senders
from tests.faults.striking import Striker
from tests.stack import eventually

#: Everything is to be caught up so soon after the last fault and the last event.
CAUGHT_UP_SECONDS = 60.0
#: What is given to a slow machine; what it took is in the report.
PATIENCE_SECONDS = 240.0
REPORTS = Path(os.environ.get("FAULTS_REPORTS", ".dateline/reports"))


@pytest.mark.parametrize("plan", chosen_plans(), ids=lambda plan: f"{plan.name}-{plan.seed}")
def test_everything_that_was_accepted_is_there_once_in_its_newest_state(plan, tmp_path):
    with running_rig(tmp_path) as rig, Ledger(tmp_path / "ledger.jsonl") as ledger:
        begun = int(time.time()) // 60
        report = strike(plan, rig, ledger)
        promised, verdict = reconciling.judge(rig, ledger, range(begun, int(time.time()) // 60 + 1))
        report |= {
            "promises": promised.entries,
            "articles": len(promised.articles),
            "unknown": promised.unknown,
            "views": promised.views.total(),
            "poison": promised.poison.total(),
            **asdict(verdict),
        }

        write_report(plan, report)
        assert verdict.is_kept, f"{json.dumps(report, indent=1, default=str)}\nRun it again:\n{plan.replay}"
        assert not report["slow_ends"]


def strike(plan: Plan, rig: Rig, ledger: Ledger) -> dict[str, object]:
    """Publish and strike, until everything was sent and every strike is over; then wait until nothing is left to do."""
    begun, striker = time.monotonic(), Striker(rig)
    with Producer(rig.kafka, "poison") as producer:
        senders = Senders(plan, ledger, rig.client, producer)
        senders.start()
        striker.carry_out(schedule(plan), lambda: not senders.is_done())
    if senders.failure is not None:
        raise senders.failure
    over = time.monotonic()

    def left() -> int:
        striker.look_after_services()
        return reconciling.count_left(rig.kafka)

    eventually(left, lambda number: number == 0, PATIENCE_SECONDS)
    return {
        "plan": asdict(plan),
        "seconds_struck": round(over - begun, 1),
        "caught_up_seconds": round(time.monotonic() - over, 1),
        "strikes": dict(striker.struck.strikes),
        "restarts": dict(striker.struck.restarts),
        "ended_by_itself": striker.struck.ended_by_itself,
        "slow_ends": striker.struck.slow_ends,
        "requests_sent_again": senders.sent_again,
    }


def write_report(plan: Plan, report: dict[str, object]) -> None:
    """One JSON file a run."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    file = REPORTS / f"faults-{plan.name}-{plan.seed}.json"
    file.write_text(json.dumps(report, indent=1, default=str) + "\n", encoding="utf-8")
