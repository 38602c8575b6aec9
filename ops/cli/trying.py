"""`dateline extract` and `dateline recognise`: what ingest and enrich make of a text, without any engine running."""

import gzip
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.enrich.core.recognisers import Recognisers
from services.ingest.core.extracted import NoArticle
from services.ingest.page_extractor import PageExtractor
from shared.failures import Misconfigured
from shared.settings import load_settings

_PAGES = (".html", ".htm", ".html.gz", ".htm.gz", ".txt", ".txt.gz")


def read_inputs(names: list[str], endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each input: files as they are named, all of a folder with these endings, `-` for standard input."""
    for name in names:
        path = Path(name)
        if name == "-":
            yield name, sys.stdin.buffer.read()
        elif path.is_dir():
            for file in sorted(file for file in path.rglob("*") if file.is_file() and file.name.lower().endswith(endings)):
                yield str(file), _read(file)
        elif path.is_file():
            yield name, _read(path)
        else:
            raise Misconfigured(f"there is no file or folder {name}")


def extract_inputs(names: list[str], url: str | None) -> Iterator[dict[str, Any]]:
    """For each page `source` and the fields of its article, or `source` and `no_article`, the reason why there is none."""
    with PageExtractor() as extractor:
        for name, content in read_inputs(names, _PAGES):
            now = datetime.now(UTC)
            if _is_html(name, content):
                article = extractor.extract_html(content, url, now)
            else:
                article = extractor.extract_text(content.decode("utf-8", "replace"), url, now)
            if isinstance(article, NoArticle):
                yield {"source": name, "no_article": article.reason}
            else:
                yield {"source": name, **article.model_dump(mode="json", exclude_none=True)}


def recognise_inputs(names: list[str], language: str | None, *, lines: bool) -> Iterator[dict[str, Any]]:
    """For each text `language`, `confidence` and `entities`, which has `type`, `name`, `start` and `end` of every mention."""
    from services.enrich.recognise import recognise  # noqa: PLC0415 - seconds and 300 MB that no other command needs

    recognisers = load_chosen(language)
    if recognisers.degraded:
        sys.stderr.write(f"{recognisers.degraded}\n")
    for _, content in read_inputs(names, (".txt",)):
        text = content.decode("utf-8", "replace")
        for each in text.splitlines() if lines else (text,):
            told = recognise(each, recognisers, language)
            mentions = [
                {"type": entity["type"], "name": entity["name"], **mention}
                for entity in told["entities"]
                for mention in entity["mentions"]
            ]
            mentions.sort(key=lambda mention: (mention["start"], mention["end"]))
            yield {"language": told["language"], "confidence": told["confidence"], "entities": mentions}


def load_chosen(language: str | None = None) -> Recognisers:
    """The recognisers that enrich's settings choose, and that of a language which is asked for."""
    from services.enrich.models import load_recognisers  # noqa: PLC0415 - seconds and 300 MB that no other command needs
    from services.enrich.name_recognisers import PLUG_INS  # noqa: PLC0415 - as above
    from services.enrich.settings import EnrichSettings  # noqa: PLC0415 - as above

    settings = load_settings(EnrichSettings).enrich
    asked = (language or "").split("-")[0].lower()
    chosen = (*settings.recognisers, *([asked] if asked in PLUG_INS else []))
    return load_recognisers(settings.english_model, tuple(dict.fromkeys(chosen)))


def _read(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def _is_html(name: str, content: bytes) -> bool:
    if name == "-":
        return content.lstrip()[:1] == b"<"
    return ".htm" in Path(name).name.lower()
