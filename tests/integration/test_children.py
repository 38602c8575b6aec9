"""Documents read in a child process: what is hostile costs itself only."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.ingest import children
from services.ingest.children import Child, GivenUp, Limits
from shared.failures import Unavailable
from tests.stack import eventually

ODD = "tests.integration.odd_child"
LIMITS = Limits(cpu_seconds=0.5, memory_bytes=256 * 2**20)


@pytest.fixture(scope="module")
def child():
    child = Child(ODD, LIMITS)
    yield child
    child.close()


def is_running(process_id):
    """Not a zombie either, which waits for a parent that reads how it ended."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_documents_are_answered_in_turn_by_one_process(child):
    first, large, second = (child.ask(document) for document in (b"who", b"x" * 9_000_000, b"who"))

    assert first == second == str(child.process_id).encode()
    assert large == b"x" * 9_000_000


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"spin", "it takes more than 0.5 s of CPU time to read"),
        (b"hoard", "it takes more than 256 MB of memory to read"),
        (b"swallow", "it takes more than 256 MB of memory to read"),
        (b"die", "the process that reads it ended (SIGKILL)"),
        (b"leave", "the process that reads it ended (status 3)"),
        (b"fail", "reading it fails with ValueError, which is a defect of Dateline"),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_a_document_that_takes_too_much_is_given_up_with_a_reason_and_the_next_one_is_read(child, document, reason):
    assert child.ask(b"good") == b"good"

    assert child.ask(document) == GivenUp(reason)

    assert child.ask(b"good") == b"good"


@pytest.mark.parametrize("document", [b"sleep", b"stop"])
def test_a_child_that_does_nothing_is_given_up_after_a_time_on_the_clock(document):
    child = Child(ODD, Limits(cpu_seconds=0.3, wall_seconds=1))
    try:
        assert child.ask(document) == GivenUp("it takes more than 1 s to read")
        assert child.process_id is None
    finally:
        child.close()


def test_what_a_library_prints_is_no_answer(child):
    assert [child.ask(b"chatter"), child.ask(b"good")] == [b"said", b"good"]


def test_many_documents_may_take_more_together_than_one_may(child):
    first = child.ask(b"who")

    assert [child.ask(b"work") for _ in range(8)] == [b"worked"] * 8
    assert child.ask(b"who") == first


def test_a_child_that_was_killed_between_two_documents_costs_neither(child):
    before = int(child.ask(b"who"))
    os.kill(before, signal.SIGKILL)
    eventually(lambda: is_running(before), lambda running: not running)

    assert child.ask(b"two") == b"two"
    assert child.process_id != before


def test_a_child_that_has_grown_large_is_replaced_after_its_answer(child):
    before = child.ask(b"who")

    assert child.ask(b"wear") == b"\0"
    assert child.ask(b"who") != before


def test_an_interrupted_question_leaves_no_answer_to_the_next_one(child, monkeypatch):
    child.ask(b"first")
    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(children, "_read", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        child.ask(b"interrupted")

    assert child.ask(b"next") == b"next"


def test_a_child_that_cannot_start_is_not_the_fault_of_the_document():
    with pytest.raises(Unavailable, match=r"tests\.no_such_module does not start"):
        Child("tests.no_such_module", LIMITS).ask(b"good")


def test_what_lies_in_the_current_folder_is_not_run(child, tmp_path, monkeypatch):
    child.close()
    tmp_path.joinpath("struct.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)

    assert child.ask(b"good") == b"good"


@pytest.mark.parametrize("document", [b"", b"sleep"], ids=["idle", "at work"])
def test_a_child_does_not_outlive_a_killed_parent(document):
    program = f"""
from services.ingest.children import Child, Limits
child = Child({ODD!r}, Limits(cpu_seconds=1, wall_seconds=2))
print(child.ask(b"who").decode(), flush=True)
child.ask({document!r}) if {document!r} else input()
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        process_id = int(parent.stdout.readline())
        assert is_running(process_id)
        parent.kill()

    assert eventually(lambda: is_running(process_id), lambda running: not running, 10) is False
