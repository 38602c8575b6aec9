"""Says in which language an article is written, from what one or more language identifiers think of its first words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: How much of the body is read, in characters: more makes no identifier surer.
BODY_CHARACTERS = 300
#: Below this confidence the language is not known. Headlines such as "12:30" or "Most Popular" fall under it.
THRESHOLD = 0.45
UNDETERMINED = "und"

#: Text of one line in, language codes with probabilities out, likeliest first.
LanguageIdentifier = Callable[[str], Sequence[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """An ISO 639-1 code (639-3 where there is none), or `und`; how sure of it, 0 to 1."""

    code: str
    confidence: float


def detect_language(headline: str, body: str, identifiers: Sequence[LanguageIdentifier]) -> DetectedLanguage:
    """The language of an article's first words: the first identifier's answer that is sure enough."""
    text = " ".join(f"{headline} {body[:BODY_CHARACTERS]}".split())
    if not any(character.isalpha() for character in text):
        return DetectedLanguage(UNDETERMINED, 0.0)
    for identify in identifiers:
        code, confidence = next(iter(identify(text)), (UNDETERMINED, 0.0))
        if confidence >= THRESHOLD:
            return DetectedLanguage(code, min(confidence, 1.0))
    return DetectedLanguage(UNDETERMINED, 0.0)
