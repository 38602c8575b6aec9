"""Server-sent events as browsers read them (HTML standard, 9.2): pure text."""

from dataclasses import dataclass

#: How long a browser waits before it connects again.
_RETRY_MS = 3000


@dataclass(frozen=True)
class StreamEvent:
    """One event. `id` is where its reader goes on when it connects again; `name` is what it listens for; `data` is JSON."""

    id: str
    name: str
    data: str


def write_event(event: StreamEvent) -> bytes:
    """The lines of an event. JSON has no line breaks, so its data are one line."""
    return f"id: {event.id}\nevent: {event.name}\ndata: {event.data}\n\n".encode()


def write_start(place: str) -> bytes:
    """What a stream begins with: from now on its reader has a place to go on from, although nothing has happened yet."""
    return f"retry: {_RETRY_MS}\nid: {place}\n\n".encode()


def write_heartbeat(place: str) -> bytes:
    """A comment, so that neither reader nor proxy takes the silence for the end; it moves the place on."""
    return f": nothing new\nid: {place}\n\n".encode()
