"""The journal of `dateline publish`: what it remembers, and what it does not believe."""

import os

import pytest

from ops.cli.news_files import STANDARD_INPUT, Kind, NewsFile, find_files
from ops.cli.publish_journal import FileJournal, Progress
from shared.failures import Misconfigured

INGEST = "http://ingest.example"


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.ndjson"
    path.write_bytes(b"{}\n{}\n")
    (file,) = find_files([path], None)
    return file


def read(path, file):
    with FileJournal(path, INGEST) as journal:
        return journal.progress(file)


def noted(path, *progress):
    with FileJournal(path, INGEST) as journal:
        for file, each in progress:
            journal.note(file, each)
    return path


def test_the_last_note_about_a_file_is_remembered(tmp_path, news):
    path = noted(tmp_path / "journal", (news, Progress(1)), (news, Progress(2, refused=1)), (news, Progress(2, 1, ended=True)))

    assert read(path, news) == Progress(2, 1, ended=True)


def test_a_file_that_was_changed_is_another_one(tmp_path, news):
    path = noted(tmp_path / "journal", (news, Progress(2)))

    os.utime(news.path, ns=(1, news.changed_ns + 1))
    (touched,) = find_files([news.path], None)
    news.path.write_bytes(b"{}\n{}\n{}\n")
    (longer,) = find_files([news.path], None)

    assert read(path, touched) == read(path, longer) == Progress()


def test_a_file_is_known_by_another_path_to_it(tmp_path, news, monkeypatch):
    path = noted(tmp_path / "journal", (news, Progress(2)))
    monkeypatch.chdir(news.path.parent)
    (relative,) = find_files([news.path.relative_to(news.path.parent)], None)

    assert read(path, relative) == Progress(2)


def test_standard_input_is_not_remembered(tmp_path):
    file = NewsFile(STANDARD_INPUT, Kind.NDJSON)

    assert read(noted(tmp_path / "journal", (file, Progress(5))), file) == Progress()


def test_wherever_writing_was_cut_off_the_notes_before_are_remembered_and_more_can_be_written(tmp_path, news):
    path = noted(tmp_path / "journal", (news, Progress(1)), (news, Progress(2)))
    content = path.read_bytes()
    second = content.index(b"\n", content.index(b"\n") + 1) + 1

    for cut in range(len(content)):
        path.write_bytes(content[:cut])
        expected = Progress() if cut < second else Progress(1)
        assert read(path, news) == expected, content[:cut]
        noted(path, (news, Progress(7)))
        assert read(path, news) == Progress(7)


def test_two_runs_do_not_write_one_journal(tmp_path):
    with (
        FileJournal(tmp_path / "journal", INGEST),
        pytest.raises(Misconfigured, match="another `dateline publish` writes"),
    ):
        FileJournal(tmp_path / "journal", INGEST)


def test_a_journal_is_of_one_ingest(tmp_path, news):
    path = noted(tmp_path / "journal", (news, Progress(1)))

    with pytest.raises(Misconfigured, match=r"is about http://ingest\.example, not http://other\.example"):
        FileJournal(path, "http://other.example")


def test_a_journal_that_was_damaged_is_told_rather_than_believed(tmp_path, news):
    path = noted(tmp_path / "journal", (news, Progress(1)), (news, Progress(2)))
    path.write_bytes(path.read_bytes().replace(b'"number":1', b'"nu'))

    with pytest.raises(Misconfigured, match="is damaged in line 2"):
        FileJournal(path, INGEST)


def test_a_journal_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(Misconfigured, match="cannot be written: No such file"):
        FileJournal(tmp_path / "nowhere" / "journal", INGEST)


@pytest.mark.parametrize("content", [b"my diary\n", b"my diary", b"{}\n", b'{"headline":"One"}\n', b"[]\n"])
def test_a_file_that_is_no_journal_is_left_alone(tmp_path, content):
    path = tmp_path / "diary"
    path.write_bytes(content)

    with pytest.raises(Misconfigured, match="is no journal"):
        FileJournal(path, INGEST)
    assert path.read_bytes() == content
