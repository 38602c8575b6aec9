"""Gives whom and what articles name one id in all of them: of places what GeoNames knows, of the rest a hash of the name."""

import re
import unicodedata
from hashlib import sha256

from services.enrich.core.places import Place

# What companies may or may not carry behind their names.
_LEGAL_FORMS = frozenset([
    "ab", "ag", "aktiengesellschaft", "as", "asa", "bhd", "bv", "co", "company", "corp", "corporation", "gmbh", "inc",
    "incorporated", "kg", "kk", "limited", "llc", "llp", "ltd", "mbh", "nv", "ojsc", "oy", "oyj", "pjsc", "plc", "pte", "pty",
    "sa", "sab", "sarl", "sas", "se", "spa", "srl",
])  # fmt: skip
_ACCENTS = re.compile("[\u0300-\u036f]")
_SILENT = re.compile("['’‘`´.\u0640\u200b-\u200f\u2060\ufeff]")  # noqa: RUF001 - apostrophes, full stops, what nobody sees
_BETWEEN_WORDS = re.compile(r"[^\w\u0900-\u0dff\u0e00-\u109f\u1780-\u17ff]+|_+")  # marks of South Asian scripts are no \w
# What Arabic and Persian keyboards write for one letter.
_SAME_LETTERS = str.maketrans("يىكةأإآ", "ییکهااا")
_HASH_DIGITS = 16


def normalise_name(name: str, kind: str) -> str:
    """What the spellings of one name have in common.

    Case, accents of Latin, Greek and Cyrillic letters, full stops, apostrophes, width, a leading "the", "&" for "and" make no
    difference; behind organisations the legal form does not either. A name of nothing else stays as it is.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed)).translate(_SAME_LETTERS)
    words = _BETWEEN_WORDS.sub(" ", _SILENT.sub("", plain).replace("&", " and ")).split()
    while len(words) > 1 and words[0] == "the":
        words = words[1:]
    while kind == "ORG" and len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words = words[:-1]
    return " ".join(words) or name.casefold()


def identify(kind: str, name: str, place: Place | None) -> str:
    """The id of an entity: `country:IR`, `geonames:1176615`, or its type and 64 bits of SHA-256: `person:1b4f0e9851971998`."""
    if place and place.kind == "country" and place.country:
        return f"country:{place.country}"
    if place and place.geonames_id:
        return f"geonames:{place.geonames_id}"
    digest = sha256(f"{kind}\0{normalise_name(name, kind)}".encode("utf-8", "surrogatepass"))
    return f"{kind.lower()}:{digest.hexdigest()[:_HASH_DIGITS]}"
