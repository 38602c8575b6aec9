"""Gathers the mentions of one somebody: `Zarif`, `Mr Zarif` and `Muhammad Javad Zarif` are one person of an article."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.enrich.core.spans import Field, words_of

# Of a name that is written without blanks every character counts as a word: of 岸田文雄 the surname is the beginning.
_IDEOGRAPHS = re.compile("[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]{2,}")


@dataclass(frozen=True, slots=True)
class NamedMention:
    """One mention of a name, before it is known whose it is: `field` is headline or body."""

    field: Field
    start: int
    end: int
    name: str
    type: str


def _key(name: str) -> str:
    return " ".join(words_of(name)).casefold()


def _person_key(name: str) -> str:
    return _key(name if name.isascii() else _IDEOGRAPHS.sub(lambda found: " ".join(found[0]), name))


def full_persons(mentions: Iterable[NamedMention]) -> list[tuple[str, ...]]:
    """The names of persons that have at least two words, each as its words in lower case, in order of appearance."""
    names = {tuple(_person_key(mention.name).split()) for mention in mentions if mention.type == "PERSON"}
    return sorted(name for name in names if len(name) > 1)


def _index_short_forms(persons: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """Who each short form may stand for: the beginning or the end of a name, `Imran`, `Javed Bajwa`, not `Javed`."""
    longer: defaultdict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for person in persons:
        for short in {form for length in range(1, len(person)) for form in (person[:length], person[-length:])}:
            longer[short].append(person)
    return dict(longer)


def _longest_person(words: tuple[str, ...], longer: Mapping[tuple[str, ...], Sequence[tuple[str, ...]]]) -> tuple[str, ...] | None:
    """The only longest person that a short form can stand for; nobody if two could be meant."""
    possible = longer.get(words, ())
    among = frozenset(possible)
    final = [person for person in possible if among.isdisjoint(longer.get(person, ()))]
    return final[0] if len(final) == 1 else None


def fold_mentions(mentions: Sequence[NamedMention]) -> list[tuple[str, list[NamedMention]]]:
    """The mentions by who or what they mean, with its type, in order of first appearance.

    A short form of exactly one longer person means that person, also where the recogniser took it for an organisation.
    Other mentions of the same words are one thing, of the type that most of them have.
    """
    longer = _index_short_forms(full_persons(mentions))
    persons: dict[str, tuple[str, ...] | None] = {}
    groups: dict[str, list[NamedMention]] = {}
    for mention in mentions:
        key = (_person_key if mention.type == "PERSON" else _key)(mention.name)
        if mention.type in ("PERSON", "ORG"):
            if key not in persons:
                persons[key] = _longest_person(tuple(key.split()), longer)
            person = persons[key]
            key = " ".join(person) if person else key
        groups.setdefault(key, []).append(mention)
    return [(_type_of(group), group) for group in groups.values()]


def _type_of(group: Sequence[NamedMention]) -> str:
    longest = max(_word_count(mention.name, mention.type) for mention in group)
    if longest > 1 and any(mention.type == "PERSON" and _word_count(mention.name, "PERSON") == longest for mention in group):
        return "PERSON"
    return Counter(mention.type for mention in group).most_common(1)[0][0]


def full_name(group: Sequence[NamedMention]) -> str:
    """The longest form, of equally long ones the one that is not in capitals, then the one used most."""
    used = Counter(mention.name for mention in group)
    kind = "PERSON" if any(mention.type == "PERSON" for mention in group) else group[0].type
    return max(used, key=lambda name: (_word_count(name, kind), not name.isupper(), used[name], len(name)))


def _word_count(name: str, kind: str) -> int:
    return len((_person_key if kind == "PERSON" else _key)(name).split())
