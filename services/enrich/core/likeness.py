"""Finds among the fingerprints of many texts those of nearly the same text: locality-sensitive hashing, in arrays of fixed size.

Banding: Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3.4. Before this: `fingerprint`. After it: `stories`.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.enrich.core.fingerprint import SIGNATURE_BYTES, Fingerprint

#: Texts are the same when so large a part of the pairs of words of the shorter stands in the longer, too. Where one word in five
#: is another, 0.64 of the pairs are left, where one in ten, 0.81. Estimated to ± 0.03, so the limit is two of these below.
LEAST_SHARED = 0.58
#: What one of them has of the features of the other at least: an excerpt is not the text.
LEAST_LENGTH = 0.4
#: Below so many words headlines must be alike as well: what a publisher says instead of a text (subscribe to read) is no longer.
SHORT_WORDS = 80
#: The part of the words of the headline with fewer that the other has, too.
LEAST_HEADLINE = 0.5

# Two texts meet when all rows of any band agree: of those that share 0.4 of all features 1 in 300 is missed, of those that share
# 0.5 none; two that have nothing to do with each other (0.008) meet once in 20,000 times.
_ROWS: Final = 3
_BANDS: Final = SIGNATURE_BYTES // _ROWS
_BAND_NUMBERS = np.arange(_BANDS)
_ROW_WEIGHTS = np.array([1, 1 << 8, 1 << 16], np.uint32)
_SPREAD = np.uint32(0x9E3779B1)
_NOTHING = -1
#: How far one band is followed: whoever shares more with so many texts of one story is led to it by the first of them.
_STEPS = 32
#: So many texts share a bucket of a band by chance: fewer would take more memory, and more would cost time.
_SHARE = 4
_BY_CHANCE = 1 / 256  # two bytes that have nothing to do with each other


class _Columns(NamedTuple):
    """Several fingerprints: a row of each array for each."""

    signatures: NDArray[np.uint8]
    words: NDArray[np.uint32]
    features: NDArray[np.uint32]
    headlines: NDArray[np.uint64]

    def at(self, rows: NDArray[np.int32]) -> "_Columns":
        """Some of them."""
        return _Columns(self.signatures[rows], self.words[rows], self.features[rows], self.headlines[rows])

    def put(self, row: int, fingerprint: Fingerprint) -> None:
        """Set one of them."""
        self.signatures[row] = fingerprint.signature
        self.words[row] = fingerprint.words
        self.features[row] = fingerprint.features
        self.headlines[row] = fingerprint.headline


def _rows(number: int) -> _Columns:
    words, features = np.zeros((2, number), np.uint32)
    return _Columns(np.zeros((number, SIGNATURE_BYTES), np.uint8), words, features, np.zeros(number, np.uint64))


class Shelf:
    """The newest fingerprints, each in a numbered place. At 100,000 places it takes 72 MB, of which 11 MB at once.

    Not safe between threads.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._shift = np.uint32(32 - max(1, (places // _SHARE).bit_length()))
        self._marks = _rows(places)
        self._numbers = np.full(places, _NOTHING, np.int64)  # the how-many-th stands there; it only grows
        # For each band the newest place with the same rows, and from each place the next older one.
        self._newest = np.full((_BANDS, 1 << 32 - int(self._shift)), _NOTHING, np.int32)
        self._older = np.empty((places, _BANDS), np.int32)
        self._added = 0

    def add(self, fingerprint: Fingerprint) -> int:
        """Keep a fingerprint, in place of the oldest when all are full; answers where: places are given in turn."""
        place = self._added % self._places
        self._marks.put(place, fingerprint)
        self._numbers[place] = self._added
        buckets = self._buckets(fingerprint)
        self._older[place] = self._newest[_BAND_NUMBERS, buckets]
        self._newest[_BAND_NUMBERS, buckets] = place
        self._added += 1
        return place

    def at(self, place: int) -> Fingerprint:
        """The fingerprint in a place."""
        marks = self._marks
        words, features, headline = (int(column[place]) for column in (marks.words, marks.features, marks.headlines))
        return Fingerprint(words, features, headline, marks.signatures[place].copy())

    def find(self, fingerprint: Fingerprint) -> list[int]:
        """The places of fingerprints of nearly the same text, in no order; of very many, some."""
        places = self._meeting(fingerprint)
        if not places.size:
            return []
        found: list[int] = places[_are_same(fingerprint, self._marks.at(places))].tolist()
        return found

    def _meeting(self, fingerprint: Fingerprint) -> NDArray[np.int32]:
        """The places that agree with a fingerprint in a band, and a few that do not."""
        found: list[NDArray[np.int32]] = []
        bands, places = _BAND_NUMBERS, self._newest[_BAND_NUMBERS, self._buckets(fingerprint)]
        numbers = np.full(_BANDS, self._added)
        for _ in range(_STEPS):
            # A place that was given to a newer fingerprint ends its chain: all that is older is forgotten.
            goes_on = (places != _NOTHING) & (self._numbers[places] < numbers)
            bands, places = bands[goes_on], places[goes_on]
            if not places.size:
                break
            found.append(places)
            numbers = self._numbers[places]
            places = self._older[places, bands]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int32)

    def _buckets(self, fingerprint: Fingerprint) -> NDArray[np.uint32]:
        rows = fingerprint.signature[: _BANDS * _ROWS].reshape(_BANDS, _ROWS)
        buckets: NDArray[np.uint32] = (rows * _ROW_WEIGHTS).sum(axis=1, dtype=np.uint32) * _SPREAD >> self._shift
        return buckets


def is_same_text(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two fingerprints are of nearly the same text."""
    others = _rows(1)
    others.put(0, other)
    return bool(_are_same(one, others)[0])


def _are_same(one: Fingerprint, others: _Columns) -> NDArray[np.bool_]:
    """For each of several other fingerprints whether it is of nearly the same text."""
    agreeing = np.count_nonzero(others.signatures == one.signature, axis=1) / SIGNATURE_BYTES
    resembles = (agreeing - _BY_CHANCE) / (1 - _BY_CHANCE)  # what part of all features both have: Jaccard's index
    shorter, longer = np.minimum(others.features, one.features), np.maximum(others.features, one.features)
    shared = resembles / (1 + resembles) * (shorter + longer) / shorter
    mine = np.uint64(one.headline)
    in_both = np.bitwise_count(others.headlines & mine)
    fewest = np.minimum(np.bitwise_count(others.headlines), np.bitwise_count(mine))
    is_long = np.minimum(others.words, one.words) >= SHORT_WORDS
    same: NDArray[np.bool_] = (
        (shared >= LEAST_SHARED) & (shorter >= LEAST_LENGTH * longer) & (is_long | (in_both >= LEAST_HEADLINE * fewest))
    )
    return same
