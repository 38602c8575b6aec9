"""A process in a session of its own: started, watched and stopped; one that an earlier run left behind is found and ended."""

import fcntl
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from shared.failures import Misconfigured, Unavailable

#: How long a process may take to close by itself before it is ended.
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_LOG_LINES_SHOWN = 10
_REASONS = ("ERROR", "FATAL", "Exception", "Error:", '"error"')


@dataclass(frozen=True)
class Launch:
    """What to start.

    Attributes:
        name: for people, such as "Kafka".
        command: the program and its arguments.
        pid_file: where its process id is written; locked for as long as somebody watches over the process.
        environment: all of its environment: nothing of ours goes with it.
        console: the file that takes what it writes before it has its own log.
        log: its own log.
        user: the user id to run as; the one of this process when None.
    """

    name: str
    command: tuple[str, ...]
    pid_file: Path
    environment: Mapping[str, str]
    console: Path
    log: Path
    user: int | None = None


@dataclass(frozen=True)
class WatchedProcess:
    """A process that was started and is watched over until `stop`."""

    launch: Launch
    popen: subprocess.Popen[bytes]
    lock: TextIO

    @property
    def pid(self) -> int:
        return self.popen.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.popen.poll()

    def check_running(self) -> None:
        """Raises Misconfigured, with the end of its log, when it has ended."""
        code = self.exit_code()
        if code is not None:
            name, log = self.launch.name, self.launch.log
            raise Misconfigured(f"{name} ended with exit code {code}. Its log is {log}; what it says:\n{self.log_end()}")

    def log_end(self) -> str:
        """What of its log and its console tells why it ended, for an error."""
        files = [file for file in (self.launch.log, self.launch.console) if file.is_file()]
        return pick_reasons("\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files))

    def wait_until(self, obstacle: Callable[[], str | None], timeout_seconds: float) -> None:
        """Returns once `obstacle` answers None.

        Raises Misconfigured when the process ends before, and Unavailable with the last obstacle after `timeout_seconds`.
        """
        deadline = time.monotonic() + timeout_seconds
        while (reason := obstacle()) is not None:
            self.check_running()
            if time.monotonic() > deadline:
                name, log = self.launch.name, self.launch.log
                raise Unavailable(f"{name} is not ready after {timeout_seconds:.0f} s: {reason}; see {log}.")
            time.sleep(_POLL_SECONDS)

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> None:
        """Asks it to close (SIGTERM), and ends it and its children after `timeout_seconds`; does nothing the second time."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.popen.wait()
        self.lock.close()


def pick_reasons(log: str) -> str:
    """The last lines of a log that name an error; the last lines of any kind when none does."""
    lines = [line for line in log.splitlines() if line.strip() and not line.lstrip().startswith(("at ", "... "))]
    reasons = dict.fromkeys(line for line in lines if any(word in line for word in _REASONS))
    return "\n".join((list(reasons) or lines)[-_LOG_LINES_SHOWN:])


def node_mark(pid_file: Path) -> str:
    """An argument that changes nothing (to Java, a property) and tells the process of `pid_file` from any other."""
    return f"-Ddateline.node={hashlib.sha256(os.fsencode(pid_file.absolute())).hexdigest()[:16]}"


def start_process(launch: Launch) -> WatchedProcess:
    """Starts it in a session of its own, so that Ctrl-C reaches only who watches over it.

    One that an earlier run left behind is ended first. Raises Misconfigured when another process watches over this one.
    """
    lock = _take(launch.pid_file, launch.name)
    try:
        with launch.console.open("ab") as console:
            popen = subprocess.Popen(  # noqa: S603 - arguments of our own, no shell
                launch.command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env=dict(launch.environment),
                user=launch.user,
                group=launch.user,
                extra_groups=None if launch.user is None else [],
                start_new_session=True,
            )
    except BaseException:
        lock.close()
        raise
    lock.write(str(popen.pid))
    lock.flush()
    return WatchedProcess(launch, popen, lock)


def stop_left_over(pid_file: Path) -> None:
    """Ends the process of `pid_file` if it outlived the one that watched over it; Misconfigured when that one still does."""
    if pid_file.exists():
        _take(pid_file, pid_file.stem).close()


def stop_left_overs(home: Path) -> None:
    """`stop_left_over` for every engine and service below `home`: before ports are looked at, or anything is deleted."""
    for pid_file in home.rglob("*.pid"):
        stop_left_over(pid_file)


def _take(pid_file: Path, name: str) -> TextIO:
    """Locks the file, for as long as it stays open, and ends the process that it names, which nobody watches over now."""
    lock = pid_file.open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.seek(0)
        pid = lock.read().strip()
        if pid.isdecimal() and _is_ours(int(pid), node_mark(pid_file)):
            _end(int(pid), node_mark(pid_file))
        lock.truncate(0)
    except BlockingIOError as error:
        lock.close()
        raise Misconfigured(f"{name} of {pid_file.parent} is in use by another Dateline: end that one first.") from error
    except BaseException:
        lock.close()
        raise
    return lock


def _end(pid: int, mark: str) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    with suppress(ProcessLookupError):  # it ended between a look and a signal
        os.kill(pid, signal.SIGTERM)
        while _is_ours(pid, mark):
            if time.monotonic() > deadline:
                os.killpg(pid, signal.SIGKILL)  # it leads a session of its own, see start_process
            time.sleep(_POLL_SECONDS)


def _is_ours(pid: int, mark: str) -> bool:
    """Whether that process is alive and carries our mark: a pid alone may have passed to another."""
    command_line = Path(f"/proc/{pid}/cmdline")
    if command_line.parent.parent.joinpath("self").exists():
        try:
            return mark.encode() in command_line.read_bytes().split(b"\0")
        except OSError:
            return False
    listing = subprocess.run(  # noqa: S603 - arguments of our own, no shell
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return mark in listing.stdout.split()
