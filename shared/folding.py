"""Spellings of one word made equal, in the text and in the query alike: an engine without filters for it searches the result.

`Zelenský` is found by `zelensky`, `القاهرة` by `القاهره`, `тёмный` by `темный`. The folded text is for searching only.
"""
# ruff: noqa: RUF001, RUF003 - letters that look like others are what this is about

import re
import unicodedata
from collections.abc import Iterator

#: More different letters to replace than news in one language have; beyond it, one pass over the text is the quicker way.
_MANY_LETTERS = 64


def _parse_pairs(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


#: Latin letters that Unicode does not take apart, as Lucene's ASCIIFoldingFilter writes them, and what it leaves of other scripts.
_LETTERS = {
    **_parse_pairs("ß:ss ẞ:SS æ:ae Æ:AE œ:oe Œ:OE ø:o Ø:O þ:th Þ:TH đ:d Đ:D ð:d Ð:D ɖ:d Ɖ:D ɗ:d Ɗ:D ł:l Ł:L ħ:h Ħ:H ı:i ŋ:n Ŋ:N"),
    **_parse_pairs("ŧ:t Ŧ:T ĸ:q ƀ:b Ƀ:B ɓ:b Ɓ:B ƒ:f Ƒ:F ɡ:g ǥ:g Ǥ:G ɨ:i Ɨ:I ɟ:j ƙ:k Ƙ:K ƚ:l Ƚ:L ɲ:n Ɲ:N ɔ:o Ɔ:O ɵ:o Ɵ:O ə:a Ə:A"),
    **_parse_pairs("ǝ:e Ǝ:E ɛ:e Ɛ:E ʉ:u Ʉ:U ƴ:y Ƴ:Y ƶ:z Ƶ:Z ȥ:z Ȥ:Z ŀ:l· Ŀ:L· ŉ:'n ς:σ ё:е Ё:Е ѐ:е Ѐ:Е ѝ:и Ѝ:И"),
    # Lucene's ArabicNormalizer and PersianNormalizer: the forms of alef, yeh, kaf and heh that keyboards and countries differ in.
    **dict.fromkeys("أإآٱٲٳ", "ا"),
    **dict.fromkeys("ىیےۓ", "ي"),
    **dict.fromkeys("کڪ", "ك"),
    **dict.fromkeys("ةہۀھۃۂ", "ه"),
}
#: What is written or left out at will: first and last character of each run.
_REMOVED = (
    ("\u0300", "\u036f"),  # accents that stand on their own
    ("\u0591", "\u05bd"), ("\u05bf", "\u05bf"), ("\u05c1", "\u05c2"), ("\u05c4", "\u05c5"), ("\u05c7", "\u05c7"),  # Hebrew points
    ("\u0610", "\u061a"), ("\u064b", "\u065f"), ("\u0670", "\u0670"), ("\u0640", "\u0640"),  # Arabic vowels and the long stroke
    ("\u06d6", "\u06dc"), ("\u06df", "\u06e8"), ("\u06ea", "\u06ed"),  # signs of recitation
    ("\u00ad", "\u00ad"), ("\u061c", "\u061c"), ("\u200c", "\u200f"), ("\u202a", "\u202e"), ("\u2060", "\u2060"),
    ("\u2066", "\u2069"), ("\ufeff", "\ufeff"),  # soft hyphen, joiners, directions: a tokenizer would keep them inside of words
)  # fmt: skip
#: Where letters and digits that fold may stand; left out are ideographs, syllables and what is private, and all beyond the first
#: plane, with which the search below would take a hundred times as long.
_BLOCKS = ((0x80, 0x3400), (0xA000, 0xAC00), (0xFB00, 0x10000))

#: Narrow kana, of which two may be one wide one.
_KANA = frozenset(map(chr, range(0xFF66, 0xFFA0)))
_KANA_RUN = re.compile("[\uff66-\uff9f]+")
#: An apostrophe inside of a name or after an article, `O’Neill`, `l’avenir`. English contractions, which stand in every other
#: article and are searched by nobody, stay as they are.
_APOSTROPHE = re.compile(r"[’ʼ](?<=\w.)(?=\w)(?!(?:s|S|t|T|re|ve|ll|d|m)\b)")
#: After an article that is written together with its word: `L’élection`, which `election` is to find. Only before a word with
#: an accent: others are found by what the analyzer of the language makes of them.
_BEFORE_ACCENT = re.compile(r"['’ʼ](?=\w*[À-ÖØ-öø-ÿ])")
_ELIDED = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|all|dall|dell|nell|sull|quell)\Z", re.IGNORECASE)
_LONGEST_ELIDED = 6


def _parted(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - _LONGEST_ELIDED - 1) : found.start()]
    return " " if _ELIDED.search(before) else found[0]


def _removed() -> Iterator[int]:
    for first, last in _REMOVED:
        yield from range(ord(first), ord(last) + 1)


def _form_of(character: str) -> str | None:
    """What a character is another form of, or None.

    The digit; the Latin or Greek letters that it consists of beside accents, or that it is a wide or joined form of; the Arabic
    letters that it is the form of at the beginning, in the middle or at the end of a word.
    """
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    parts = unicodedata.normalize("NFKD", character)
    if parts == character or " " in parts:
        return None
    letters = "".join(_LETTERS.get(part, part) for part in parts if not unicodedata.combining(part) and part != "ـ")
    scripts = ("ARABIC LETTER",) if character >= "\ufb50" and character < "\uff00" else ("LATIN", "GREEK")
    is_word = letters.isalpha() and all(unicodedata.name(letter, "").startswith(scripts) for letter in letters)
    return letters if is_word else None


def _build_table() -> dict[str, str]:
    table = {character: form for block in _BLOCKS for character in map(chr, range(*block)) if (form := _form_of(character))}
    table |= _LETTERS
    table |= dict.fromkeys(map(chr, _removed()), "")
    table |= {kana: unicodedata.normalize("NFKC", kana) for kana in _KANA}
    return table


_TABLE = _build_table()
_ORDINALS = {ord(character): form for character, form in _TABLE.items()}
_FOLDED = re.compile(f"[{''.join(sorted(_TABLE))}]")


def fold(text: str) -> str:
    """A text with its letters in one spelling.

    It is without accents, vowel signs and joiners, has one form of each Arabic letter, the digits 0 to 9, and nothing wide or
    narrow. Case, blanks and most punctuation stay, and so do signs that make another letter: й, ї, voiced kana, Indic vowels.
    `fold(fold(text)) == fold(text)`; a text of ASCII is answered as it is. Some 20 µs for 1,000 letters of Latin script.
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    if "'" in text or "’" in text:
        text = _BEFORE_ACCENT.sub(_parted, text)
    found = set(_FOLDED.findall(text))
    if not found.isdisjoint(_KANA):
        text = _KANA_RUN.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    if len(found) > _MANY_LETTERS:
        text = text.translate(_ORDINALS)
    else:
        for character in found:
            text = text.replace(character, _TABLE[character])
    if "’" in text or "ʼ" in text:
        text = _APOSTROPHE.sub("'", text)
    return unicodedata.normalize("NFC", text) if found else text
