"""Writes text in capitals as running text, because a recogniser that learnt from running text sees names nowhere in it."""

import re

# Words in capitals with only blanks, figures and punctuation between them.
_WORD = r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?"
_CAPITALS = re.compile(rf"\b[A-Z][^\W\d_a-z]*(?:['’.&-][^\W\d_a-z]+)*\.?(?![\w])")
_SMALL_WORDS = frozenset(
    "a an and as at be by for from in into is it not of off on or out over s that the to under up v vs was will with after".split()
)
_SHORTEST_RUN = 3


def lower_capitals(text: str) -> str:
    """The text as a recogniser should read it; its length stays the same.

    Only in stretches of capitals: a few words in capitals within running text are acronyms.
    """
    if text.islower() or text.istitle():
        return text
    parts: list[str] = []
    done = 0
    for start, end in _stretches(text):
        parts += [text[done:start], _CAPITALS.sub(_lowered, text[start:end])]
        done = end
    return "".join(parts) + text[done:] if done else text


def _stretches(text: str) -> list[tuple[int, int]]:
    """Where at least three words in a row are in capitals."""
    found: list[tuple[int, int]] = []
    words = 0
    start = end = 0
    for word in re.finditer(r"\w*[^\W\d_]\w*(?:['’.&-]\w+)*", text):
        if word[0] == word[0].upper() and (len(word[0])>1 or words or word[0] in 'A'):
            if not words:
                start = word.start()
            words += 1
            end = word.end()
        else:
            if words >= _SHORTEST_RUN:
                found.append((start, end))
            words = 0
    if words >= _SHORTEST_RUN:
        found.append((start, end))
    return found


def _lowered(found: re.Match[str]) -> str:
    word = found[0]
    if word.lower() in _SMALL_WORDS:
        return word.lower()
    if "." in word.rstrip(".") or len(word) <= 2:
        return word
    lowered = word[0] + word[1:].lower()
    return re.sub(r"(?<=[-&])[a-z]", lambda m: m[0].upper(), lowered)


_LONG_CAPITALS = re.compile(r"(?<![\w.])[^\W\d_a-z]{4,}(?:[-'’][^\W\d_a-z]+)*(?!\w)")


def title_capitals(text: str) -> str:
    """The text with every longer word in capitals written as a name would be, for looking names up; its length stays."""
    return _LONG_CAPITALS.sub(lambda found: _same_length(found[0], found[0].title()), text)


def _same_length(word: str, written: str) -> str:
    return written if len(written) == len(word) else word
