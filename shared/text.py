"""Plain text as it may travel: NFC, without control, bidi-override and surrogate characters.

Everything textual in an event passes through here once, where it is accepted (failure-modes F14).
"""

import re
import unicodedata
from typing import Annotated

from pydantic import BeforeValidator

# C0 and C1 controls but tab and newline, bidi embeddings/overrides/isolates, the byte-order mark and lone surrogates.
# Zero-width joiner and non-joiner stay: Persian and the Indic scripts need them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n?|\u2028|\u2029|\x85")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_BREAKS = re.compile(r" ?\n(?: ?\n)+ ?")


def _is_clean(text: str) -> bool:
    """Whether cleaning would change nothing; ten times as fast as finding out by cleaning. False only means: perhaps not."""
    return (
        text.replace("\n", "").isprintable()  # no controls, surrogates, overrides, nor blanks but the space
        and "  " not in text  # four times as fast as any() over the four
        and " \n" not in text
        and "\n " not in text
        and "\n\n\n" not in text
        and text == text.strip()
        and (text.isascii() or unicodedata.is_normalized("NFC", text))
    )


def clean_text(value: str) -> str:
    """Text of several paragraphs: clean characters, paragraphs parted by one empty line, no outer blanks."""
    if _is_clean(value):
        return value
    text = _FORBIDDEN.sub("", _LINE_BREAKS.sub("\n", value))
    text = _BLANKS.sub(" ", unicodedata.normalize("NFC", text))
    return _MANY_BREAKS.sub("\n\n", text).replace(" \n", "\n").replace("\n ", "\n").strip()


def clean_line(value: str) -> str:
    """Text of one line, such as a headline or a name: clean characters, single blanks."""
    text = clean_text(value)
    return " ".join(text.split()) if "\n" in text else text


def _clean_line_if_text(value: object) -> object:
    return clean_line(value) if isinstance(value, str) else value


def _clean_text_if_text(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


#: One line of clean text, possibly empty.
Line = Annotated[str, BeforeValidator(_clean_line_if_text)]
#: Paragraphs of clean text, possibly empty.
Text = Annotated[str, BeforeValidator(_clean_text_if_text)]
