"""The settings of what search hands out beside answers to searches: changes, feeds, exports, streams."""

from pydantic import Field

from shared.settings import Group


class OutgoingSettings(Group):
    """What is handed out, and how much of it."""

    site_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+[^\s?#]*$",
        description="where readers find the pages, `https://news.example`, for links in feeds; taken from the request if absent",
    )
    changes_delay_seconds: float = Field(
        default=6.0,
        ge=0,
        le=600,
        description="how long changes and streams hold back what was indexed: indexer.late_seconds, a refresh and some more",
    )
    concurrent_exports: int = Field(default=4, ge=1, le=100, description="exports under way at once; more get 503")
    export_rows: int = Field(
        default=1_000_000, ge=1, description="articles that one export may hold; a search with more is refused before it begins"
    )
    stream_listeners: int = Field(default=500, ge=1, le=100_000, description="connections to streams at once; more get 503")
    streamed_searches: int = Field(
        default=50,
        ge=1,
        le=1000,
        description="different searches and lists that are streamed at once; each is asked for once a second",
    )
    live_pages: bool = Field(
        default=True, description="pages tell of new articles and of list changes as they come, by streams; false keeps them still"
    )
