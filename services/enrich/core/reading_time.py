"""How long a text is, in words, and how long it takes to read.

Reading speeds: Trauzettel-Klosinski and Dietz, Standardized Assessment of Reading Performance: The New International Reading Speed
Texts IReST, 2012, doi 10.1167/iovs.11-8284: of young adults reading aloud, so these are generous.
"""

import re
from typing import NamedTuple

#: Words a minute by language; of all others the mean of these.
_WORDS_A_MINUTE = {
    "ar": 138, "de": 179, "en": 228, "es": 218, "fi": 161, "fr": 195, "he": 187, "it": 188, "nl": 202, "pl": 166, "pt": 181,
    "ru": 184, "sl": 180, "sv": 199, "tr": 166,
}  # fmt: skip
_MEAN_WORDS_A_MINUTE = 184
# Scripts without blanks between words are read by the character: ideographs and kana, and those of South-East Asia, for which
# stands the mean of all languages.
_JAPANESE_CHARACTERS_A_MINUTE = 357
_CHINESE_CHARACTERS_A_MINUTE = 255
_MEAN_CHARACTERS_A_MINUTE = 863
# Characters a word: of Chinese and Japanese as in the same texts (255 by 158, 357 by 193 words a minute); of the others a rule
# of thumb.
_CHINESE_WORD, _JAPANESE_WORD, _SOUTH_EAST_ASIAN_WORD = 1.6, 1.85, 4

_EAST_ASIAN = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SOUTH_EAST_ASIAN = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


class ReadingTime(NamedTuple):
    """Words, and seconds to read them."""

    words: int
    seconds: int


def measure_reading_time(text: str, language: str) -> ReadingTime:
    """How many words a text has and how many seconds reading it takes; 0 of both for a text without letters and digits."""
    if text.isascii():
        words = sum(1 for token in text.split() if _LETTER_OR_DIGIT.search(token))
        return ReadingTime(words, _seconds(words, _WORDS_A_MINUTE.get(language, _MEAN_WORDS_A_MINUTE)))
    spaced, east = _EAST_ASIAN.subn(" ", text)
    spaced, south_east = _SOUTH_EAST_ASIAN.subn(" ", spaced)
    words = sum(1 for token in spaced.split() if _LETTER_OR_DIGIT.search(token))
    is_japanese = language == "ja"
    estimated = east / (_JAPANESE_WORD if is_japanese else _CHINESE_WORD) + south_east / _SOUTH_EAST_ASIAN_WORD
    seconds = (
        _seconds(words, _WORDS_A_MINUTE.get(language, _MEAN_WORDS_A_MINUTE))
        + _seconds(east, _JAPANESE_CHARACTERS_A_MINUTE if is_japanese else _CHINESE_CHARACTERS_A_MINUTE)
        + _seconds(south_east, _MEAN_CHARACTERS_A_MINUTE)
    )
    return ReadingTime(words + -int(-estimated // 1), seconds)


def _seconds(amount: int, a_minute: int) -> int:
    return -(-amount * 60 // a_minute)
