"""How much an article is about somebody or something it names.

What tells is what Dunietz and Gillick found to (A New Entity Salience Task with Millions of Training Examples, 2014): the
headline, how early in the text, how often. The weights are ours, since no corpus may be shipped to learn them from.
"""

from collections.abc import Iterable, Mapping
from math import log1p

from services.enrich.core.spans import Field

#: What a place in the headline counts; the two others share the rest alike.
HEADLINE_WEIGHT = 0.4
EARLY_WEIGHT = OFTEN_WEIGHT = 0.3


def measure_salience(mentions: Iterable[tuple[Field, int]], lengths: Mapping[Field, int], most_mentions: int) -> float:
    """0 to 1: `0.4 headline + 0.3 early + 0.3 often`.

    `headline` is 1 if it stands there, else 0. `early` is 1 for the headline or the first word of the body and falls evenly to 0
    at the end. `often` is ln(1 + mentions) by ln(1 + mentions of what is named most).

    Args:
        mentions: Field and offset of each mention, at least one.
        lengths: The length of each field, in characters.
        most_mentions: How often the article names what it names most.
    """
    places = list(mentions)
    in_headline = any(field == "headline" for field, _ in places)
    early = 1.0 if in_headline else 1 - min(offset for _, offset in places) / max(1, lengths.get("body", 0))
    often = log1p(len(places)) / log1p(max(most_mentions, len(places)))
    return round(HEADLINE_WEIGHT * in_headline + EARLY_WEIGHT * early + OFTEN_WEIGHT * often, 4)
