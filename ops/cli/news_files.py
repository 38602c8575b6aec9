"""The files that `dateline publish` takes: which of a folder they are, and what each holds, by its name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shared.failures import Misconfigured


class Kind(StrEnum):
    """What a file holds; also the values of `--as`."""

    HTML = "html"
    TEXT = "text"
    NDJSON = "ndjson"
    NINJS = "ninjs"
    FEED = "feed"
    WARC = "warc"


_KINDS = {
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".txt": Kind.TEXT,
    ".ndjson": Kind.NDJSON,
    ".jsonl": Kind.NDJSON,
    ".json": Kind.NINJS,
    ".rss": Kind.FEED,
    ".atom": Kind.FEED,
    ".xml": Kind.FEED,
    ".warc": Kind.WARC,
}
#: Endings of packed files, each before one of the others: `.ndjson.gz`.
PACKINGS = (".gz", ".bz2", ".xz", ".zst")
STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class NewsFile:
    """One file, or standard input, whose size is not known; `kind` is None for an ending that says nothing."""

    path: Path
    kind: Kind | None
    size: int = 0
    changed_ns: int = 0

    @property
    def is_standard_input(self) -> bool:
        """Whether there is no file."""
        return self.path == STANDARD_INPUT

    @property
    def packing(self) -> str | None:
        """How its name says that it is packed, such as `.gz`."""
        return self.path.suffix.lower() if self.path.suffix.lower() in PACKINGS else None


def find_files(paths: Iterable[Path], kind: Kind | None) -> Iterator[NewsFile]:
    """The files to publish: those named, and in folders all that look like news.

    Args:
        paths: files, folders, and `-` for standard input.
        kind: what all of them hold, whatever their endings say.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            if kind is None:
                raise Misconfigured(f"what is on standard input? Say --as {'|'.join(Kind)}")
            yield NewsFile(path, kind)
        elif path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.is_file() and (kind or kind_of(file)))
            yield from (_news_file(file, kind) for file in found)
        elif path.is_file():
            yield _news_file(path, kind)
        else:
            raise Misconfigured(f"there is no file or folder {path}")


def kind_of(path: Path) -> Kind | None:
    """What a file holds by its ending, that of its packing left out."""
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in PACKINGS:
        endings.pop()
    return _KINDS.get(endings[-1]) if endings else None


def known_endings() -> str:
    """For people: what may be published."""
    return f"{' '.join(_KINDS)}, also packed: {' '.join(PACKINGS)}"


def _news_file(path: Path, kind: Kind | None) -> NewsFile:
    state = path.stat()
    return NewsFile(path, kind or kind_of(path), state.st_size, state.st_mtime_ns)
