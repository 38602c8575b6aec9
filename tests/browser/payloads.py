"""Texts that would be script or elements if a page did not take them for text; `payloads.txt` has one a line."""

import html
from collections.abc import Callable
from pathlib import Path

PAYLOADS = tuple(Path(__file__).with_name("payloads.txt").read_text(encoding="utf-8").splitlines())

#: Forms by which the same gets past what looks for patterns.
_FORMS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    str.swapcase,
    lambda text: text.replace("<", "<\t").replace("=", " = "),
    lambda text: text.replace(" ", "/"),
    lambda text: text.replace("alert(1)", "alert`1`"),
    lambda text: text.replace("alert(1)", "&#97;lert(1)"),
    lambda text: f"\"'></a></p></h1>{text}",
    lambda text: f"</mark></bdi>{text}<!--",
    html.escape,
)


def build_variants() -> tuple[str, ...]:
    """Each payload in each form, each once."""
    return tuple(dict.fromkeys(form(payload) for form in _FORMS for payload in PAYLOADS))
