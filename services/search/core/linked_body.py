"""The text of an article as paragraphs, in which the names of entities lead to the pages of these."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.articles import Entity

_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one paragraph that is a link, or is none."""

    text: str
    entity_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Link:
    start: int
    end: int
    entity_id: str


def build_linked_body(body: str, entities: Iterable[Entity]) -> tuple[tuple[Run, ...], ...]:
    """The paragraphs of a text; each entity is a link where it is first named.

    Where mentions overlap, the one that begins first is taken, of two that begin together the longer one. Mentions that do not lie
    inside of one paragraph, or beyond the text, are of another text: they are left out.
    """
    links = _choose_links(body, entities)
    starts = [link.start for link in links]
    paragraphs: list[tuple[Run, ...]] = []
    start = 0
    for text in body.split(_BREAK):
        end = start + len(text)
        if text:
            inside = links[bisect_left(starts, start) : bisect_left(starts, end)]
            paragraphs.append(tuple(_cut(body, start, end, inside)))
        start = end + len(_BREAK)
    return tuple(paragraphs)


def _choose_links(body: str, entities: Iterable[Entity]) -> list[_Link]:
    mentions = [
        _Link(mention.start, mention.end, entity.entity_id)
        for entity in entities
        if entity.entity_id is not None
        for mention in entity.mentions
        if mention.field == "body" and mention.start < mention.end <= len(body)
    ]
    chosen: dict[str, _Link] = {}
    taken_until = 0
    for mention in sorted(mentions, key=lambda each: (each.start, -each.end, each.entity_id)):
        text = body[mention.start : mention.end]
        if mention.start < taken_until or not text.strip() or _BREAK in text:
            continue
        taken_until = mention.end  # also of what is no link, so that no part of a longer name is one
        chosen.setdefault(mention.entity_id, mention)
    return list(chosen.values())


def _cut(body: str, start: int, end: int, links: Sequence[_Link]) -> Iterator[Run]:
    for link in links:
        if start < link.start:
            yield Run(body[start : link.start])
        yield Run(body[link.start : link.end], link.entity_id)
        start = link.end
    if start < end:
        yield Run(body[start:end])
