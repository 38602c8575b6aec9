"""Every command of the README works as it is printed, in its order, on a running stack."""

import os
import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.stack import eventually

ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
#: What starts everything, or runs this test itself, is shown by test_run and by this run.
TRIED_ELSEWHERE = ("make run\n", "make test\n")


def run(stack, command):
    """Run a command against the stack of the tests instead of that of `make run`."""
    places = {
        "http://127.0.0.1:8000": str(stack.search.base_url).rstrip("/"),
        "http://127.0.0.1:8001": str(stack.ingest.base_url).rstrip("/"),
        "http://127.0.0.1:9200": stack.engines.elasticsearch_url,
        ".dateline/token": str(stack.home / "token"),
    }
    for place, here in places.items():
        command = command.replace(place, here)
    environment = os.environ | {
        "DATELINE_CLI_INGEST_URL": str(stack.ingest.base_url),
        "DATELINE_CLI_TOKEN": stack.token,
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": stack.engines.kafka_bootstrap,
    }
    return subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S602 - README


@pytest.fixture(scope="module")
def outputs(stack):
    """What each command printed. A command that searches is tried until what was published before it can be found."""
    printed = {}
    for command in COMMANDS:
        if command in TRIED_ELSEWHERE:
            continue
        printed[command] = eventually(partial(run, stack, command), works).stdout
    return printed


def works(done):
    return done.returncode == 0 and '"total":0' not in done.stdout


def output(outputs, part):
    (found,) = [text for command, text in outputs.items() if part in command]
    return found


def test_an_article_is_accepted(outputs):
    assert '"article_id"' in output(outputs, "gazette.example")


def test_a_page_is_accepted(outputs):
    assert "storm" in output(outputs, "--data-binary").lower()


def test_files_are_published(outputs):
    assert len(output(outputs, "dateline publish").split()) == 20


def test_a_search_finds_the_article(outputs):
    assert "Harbour bridge reopens in Oslo" in re.sub("</?mark>", "", output(outputs, "q=harbour+bridge"))


def test_a_view_is_accepted(outputs):
    assert output(outputs, "/v1/views") == '{"accepted":1}'


def test_most_popular_is_answered(outputs):
    assert '"entries"' in output(outputs, "most-popular")


def test_a_retraction_is_accepted(outputs):
    assert '"revision"' in output(outputs, "-X DELETE")


def test_elasticsearch_answers_directly(outputs):
    assert '"headline"' in output(outputs, "articles/_search")
