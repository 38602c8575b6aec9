"""Words that a text has in another spelling than that in which they were searched for: `Zelenský`, found by `zelensky`.

Elasticsearch finds them in the folded text, and marks what it finds there; where that stands in the text itself, it does not know.
Marks are `MARK_START` and `MARK_END`, as in what Elasticsearch marked.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from services.search.core.queries import MARK_END, MARK_START
from services.search.core.query_tree import TEXT_FIELDS, Query, is_text, wanted_leaves
from shared.folding import fold

#: Words that stand one behind the other, folded and in lower case.
Wanted: TypeAlias = tuple[str, ...]
Span: TypeAlias = tuple[int, int]

#: A run of letters and digits, with the marks that belong to them: accents, vowel signs, joiners, the long stroke of Arabic.
_WORD = re.compile("[\\w\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u00ad\u200b-\u200f]+")
_MARKS = re.compile(f"[{MARK_START}{MARK_END}]")
#: What of a passage stands before the word that is marked, and how long it is in all.
_BEFORE, _LENGTH = 60, 160
#: Of a body, as much as Elasticsearch looks at for highlights.
_MOST_CHARACTERS = 100_000


def wanted_in(query: Query | None, name: str) -> tuple[Wanted, ...]:
    """What a query wants to find in `headline`, `description` or `body`."""
    leaves = [] if query is None else [leaf for leaf in wanted_leaves(query) if is_text(leaf)]
    texts = [leaf.text for leaf in leaves if name in (TEXT_FIELDS if leaf.field is None else (leaf.field,))]
    found = (tuple(word for _, word in _folded_words(unicodedata.normalize("NFC", text))) for text in texts)
    return tuple(dict.fromkeys(words for words in found if words))


def has_marks(text: str) -> bool:
    """Whether anything is marked."""
    return MARK_START in text


def mark_spellings(marked: str, wanted: Sequence[Wanted]) -> str:
    """A text in which Elasticsearch has marked what it could; what is wanted in another spelling is marked as well."""
    plain = _MARKS.sub("", marked)
    found = _find(plain, wanted)
    return _mark(plain, [*_spans(marked), *found]) if found else marked


def cut_passages(body: str, wanted: Sequence[Wanted], most: int) -> list[str]:
    """The first passages of a text in which something is wanted that it has in another spelling, marked there."""
    text, passages, reached = body[:_MOST_CHARACTERS], list[str](), 0
    for start, end in _find(text, wanted):
        if start < reached:
            continue
        first, reached = _passage(text, start, end)
        passages.append(mark_spellings(text[first:reached], wanted))
        if len(passages) == most:
            break
    return passages


def _passage(text: str, start: int, end: int) -> Span:
    """A part of the paragraph, from one blank to another, in which the word from `start` to `end` stands."""
    first = max(text.rfind("\n", 0, start) + 1, start - _BEFORE)
    if first and text[first - 1] != "\n":
        first = min(start, text.find(" ", first, start) + 1 or start)
    line_end = text.find("\n", end)
    last = max(end, first + _LENGTH)
    if 0 <= line_end <= last:
        return first, line_end
    if last >= len(text):
        return first, len(text)
    return first, max(end, text.rfind(" ", end, last))


def _find(text: str, wanted: Iterable[Wanted]) -> list[Span]:
    """Where words stand that are wanted and are written in another way, from left to right; none within another."""
    if text.isascii() or fold(text) == text:
        return []
    by_first: dict[str, list[Wanted]] = {}
    for words in wanted:
        by_first.setdefault(words[0], []).append(words)
    there = list(_folded_words(text))
    found: list[Span] = []
    for number, (place, word) in enumerate(there):
        for words in by_first.get(word, ()):
            run = there[number : number + len(words)]
            start, end = place[0], run[-1][0][1]
            if tuple(each for _, each in run) == words and fold(text[start:end]) != text[start:end]:
                found.append((start, end))
    return _united(found)


def _folded_words(text: str) -> Iterator[tuple[Span, str]]:
    for found in _WORD.finditer(text):
        # An apostrophe parts words, and folding may make a word of several of a text: `ß`, or an article before its word.
        yield found.span(), fold(found[0]).casefold()


def _spans(marked: str) -> list[Span]:
    """What is marked, as places in the text without marks."""
    spans: list[Span] = []
    length, start = 0, -1
    for part in re.split(f"([{MARK_START}{MARK_END}])", marked):
        if part == MARK_START:
            start = length if start < 0 else start
        elif part == MARK_END and start >= 0:
            spans.append((start, length))
            start = -1
        elif part != MARK_END:
            length += len(part)
    return spans


def _united(spans: Iterable[Span]) -> list[Span]:
    """The same places without overlaps, from left to right."""
    united: list[Span] = []
    for start, end in sorted(spans):
        if united and start < united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _mark(text: str, spans: Iterable[Span]) -> str:
    parts, reached = list[str](), 0
    for start, end in _united(spans):
        parts += [text[reached:start], MARK_START, text[start:end], MARK_END]
        reached = end
    return "".join([*parts, text[reached:]])
