"""Server-sent events: new matches of a search, and a Most Popular list whenever it changes."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import Field

from services.search.api import Reader
from services.search.archive import Archive, ArchiveOf
from services.search.core.changes import parse_place_cursor
from services.search.core.events_out import StreamEvent, write_event, write_heartbeat, write_start
from services.search.core.parameters import CursorText, PopularParameters, SearchFilters
from services.search.problems import problems
from services.search.reading import Reading
from services.search.stream_sources import ListChanges, NewMatches
from services.search.streaming import LongAnswer
from services.search.streams import Channel, Listener, Streams

_HEARTBEAT_SECONDS = 15.0
_MEDIA_TYPE = "text/event-stream"
#: A proxy that keeps back what it gets would keep back everything.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
FULL = "Too many listen, too many different searches are streamed, or Elasticsearch does not answer: come again after `Retry-After`"


class StreamParameters(SearchFilters):
    """A search, and where to go on from."""

    since: CursorText | None = Field(
        default=None, description="the id of the last event, or a cursor of `/v1/changes`; from now on if absent"
    )


LastEventID = Annotated[
    str | None, Header(max_length=2000, description="the id of the last event, as browsers send it when they connect again")
]
STREAM_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, and a comment whenever nothing happened for 15 s",
        "content": {_MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}


def get_streams(request: Request) -> Streams:
    """The streams of this app."""
    streams: Streams = request.app.state.streams
    return streams


StreamsOf = Annotated[Streams, Depends(get_streams)]
router = APIRouter(prefix="/v1/stream", default_response_class=Response)


@router.get(
    "/search",
    summary="New matches of a search",
    responses=STREAM_ANSWERED
    | problems(status_400="`q` or the id of the last event cannot be read, or the search is too complex", status_503=FULL),
)
async def stream_search(
    parameters: Annotated[StreamParameters, Query()],
    reading: Reader,
    archive: ArchiveOf,
    streams: StreamsOf,
    last_event_id: LastEventID = None,
) -> Response:
    """An event `article` for every article that newly fits or has changed, as in `/v1/changes`, some seconds after it was indexed.

    An event `retracted`, of the same form, for every article that is taken back, whatever is searched for: drop it if you have it.
    The id of an event is a cursor: who connects again with it misses nothing.
    """
    since = last_event_id or parameters.since
    filters = SearchFilters.model_validate({name: getattr(parameters, name) for name in SearchFilters.model_fields})
    return await follow_search(filters, since, reading, archive, streams)


async def follow_search(
    filters: SearchFilters, since: str | None, reading: Reading, archive: Archive, streams: Streams
) -> LongAnswer:
    """The stream of a search from a place on, or from now. Raises InvalidCursor, QueryError, and as `NewMatches.poll`."""
    after = parse_place_cursor(since) if since else None
    key = f"search {filters.model_dump_json()}"
    streams.require_room(key)  # before anything is asked: whoever is refused costs nothing
    if not streams.is_open(key):
        await NewMatches(reading, archive, filters).poll()  # whether it can be asked at all
    channel, listener = streams.listen(key, lambda: NewMatches(reading, archive, filters))
    source = channel.source
    assert isinstance(source, NewMatches)  # noqa: S101 - the key says so
    events = _follow(channel, listener, source.catch_up(after or source.reached, source.reached), after and since)
    return LongAnswer(events, _MEDIA_TYPE, partial(streams.leave, key, channel, listener), _HEADERS)


@router.get(
    "/most-popular", summary="A Most Popular list whenever it changes", responses=STREAM_ANSWERED | problems(status_503=FULL)
)
async def stream_most_popular(
    parameters: Annotated[PopularParameters, Query()], reading: Reader, streams: StreamsOf, last_event_id: LastEventID = None
) -> Response:
    """An event `most-popular` with the whole list: at once, unless the reader has it already, and whenever it has changed."""
    key = f"most-popular {parameters.model_dump_json()}"
    channel, listener = streams.listen(key, lambda: ListChanges(reading, parameters))
    source = channel.source
    assert isinstance(source, ListChanges)  # noqa: S101 - the key says so
    events = _follow(channel, listener, _current(source.newest), last_event_id)
    return LongAnswer(events, _MEDIA_TYPE, partial(streams.leave, key, channel, listener), _HEADERS)


async def _current(newest: StreamEvent | None) -> AsyncIterator[StreamEvent]:
    if newest is not None:
        yield newest


async def _follow(
    channel: Channel, listener: Listener, missed: AsyncIterator[StreamEvent], since: str | None
) -> AsyncIterator[bytes]:
    """What was missed, then what happens, until the listener is let go; but not the event that the reader had last."""
    yield write_start(since or channel.source.place)
    async for event in missed:
        if event.id != since:
            yield write_event(event)
    while True:
        try:
            following = await listener.next(_HEARTBEAT_SECONDS)
        except TimeoutError:
            if listener.has_read_all:
                yield write_heartbeat(channel.source.place)
            continue
        if following is None:
            return
        if following.id != since:
            yield write_event(following)
        since = None
