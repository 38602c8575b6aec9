"""Splits an article into sentences, stretches and words, as keywords are counted: with each word the form it is counted under."""

import re
from collections.abc import Container
from dataclasses import dataclass

#: What stands for a name in a text whose names must not become keywords; it parts stretches.
NAME_MARK = "\0"
#: So much of a text is read, in characters: what matters is said by then.
READ_CHARACTERS = 20_000

# A full stop with blanks or closing marks behind it, the end of a line, or a full stop that needs no blank.
_SENTENCE_END = re.compile(r"[.!?…\n؟۔।॥](?:(?<![.!?…])|[\s\"'”’»)]+)")  # noqa: RUF001 - these very characters
# Vowel signs, accents and joiners that Python does not count among the characters of a word.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u0e00-\u109f"
    "\u1780-\u17ff\u200c\u200d"
)
# Whatever is no word or blank, but an apostrophe or a hyphen only where it does not stand between two letters. It begins with one
# set of characters and not with alternatives: then it is looked for ten times as fast.
_STRETCH_END = re.compile(rf"[^\w\s{_MARKS}](?:(?<!['’\-])|(?<!\w.)|(?!\w))")  # noqa: RUF001 - as above
_POSSESSIVE = re.compile(r"['’]s?$")  # noqa: RUF001
_CONTRACTION = re.compile(r"['’](?:t|re|ve|ll|d|m)$")  # noqa: RUF001
_ELISION = re.compile(r"^\w{1,7}['’](?=\w)")  # noqa: RUF001
_ELIDING = frozenset(["ca", "fr", "it", "oc"])
# Korean writes particles behind nouns without a blank; longer ones first.
_KOREAN_PARTICLE = re.compile(
    "(?:에서는|으로부터|에게서|에서|에게|으로|부터|까지|처럼|보다|이라|은|는|이|가|을|를|의|에|로|와|과|도|만)$"
)
_LETTER = re.compile(r"[^\W\d_]")
_SHORTEST, _SHORTEST_OF_OTHER_SCRIPTS, _LONGEST = 3, 2, 40


@dataclass(slots=True)
class Word:
    """What is kept of a word: the sentence of each occurrence, its forms with capitals, what stands beside it.

    `in_small_letters` says whether running text ever writes it so.
    """

    sentences: list[int]
    before: list[str]
    after: list[str]
    in_small_letters: bool = False
    capitals: int = 0
    forms: dict[str, int] | None = None


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, roughly: for counting in how many of them a word stands."""
    return [sentence for sentence in _SENTENCE_END.split(text[:READ_CHARACTERS]) if sentence and not sentence.isspace()]


def split_stretches(sentence: str) -> list[list[str]]:
    """The words between punctuation marks and names."""
    return [words for words in map(str.split, _STRETCH_END.split(sentence)) if words]


class Spelling(dict[str, str]):
    """From written words to the forms they are counted under: empty for what may be no keyword. Each is worked out once."""

    def __init__(self, language: str, stop_words: Container[str], *, has_stop_words: bool) -> None:
        """`has_stop_words` is False where no list is known: then words of three letters count as such."""
        super().__init__()
        self._language = language
        self._stop_words = stop_words
        self.has_stop_words = has_stop_words
        self._shortest = _SHORTEST if has_stop_words else _SHORTEST + 1

    def __missing__(self, written: str) -> str:
        key = self[written] = self._work_out(written)
        return key

    def _work_out(self, written: str) -> str:
        word = written.lower()
        if word in self._stop_words:
            return ""
        is_plain = word.isalpha()
        if not is_plain and ("'" in word or "’" in word):  # noqa: RUF001 - the apostrophe of print
            if _CONTRACTION.search(word):
                return ""
            if self._language in _ELIDING:
                word = _ELISION.sub("", word)
            word = _POSSESSIVE.sub("", word)
        if self._language == "ko" and len(word) > 2:
            word = _KOREAN_PARTICLE.sub("", word)
        shortest = self._shortest if word.isascii() else _SHORTEST_OF_OTHER_SCRIPTS
        if not shortest <= len(word) <= _LONGEST or not (is_plain or _LETTER.search(word)):
            return ""
        return "" if word in self._stop_words else word
