"""Which saved searches an article may fit at all, found by the terms that it has instead of by going through all of them.

Each search is filed, for a language, under terms of which an article must have one (its longest word, mostly). Few articles have
it, so few conditions are judged. Before this: `conditions`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.indexer.core.conditions import (
    NO,
    All,
    Analyse,
    ArticleTerms,
    Condition,
    Either,
    Positions,
    Terms,
    Text,
    Unless,
)


def texts_of(condition: Condition) -> Iterator[tuple[str, bool]]:
    """What has to be analysed so that a condition can be judged: texts, and whether as `folded.*` has them."""
    match condition:
        case All(parts) | Either(parts):
            for part in parts:
                yield from texts_of(part)
        case Unless(part):
            yield from texts_of(part)
        case Text(text, own, folded, _):
            if own:
                yield text, False
            if folded:
                yield text, True
        case _:
            return


def find_anchor(condition: Condition, analyse: Analyse) -> frozenset[str] | None:
    """Terms of which an article must have one to fit; None where there are none such. Of several such sets, the best."""
    match condition:
        case All(parts):
            anchors = [anchor for part in parts if (anchor := find_anchor(part, analyse)) is not None]
            return max(anchors, key=_worth, default=None)
        case Either(parts):
            together: set[str] = set()
            for part in parts:
                anchor = find_anchor(part, analyse)
                if anchor is None:
                    return None
                together |= anchor
            return frozenset(together)
        case Text():
            return _anchor_of_text(condition, analyse)
        case _:
            return None


def _anchor_of_text(text: Text, analyse: Analyse) -> frozenset[str] | None:
    together: set[str] = set()
    for names, is_folded in ((text.own, False), (text.folded, True)):
        if names:
            anchor = _anchor_of_positions(analyse(text.text, is_folded), text.unindexed)
            if anchor is None:
                return None
            together |= anchor
    return frozenset(together)


def _anchor_of_positions(positions: Positions, unindexed: int) -> frozenset[str] | None:
    if positions is None:
        return None
    if not positions:
        return frozenset() if unindexed == NO else None
    anchors: list[frozenset[str]] = [frozenset(alternatives) for _, alternatives in positions]
    return max(anchors, key=_worth)


def _worth(anchor: frozenset[str]) -> int:
    """The rarer its terms, the better; that they are long says so at no cost."""
    return min(map(len, anchor), default=1000)


@dataclass
class Filed:
    """The searches of one language by their anchors. Others are candidates for every article."""

    by_term: dict[str, list[str]] = field(default_factory=dict)
    always: list[str] = field(default_factory=list)

    def file(self, search_id: str, anchor: frozenset[str] | None) -> None:
        """Add a search."""
        if anchor is None:
            self.always.append(search_id)
            return
        for term in anchor:
            self.by_term.setdefault(term, []).append(search_id)

    def find(self, article: ArticleTerms) -> set[str]:
        """The searches that an article may fit."""
        found = set(self.always)
        for terms in _all_terms(article):
            for term in terms.keys() & self.by_term.keys():
                found.update(self.by_term[term])
        return found


def _all_terms(article: ArticleTerms) -> Iterable[Terms]:
    return (*article.own.values(), *article.folded.values())
