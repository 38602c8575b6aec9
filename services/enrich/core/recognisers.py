"""What the core needs of models and word lists, as plain callables: it never sees how they were loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.enrich.core.language import LanguageIdentifier
from services.enrich.core.places import PlaceAutomaton
from services.enrich.core.spans import SpanRecogniser


@dataclass(frozen=True, slots=True)
class English:
    """A recogniser of names in English, and whether a lower-case word is an ordinary English word."""

    recognise: SpanRecogniser
    is_common: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Recognisers:
    """`english` is absent where its model could not be loaded; `degraded` then says why.

    `versions` names every part with its version, as events carry it.
    """

    identify_language: Sequence[LanguageIdentifier]
    gazetteer: PlaceAutomaton
    versions: str
    english: English | None = None
    degraded: str | None = None
