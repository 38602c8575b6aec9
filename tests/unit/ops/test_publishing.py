"""`dateline publish`: what it sends, in which order, what it tells, and where it goes on after it was interrupted."""

import json
import signal
import subprocess
import threading
from contextlib import contextmanager
from types import SimpleNamespace
from typing import cast

import pytest

from ops.cli.delivery import Delivery
from ops.cli.ingest_client import IngestClient
from ops.cli.news_files import find_files
from ops.cli.outcomes import Outcome, Summary
from ops.cli.publish_journal import FileJournal
from ops.cli.publishing import Publisher, Watch
from ops.cli.sample_news import publish_sample
from shared.failures import Misconfigured, Unavailable
from tests.command import DATELINE, dateline
from tests.doubles import send, serving
from tests.stack import eventually

GOOD = '{"headline":"One","url":"https://a.example/1"}'


class Ingest:
    """Answers as ingest does: a line without an address is refused, what was there before is unchanged.

    It is away for every request for which `is_away(number of requests so far)` is true.
    """

    def __init__(self, is_away=lambda count: False, most_lines=10_000):
        self.is_away = is_away
        self.most_lines = most_lines
        self.lock = threading.Lock()
        self.requests = 0
        self.bodies = []
        self.known = set()

    def __call__(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self.lock:
            self.requests += 1
            away = self.is_away(self.requests)
        if away:
            self.answer(request, 503, {"detail": "Kafka is away"})
            return
        with self.lock:
            self.bodies.append(body)
            self.answer(request, *self.judge(request, body))

    def judge(self, request, body):
        if request.path.startswith("/v1/pages"):
            if b"front page" in body:
                return 422, {"detail": "there is no article in this page: a list"}
            return (200 if self.seen(body) else 201), {
                "article_id": f"{hash(body) & 0xFFFFFFFF:032x}",
                "url": "https://a.example/p",
            }
        lines = body.splitlines()
        if len(lines) > self.most_lines:
            return 413, {"detail": "too many lines"}
        return 207, {"results": [self.judge_line(number, line) for number, line in enumerate(lines, start=1)]}

    def judge_line(self, number, line):
        if b"url" not in line:
            return {"line": number, "article_id": None, "errors": [{"field": "url", "detail": "is needed"}]}
        return {"line": number, "article_id": "a" * 32, "errors": None, "unchanged": self.seen(line)}

    def seen(self, content):
        before = content in self.known
        self.known.add(content)
        return before

    def answer(self, request, status, content):
        send(request, status, json.dumps(content).encode(), Content_Type="application/json")

    def lines(self):
        return [line for body in self.bodies for line in body.splitlines()]


@contextmanager
def publisher(url, summary, journal=None, watch=None, patience_seconds=0.0):
    with (
        IngestClient(url, "token") as client,
        Delivery(client, 2, patience_seconds) as delivery,
        Publisher(delivery, summary, journal, watch) as running,
    ):
        yield running


def publish(ingest, paths, journal=None, **options):
    """The summary, and the ids in their order, of a run over some paths."""
    summary = Summary()
    ids = []
    watch = Watch(lambda _file, outcome: ids.append(outcome.article_id) if outcome.article_id else None)
    with serving(ingest) as url, publisher(url, summary, journal, watch, **options) as running:
        for file in find_files(paths, None):
            running.publish(file)
    return summary, ids


def lines_file(path, count):
    lines = (f'{{"headline":"h{number}","url":"https://a.example/{path.stem}/{number}"}}\n' for number in range(count))
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_refused_lines_are_named_by_their_number_in_the_file_and_the_others_are_accepted(tmp_path):
    file = tmp_path / "news.ndjson"
    file.write_text(f'{GOOD}\n\nnot json\n{{"headline":"h"}}\n{GOOD}\n', encoding="utf-8")

    summary, ids = publish(Ingest(), [file])

    assert (summary.accepted, summary.unchanged, summary.refused) == (1, 1, 2)
    assert ids == ["a" * 32] * 2
    assert summary.listed == [f"{file}, line 3: url: is needed", f"{file}, line 4: url: is needed"]
    assert summary.reasons == {"url: is needed": 2}


def test_lines_are_sent_in_batches_and_in_their_order(tmp_path):
    ingest = Ingest()

    summary, _ = publish(ingest, [lines_file(tmp_path / "news.ndjson", 2500)])

    assert (summary.accepted, [len(body.splitlines()) for body in ingest.bodies]) == (2500, [1000, 1000, 500])
    assert [json.loads(line)["headline"] for line in ingest.lines()] == [f"h{number}" for number in range(2500)]


def test_a_batch_is_halved_when_ingest_takes_less_at_once(tmp_path):
    ingest = Ingest(most_lines=300)

    summary, _ = publish(ingest, [lines_file(tmp_path / "news.ndjson", 1000)])

    assert summary.accepted == 1000


def test_a_page_without_an_article_is_refused_and_the_others_are_accepted(tmp_path):
    for number in range(10):
        (tmp_path / f"{number}.html").write_text("front page" if number == 5 else f"page {number}", encoding="utf-8")

    summary, ids = publish(Ingest(), [tmp_path])

    assert (summary.accepted, len(ids)) == (9, 9)
    assert summary.listed == [f"{tmp_path / '5.html'}: there is no article in this page: a list"]


def test_a_file_that_breaks_off_gives_what_came_before_and_is_refused(tmp_path):
    broken = tmp_path / "a.warc"
    broken.write_bytes(b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\nContent-Length: 59\r\n\r\n"
                       b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>page</p>\r\n\r\n\r\nrubbish\r\n")  # fmt: skip
    good = lines_file(tmp_path / "b.ndjson", 1)

    summary, _ = publish(Ingest(), [broken, good])

    assert (summary.accepted, summary.refused) == (2, 1)
    assert "no WARC record after record 1" in summary.listed[0]


def test_while_ingest_is_away_it_is_waited_for(tmp_path):
    ingest = Ingest(is_away=lambda count: count <= 2)

    summary, _ = publish(ingest, [lines_file(tmp_path / "news.ndjson", 1)], patience_seconds=30.0)

    assert (summary.accepted, ingest.requests) == (1, 3)


def test_when_patience_is_at_its_end_it_says_so(tmp_path):
    with pytest.raises(Unavailable, match=r"Kafka is away.*tried 1 times"):
        publish(Ingest(is_away=lambda count: True), [lines_file(tmp_path / "news.ndjson", 1)])


@pytest.mark.parametrize("answered", [0, 1, 2, 3])
def test_a_second_run_sends_what_was_not_acknowledged_and_nothing_else(tmp_path, answered):
    ingest = Ingest(is_away=lambda count: count > answered)
    paths = [lines_file(tmp_path / "a.ndjson", 2500), lines_file(tmp_path / "b.ndjson", 10)]
    with FileJournal(tmp_path / "journal", "x") as journal, pytest.raises(Unavailable):
        publish(ingest, paths, journal)
    before = len(ingest.lines())

    ingest.is_away = lambda count: False
    with FileJournal(tmp_path / "journal", "x") as journal:
        summary, _ = publish(ingest, paths, journal)

    assert before == min(answered * 1000, 2500)
    assert len(ingest.lines()) == 2510
    assert (summary.accepted + before, summary.unchanged) == (2510, 0)


def test_a_third_run_sends_nothing_and_remembers_what_was_refused(tmp_path):
    file = tmp_path / "news.ndjson"
    file.write_text(f'{GOOD}\n{{"headline":"h"}}\n', encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text("front page", encoding="utf-8")
    ingest = Ingest()
    for _ in range(2):
        with FileJournal(tmp_path / "journal", "x") as journal:
            summary, _ = publish(ingest, [file, page], journal)

    assert ingest.requests == 2
    assert (summary.accepted, summary.refused, summary.earlier_files, summary.earlier_refused) == (0, 0, 2, 2)
    assert not summary.is_clean


def test_pages_that_are_answered_out_of_order_are_noted_in_order(tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.html").write_text(f"page {number}", encoding="utf-8")
    slow = Ingest(is_away=lambda count: count == 1)  # the first one, while the others are answered

    with FileJournal(tmp_path / "journal", "x") as journal, pytest.raises(Unavailable):
        publish(slow, [tmp_path], journal)
    with FileJournal(tmp_path / "journal", "x") as journal:
        summary, _ = publish(slow, [tmp_path], journal)

    assert summary.accepted + summary.unchanged == 6
    assert len(slow.known) == 6


class SlowDelivery:
    """Answers only when it is waited for, and counts what is sent and not answered."""

    def __init__(self):
        self.under_way = self.most_under_way = 0

    def send(self, entries):
        self.under_way += sum(len(entry.content) for entry in entries)
        self.most_under_way = max(self.most_under_way, self.under_way)
        return SimpleNamespace(done=lambda: False, result=lambda: self.answer(entries))

    def answer(self, entries):
        self.under_way -= sum(len(entry.content) for entry in entries)
        return [Outcome(entry.number, entry.place, "a" * 32) for entry in entries]


@pytest.mark.parametrize(("size", "count", "most"), [(1, 500, 64), (1_000_000, 40, 17_000_000)])
def test_what_is_read_ahead_of_the_answers_is_bounded(tmp_path, size, count, most):
    for number in range(count):
        (tmp_path / f"{number}.html").write_bytes(b"x" * size)
    delivery, summary = SlowDelivery(), Summary()

    with Publisher(cast("Delivery", delivery), summary) as running:
        for file in find_files([tmp_path], None):
            running.publish(file)

    assert delivery.most_under_way <= most
    assert (summary.accepted, delivery.under_way) == (count, 0)


def test_a_token_that_may_not_publish_ends_it_at_once(tmp_path):
    def forbid(request):
        send(request, 403, b'{"detail": "this token lacks the scope publish"}', Content_Type="application/json")

    with pytest.raises(Misconfigured, match="lacks the scope publish"):
        publish(forbid, [lines_file(tmp_path / "news.ndjson", 1)], patience_seconds=30.0)


def test_what_is_not_ingest_is_told(tmp_path):
    with pytest.raises(Misconfigured, match="what answers is not ingest"):
        publish(lambda request: send(request, 200, b"<html>"), [lines_file(tmp_path / "news.ndjson", 1)])


# The command


def command(url, *arguments, **more):
    return dateline("publish", *arguments, DATELINE_CLI_INGEST_URL=url, DATELINE_CLI_TOKEN="token", **more)


def test_the_command_prints_ids_alone_on_standard_output_and_the_summary_beside_it(tmp_path):
    file = tmp_path / "news.ndjson"
    file.write_text(GOOD + '\n{"headline":"h"}' * 30, encoding="utf-8")

    with serving(Ingest()) as url:
        done = command(url, file)

    assert (done.returncode, done.stdout) == (1, "a" * 32 + "\n")
    told = done.stderr.splitlines()
    assert told[0] == f"refused: {file}, line 2: url: is needed"
    assert told[20:] == ["… and 10 more were refused.", "Why:", "        30  url: is needed", "1 accepted, 30 refused."]


def test_the_command_ends_with_0_when_nothing_was_refused_and_publishes_an_empty_folder(tmp_path):
    with serving(Ingest()) as url:
        done = command(url, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 accepted, 0 refused.\n")


def test_standard_input_is_published_as_what_it_is_said_to_be():
    ingest = Ingest()
    environment = {"DATELINE_CLI_TOKEN": "token"}

    with serving(ingest) as url:
        done = subprocess.run(
            [DATELINE, "publish", "-", "--as", "ndjson"],
            input=f"{GOOD}\n".encode(),
            env=environment | {"DATELINE_CLI_INGEST_URL": url, "PATH": ""},
            capture_output=True,
            check=False,
        )

    assert (done.returncode, done.stdout.decode()) == (0, "a" * 32 + "\n")
    assert ingest.lines() == [GOOD.encode()]


def test_an_address_is_given_to_one_page_only(tmp_path):
    lines = lines_file(tmp_path / "news.ndjson", 1)

    done = command("http://127.0.0.1:1", lines, "--url", "https://a.example/1")

    assert done.returncode == 78
    assert "give it with a single file" in done.stderr


def test_when_nobody_answers_the_command_gives_up_and_says_how_to_go_on(tmp_path):
    done = command("http://127.0.0.1:1", lines_file(tmp_path / "news.ndjson", 1), "--patience", "0")

    assert done.returncode == 70
    assert "given up: ingest does not answer at http://127.0.0.1:1" in done.stderr
    assert "with --journal FILE a second run would go on" in done.stderr


def test_after_kill_9_at_any_moment_a_second_run_publishes_the_rest(tmp_path):
    lines = lines_file(tmp_path / "news.ndjson", 5000)
    ingest = Ingest(is_away=lambda count: count > 3)
    with serving(ingest) as url:
        arguments = [DATELINE, "publish", lines, "--journal", tmp_path / "journal"]
        environment = {"DATELINE_CLI_INGEST_URL": url, "DATELINE_CLI_TOKEN": "token", "PATH": ""}
        with subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL) as first:
            eventually(lambda: ingest.requests, lambda requests: requests > 3)
            first.send_signal(signal.SIGKILL)
        sent = len(ingest.lines())
        ingest.is_away = lambda count: False
        done = command(url, lines, "--journal", tmp_path / "journal")

    assert sent == 3000
    assert (done.returncode, len(ingest.known)) == (0, 5000)
    assert len(ingest.lines()) <= 6000  # one batch may have been answered and not noted


# The sample news


RSS = "<rss version='2.0'><channel><title>C</title><item><title>Two</title><link>https://a.example/2</link></item></channel></rss>"


@pytest.fixture
def sample(tmp_path):
    """A small one: a page, two feeds, an article, a comment, ten views."""
    (tmp_path / "pages").mkdir()
    contents = {
        "pages/p.html": "page",
        "feed.rss": RSS,
        "feed.atom": RSS,
        "articles.ndjson": GOOD,
        "comments.ndjson": '{"url": "https://a.example/p", "author": "A", "text": "t", "time": "2026-11-24T12:00:00Z"}',
        "reading.ndjson": '{"url": "https://a.example/2", "views": 10}',
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def publish_to(ingest, sample):
    with serving(ingest) as url, IngestClient(url, "token") as client:
        return publish_sample(client, sample)


class Engagement(Ingest):
    """Ingest, with an answer of its own to comments and views."""

    def __init__(self, status, accepted):
        super().__init__()
        self.status, self.accepted = status, accepted

    def judge(self, request, body):
        if request.path in ("/v1/comments", "/v1/views"):
            return self.status, {"detail": "not like this", "accepted": self.accepted}
        return super().judge(request, body)


def test_the_sample_news_is_published_with_its_comments_and_views(sample):
    ingest = Engagement(202, 10)

    ids = publish_to(ingest, sample)

    assert set(ids) == {"https://a.example/1", "https://a.example/2", "https://a.example/p"}
    assert json.loads(ingest.bodies[-2])["article_id"] == ids["https://a.example/p"]
    assert len(json.loads(ingest.bodies[-1])["views"]) == 10


@pytest.mark.parametrize(("status", "accepted", "said"), [(422, 0, "not like this"), (202, 9, "1 views were refused")])
def test_sample_news_that_is_not_accepted_whole_is_told(sample, status, accepted, said):
    with pytest.raises(Misconfigured, match=f"not accepted whole: .*{said}"):
        publish_to(Engagement(status, accepted), sample)
