"""Bytes → text, by what they are before what they say: feeds declare encodings wrongly more often than bytes lie."""

import codecs
import re

from charset_normalizer import from_bytes
from w3lib.encoding import resolve_encoding

# Longest first: the mark of UTF-16 LE begins that of UTF-32 LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']?\s*([\w.:-]{2,40})""")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_DECLARATION_BYTES = 1024
#: What undeclared bytes may be: the encodings of the web, of the Latin ones only the commonest, as a guess cannot part them.
_GUESSED = [
    *("cp1252", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_GUESSED_BYTES = 20_000
#: UTF-8 with fewer broken sequences than one in so many is still UTF-8, cut or glued somewhere.
_SOUND_PER_BROKEN = 10


def decode_document(document: bytes) -> str:
    """The text of an XML or JSON document, without byte-order mark; what no encoding explains becomes U+FFFD.

    In this order: the byte-order mark; UTF-16 or 32 by where the zeros are; UTF-8, if the bytes are that and not plain ASCII; the
    encoding that the XML declaration names; UTF-8 with few errors; the best guess.
    """
    encoding = _by_mark(document) or _by_zeros(document[:64]) or _by_content(document)
    if encoding == "utf-8" and _decodes(document, "utf-8", "surrogatepass"):  # CESU-8, as some databases write it
        pairs = document.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return pairs.decode("utf-16-le", "replace").removeprefix("\ufeff")
    return document.decode(encoding, "replace").removeprefix("\ufeff")


def _by_mark(document: bytes) -> str | None:
    return next((name for mark, name in _MARKS if document.startswith(mark)), None)


def _by_zeros(head: bytes) -> str | None:
    """The width and order of the units of a document that begins with ASCII, by its zeros."""
    if len(head) < 8 or b"\0" not in head:
        return None
    head = head[: len(head) // 4 * 4]
    zeros = [sum(byte == 0 for byte in head[start::4]) * 4 / len(head) for start in range(4)]
    is_zero = "".join("0" if share > 0.9 else "x" for share in zeros)
    return {
        "x000": "utf-32-le",
        "000x": "utf-32-be",
        "x0x0": "utf-16-le",
        "0x0x": "utf-16-be",
    }.get(is_zero)


def _by_content(document: bytes) -> str:
    declared = _declared(document)
    if document.isascii():
        return declared if declared and declared.startswith("iso2022") else "utf-8"
    if _decodes(document, "utf-8", "surrogatepass"):
        return "utf-8"
    if declared and not declared.startswith("utf") and _decodes(document, declared):
        return declared
    text = document.decode("utf-8", "replace")
    sound = sum(character > "\x7f" for character in text)
    broken = text.count("\ufffd")
    if (sound - broken) > _SOUND_PER_BROKEN * broken:
        return "utf-8"
    return (declared if declared and not declared.startswith("utf") else None) or _guess(document)


def _declared(document: bytes) -> str | None:
    found = _DECLARED.search(document[:_DECLARATION_BYTES])
    return resolve_encoding(found[1].decode("ascii")) if found else None


def _decodes(document: bytes, encoding: str, errors: str = "strict") -> bool:
    try:
        document.decode(encoding, errors)
    except (UnicodeError, LookupError):
        return False
    return True


def _guess(document: bytes) -> str:
    """The likeliest encoding of bytes in an alphabet that they do not name; windows-1252 where nothing else is likely."""
    first = _NOT_ASCII.search(document)
    start = first.start() if first else 0
    best = from_bytes(document[max(0, start - 200) : start + _GUESSED_BYTES], cp_isolation=_GUESSED).best()
    return best.encoding if best is not None else "cp1252"
