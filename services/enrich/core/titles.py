"""Titles and offices before a person's name: they show that a person follows, and are no part of the name."""

import re

_OFFICES = [
    "admiral", "ambassador", "archbishop", "attorney", "ayatollah", "baron", "baroness", "bishop", "brigadier", "brother",
    "captain", "cardinal", "chairman", "chairperson", "chairwoman", "chancellor", "chief", "coach", "colonel", "commander",
    "commissioner", "comrade", "congressman", "congresswoman", "constable", "corporal", "councillor", "count", "countess",
    "crown", "dame", "deputy", "detective", "director", "doctor", "duchess", "duke", "emir", "emperor", "empress", "father",
    "general", "governor", "hon", "honourable", "imam", "inspector", "judge", "justice", "king", "lady", "lawmaker",
    "lieutenant", "lord", "madam", "major", "marshal", "mayor", "minister", "miss", "monsignor", "officer", "pastor", "pope",
    "premier", "president", "prince", "princess", "private", "professor", "queen", "rabbi", "representative", "reverend",
    "secretary", "senator", "sergeant", "sergeant-major", "shaikh", "sheik", "sheikh", "sir", "sister", "spokesman",
    "spokeswoman", "sultan", "superintendent",
]  # fmt: skip
_ABBREVIATIONS = [
    "adm", "amb", "brig", "capt", "cdr", "cmdr", "col", "cpl", "dr", "fr", "gen", "gov", "hon", "insp", "lt", "ltc", "maj",
    "mgr", "mlle", "mme", "mr", "mrs", "ms", "msgr", "mx", "prof", "rep", "rev", "sen", "sgt", "supt",
]  # fmt: skip
_QUALIFIERS = [
    "acting", "assistant", "chief", "defence", "defense", "deputy", "economy", "education", "energy", "environment", "ex",
    "executive", "federal", "field", "finance", "first", "foreign", "former", "health", "home", "interim",
    "interior", "joint", "justice", "labor", "labour", "lieutenant", "major", "prime", "rear", "senior", "staff", "trade",
    "transport", "treasury", "vice",
]  # fmt: skip

#: Words that may stand in a title, lower case and without a full stop.
TITLE_WORDS = frozenset(_OFFICES + _ABBREVIATIONS + _QUALIFIERS)
_ALONE = frozenset(_OFFICES + _ABBREVIATIONS)

# The model knows "Gen. X" and "Mr. X", not "Gen X". A substitute of equal length keeps every offset as it was published.
_BARE_RANK = re.compile(r"\b(?:Adm|Brig|Capt|Cdr|Cmdr|Col|Cpl|Gen|Lt|Maj|Prof|Sen|Sgt|Supt)(?= [A-Z]\w)")
_SUBSTITUTES = {2: "Mr", 3: "Mr.", 4: "Gen."}


def rewrite_bare_ranks(text: str) -> str:
    """The text with ranks written as a recogniser of English news expects them; its length stays the same."""
    return _BARE_RANK.sub(lambda found: _SUBSTITUTES[len(found[0])], text)


def is_title_word(word: str) -> bool:
    """Whether a word may stand in a title, such as `Foreign`, `Gen` and `Minister`."""
    return word.rstrip(".").lower() in TITLE_WORDS


def is_office(word: str) -> bool:
    """Whether a word may be a title alone, as `Minister` and `Vice-President` may and `Foreign` may not."""
    return word.removesuffix("-elect").rpartition("-")[2].rstrip(".").lower() in _ALONE


def is_abbreviation(word: str) -> bool:
    """Whether a word is a title that is written with a full stop, as `Gen.` is."""
    return word.rstrip(".").lower() in _ABBREVIATIONS


def title_length(name: str) -> int:
    """How many characters of a name are its title and the blanks after it; a name is never all title."""
    length = 0
    for found in re.finditer(r"\S+\s+", name):
        if not is_title_word(found[0].strip()):
            break
        length = found.end()
    return length
