"""Where a publisher's picture is found on this site: a path that names its address, signed, so that nothing else is fetched.

`/images/<signature>/<address>`: HMAC-SHA-256 of the address, its first 16 bytes, and the address itself, both in base64url without
padding.
"""

import base64
import binascii
import hashlib
import hmac

_SIGNATURE_BYTES = 16


def build_picture_path(key: bytes, url: str) -> str:
    """The path of a picture."""
    return f"/images/{_sign(key, url)}/{_encode(url.encode())}"


def read_picture_path(key: bytes, signature: str, encoded: str) -> str | None:
    """The address that the parts of a path name; None when they were not made with this key."""
    try:
        url = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    is_ours = hmac.compare_digest(_sign(key, url).encode(), signature.encode())
    return url if is_ours else None


def _sign(key: bytes, url: str) -> str:
    return _encode(hmac.digest(key, url.encode(), hashlib.sha256)[:_SIGNATURE_BYTES])


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
