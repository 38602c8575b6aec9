"""The tokens that are valid now: those of the settings, and those of a file that is read again when it changes."""

import threading
import time
from pathlib import Path

from services.ingest.core.tokens import Scope, Token, parse_tokens
from shared.failures import Misconfigured
from shared.logs import get_logger

#: How long a change of the file may take to be noticed; a revoked token is refused within it.
NOTICE_SECONDS = 2.0
_log = get_logger(__name__)


class ValidTokens:
    """Answers which tokens are valid. Safe between threads."""

    def __init__(self, hashes: tuple[str, ...], file: Path | None) -> None:
        """Read the file a first time; Misconfigured when it cannot be read, or does not hold what it should."""
        self._own = tuple(Token(sha256=text, scopes=frozenset({Scope.ADMIN})) for text in hashes)
        self._file = file
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._stamp: tuple[int, int, int] | None = None
        self._read: tuple[Token, ...] = ()
        if file is not None:
            try:
                self._stamp = _stamp(file)
                self._read = parse_tokens(file.read_bytes()).tokens
            except (OSError, ValueError) as error:
                raise Misconfigured(f"DATELINE_INGEST_TOKENS_FILE {file}: {error}") from error

    def now(self) -> tuple[Token, ...]:
        """The tokens that are valid now. A file that became unreadable is logged, and the tokens before it stay valid."""
        with self._lock:
            if self._file is not None and time.monotonic() - self._looked > NOTICE_SECONDS:
                self._looked = time.monotonic()
                self._look(self._file)
            return self._own + self._read

    def _look(self, file: Path) -> None:
        try:
            stamp = _stamp(file)
            if stamp != self._stamp:
                self._read = parse_tokens(file.read_bytes()).tokens
                self._stamp = stamp
                _log.info("tokens read", tokens=len(self._read))
        except (OSError, ValueError) as error:
            _log.error("tokens file is not usable, the tokens before stay valid", file=str(file), reason=str(error))


def _stamp(file: Path) -> tuple[int, int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
