"""Every command of the README works as it is printed, in its order, on a running stack."""

import re

import pytest

from tests.end_to_end.documents import ROOT, commands_of, run_in_order

#: What starts everything, or runs this test itself, is shown by test_run and by this run.
TRIED_ELSEWHERE = ("make run\n", "make test\n")


@pytest.fixture(scope="module")
def outputs(stack):
    return run_in_order(stack, [command for command in commands_of(ROOT / "README.md") if command not in TRIED_ELSEWHERE])


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
