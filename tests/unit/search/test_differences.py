"""What changed between two texts."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.search.core.differences import Op, compare_texts

WORDS = ["a", "the", "harbour", "bridge", " ", "  ", "\n\n", ".", "橋", "क्या", "é", "نان"]
texts = st.lists(st.sampled_from(WORDS), max_size=60).map("".join) | st.text(max_size=200)


def marked(old, new):
    """The parts as text: deleted ones in [-…-], inserted ones in {+…+}."""
    shown = {Op.EQUAL: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "{{+{}+}}"}
    return "".join(shown[part.op].format(part.text) for part in compare_texts(old, new))


@given(texts, texts)
@example("a" * 300, "a" * 301)
@example("", "")
def test_the_parts_rebuild_both_texts(old, new):
    parts = compare_texts(old, new)

    assert "".join(part.text for part in parts if part.op is not Op.INSERT) == old
    assert "".join(part.text for part in parts if part.op is not Op.DELETE) == new
    assert all(part.text for part in parts)


@given(texts, texts)
def test_equal_parts_stand_apart_and_a_deletion_before_its_insertion(old, new):
    order = [part.op for part in compare_texts(old, new)]

    pairs = set(pairwise(order))
    assert pairs <= {
        (Op.EQUAL, Op.DELETE),
        (Op.EQUAL, Op.INSERT),
        (Op.DELETE, Op.INSERT),
        (Op.DELETE, Op.EQUAL),
        (Op.INSERT, Op.EQUAL),
    }


@given(texts)
def test_a_text_does_not_differ_from_itself(text):
    assert {part.op for part in compare_texts(text, text)} <= {Op.EQUAL}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("He left at one.", "He left at noon.", "He left at [-one-]{+noon+}."),
        ("He left at noon.", "He left.", "He left[- at noon-]."),
        ("He left.", "He left at noon.", "He left{+ at noon+}."),
        ("two old words here", "one new word here", "[-two old words-]{+one new word+} here"),
        ("北京和上海", "北京或上海", "北京[-和-]{+或+}上海"),
        ("क्या हुआ", "क्यों हुआ", "[-क्या-]{+क्यों+} हुआ"),
        ("First.\n\nSecond.", "First.\n\nNew.\n\nSecond.", "First.\n\n{+New.\n\n+}Second."),
        ("", "New", "{+New+}"),
        ("Old", "", "[-Old-]"),
    ],
)
def test_changes_are_named_by_words(old, new, expected):
    assert marked(old, new) == expected


def test_one_changed_word_of_a_large_body_is_all_that_differs():
    rng = random.Random(4)  # noqa: S311 - a text, not a secret
    words = [f"word{rng.randrange(3000)}" for _ in range(80_000)]
    changed = [*words[:40_000], "elsewhere", *words[40_001:]]

    parts = compare_texts(" ".join(words), " ".join(changed))

    assert [(part.op, part.text) for part in parts if part.op is not Op.EQUAL] == [
        (Op.DELETE, words[40_000]),
        (Op.INSERT, "elsewhere"),
    ]


@pytest.mark.parametrize("kinds", [1, 2, 30, 3000, 10_000_000])
def test_half_a_megabyte_of_unlike_text_is_compared_within_its_bounds(kinds):
    rng = random.Random(kinds)  # noqa: S311 - a text, not a secret
    old, new = (" ".join(str(rng.randrange(kinds)) for _ in range(500_000 // (len(str(kinds)) + 1))) for _ in range(2))

    began = time.process_time()
    parts = compare_texts(old, new + " end")

    assert time.process_time() - began < 5, "minutes without bounds; well below a second with them"
    assert "".join(part.text for part in parts if part.op is not Op.DELETE) == new + " end"
