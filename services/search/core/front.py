"""What stands where on the front page."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.search.core.answers import Hit

_BESIDE_LEAD = 4
_IN_SECTION = 4
_MOST_SECTIONS = 15


@dataclass(frozen=True)
class SectionBlock:
    """The newest articles of one section; `name` is None for those that have none."""

    name: str | None
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class FrontPage:
    """The newest article, those that follow it, and what else is new, by section. No article stands there twice."""

    lead: Hit | None
    beside: tuple[Hit, ...]
    sections: tuple[SectionBlock, ...]


def build_front_page(latest: Sequence[Hit]) -> FrontPage:
    """The front page of the latest articles, newest first. Sections come in the order of their newest article, nameless last."""
    lead, beside, others = latest[:1], latest[1 : 1 + _BESIDE_LEAD], latest[1 + _BESIDE_LEAD :]
    blocks: dict[str | None, list[Hit]] = {}
    for hit in others:
        blocks.setdefault(hit.section, []).append(hit)
    names = sorted(blocks, key=lambda name: name is None)
    sections = [SectionBlock(name, tuple(blocks[name][:_IN_SECTION])) for name in names]
    return FrontPage(lead[0] if lead else None, tuple(beside), tuple(sections[:_MOST_SECTIONS]))
