"""What a reader's page carries so that its views count without a token of ingest: a page token, and where the browser sends it."""

import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.page_tokens import PageToken, issue_page_token

_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands in the page of one article, for `static/beacon.js`."""

    endpoint: str
    article_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Beacon:
    """Issues page tokens. `endpoint` is the address of ingest's `/v1/views`; without it or a key pages report nothing."""

    endpoint: str | None = None
    key: bytes | None = None
    token_seconds: int = 0

    def tag(self, article_id: str) -> Tag | None:
        """For one rendering of the page of an article; a token is never given out twice."""
        if self.endpoint is None or self.key is None:
            return None
        now = int(time.time())
        page = PageToken(article_id, now, now + self.token_seconds, secrets.token_urlsafe(_NONCE_BYTES))
        return Tag(self.endpoint, article_id, issue_page_token(self.key, page))

    def allow_in(self, content_policy: str) -> str:
        """A Content-Security-Policy by which `static/beacon.js`, which is from here, sends to the origin of the endpoint."""
        if self.endpoint is None or self.key is None:
            return content_policy
        scheme, host = urlsplit(self.endpoint)[:2]
        return content_policy.replace("connect-src 'self'", f"connect-src 'self' {scheme}://{host}")
