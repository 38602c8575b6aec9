"""What the core needs of models and word lists, as plain callables: it never sees how they were loaded."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.enrich.core.language import LanguageIdentifier
from services.enrich.core.places import PlaceFinder
from services.enrich.core.spans import SpanRecogniser


@dataclass(frozen=True, slots=True)
class English:
    """A recogniser of names in English; whether a lower-case word is an ordinary English word; verbs that are no nouns."""

    recognise: SpanRecogniser
    is_common: Callable[[str], bool]
    verbs: frozenset[str] = frozenset()


def _no_stop_words(_language: str) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Recognisers:
    """`english` is absent where its model could not be loaded; `degraded` then says why.

    `versions` names every part with its version, as events carry it. `stop_words` gives those of a language in lower case. `others`
    are the recognisers of names in other languages, by code; how these write names `name_customs` knows.
    """

    identify_language: Sequence[LanguageIdentifier]
    gazetteer: PlaceFinder
    versions: str
    english: English | None = None
    degraded: str | None = None
    stop_words: Callable[[str], Collection[str]] = _no_stop_words
    others: Mapping[str, SpanRecogniser] = field(default_factory=dict)
