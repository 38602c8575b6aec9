"""Scores made of views: how much more an article is read than was to be expected, what is read now rather than then, views a day.

All are pure functions of counts, for many articles at once.
"""

from dataclasses import dataclass

import numpy as np

from services.popularity.core.columns import Codes, Numbers

#: With fewer views in the hour nothing trends.
LEAST_VIEWS = 5
#: An article's own baseline weighs as many hours as it was measured; that of its section weighs this many.
_SECTION_HOURS = 2.0
#: Views by which the lift of a section is drawn towards 1: small sections jump by chance.
_SMOOTHING_VIEWS = 10.0
#: After so many hours, a view weighs half.
HALF_LIFE_HOURS = 6.0


@dataclass(frozen=True, slots=True)
class Trends:
    """The scores with what they are made of, as `shared.popularity.Trend` has it; one value an article."""

    score: Numbers
    expected: Numbers
    own_per_hour: Numbers
    section_per_hour: Numbers
    section_lift: Numbers


def score_trends(now: Numbers, before: Numbers, own_hours: Numbers, sections: Codes, hours: float) -> Trends:
    """How far the views of the last hour are above what both baselines expect, in standard deviations of a Poisson count.

    The baselines are views an hour in the time before that hour: the article's own, and that of all articles of its section, which
    stands in for the own one as long as that is short. Both rise and fall with how much the section is read now (lift), so that the
    hour of the day is not news. The residual is Pearson's.

    Args:
        now: views of the last hour of each article.
        before: views in the time before that hour, at the most `hours` of it.
        own_hours: how many of those hours the article was out.
        sections: a number for each article's section.
        hours: how long that time was.
    """
    _, section = np.unique(sections, return_inverse=True)
    views_now, views_before, hours_out = (np.bincount(section, each) for each in (now, before, own_hours))
    lift = (views_now + _SMOOTHING_VIEWS) / (views_before / hours + _SMOOTHING_VIEWS)
    per_hour = views_before / np.maximum(hours_out, 1.0)
    expected = lift[section] * (before + _SECTION_HOURS * per_hour[section]) / (own_hours + _SECTION_HOURS)
    own = np.divide(before, own_hours, out=np.zeros_like(before), where=own_hours > 0)
    return Trends((now - expected) / np.sqrt(expected + 1.0), expected, own, per_hour[section], lift[section])


def decay(hours: Numbers, now_hour: int) -> Numbers:
    """What a view of an hour (since 1970) weighs: 1 in this hour, half of it HALF_LIFE_HOURS before, never more than 1."""
    weights: Numbers = np.exp2(np.minimum(hours - now_hour, 0.0) / HALF_LIFE_HOURS)
    return weights


def views_per_day(counts: Numbers, minutes_out: Numbers, window_minutes: float | None) -> Numbers:
    """Views a day over the part of a window (None: over all time) that an article was out, and over one day at least."""
    counted = minutes_out if window_minutes is None else np.minimum(minutes_out, window_minutes)
    averages: Numbers = counts / np.maximum(counted / 1440.0, 1.0)
    return averages


def rounded(scores: Numbers) -> Numbers:
    """To six digits that count, so that a score reads well and is the same however it was added up."""
    exponents = np.floor(np.log10(np.maximum(np.abs(scores), 1e-300)))
    factors = 10.0 ** np.clip(5 - exponents, -300, 300)
    result: Numbers = np.round(scores * factors) / factors
    return result
