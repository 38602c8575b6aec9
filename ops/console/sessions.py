"""Who has entered the operators' page: a token is shown once, and a session stands for it until it ends. Kept in memory only."""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

SESSION_SECONDS = 12 * 3600
_MOST_SESSIONS = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has entered. `form_key` stands in every form that changes something, so that no other site can send one."""

    session_id: str
    form_key: str
    who: str
    expires: float


def find_holder(token: str, hashes: tuple[str, ...]) -> str | None:
    """Who shows this token, by the beginning of its SHA-256; None for one that may not enter."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    known = [hmac.compare_digest(digest, each.lower()) for each in hashes]  # all of them, so that time tells nothing
    return f"console/{digest[:8]}" if any(known) else None


class Sessions:
    """Safe between threads. Times are seconds of a clock that only moves forward."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Session] = OrderedDict()

    def begin(self, who: str, now: float) -> Session:
        """A new session; the oldest gives way when there are too many."""
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), who, now + SESSION_SECONDS)
        with self._lock:
            while len(self._open) >= _MOST_SESSIONS:
                self._open.popitem(last=False)
            self._open[session.session_id] = session
        return session

    def find(self, session_id: str | None, now: float) -> Session | None:
        """The session of an id that has not ended."""
        with self._lock:
            session = self._open.get(session_id or "")
            if session is not None and session.expires <= now:
                del self._open[session.session_id]
                return None
            return session

    def end(self, session: Session) -> None:
        """It stands for nobody any more."""
        with self._lock:
            self._open.pop(session.session_id, None)
