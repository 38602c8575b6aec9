"""Who may do what at the door: bearer tokens, known by their SHA-256 only, each of a publisher and with scopes."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from shared.text import Line

#: A publisher changes its token by having two for a while.
MOST_TOKENS_OF_ONE = 2

HexDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", to_lower=True)]


class Scope(StrEnum):
    """What a token may do: publish articles, retract them, report views and comments, or everything."""

    PUBLISH = "publish"
    RETRACT = "retract"
    ENGAGE = "engage"
    ADMIN = "admin"


class Token(BaseModel):
    """One token. Without a publisher it may publish for anybody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: HexDigest
    scopes: frozenset[Scope] = Field(min_length=1)
    publisher: Line | None = Field(default=None, min_length=1, max_length=200)

    def may(self, scope: Scope) -> bool:
        """Whether the token has a scope, or all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


class TokenList(BaseModel):
    """What a tokens file holds: `{"tokens": [...]}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: tuple[Token, ...] = ()

    @model_validator(mode="after")
    def _two_at_most(self) -> "TokenList":
        for publisher, count in Counter(token.publisher for token in self.tokens if token.publisher is not None).items():
            if count > MOST_TOKENS_OF_ONE:
                raise ValueError(f"{publisher} has {count} tokens, more than {MOST_TOKENS_OF_ONE}: revoke the old ones")
        return self


def parse_tokens(content: bytes) -> TokenList:
    """The tokens of a file; ValueError says what is wrong with it."""
    try:
        return TokenList.model_validate(orjson.loads(content))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise ValueError("; ".join(f"{'.'.join(map(str, p['loc'])) or 'tokens'}: {p['msg']}" for p in problems)) from None


def find_token(presented: str, tokens: Sequence[Token]) -> Token | None:
    """The token that was presented, or None; it takes as long for a wrong one as for a right one."""
    digest = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()
    matches = [token for token in tokens if hmac.compare_digest(digest, token.sha256)]
    return matches[0] if matches else None
