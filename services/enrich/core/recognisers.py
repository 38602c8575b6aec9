"""What the core needs of models and word lists, as plain callables: it never sees how they were loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.enrich.core.language import LanguageIdentifier
from services.enrich.core.places import PlaceAutomaton
from services.enrich.core.spans import SpanRecogniser


@dataclass(frozen=True, slots=True)
class Recognisers:
    """`recognise_english` is absent where its model could not be loaded; `degraded` then says why.

    `versions` names every part with its version, as events carry it.
    """

    identify_language: Sequence[LanguageIdentifier]
    gazetteer: PlaceAutomaton
    versions: str
    recognise_english: SpanRecogniser | None = None
    degraded: str | None = None
