"""The news that ships with Dateline, published for a first look: articles, comments, and reading spread over the last day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from ops.cli.delivery import Delivery
from ops.cli.file_entries import Entry, Skipped, read_entries
from ops.cli.ingest_client import IngestClient, reason_of
from ops.cli.news_files import find_files
from ops.cli.unpacking import open_news_file
from services.ingest.feed_parser import FeedParser
from shared.failures import Misconfigured

_VIEWS_A_REQUEST = 1_000
_JOBS = 2
_PATIENCE_SECONDS = 30.0


def publish_sample(client: IngestClient, folder: Path) -> dict[str, str]:
    """Publish it and answer the id of every article by its url; Misconfigured when ingest does not take all of it."""
    ids = _publish_articles(client, folder)
    for row in _rows(folder / "comments.ndjson"):
        comment = {"article_id": ids[row["url"]], **{name: row[name] for name in ("author", "text", "time")}}
        _expect(client.post("/v1/comments", orjson.dumps(comment), "application/json"), "a comment")
    now = datetime.now(UTC)
    views = [view for row in _rows(folder / "reading.ndjson") for view in build_reading(ids[row["url"]], row["views"], now)]
    for start in range(0, len(views), _VIEWS_A_REQUEST):
        part = views[start : start + _VIEWS_A_REQUEST]
        answer = _expect(client.post("/v1/views", orjson.dumps({"views": part}), "application/json"), "views")
        if answer["accepted"] != len(part):
            raise Misconfigured(f"the sample news was not accepted whole: {len(part) - answer['accepted']} views were refused")
    return ids


def build_reading(article_id: str, views: int, now: datetime) -> list[dict[str, str]]:
    """Views of so many visitors, the newest five minutes old and each further back than the one before, within a day."""
    times = [now - timedelta(minutes=5 + 1430 * (number / views) ** 2) for number in range(views)]
    return [
        {"article_id": article_id, "visitor": f"sample reader {number}", "time": time.isoformat()}
        for number, time in enumerate(times)
    ]


def _publish_articles(client: IngestClient, folder: Path) -> dict[str, str]:
    ids: dict[str, str] = {}
    names = sorted([*folder.glob("pages/*.html"), folder / "feed.rss", folder / "feed.atom", folder / "articles.ndjson"])
    with Delivery(client, _JOBS, _PATIENCE_SECONDS) as delivery, FeedParser() as feeds:
        for file in find_files(names, None):
            with open_news_file(file) as (stream, _):
                entries = list(read_entries(file, stream, None, feeds))
            sent = [entry for entry in entries if isinstance(entry, Entry)]
            wrong = [f"{entry.place}: {entry.reason}" for entry in entries if isinstance(entry, Skipped)]
            outcomes = delivery.send(sent).result()
            wrong += [f"{outcome.place}: {outcome.reason}" for outcome in outcomes if outcome.reason]
            if wrong:
                raise Misconfigured(f"the sample news was not accepted whole: {file.path.name} {'; '.join(wrong)}")
            for entry, outcome in zip(sent, outcomes, strict=True):
                url = outcome.url if entry.media_type else orjson.loads(entry.content).get("url")
                if url and outcome.article_id:
                    ids[url] = outcome.article_id
    return ids


def _expect(answered: tuple[int, dict[str, Any]], what: str) -> dict[str, Any]:
    status, answer = answered
    if status >= 300:
        raise Misconfigured(f"the sample news was not accepted whole: {what} was refused: {reason_of(answer)}")
    return answer


def _rows(file: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in file.read_bytes().splitlines() if line.strip()]
