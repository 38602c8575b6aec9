"""Bearer tokens: made here, known to ingest by their SHA-256 only. `dateline token`, and `dateline tokens` for the tokens file."""

import hashlib
import secrets
from pathlib import Path

import orjson

from services.ingest.core.tokens import Scope, Token, TokenList, parse_tokens
from shared.failures import Misconfigured

_TOKEN_BYTES = 32
_SHOWN_DIGITS = 12


def new_token() -> tuple[str, str]:
    """A random token of 256 bits, and the SHA-256 (hex) by which ingest knows it."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return token, hash_token(token)


def hash_token(token: str) -> str:
    """What `DATELINE_INGEST_TOKEN_HASHES` and the tokens file take."""
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


def read_tokens(file: Path) -> TokenList:
    """The tokens of a file; none when it does not exist yet."""
    if not file.exists():
        return TokenList()
    try:
        return parse_tokens(file.read_bytes())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{file}: {error}") from error


def add_token(file: Path, publisher: str | None, scopes: list[Scope]) -> str:
    """Put a new token into the file; answers it, and it is nowhere else."""
    made, its_hash = new_token()
    try:
        token = Token(sha256=its_hash, scopes=frozenset(scopes), publisher=publisher)
        changed = TokenList(tokens=(*read_tokens(file).tokens, token))
    except ValueError as error:
        raise Misconfigured(f"{file}: {error}") from error
    _write(file, changed)
    return made


def revoke_tokens(file: Path, beginning: str) -> int:
    """Take the tokens out whose SHA-256 begins so, as `describe_token` shows it; answers how many."""
    before = read_tokens(file).tokens
    kept = tuple(token for token in before if not token.sha256.startswith(beginning))
    _write(file, TokenList(tokens=kept))
    return len(before) - len(kept)


def describe_token(token: Token) -> str:
    """One line for a person."""
    return f"{token.sha256[:_SHOWN_DIGITS]}\t{token.publisher or 'any publisher'}\t{' '.join(sorted(token.scopes))}"


def _write(file: Path, tokens: TokenList) -> None:
    """Whole or not at all: ingest may read it at any moment."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(orjson.dumps(tokens.model_dump(mode="json", exclude_none=True), option=orjson.OPT_INDENT_2) + b"\n")
    fresh.replace(file)
