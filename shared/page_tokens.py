"""Page tokens: what a page carries to show that a view of its article comes from who was given the page.

`v1.<article id>.<issued>.<expires>.<nonce>.<signature>`: times in Unix seconds; a nonce of 16 to 32 letters, digits, `-` or `_`,
another one on every page; and HMAC-SHA-256 of all that stands before the last dot, in base64url without padding. So any site that
has the key issues its own.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

#: No token is longer.
LONGEST_TOKEN = 200
#: Fewer characters may be guessed.
LEAST_KEY_CHARACTERS = 32

_FORM = re.compile(r"v1\.([0-9a-f]{32})\.(\d{1,12})\.(\d{1,12})\.([A-Za-z0-9_-]{16,32})\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PageToken:
    """What a token says: of which article the page is, and from when until when (Unix seconds) its views are taken."""

    article_id: str
    issued: int
    expires: int
    nonce: str


class TokenFault(StrEnum):
    """Why a token is worth nothing: not signed with any of the keys, or over."""

    FORGED = "forged"
    EXPIRED = "expired"


def issue_page_token(key: bytes, page: PageToken) -> str:
    """The token that says so."""
    said = f"v1.{page.article_id}.{page.issued}.{page.expires}.{page.nonce}"
    return f"{said}.{_sign(key, said)}"


def read_page_token(token: str, keys: Sequence[bytes], now_seconds: int) -> PageToken | TokenFault:
    """What a token says, if one of the keys signed it and it is not over.

    It takes as long for a wrong signature as for a right one. `now_seconds` is Unix time.
    """
    form = _FORM.fullmatch(token)
    if form is None:
        return TokenFault.FORGED
    article_id, issued, expires, nonce, signature = form.groups()
    said = token[: form.start(5) - 1]
    matches = [hmac.compare_digest(_sign(key, said), signature) for key in keys]
    if not any(matches):
        return TokenFault.FORGED
    page = PageToken(article_id, int(issued), int(expires), nonce)
    return page if now_seconds < page.expires else TokenFault.EXPIRED


def _sign(key: bytes, said: str) -> str:
    digest = hmac.digest(key, said.encode("ascii"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
