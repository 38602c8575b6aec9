"""The keys that the reader pages sign with: each for one purpose, all derived from one secret."""

import hashlib
import hmac
from enum import StrEnum

from services.search.reader_page_settings import ReaderPageSettings


class Purpose(StrEnum):
    """What is signed. What is signed for one purpose is worth nothing for another."""

    PICTURE = "address of a picture"
    COMMENT = "comment form"


def page_key(settings: ReaderPageSettings, purpose: Purpose) -> bytes | None:
    """The key for a purpose; None where PAGES_KEY is not set."""
    if settings.pages_key is None:
        return None
    return hmac.digest(settings.pages_key.get_secret_value().encode(), purpose.encode(), hashlib.sha256)
