# ruff: noqa: RUF001 - names are written with either apostrophe
"""Names of authors as pages write them: one string for several, with words and addresses around them."""

import re

_LEAD = re.compile(r"^\W*(?:(?:written|posted|words|story|report|reported)\s+)?(?:by|par|von|por|di|от)\b[\s:]+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:;|\||&|\band\b|\bet\b|\bund\b|\by\b)\s+", re.IGNORECASE)
_NAME = re.compile(r"^\w[\w.'’-]*(?:\s+[\w.'’-]+){1,4}$")
# "Jane Roe, AP Auto Writer": what stands behind a name and is none.
_ROLE = re.compile(r"\b(?:writer|editor|reporter|correspondent|contributor|columnist|desk)$", re.IGNORECASE)
_NOT_A_NAME = re.compile(r"https?:|www\.|[@/<>{}]|^\W*$|\d{3}")
#: As long as the longest of names with a role behind it; longer is a sentence.
_LONGEST_NAME = 80


def parse_authors(*values: str) -> tuple[str, ...]:
    """The authors named in the values, each once, without "By"; addresses, handles and sentences are left out.

    A comma parts names only if what it parts look like names all of them; a role behind a name is not the name of another.
    """
    names: dict[str, str] = {}
    for value in values:
        for part in _BETWEEN.split(_LEAD.sub("", " ".join(value.split()))):
            pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
            for name in pieces if all(_NAME.match(piece) for piece in pieces) else [part.strip(" ,")]:
                is_role = bool(names) and _ROLE.search(name)
                if len(name) <= _LONGEST_NAME and not is_role and not _NOT_A_NAME.search(name):
                    names.setdefault(name.casefold(), name)
    return tuple(names.values())
