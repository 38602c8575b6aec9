"""Texts for tests of stories: words drawn from many, so that two have nothing in common unless one is made of the other."""

import random

VOCABULARY = [
    first + vowel + last
    for first in ("br", "h", "m", "tr", "p")
    for vowel in "aeiou"
    for last in (
        "dge",
        "bour",
        "day",
        "ffic",
        "n",
        "ster",
        "ment",
        "ling",
        "k",
        "th",
        "rd",
        "sson",
        "ville",
        "t",
        "ps",
        "cc",
        "lm",
        "gg",
        "zz",
    )
]


def a_chance(seed: int = 5) -> random.Random:
    """The same for a seed, every time."""
    return random.Random(seed)  # noqa: S311 - nothing here is a secret


def a_text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(VOCABULARY, k=words))


def changed(text: str, percent: int, chance: random.Random) -> str:
    """The text with so many of its words replaced, spread over all of it."""
    words = text.split()
    for place in chance.sample(range(len(words)), len(words) * percent // 100):
        words[place] = chance.choice(VOCABULARY)
    return " ".join(words)
