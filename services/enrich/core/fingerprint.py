"""What is kept of an article's text to recognise it again: a MinHash of its pairs of words, whatever the language.

MinHash: Broder, On the resemblance and containment of documents, 1997. Of each minimum eight bits are kept: Li and König, b-bit
minwise hashing, 2010. After this: `likeness`, which compares fingerprints.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

#: Values of a signature, one byte each.
SIGNATURE_BYTES: Final = 256
#: A text with fewer words says too little to be anybody else's too.
FEWEST_WORDS = 8
#: A text with fewer words is only told again by the very same words.
FEW_WORDS = 30
#: So much of a text is read, in characters.
READ_CHARACTERS = 200_000

Signature = NDArray[np.uint8]
_U64 = np.uint64
_64_BITS = (1 << 64) - 1
_FEATURES_AT_ONCE = 2_048  # bounds what one long text takes to about 2 MB


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """Of a text: how many words and different features it has, its signature, and one of 64 bits for each word of the headline."""

    words: int
    features: int
    headline: int
    signature: Signature

    def is_equal(self, other: "Fingerprint") -> bool:
        """Whether both are the fingerprint of the same text, or nearly the same."""
        mine, others = ((one.words, one.features, one.headline) for one in (self, other))
        return mine == others and bool(np.array_equal(self.signature, other.signature))


def build_fingerprint(headline: str, body: str) -> Fingerprint | None:
    """The fingerprint of an article's body; of headline and body when the body is short; None for next to no words.

    A feature is a pair of neighbouring words, in lower case. A text of fewer than FEW_WORDS words is one single feature.
    """
    tokens, words = split_words(body)
    headline_tokens, headline_words = split_words(headline)
    if words < FEW_WORDS:
        tokens, words = headline_tokens + tokens, headline_words + words
    if words < FEWEST_WORDS:
        return None
    features = _pairs(tokens) if words >= FEW_WORDS else np.array([crc32(b" ".join(tokens))], np.uint32)
    return Fingerprint(words, features.size, _bits(headline_tokens), _signature(features))


# What Python takes for the end of a word and is none: vowel signs and accents that follow their letter.
_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_WORD = re.compile(rf"[\w{_MARKS}]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060]")
# Scripts without blanks: their words are overlapping pieces of some characters, about as long as a word.
_EAST_ASIAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SOUTH_EAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_WITHOUT_BLANKS = re.compile(f"([{_EAST_ASIAN}]+)|([{_SOUTH_EAST_ASIAN}]+)")
_EAST_ASIAN_CHARACTERS, _SOUTH_EAST_ASIAN_CHARACTERS = 2, 4
# The same for texts in western letters, six times as fast: all bytes that are not of words become blanks.
_WESTERN = "cp1252"
_WESTERN_WORDS = bytes(code if re.match(r"\w", bytes([code]).decode(_WESTERN, "replace")) else 32 for code in range(256))


def split_words(text: str) -> tuple[list[bytes], int]:
    """The words of a text in lower case without punctuation, in UTF-8, and how many they are.

    A script without blanks gives overlapping pieces instead; they count for as many words as stand side by side.
    """
    folded = _INVISIBLE.sub("", text[:READ_CHARACTERS].casefold())
    try:
        western = folded.encode(_WESTERN).translate(_WESTERN_WORDS)
    except UnicodeEncodeError:
        return _split_any_words(folded)
    tokens = western.split()
    if not western.isascii():
        tokens = [token if token.isascii() else token.decode(_WESTERN).encode() for token in tokens]
    return tokens, len(tokens)


def _split_any_words(folded: str) -> tuple[list[bytes], int]:
    tokens = _WORD.findall(folded)
    if _WITHOUT_BLANKS.search(folded) is None:
        return [token.encode() for token in tokens], len(tokens)
    pieces = [_pieces(token) for token in tokens]
    return [part.encode() for parts, _ in pieces for part in parts], sum(words for _, words in pieces)


def _pieces(token: str) -> tuple[list[str], int]:
    parts: list[str] = []
    words = position = 0
    for run in _WITHOUT_BLANKS.finditer(token):
        between = token[position : run.start()]
        parts += [between] if between else []
        long = _EAST_ASIAN_CHARACTERS if run[1] else _SOUTH_EAST_ASIAN_CHARACTERS
        parts += [run[0][start : start + long] for start in range(max(1, len(run[0]) - long + 1))]
        words += bool(between) + -(-len(run[0]) // long)
        position = run.end()
    rest = token[position:]
    return parts + ([rest] if rest else []), words + bool(rest)


def _mixed(number: int) -> int:
    """The next of SplitMix64, which makes of 1, 2, 3 … numbers without a pattern (Steele, Lea and Flood, 2014)."""
    number = number * 0x9E3779B97F4A7C15 & _64_BITS
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _64_BITS
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _64_BITS
    return number ^ number >> 31


# Odd numbers: multiplying by one of them orders all features anew.
_ORDERS = np.array([[_mixed(number + 1) >> 32 | 1] for number in range(SIGNATURE_BYTES)], np.uint32)
_FIRST, _SECOND = (_U64(_mixed(number) | 1) for number in (1001, 1002))


def _pairs(tokens: Sequence[bytes]) -> NDArray[np.uint32]:
    """The different pairs of neighbours, each as a number that is the same in every process."""
    hashes = np.fromiter(map(crc32, tokens), _U64, len(tokens))
    pairs = hashes[:-1] * _FIRST + hashes[1:]
    pairs ^= pairs >> _U64(32)
    pairs *= _SECOND
    features = np.sort((pairs >> _U64(32)).astype(np.uint32))
    return features[np.concatenate(([True], features[1:] != features[:-1]))]


def _signature(features: NDArray[np.uint32]) -> Signature:
    """In each of 256 orders the first feature, of which eight bits are kept."""
    least = np.full(SIGNATURE_BYTES, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, features.size, _FEATURES_AT_ONCE):
        np.minimum(least, (features[start : start + _FEATURES_AT_ONCE] * _ORDERS).min(axis=1), out=least)
    return least.astype(np.uint8)


def _bits(tokens: Sequence[bytes]) -> int:
    """One of 64 bits for each longer word or number; for each word if none is longer."""
    long = [token for token in tokens if len(token) > 3 or token.isdigit()]
    bits = 0
    for token in long or tokens:
        bits |= 1 << crc32(token) % 64
    return bits
