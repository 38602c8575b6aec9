"""Completion while typing: what begins like this among the names and keywords of articles."""

from collections.abc import Mapping
from typing import Any

from services.search.core.answers import Completions

#: From so many characters on, one of them may be wrong; of shorter ones too much is nearly the same.
_SHORTEST_FUZZY = 5


def build_completion(prefix: str, size: int) -> dict[str, Any]:
    """What begins like this, each once. Tombstones have nothing to complete by."""
    completion: dict[str, Any] = {"field": "completions", "size": size, "skip_duplicates": True}
    if len(prefix) >= _SHORTEST_FUZZY:
        completion["fuzzy"] = {"fuzziness": 1, "prefix_length": 2, "unicode_aware": True}
    return {"size": 0, "_source": False, "suggest": {"names": {"prefix": prefix, "completion": completion}}}


def parse_completions(answer: Mapping[str, Any]) -> Completions:
    """What was found, best first."""
    options = (option["text"] for entry in answer["suggest"]["names"] for option in entry["options"])
    return Completions(completions=tuple(dict.fromkeys(options)))
