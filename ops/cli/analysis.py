"""How texts are analysed: the best that a cluster can do, found out by asking it, and what stands in an index already.

`builtin`: Elasticsearch's language analyzers, which every regular cluster has. `hunspell`: dictionaries, for the embedded one.
`standard`: neither; a word finds itself, and by `shared/folding.py` its other spellings.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from elasticsearch import BadRequestError, Elasticsearch

from shared import indices

_FILES = Path(__file__).resolve().parents[2] / "schemas" / "elasticsearch"
#: A dictionary is read when it is first used; the largest takes 5 s on a slow machine.
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """A variant, and the languages that it has no dictionary for on this cluster: they are analysed as `standard` does."""

    variant: str
    without: frozenset[str] = frozenset()

    def __str__(self) -> str:
        lacking = f", without a dictionary for {', '.join(sorted(self.without))}" if self.without else ""
        return f"{self.variant}{lacking}"


def choose_analysis(client: Elasticsearch) -> Analysis:
    """The best analysis that the cluster has. Raises the client's exceptions when it does not answer."""
    client = client.options(request_timeout=PATIENCE_SECONDS)
    if _is_taken(client, {"analyzer": "english"}):
        return Analysis("builtin")
    hunspell = read_file("analysis-hunspell")
    stems = {name: {"type": "hunspell", "locale": one["locale"]} for name, one in hunspell["filter"].items() if "locale" in one}
    with ThreadPoolExecutor(4) as pool:  # each answer waits for a dictionary to be read
        answers = pool.map(lambda stem: _is_taken(client, {"tokenizer": "standard", "filter": [stem]}), stems.values())
        taken = dict(zip(stems, answers, strict=True))
    needed = {
        name.removeprefix("text_"): stems.keys() & analyzer.get("filter", ()) for name, analyzer in hunspell["analyzer"].items()
    }
    stemmed = {language for language, names in needed.items() if names}
    without = {language for language in stemmed if not all(taken[name] for name in needed[language])}
    return Analysis("standard") if without == stemmed else Analysis("hunspell", frozenset(without))


def _is_taken(client: Elasticsearch, analysis: Mapping[str, Any]) -> bool:
    try:
        client.indices.analyze(text="probe", **analysis)
    except BadRequestError:
        return False
    return True


def build_analysis(variant: str, without: Collection[str] = ()) -> dict[str, Any]:
    """The analysis settings of the index of articles; `without` names languages that are analysed as `standard` does."""
    analysis = read_file(f"analysis-{variant}")
    plain = {f"text_{language}": {"type": "standard"} for language in without}
    analysis["analyzer"] |= plain
    used = {name for analyzer in analysis["analyzer"].values() for name in analyzer.get("filter", ())}
    if "filter" in analysis:
        analysis["filter"] = {name: one for name, one in analysis["filter"].items() if name in used}
    return analysis


def name_other_analysis(client: Elasticsearch, analysis: Mapping[str, Any], alias: str = indices.ARTICLES) -> list[str]:
    """The indices behind an alias that were made with another analysis than this one, which cannot change in place."""
    found = client.indices.get_settings(index=alias, filter_path="*.settings.index.analysis").body
    wanted = _as_strings(analysis)
    return sorted(name for name, index in found.items() if index["settings"]["index"]["analysis"] != wanted)


def _as_strings(value: Any) -> Any:
    """Settings as Elasticsearch gives them back: every value is a text."""
    if isinstance(value, Mapping):
        return {name: _as_strings(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_strings(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_file(name: str) -> dict[str, Any]:
    """A file under schemas/elasticsearch, by its name without `.json`."""
    content: dict[str, Any] = orjson.loads((_FILES / f"{name}.json").read_bytes())
    return content
