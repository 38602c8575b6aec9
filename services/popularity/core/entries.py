"""Places of a list → the JSON of its entries, as `PopularityRanked` has them.

Thousands of lists are published at a time, so the JSON is put together here, in a tenth of the time that building the models takes.
"""

import orjson

from services.popularity.core.lists import COUNTED, Family, PartitionLists
from services.popularity.core.ranking import Places
from shared.popularity import LONGEST_LIST, Measure

_ENTRY = b'{"article_id":"%b","count":%d}'
_SCORED = b'{"article_id":"%b","count":%d,"score":%b}'
_COUNTED = b",".join([_ENTRY] * LONGEST_LIST)


def encode_entries(lists: PartitionLists, family: Family, places: Places, counts: list[int]) -> bytes:
    """The entries, best first, parted by commas; with the score, and what it is made of, where that is not the count."""
    rows, articles = places.rows.tolist(), lists.rowing.articles
    if family.measure in COUNTED:
        values: list[bytes | int] = [b""] * (2 * len(rows))
        values[::2], values[1::2] = map(articles.__getitem__, rows), counts
        return _COUNTED[: (len(_ENTRY) + 1) * len(rows) - 1] % tuple(values)
    scores = orjson.dumps(places.scores.tolist())[1:-1].split(b",")
    if family.measure is Measure.TRENDING:
        scores = [score + lists.scoring.explain(row) for row, score in zip(rows, scores, strict=True)]
    return b",".join([_SCORED % (articles[row], count, score) for row, count, score in zip(rows, counts, scores, strict=True)])
