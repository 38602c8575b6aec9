"""Bearer tokens: made here, known to ingest by their SHA-256 only."""

import hashlib
import secrets
from pathlib import Path

_TOKEN_BYTES = 32


def new_token() -> tuple[str, str]:
    """A random token of 256 bits, and the SHA-256 (hex) by which ingest knows it."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return token, hash_token(token)


def hash_token(token: str) -> str:
    """What `DATELINE_INGEST_TOKEN_HASHES` takes."""
    return hashlib.sha256(token.encode()).hexdigest()


def local_token(home: Path) -> tuple[str, str]:
    """The token of the local stack and its hash, made and kept (mode 0600) in `home` at the first call."""
    file = home / "token"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(new_token()[0] + "\n", encoding="ascii")
    token = file.read_text(encoding="ascii").strip()
    return token, hash_token(token)
