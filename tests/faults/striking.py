"""Carries out a schedule of strikes on a rig, and starts again what ended, as a supervisor of processes would."""

import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ops.local.services import RunningService
from tests.faults.plans import Kind, Strike
from tests.faults.rig import Rig

_LOOK_SECONDS = 0.1
_TERM_SECONDS = 20.0
#: A watermark that no disk meets: Elasticsearch then blocks every index, as it does when a disk is nearly full.
_NO_DISK: dict[str, str | bool] = {
    "cluster.routing.allocation.disk.threshold_enabled": True,
    "cluster.routing.allocation.disk.watermark.low": "900tb",
    "cluster.routing.allocation.disk.watermark.high": "901tb",
    "cluster.routing.allocation.disk.watermark.flood_stage": "902tb",
}


@dataclass
class Struck:
    """What was carried out, by kind and target; how often a service was started again; and what went wrong besides."""

    strikes: Counter[str] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)
    slow_ends: list[str] = field(default_factory=list)
    ended_by_itself: list[str] = field(default_factory=list)


class Striker:
    """Strikes as scheduled. Engines, stalls and links take time, so each has a thread; services come back at once."""

    def __init__(self, rig: Rig) -> None:
        self.struck = Struck()
        self._rig = rig
        self._locks = {name: threading.Lock() for name in (*rig.services, "broker", "engine", "kafka", "elasticsearch")}
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def carry_out(self, strikes: list[Strike], goes_on: Callable[[], bool]) -> None:
        """Until all strikes are over and `goes_on` says no; raises what a strike failed with."""
        begun, left = time.monotonic(), list(strikes)
        while left or any(thread.is_alive() for thread in self._threads) or goes_on():
            while left and left[0].at_seconds <= time.monotonic() - begun:
                thread = threading.Thread(target=self._guarded, args=(left.pop(0),), daemon=True)
                self._threads.append(thread)
                thread.start()
            self.look_after_services()
            if self._failures:
                raise self._failures[0]
            time.sleep(_LOOK_SECONDS)

    def look_after_services(self) -> None:
        """Start again what ended by itself."""
        for name, service in self._rig.services.items():
            if not self._locks[name].acquire(blocking=False):
                continue  # it is being struck
            try:
                code = service.process.exit_code()
                if service.restart_if_ended():
                    self.struck.ended_by_itself.append(f"{name}: exit code {code}")
                    self.struck.restarts[name] += 1
            finally:
                self._locks[name].release()

    def _guarded(self, strike: Strike) -> None:
        try:
            self._strike(strike)
        except BaseException as error:  # noqa: BLE001 - the run is ended by it
            self._failures.append(error)

    def _strike(self, strike: Strike) -> None:
        match strike.kind:
            case Kind.KILL | Kind.TERM | Kind.STALL:
                with self._locks[strike.target]:
                    self._strike_service(strike, self._rig.services[strike.target])
            case Kind.BROKER:
                with self._locks["broker"]:
                    self._rig.kill_engine("kafka")
                    self._rig.start_broker()
            case Kind.ENGINE:
                with self._locks["engine"]:
                    self._rig.kill_engine("elasticsearch")
                    self._rig.start_elasticsearch()
            case Kind.CUT | Kind.HOLE:
                with self._locks[strike.target]:
                    link = self._rig.links[strike.target]
                    (link.cut if strike.kind is Kind.CUT else link.swallow)()
                    time.sleep(strike.seconds)
                    link.mend()
            case Kind.FLOOD:
                with self._locks["engine"]:
                    self._flood(strike.seconds)
        self.struck.strikes[f"{strike.kind} {strike.target}".strip()] += 1

    def _strike_service(self, strike: Strike, service: RunningService) -> None:
        process = service.process.popen
        if strike.kind is Kind.STALL:
            process.send_signal(signal.SIGSTOP)
            time.sleep(strike.seconds)
            process.send_signal(signal.SIGCONT)
            return
        if strike.kind is Kind.TERM:
            process.terminate()
            try:
                code = process.wait(_TERM_SECONDS)
                if code not in (0, -signal.SIGTERM):
                    self.struck.slow_ends.append(f"{strike.target}: exit code {code} at SIGTERM")
            except subprocess.TimeoutExpired:  # it is noted, and killed
                self.struck.slow_ends.append(f"{strike.target}: did not end in {_TERM_SECONDS:.0f} s")
        process.kill()
        process.wait()
        service.restart_if_ended()
        self.struck.restarts[strike.target] += 1

    def _flood(self, seconds: float) -> None:
        elastic = self._rig.elastic
        elastic.cluster.put_settings(persistent=_NO_DISK)
        try:
            time.sleep(seconds)
        finally:
            elastic.cluster.put_settings(persistent=dict.fromkeys(_NO_DISK))
