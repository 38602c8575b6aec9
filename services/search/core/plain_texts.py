"""The texts of a document in the index, which stand there in a field per language."""

from collections.abc import Mapping
from typing import Any

#: What stands in a field per language.
TEXTS = ("headline", "description", "body")


def plain_document(source: Mapping[str, Any]) -> dict[str, Any]:
    """A document whose texts stand under their names: `{"headline": {"en": "…"}}` becomes `{"headline": "…"}`."""
    texts = {name: next(iter(source[name].values()), "") for name in TEXTS if isinstance(source.get(name), Mapping)}
    return {**source, **texts}
