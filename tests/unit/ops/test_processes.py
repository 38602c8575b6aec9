"""What watches over a Java process, shown on small Python processes: nothing in it is particular to Java."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.local.processes import Launch, WatchedProcess, node_mark, pick_reasons, start_process, stop_left_over
from shared.failures import Misconfigured, Unavailable

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
FAILS = "import sys; print('the port is taken'); sys.exit(3)"

Starter = Callable[[str], WatchedProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Starts a Python program as the process of one home, and ends what is left at the end."""
    started = []

    def start(program: str) -> WatchedProcess:
        pid_file = tmp_path / "kafka.pid"
        command = (sys.executable, "-c", program, node_mark(pid_file))
        launch = Launch("Kafka", command, pid_file, {}, console=tmp_path / "console.log", log=tmp_path / "kafka.log")
        process = start_process(launch)
        started.append(process)
        process.wait_until(lambda: None if launch.console.read_text() else "it has not begun", timeout_seconds=30)
        return process

    yield start
    for process in started:
        process.stop()


def lose_watcher(process: WatchedProcess) -> None:
    """As if the process that watches over it had been killed: its lock is gone, the pid file is not."""
    process.lock.close()


def test_stop_asks_it_to_close(start: Starter) -> None:
    process = start(SLEEPS)

    process.stop()

    assert process.exit_code() == -15


def test_one_that_does_not_close_is_killed(start: Starter) -> None:
    process = start(DEAF)

    process.stop(timeout_seconds=0.1)

    assert process.exit_code() == -9


def test_stop_twice_is_no_error(start: Starter) -> None:
    process = start(SLEEPS)
    process.stop()

    process.stop()


def test_one_that_ended_is_reported_with_the_end_of_its_log(start: Starter) -> None:
    process = start(FAILS)

    with pytest.raises(Misconfigured, match=r"(?s)Kafka ended with exit code 3.*the port is taken"):
        process.wait_until(lambda: "nobody answers", timeout_seconds=30)


def test_the_reasons_of_a_java_log_are_picked_from_its_stack_traces() -> None:
    log = """\
2026-01-05T10:00:00.000Z INFO  Node starting
2026-01-05T10:00:01.000Z ERROR Node cannot start
java.net.BindException: Address already in use
\tat java.base/sun.nio.ch.Net.bind0(Native Method)
\t... 18 more
2026-01-05T10:00:02.000Z INFO  Node stopped
"""

    assert pick_reasons(log) == "2026-01-05T10:00:01.000Z ERROR Node cannot start\njava.net.BindException: Address already in use"


def test_a_log_without_errors_is_shown_as_it_is() -> None:
    assert pick_reasons("INFO starting\n\nINFO stopped\n") == "INFO starting\nINFO stopped"


def test_one_that_is_not_ready_in_time_is_unavailable(start: Starter) -> None:
    process = start(SLEEPS)

    with pytest.raises(Unavailable, match="Kafka is not ready after 0 s: nobody answers"):
        process.wait_until(lambda: "nobody answers", timeout_seconds=0)


def test_one_that_is_watched_over_is_not_started_again(start: Starter) -> None:
    process = start(SLEEPS)

    with pytest.raises(Misconfigured, match="in use by another Dateline"):
        start(SLEEPS)

    assert process.exit_code() is None


def test_one_that_was_left_behind_is_ended_before_the_next_start(start: Starter) -> None:
    left_behind = start(SLEEPS)
    lose_watcher(left_behind)

    start(SLEEPS)

    assert left_behind.popen.wait(30) == -15


def test_one_that_was_left_behind_can_be_ended(start: Starter) -> None:
    left_behind = start(SLEEPS)
    lose_watcher(left_behind)

    stop_left_over(left_behind.launch.pid_file)

    assert left_behind.popen.wait(30) == -15


def test_a_stranger_with_the_remembered_process_id_is_left_alone(tmp_path: Path) -> None:
    pid_file = tmp_path / "kafka.pid"
    with subprocess.Popen([sys.executable, "-c", SLEEPS], stdout=subprocess.DEVNULL) as stranger:
        pid_file.write_text(str(stranger.pid))

        stop_left_over(pid_file)

        assert stranger.poll() is None
        stranger.kill()
