"""Addresses at which a translator that the operator has chosen translates a page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

_URL, _LANGUAGE = "{url}", "{language}"
_WEB = re.compile(r"https?://[^\s/?#{}]+[/?#]\S*")


@dataclass(frozen=True, slots=True)
class Handover:
    """Where a page is translated, and into which language (BCP 47); None where the translator asks for it."""

    address: str
    language: str | None


def is_template(template: str) -> bool:
    """Whether it is an address of the web that has a place for the page, and for nothing else but a language."""
    rest = template.replace(_URL, "").replace(_LANGUAGE, "")
    return _URL in template and not set("{}") & set(rest) and _WEB.fullmatch(template) is not None


def build_handovers(template: str | None, page_url: str, language: str, into: Iterable[str]) -> tuple[Handover, ...]:
    """Where a page in a language is translated, one for each language of `into` but its own. None without a template."""
    if template is None:
        return ()
    address = template.replace(_URL, quote(page_url, safe=""))
    if _LANGUAGE not in template:
        return (Handover(address, None),)
    others = [other for other in dict.fromkeys(into) if _primary(other) != _primary(language)]
    return tuple(Handover(address.replace(_LANGUAGE, quote(other, safe="")), other) for other in others)


def _primary(language: str) -> str:
    return language.partition("-")[0]
