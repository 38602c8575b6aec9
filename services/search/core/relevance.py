"""What makes an article relevant: how well the words fit, and a little how fresh it is and how much it is read.

`score = text * (1 + freshness + popularity)`. An article of this minute counts up to half as much again as an old one that fits as
well, one of a thousand views three tenths more; neither makes up for words that stand but somewhere in the text.
"""

from datetime import datetime
from math import log10
from typing import Any

from services.search.core.answers import ScoreParts

_FRESHNESS = 0.5
_HALF_LIFE_DAYS = 7
_POPULARITY = 0.1
_DAY_SECONDS = 86_400


def build_scored(query: dict[str, Any], as_of_seconds: int) -> dict[str, Any]:
    """The query with its scores made into those above; `as_of_seconds` (Unix time) is when articles count as fresh."""
    decay = {"origin": as_of_seconds * 1000, "scale": f"{_HALF_LIFE_DAYS}d", "decay": 0.5}
    return {
        "function_score": {
            "query": query,
            "functions": [
                {"weight": 1},
                {"exp": {"date": decay}, "weight": _FRESHNESS},
                {"field_value_factor": {"field": "views", "modifier": "log1p", "missing": 0}, "weight": _POPULARITY},
            ],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def explain_score(score: float, date: datetime, views: int, as_of_seconds: int) -> ScoreParts:
    """The parts of a score that `build_scored` made."""
    days = abs(as_of_seconds - date.timestamp()) / _DAY_SECONDS
    freshness = _FRESHNESS * 0.5 ** (days / _HALF_LIFE_DAYS)
    popularity = _POPULARITY * log10(1 + views)
    return ScoreParts(text=score / (1 + freshness + popularity), freshness=freshness, popularity=popularity)
