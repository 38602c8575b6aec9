"""Says in which language an article is written, from what several language identifiers think of its first words."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: How much of the body is read, in characters: more makes no identifier surer.
BODY_CHARACTERS = 300
#: Below this confidence the language is not known: one of three identifiers that is alone with its opinion is not believed.
THRESHOLD = 0.335
#: Two identifiers that say the same and are together so sure need no third opinion.
SURE = 0.7
#: Below this confidence no two of three identifiers agree.
DOUBTFUL = 0.6
UNDETERMINED = "und"

#: Text of one line in, language codes with probabilities out, likeliest first.
LanguageIdentifier = Callable[[str], Sequence[tuple[str, float]]]

# Identifiers keep old codes and codes of whole groups; what is written as one language here has one code.
_CODES = {
    "in": "id", "iw": "he", "ji": "yi", "jw": "jv", "no": "nb", "sh": "hr", "un": UNDETERMINED, "mo": "ro", "fil": "tl",
    "wuu": "zh", "yue": "zh", "zh-Hant": "zh", "zh-Hans": "zh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """An ISO 639-1 code (639-3 where there is none), or `und`; how sure of it, 0 to 1."""

    code: str
    confidence: float


def detect_language(headline: str, body: str, identifiers: Sequence[LanguageIdentifier]) -> DetectedLanguage:
    """The language of an article's first words.

    Identifiers are asked in their order until at least two agree and are sure; put slow ones last. The answer is the
    language with the highest mean probability, which is the confidence.
    """
    text = " ".join(f"{headline} {body[:BODY_CHARACTERS]}".split())
    if not any(character.isalpha() for character in text):
        return DetectedLanguage(UNDETERMINED, 0.0)
    total: defaultdict[str, float] = defaultdict(float)
    favourites: set[str] = set()
    asked = 0
    for identify in identifiers:
        opinion = [(_CODES.get(code, code), min(probability, 1.0)) for code, probability in identify(text)]
        asked += 1
        for code, probability in opinion:
            total[code] += probability
        favourites.update(code for code, _ in opinion[:1])
        if asked > 1 and len(favourites) == 1 and total[opinion[0][0]] >= SURE * asked:
            break
    total.pop(UNDETERMINED, None)
    code, confidence = max(total.items(), key=lambda item: item[1], default=(UNDETERMINED, 0.0))
    confidence /= max(asked, 1)
    return DetectedLanguage(code if confidence >= THRESHOLD else UNDETERMINED, confidence)
