"""Secrets that come by a variable or by a file, as Kubernetes and Docker hand them over."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from shared.failures import Unavailable


def none_if_empty(value: object) -> object:
    """None for a variable that is empty, as docker compose makes it of one that is not set."""
    return None if value == "" else value


Secret = Annotated[SecretStr | None, BeforeValidator(none_if_empty)]


def find_wrong_secret(name: str, value: SecretStr | None, file: str | None) -> Iterator[str]:
    """What is wrong with a secret that may come as `name` or from the file `name`_FILE, and what to do."""
    if value is not None and file is not None:
        yield f"{name} and {name}_FILE are both set: take one away"
    if file is not None:
        try:
            _read(file)
        except (OSError, ValueError) as error:
            yield f"{name}_FILE: {file} cannot be read: {error}"


def read_secret(value: SecretStr | None, file: str | None) -> str | None:
    """The secret of now, None where there is none. Raises Unavailable when its file can no longer be read."""
    if file is None:
        return None if value is None else value.get_secret_value()
    try:
        return _read(file)
    except (OSError, ValueError) as error:
        raise Unavailable(f"the secret in {file} cannot be read: {error}") from None


def _read(file: str) -> str:
    try:
        secret = Path(file).read_text(encoding="utf-8").strip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("it is not text") from None
    if not secret or not secret.isprintable():
        raise ValueError("it must hold one line, the secret")
    return secret
