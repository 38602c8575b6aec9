"""Makes as many articles as a benchmark needs, each of about 3.6 kB, put together from real sentences: no two alike, all competing.

The sentences are third parties' and lie beside the project (`../shared/data`). What stands beside the text (names, sections,
publishers, dates) is made up from it, the same for the same seed.
"""

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_DATA = Path(__file__).parents[3] / "shared" / "data"
#: Of the JSON of the published article; what enrich adds (entities with their places in the text) comes on top of it.
ARTICLE_BYTES = 3600
#: What an article takes besides its headline and body.
_OTHER_BYTES = 790
_OTHER_LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "ru", "uk", "ar", "fa", "tr", "hi", "zh", "ja", "ko", "pl")
#: Of a hundred articles, how many are in one of these.
_OTHER_PERCENT = 15
_SECTIONS = ("World", "Politics", "Business", "Technology", "Science", "Health", "Sport", "Culture", "Opinion", "Local")
_PUBLISHERS = tuple(
    f"{name} {kind}" for name in ("Harbour", "Valley", "Northern", "City") for kind in ("Courier", "Gazette", "Post")
)
_AUTHORS = ("Ada Lund", "Bo Ekman", "Carla Rossi", "Dev Mehta", "Eve Okafor", "Finn Brandt", "Gaia Conti", "Hana Sato")
_TYPES = ("PERSON", "ORG", "GPE")
_ENTITIES = 8
_NEWEST = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_YEAR_SECONDS = 365 * 24 * 3600
#: Characters beyond which a "sentence" is a list or a page without a full stop.
_LONGEST = 300
#: So many of the words of an English text are "the"; some of the pages are in other languages.
_ENGLISH = 0.015
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}")


class _Sentence(NamedTuple):
    text: str
    size: int
    names: tuple[tuple[str, int, int], ...]


def recombined_articles(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """`count` different articles as the JSON object of `news.article.enriched.v1`, the same for the same seed.

    85 of 100 are in English, the others in one of sixteen languages. Raises FileNotFoundError where the sentences are absent.
    """
    chance = random.Random(seed)  # noqa: S311 - the same articles each time is the point
    english = _sentences(_english())
    others = {code: _sentences(_lines(code)) for code in _OTHER_LANGUAGES}
    for number in range(count):
        language = chance.choice(_OTHER_LANGUAGES) if chance.random() * 100 < _OTHER_PERCENT else "en"
        yield _article(f"{seed}-{number}", language, others.get(language, english), chance)


def are_there() -> bool:
    """Whether the sentences lie beside the project."""
    return _DATA.exists()


def _english() -> Iterator[str]:
    pages = json.loads((_DATA / "extraction" / "ground-truth.json").read_text(encoding="utf-8")).values()
    for page in pages:
        body = page["articleBody"]
        if body.count(" the ") > _ENGLISH * body.count(" "):
            yield from re.split(r"(?<=[.!?])\s+", body)
    for path in sorted((_DATA / "entities").glob("*.conll")):  # tokens with tags, an empty line between sentences
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            yield " ".join(line.split()[0] for line in block.splitlines() if line.strip())


def _lines(language: str) -> list[str]:
    return (_DATA / "languages" / f"{language}.txt").read_text(encoding="utf-8").splitlines()


def _sentences(texts: Iterator[str] | Sequence[str]) -> list[_Sentence]:
    cleaned = (" ".join(text.split()) for text in texts)
    return [
        _Sentence(text, len(text.encode()), tuple((name.group(), *name.span()) for name in _NAME.finditer(text)))
        for text in cleaned
        if 15 <= len(text) <= _LONGEST
    ]


def _article(name: str, language: str, sentences: Sequence[_Sentence], chance: random.Random) -> dict[str, Any]:
    article_id = hashlib.sha256(name.encode()).hexdigest()[:32]
    first, second = chance.choice(sentences), chance.choice(sentences)
    headline = _headline(first.text, second.text, has_blanks=language not in ("zh", "ja"))
    body, mentions = _body(sentences, ARTICLE_BYTES - _OTHER_BYTES - len(headline.encode()), chance)
    published = _NEWEST - timedelta(seconds=chance.randrange(_YEAR_SECONDS))
    date = published.strftime("%Y-%m-%dT%H:%M:%SZ")
    publisher, section = chance.choice(_PUBLISHERS), chance.choice(_SECTIONS)
    host = publisher.replace(" ", "-").lower()
    return {
        "article_id": article_id,
        "revision": int(published.timestamp() * 1000),
        "headline": headline,
        "body": body,
        "url": f"https://{host}.example/{section.lower()}/{published:%Y/%m/%d}/{article_id[:12]}",
        "description": body.split("\n\n", 1)[0][:200],
        "authors": chance.sample(_AUTHORS, chance.choice((1, 1, 2))),
        "publisher": publisher,
        "section": section,
        "breadcrumb": ["Home", section],
        "language": language,
        "date_published": date,
        "date_retrieved": date,
        "enrichment": 0,
        "language_confidence": 0.98,
        "entities": _entities(mentions),
        "keywords_found": [word.lower() for word in second.text.split() if len(word) > 7][:6],
        "word_count": body.count(" ") + 1,
        "reading_seconds": max(1, body.count(" ") // 4),
        "recogniser": "recombined/1",
        "date_enriched": date,
    }


def _headline(first: str, second: str, *, has_blanks: bool) -> str:
    if not has_blanks:
        return f"{first[:14]}{second[:10]}"
    return " ".join(first.rstrip(".!?").split()[:7] + second.rstrip(".!?").split()[:4])


def _body(sentences: Sequence[_Sentence], size: int, chance: random.Random) -> tuple[str, dict[str, list[tuple[int, int]]]]:
    """Paragraphs of three sentences up to about so many bytes, and where names stand in them (code points)."""
    parts: list[str] = []
    mentions: dict[str, list[tuple[int, int]]] = {}
    taken = position = 0
    while taken < size:
        sentence = chance.choice(sentences)
        for name, start, end in sentence.names:
            mentions.setdefault(name, []).append((position + start, position + end))
        gap = "\n\n" if len(parts) % 6 == 4 else " "
        parts += (sentence.text, gap)
        position += len(sentence.text) + len(gap)
        taken += sentence.size + len(gap)
    return "".join(parts[:-1]), mentions


def _entities(mentions: dict[str, list[tuple[int, int]]]) -> list[dict[str, Any]]:
    most = sorted(mentions.items(), key=lambda named: -len(named[1]))[:_ENTITIES]
    return [
        {
            **_identity(name),
            "count": len(places),
            "mentions": [{"field": "body", "start": start, "end": end} for start, end in places],
            "salience": round(len(places) / (len(places) + 2), 3),
        }
        for name, places in most
    ]


@cache
def _identity(name: str) -> dict[str, str]:
    digest = hashlib.sha256(name.encode()).hexdigest()
    kind = _TYPES[int(digest[0], 16) % len(_TYPES)]
    return {"type": kind, "name": name, "entity_id": f"{kind.lower()}:{digest[:16]}"}
