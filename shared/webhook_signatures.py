"""Signatures by which a webhook knows that a delivery comes from this Dateline and is of this moment.

`Dateline-Signature: t=1795513200,v1=<hex>`: HMAC-SHA-256, by the webhook's own secret, of the time in Unix seconds, a full stop,
and the body as it was sent. The secret of a saved search's webhook is derived from one key, so none is stored anywhere.
"""

import hashlib
import hmac

_PURPOSE = b"dateline webhook of "


def derive_secret(key: bytes, search_id: str) -> str:
    """The secret of a saved search's webhook: 64 hex digits."""
    return hmac.new(key, _PURPOSE + search_id.encode(), hashlib.sha256).hexdigest()


def sign_delivery(secret: str, body: bytes, now_seconds: int) -> str:
    """The value of `Dateline-Signature`."""
    signed = hmac.new(secret.encode(), b"%d." % now_seconds + body, hashlib.sha256).hexdigest()
    return f"t={now_seconds},v1={signed}"
