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
    """The article that leads, those beside it, and what else is new, by section. No article stands there twice."""

    lead: Hit | None
    beside: tuple[Hit, ...]
    sections: tuple[SectionBlock, ...]


def build_front_page(latest: Sequence[Hit], *, prefers_pictures: bool = False) -> FrontPage:
    """The front page of the latest articles, newest first. Sections come in the order of their newest article, nameless last.

    Of a story only the newest article stands there. With `prefers_pictures` the newest article that has one leads, if there is any
    among those that stand at the top.
    """
    hits = _once_a_story(latest)
    top, others = hits[: 1 + _BESIDE_LEAD], hits[1 + _BESIDE_LEAD :]
    pictured = [hit for hit in top if prefers_pictures and hit.image_url is not None]
    lead = next(iter([*pictured, *top]), None)
    blocks: dict[str | None, list[Hit]] = {}
    for hit in others:
        blocks.setdefault(hit.section, []).append(hit)
    names = sorted(blocks, key=lambda name: name is None)
    sections = [SectionBlock(name, tuple(blocks[name][:_IN_SECTION])) for name in names]
    return FrontPage(lead, tuple(hit for hit in top if hit is not lead), tuple(sections[:_MOST_SECTIONS]))


def _once_a_story(hits: Sequence[Hit]) -> list[Hit]:
    stories: set[str] = set()
    kept = []
    for hit in hits:
        if hit.story_id not in stories:
            kept.append(hit)
        if hit.story_id is not None:
            stories.add(hit.story_id)
    return kept
