"""What a document has beside its event, made from it: folded texts, flat names, completions.

Before this: `documents`, for an event or for a document that is indexed anew. It is the only place that knows these fields.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.folding import fold

#: The texts of an article. Each stands in the field of its language, and folded where folding changes it.
TEXTS = ("headline", "body", "description")
#: The fields that `derive` fills.
DERIVED = frozenset({"folded", "completions", "entity_names"})
#: Names of entities that are offered while somebody types; those the article is about most.
_COMPLETED_ENTITIES = 10
_ASCII = bytes(range(128))
#: Beside ASCII, UTF-8 that folding leaves alone: dashes, quotation marks and dots; Russian letters, ideographs, emoji.
_LEFT_ALONE = re.compile(
    rb"(?:\xe2\x80[\x93\x94\x98\x99\x9c\x9d\xa6]|\xd0[\x90-\xbf]|\xd1[\x80-\x8f]"
    rb"|[\xe4-\xe9][\x80-\xbf]{2}|\xf0\x9f[\x80-\xbf]{2})*+"
)
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}".encode()
_LETTER = rb"[A-Za-z0-9_\x80-\xff]"
#: What may follow an apostrophe that stays: the end of a word, or of an English contraction.
_AFTER_APOSTROPHE = re.compile(rb"(?:s|S|t|T|re|ve|ll|d|m)?(?!" + _LETTER + rb")")


def stays_when_folded(text: str) -> bool:
    """Whether a text is sure to be the same when it is folded; found out at a tenth of what folding costs."""
    if text.isascii():
        return True
    content = text.encode()
    foreign = content.translate(None, _ASCII)
    if _LEFT_ALONE.fullmatch(foreign) is None:
        return False
    if _APOSTROPHE not in foreign:
        return True
    return all(map(_AFTER_APOSTROPHE.match, content.split(_APOSTROPHE)[1:]))


def fold_lines(text: str) -> str:
    """The same as `fold`, which is asked only for those lines that it may change: of a long text, mostly few."""
    return "\n".join([line if stays_when_folded(line) else fold(line) for line in text.split("\n")])


def derive(texts: Mapping[str, str], entities: Sequence[tuple[str, float]], keywords: Iterable[str]) -> dict[str, Any]:
    """The derived fields of a published article.

    Args:
        texts: those of TEXTS that it has.
        entities: name and salience (0 to 1) of each, in their order.
        keywords: what it is about besides.
    """
    names = list(dict.fromkeys([name for name, _ in entities]))
    derived: dict[str, Any] = {"entity_names": names}
    folded = {}
    if not stays_when_folded("\n".join(texts.values())):  # one look at all of them is the quicker one
        folded = {name: other for name, text in texts.items() if (other := fold_lines(text)) != text}
    if folded:
        derived["folded"] = folded
    if len(names) > _COMPLETED_ENTITIES:
        main = sorted(entities, key=lambda entity: -entity[1])
        names = list(dict.fromkeys([name for name, _ in main]))[:_COMPLETED_ENTITIES]
    completions = list(dict.fromkeys([*names, *keywords]))
    if "" in completions or not "".join(completions).isprintable():
        # The engine refuses a document for one control character, of which its completions use some themselves.
        completions = [name for name in completions if name and name.isprintable()]
    if completions:
        derived["completions"] = completions
    return derived
