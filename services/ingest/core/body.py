"""The body of an article on a page: trafilatura's, checked against the structure of the page and freed of what is no article.

trafilatura alone leaves out more than half of some articles and takes menus for others. A rule is kept here if it helps in most
random halves of the pages of tests/benchmarks/extraction.py and hurts in none; the slow way and articleBody are nets below it.
"""

import re
from collections import Counter
from collections.abc import Iterable

import trafilatura
from lxml.html import HtmlElement

from services.ingest.core.blocks import Block, Place, compare_key, is_in, parse_blocks, read_text
from services.ingest.core.boilerplate import (
    fold_line,
    is_closing_heading,
    is_control,
    is_credit,
    is_inset_heading,
    is_promotion,
    is_prose,
)
from services.ingest.core.tidying import tidy_tree

#: Part of a text in prose below which it is taken for menus, and the slow way is tried.
_LEAST_PROSE = 0.2
#: A place is the article's if so many paragraphs in it were taken, and incomplete if so many were not,
#: with so large a part of the text.
_LEAST_TAKEN, _LEAST_LEFT, _LEAST_LEFT_PART = 3, 2, 0.1
#: An articleBody in JSON-LD is believed if it holds the text found, and is so much longer.
_DECLARED_LONGER = 1.5
#: A link of fewer words may be a name in a list.
_LEAST_LINK_WORDS = 5
_LABEL_BEHIND = re.compile(r"\s*[\[(]\w{3,12}[\])]\W*$")
#: Lines at the top among which headline and standfirst are looked for.
_TOP_LINES = 5


def _prose_part(lines: list[str]) -> float:
    total = sum(map(len, lines))
    return sum(len(line) for line in lines if is_prose(line)) / total if total else 0.0


def _extract_lines(tree: HtmlElement) -> list[str]:
    """The text that trafilatura finds, by its quick way unless that gives nothing or menus."""
    best: list[str] = []
    for fast in (True, False):
        text = trafilatura.extract(tree, fast=fast, include_comments=False) or ""
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        best = max(best, lines, key=_prose_part)
        if _prose_part(best) >= _LEAST_PROSE:
            break
    return best


def _incomplete_places(blocks: Iterable[Block], keys: str) -> set[Place]:
    """The places of paragraphs from which some were taken and others not."""
    taken: Counter[Place] = Counter()
    left: Counter[Place] = Counter()
    left_length: Counter[Place] = Counter()
    total = 0
    for block in blocks:
        if block.element.tag == "p":
            if is_in(block.key, keys):
                taken[block.place] += 1
                total += len(block.key)
            else:
                left[block.place] += 1
                left_length[block.place] += len(block.key)
    return {
        place
        for place, count in left.items()
        if taken[place] >= _LEAST_TAKEN and count >= _LEAST_LEFT and left_length[place] >= _LEAST_LEFT_PART * total
    }


def restore_left_out(lines: list[str], blocks: list[Block]) -> list[str]:
    """The lines with what belongs between them.

    That is paragraphs that stand in the same place of the page as several that were taken, since a page shows the paragraphs
    of an article alike, and quotations between the first paragraph that was taken and the last.
    """
    keys = [compare_key(line) for line in lines]
    joined = "".join(keys)
    incomplete = _incomplete_places(blocks, joined)
    taken = [number for number, block in enumerate(blocks) if is_in(block.key, joined)]
    left_out = {
        number
        for number, block in enumerate(blocks if taken else ())
        if not is_in(block.key, joined)
        and (block.place in incomplete or (block.element.tag == "blockquote" and taken[0] < number < taken[-1]))
    }
    if not left_out:
        return lines
    restored, position = [], 0
    for number, block in enumerate(blocks):
        if number in left_out:
            restored.append(read_text(block.element))
        elif number in taken:
            ends = (at for at in range(position, len(lines)) if keys[at] and block.key.endswith(keys[at][-30:]))
            upto = next(ends, position - 1) + 1
            restored.extend(lines[position:upto])
            position = max(position, upto)
    return [*restored, *lines[position:]]


def _is_standfirst(line: str, description: str, blocks: list[Block], keys: str) -> bool:
    """Whether the line is the page's description, shown apart from the paragraphs: it is kept as description only."""
    key = compare_key(line)
    if not key or key != compare_key(description):
        return False
    shown = next((block for block in blocks if block.key == key), None)
    return shown is not None and not any(
        block is not shown and block.place == shown.place and is_in(block.key, keys) for block in blocks
    )


def _is_headline(line: str, headline: str) -> bool:
    folded, of = fold_line(line), fold_line(headline)
    return bool(folded) and (folded == of or (of.startswith(folded) and len(folded) > 0.7 * len(of)))


def _link_keys(tree: HtmlElement) -> frozenset[str]:
    """The texts of links that are as long as headlines."""
    texts = (" ".join(anchor.text_content().split()) for anchor in tree.iter("a"))
    return frozenset(compare_key(text) for text in texts if text.count(" ") >= _LEAST_LINK_WORDS - 1)


def drop_furniture(lines: list[str], headline: str, links: frozenset[str]) -> list[str]:
    """The lines without the headline, buttons, pointers to other pages, credits, and what heads the widgets below.

    A line that is nothing but a link of several words points to another article.
    """
    kept = [
        line
        for line in lines
        if not (_is_headline(line, headline) or is_promotion(line) or is_control(line) or is_inset_heading(line))
        and compare_key(_LABEL_BEHIND.sub("", line)) not in links
    ]
    while kept and (is_closing_heading(kept[-1]) or is_credit(kept[-1])):
        kept.pop()
    return kept


def _holds_more(declared_body: str, lines: list[str]) -> bool:
    declared = compare_key(declared_body)
    found = [key for line in lines if (key := compare_key(line))]
    held = sum(len(key) for key in found if is_in(key, declared))
    return len(declared) > _DECLARED_LONGER * sum(map(len, found)) and held >= 0.8 * sum(map(len, found))


def extract_body(tree: HtmlElement, headline: str, description: str | None, declared_body: str | None) -> str:
    """The paragraphs of the article, parted by empty lines; empty if there are none.

    Args:
        tree: the page; it is changed.
        headline: left out of the body.
        description: left out at the top if it is shown as a standfirst.
        declared_body: `articleBody` of JSON-LD, for pages that show less than they declare.
    """
    tidy_tree(tree)
    blocks = list(parse_blocks(tree))
    lines = _extract_lines(tree)
    lines = drop_furniture(restore_left_out(lines, blocks), headline, _link_keys(tree))
    keys = "\n".join(map(compare_key, lines))
    lines = [
        line
        for number, line in enumerate(lines)
        if not (number < _TOP_LINES and description and _is_standfirst(line, description, blocks, keys))
    ]
    if declared_body and _holds_more(declared_body, lines):
        lines = [line.strip() for line in declared_body.split("\n") if line.strip()]
    return "\n\n".join(lines)
