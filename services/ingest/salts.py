"""The salt of the day for visitor hashes: random, in one 0600 file that all workers of a machine share, gone after a day.

A restart keeps it, or else a visitor would count twice; it is not derived from a lasting secret, or else old hashes could be
linked (failure-modes F43).
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

import orjson

_SALT_BYTES = 32


class DailySalt:
    """Hands out the salt of a day, and replaces it when the day (UTC) is another one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._day = ""
        self._salt = b""

    def of(self, now: datetime) -> bytes:
        """The salt of the day of `now`."""
        day = now.date().isoformat()
        if day != self._day:
            self._salt = self._read(day) or self._write(day)
            self._day = day
        return self._salt

    def _read(self, day: str) -> bytes | None:
        try:
            stored = orjson.loads(self._path.read_bytes())
            return bytes.fromhex(stored["salt"]) if stored["day"] == day else None
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def _write(self, day: str) -> bytes:
        """Put a new salt in place, unless another worker was first."""
        salt = secrets.token_bytes(_SALT_BYTES)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{day}")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return self._read(day) or salt
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps({"day": day, "salt": salt.hex()}))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        return salt
