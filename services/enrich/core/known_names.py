"""Names that an article makes known once mean the same wherever they stand in it, also where the recogniser saw nothing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from services.enrich.core.spans import Field, Span, without_overlaps, words_of

#: So many of an article's names are looked for, those that stand first: an article with more is a table or a directory.
MOST_NAMES = 1000
_SHORTEST_SURNAME = 4
_SHORTEST_UNSPACED = 3
# A word in katakana or in Latin letters goes on to where these end.
_KATAKANA_BORDERS = ("(?<![ァ-ヺーA-Za-z])", "(?![ァ-ヺーA-Za-z])")
_SPREADING_TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC"})


def spread_names(
    texts: Mapping[Field, str], spans: Mapping[Field, Sequence[Span]], *, has_blanks: bool = True
) -> dict[Field, list[Span]]:
    """The spans, and those of the same names and of the surnames of known persons where nothing was found.

    Without blanks between words short names are not looked for: they stand inside of other words, too.
    """
    known = _known_types(texts[field][span.start : span.end] + "\0" + span.type for field in spans for span in spans[field])
    if not has_blanks:
        known = {name: kind for name, kind in known.items() if len(name) >= _SHORTEST_UNSPACED}
    if not known:
        return {field: list(found) for field, found in spans.items()}
    names = sorted(islice(known, MOST_NAMES), key=len, reverse=True)
    before, after = (r"(?<![\w-])", r"(?![\w-])") if has_blanks else _KATAKANA_BORDERS
    pattern = re.compile(f"{before}(?:{'|'.join(map(re.escape, names))}){after}")
    return {
        field: without_overlaps([*spans[field], *(Span(*hit.span(), known[hit[0]]) for hit in pattern.finditer(text))])
        for field, text in texts.items()
    }


def _known_types(names: Iterable[str]) -> dict[str, str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in names:
        name, _, kind = entry.partition("\0")
        if kind not in _SPREADING_TYPES or name.islower():
            continue
        words = words_of(name)
        counts[name][kind] += 1
        if kind == "PERSON" and len(words) > 1 and len(words[-1]) >= _SHORTEST_SURNAME and words[-1][0].isupper():
            counts[words[-1]][kind] += 1
    return {name: kinds.most_common(1)[0][0] for name, kinds in counts.items()}
