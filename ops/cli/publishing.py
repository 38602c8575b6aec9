"""`dateline publish`: files of news, as pages, scraped text, NDJSON or feeds, through the HTTP door of ingest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson

from services.ingest.core.feeds import NoFeed, parse_feed
from shared.failures import Misconfigured, Unavailable

_TIMEOUT_SECONDS = 60.0
#: A batch of NDJSON stays well below what one request may hold.
_BATCH_BYTES = 4_000_000
_BATCH_LINES = 1_000
_VIEWS_A_REQUEST = 1_000
_FEED_SUFFIXES = (".rss", ".atom", ".xml")
_SUFFIXES = (".html", ".htm", ".txt", ".ndjson", ".jsonl", *_FEED_SUFFIXES)


@dataclass
class Summary:
    """What became of what was published. `ids` are the articles by their url, where the source gives one."""

    accepted: int = 0
    refused: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    article_ids: list[str] = field(default_factory=list)


class IngestClient:
    """Speaks to ingest's HTTP API."""

    def __init__(self, url: str, token: str) -> None:
        self._where = url
        self._http = httpx2.Client(
            base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    def post(self, path: str, content: bytes, content_type: str, **parameters: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the answer. Unavailable when ingest cannot take it now, Misconfigured when it does not know us."""
        return self._answer("POST", path, content, {"Content-Type": content_type}, parameters)

    def delete(self, path: str) -> tuple[int, dict[str, Any]]:
        """As `post`."""
        return self._answer("DELETE", path, b"", {}, {})

    def _answer(
        self, method: str, path: str, content: bytes, headers: dict[str, str], parameters: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        try:
            response = self._http.request(method, path, content=content, headers=headers, params=parameters)
        except httpx2.HTTPError as error:
            raise Unavailable(f"ingest does not answer at {self._where}: {error}; is it running (`make run`)?") from error
        if response.status_code == 401:
            raise Misconfigured("ingest does not know this token: give one with --token or DATELINE_CLI_TOKEN")
        if response.status_code >= 500:
            raise Unavailable(f"ingest answered {response.status_code}: {response.text[:500]}")
        answer: dict[str, Any] = response.json()
        return response.status_code, answer


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files to publish: those named, and in folders all that look like news."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in _SUFFIXES)
        elif path.is_file():
            yield path
        else:
            raise Misconfigured(f"there is no file or folder {path}")


def publish_file(client: IngestClient, file: Path, url: str | None, summary: Summary) -> None:
    """Publish what is in one file, by what its name says it is."""
    suffix = file.suffix.lower()
    content = file.read_bytes()
    if suffix in (".ndjson", ".jsonl"):
        _publish_lines(client, file.name, content.splitlines(), summary)
    elif suffix in _FEED_SUFFIXES:
        _publish_feed(client, file.name, content, summary)
    elif suffix in (".html", ".htm"):
        _publish_page(client, file.name, content, "text/html", url, summary)
    elif suffix == ".txt":
        _publish_page(client, file.name, content, "text/plain; charset=utf-8", url, summary)
    else:
        summary.refused.append(f"{file.name}: the ending {suffix or '(none)'} is none of {' '.join(_SUFFIXES)}")


def _publish_page(client: IngestClient, name: str, content: bytes, kind: str, url: str | None, summary: Summary) -> None:
    status, answer = client.post("/v1/pages", content, kind, **({"url": url} if url else {}))
    if status == 201:
        summary.accepted += 1
        summary.article_ids.append(answer["article_id"])
        if answer.get("url"):
            summary.ids[answer["url"]] = answer["article_id"]
    else:
        summary.refused.append(f"{name}: {_reason(answer)}")


def _publish_feed(client: IngestClient, name: str, content: bytes, summary: Summary) -> None:
    feed = parse_feed(content)
    if isinstance(feed, NoFeed):
        summary.refused.append(f"{name}: {feed.reason}")
        return
    if feed.broken:
        summary.refused.append(f"{name}: {feed.broken} entries without a headline or an address")
    lines = [entry.model_dump_json(exclude_none=True).encode() for entry in feed.entries]
    _publish_lines(client, name, lines, summary)


def _publish_lines(client: IngestClient, name: str, lines: list[bytes], summary: Summary) -> None:
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    for batch in _batches(numbered):
        _, answer = client.post("/v1/articles", b"\n".join(line for _, line in batch), "application/x-ndjson")
        if "results" not in answer:
            summary.refused.append(f"{name}: {_reason(answer)}")
            continue
        for (number, line), result in zip(batch, answer["results"], strict=True):
            if result.get("article_id"):
                summary.accepted += 1
                summary.article_ids.append(result["article_id"])
                url = orjson.loads(line).get("url")
                if url:
                    summary.ids[url] = result["article_id"]
            else:
                wrong = "; ".join(f"{error['field']}: {error['detail']}" for error in result["errors"])
                summary.refused.append(f"{name}, line {number}: {wrong}")


def _batches(lines: list[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, line in lines:
        if batch and (size + len(line) > _BATCH_BYTES or len(batch) == _BATCH_LINES):
            yield batch
            batch, size = [], 0
        batch.append((number, line))
        size += len(line) + 1
    if batch:
        yield batch


def _reason(answer: dict[str, Any]) -> str:
    errors = "; ".join(f"{error['field']}: {error['detail']}" for error in answer.get("errors", []))
    return f"{answer.get('detail', answer)}" + (f" ({errors})" if errors else "")


def publish_sample(client: IngestClient, folder: Path) -> Summary:
    """The news that ships with the project, its comments, and reading spread over the last day."""
    summary = Summary()
    for file in sorted([*folder.glob("pages/*.html"), folder / "feed.rss", folder / "feed.atom", folder / "articles.ndjson"]):
        publish_file(client, file, None, summary)
    if summary.refused:
        raise Misconfigured("the sample news was not accepted whole: " + "; ".join(summary.refused))
    for row in _rows(folder / "comments.ndjson"):
        _post_comment(client, summary, row)
    now = datetime.now(UTC)
    views = [view for row in _rows(folder / "reading.ndjson") for view in build_reading(summary.ids[row["url"]], row["views"], now)]
    for start in range(0, len(views), _VIEWS_A_REQUEST):
        body = orjson.dumps({"views": views[start : start + _VIEWS_A_REQUEST]})
        client.post("/v1/views", body, "application/json")
    return summary


def build_reading(article_id: str, views: int, now: datetime) -> list[dict[str, str]]:
    """Views of so many visitors, the newest five minutes old and each further back than the one before, within a day."""
    times = [now - timedelta(minutes=5 + 1430 * (number / views) ** 2) for number in range(views)]
    return [
        {"article_id": article_id, "visitor": f"sample reader {number}", "time": time.isoformat()}
        for number, time in enumerate(times)
    ]


def _post_comment(client: IngestClient, summary: Summary, row: dict[str, Any]) -> None:
    comment = {"article_id": summary.ids[row["url"]], **{name: row[name] for name in ("author", "text", "time")}}
    client.post("/v1/comments", orjson.dumps(comment), "application/json")


def _rows(file: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in file.read_bytes().splitlines() if line.strip()]
