"""Which article is meant: an id, an address, or a publisher's own id (pure)."""

import re
from dataclasses import dataclass

from services.ingest.core.identity import address_identity, canonical_url, name_article
from shared.failures import Misconfigured

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Named:
    """The id that the article has if it was first known under this name; `url` is its canonical address, where that was given."""

    article_id: str
    url: str | None = None


def parse_name(name: str, publisher: str | None) -> Named:
    """The article that a name means. Raises Misconfigured for what names none.

    Args:
        name: 32 hex digits, an address, or with a publisher its own id.
        publisher: The publisher's name, as it was when the article was sent.
    """
    text = name.strip()
    if publisher is not None:
        own = name_article(publisher, text, None, "").own
        if own is None:
            raise Misconfigured("give the publisher's own id of the article")
        return Named(own.hex())
    if _ID.fullmatch(text.lower()):
        return Named(text.lower())
    canonical = canonical_url(text)
    if canonical is not None:
        return Named(address_identity(canonical).hex(), canonical)
    raise Misconfigured(
        f"{text} is neither an article's id (32 hex digits) nor an address; for a publisher's own id add --publisher"
    )
