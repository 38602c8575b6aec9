"""What a person is, as the words before the name say: titles are no part of a name, and what readers ask for next."""

import re
from collections import Counter
from collections.abc import Iterable

from services.enrich.core.titles import is_abbreviation, is_office, is_title_word

#: So far before a name a title is looked for, in characters.
_LONGEST_ROLE = 60
_WORDS_BEFORE = re.compile(r"(?:[^\W\d_][\w.'\u2019-]* ){1,6}$")
# The governor, Ada Lund
_APPOSITION = re.compile(r"\b[Tt]he ((?:[^\W\d_][\w.'\u2019-]* ){0,5}[^\W\d_][\w.'\u2019-]*), $")
# They say how to speak to somebody, and only count where nothing else does.
_COURTESY = frozenset([
    "mr", "mrs", "ms", "miss", "mx", "mme", "mlle", "madam", "sir", "dr", "m", "monsieur", "madame", "me", "氏", "さん", "様", "君",
])  # fmt: skip
# In small letters these are words like others: his father Ahmed, at home Zarif said.
_ORDINARY_IN_SMALL_LETTERS = frozenset([
    "brother", "chief", "count", "crown", "dame", "deputy", "father", "general", "hon", "judge", "justice", "lady", "lord", "major",
    "miss", "officer", "private", "secretary", "sister",
])  # fmt: skip


def role_before(text: str, start: int) -> str | None:
    """The title directly before a name that begins at `start`, or before its comma: `the governor, Ada Lund`; None without one."""
    begin = max(0, start - _LONGEST_ROLE)
    before = text[begin:start]
    found = _WORDS_BEFORE.search(before) or _APPOSITION.search(before)
    words = (found[1] if found.re is _APPOSITION else found[0]).split() if found else []
    title: list[str] = []
    for word in reversed(words):
        if not _may_stand_in_role(word):
            break
        title.insert(0, word)
    if len(title) < len(words) and words[-len(title) - 1].lower() in ("of", "for"):
        while title and not is_office(title[0]):  # Chief of Staff Gen
            title.pop(0)
    if not title or not any(map(is_office, title)) or (title[-1].islower() and title[-1] in _ORDINARY_IN_SMALL_LETTERS):
        return None
    return " ".join(title)


def _may_stand_in_role(word: str) -> bool:
    """Also `Vice-President` and `ex-minister`; a full stop behind what is no abbreviation ends a sentence."""
    if word.endswith(".") and not is_abbreviation(word):
        return False
    parts = [part for part in word.removesuffix("-elect").split("-") if part]
    return bool(parts) and all(map(is_title_word, parts))


def choose_role(roles: Iterable[str]) -> str | None:
    """Of the titles that stand before the mentions of one person the one that says most: an office before a courtesy.

    Of several the one used most, of these the longest.
    """
    used = Counter(roles)
    if not used:
        return None
    return max(used, key=lambda role: (role.lower().rstrip(".") not in _COURTESY, used[role], len(role)))
