"""What the API answers about feeds."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.ingest.core.feed_links import NamedFeed
from services.ingest.core.feed_records import FullText
from services.ingest.core.feeds import Feed
from services.ingest.core.source_watch import Condition, judge_condition
from services.ingest.core.submissions import ArticleSubmission
from services.ingest.feed_table import KnownFeed

_FEED: dict[str, Any] = {
    "id": "0c8f4d1e2a3b5c67",
    "url": "https://courier.example/world.rss",
    "title": "Harbour Courier: World",
    "format": "rss",
    "publisher": None,
    "section": "World",
    "language": None,
    "full_text": "teaser",
    "paused": False,
    "added": "2026-11-20T09:00:00Z",
    "condition": "ok",
    "reason": "",
    "notes": [],
    "interval_seconds": 900.0,
    "next_poll": "2026-11-24T12:10:00Z",
    "last_poll": "2026-11-24T11:55:00Z",
    "last_success": "2026-11-24T11:55:00Z",
    "last_new_article": "2026-11-24T11:40:00Z",
    "entries": 30,
    "failures": 0,
    "websub_expires": None,
}


class FeedAnswer(BaseModel):
    """A feed: what was asked for, and how it does. Times are null until they first come about."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FEED]})

    id: str = Field(description="16 hex digits of SHA-256 over the address")
    url: str
    title: str | None = Field(description="as the feed calls itself")
    format: str | None = Field(description="rss, atom, json, sitemap")
    publisher: str | None = Field(description="as it was set; the feed's title stands in when null")
    section: str | None
    language: str | None
    full_text: FullText
    paused: bool
    added: datetime
    condition: Condition
    reason: str = Field(description="why it is in this condition, for people; empty when there is nothing to say")
    notes: list[str] = Field(description="what was not taken of it though it was read")
    interval_seconds: float | None = Field(description="time between two polls, as it is now")
    next_poll: datetime | None
    last_poll: datetime | None
    last_success: datetime | None
    last_new_article: datetime | None
    entries: int | None = Field(description="how many it showed when it was last read")
    failures: int = Field(description="polls that failed since the last success")
    websub_expires: datetime | None = Field(description="until when its hub pushes news; null when it is only polled")


class FeedList(BaseModel):
    """A page of feeds, in the order of their ids."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"feeds": [_FEED], "total": 1, "next": None}]})

    feeds: list[FeedAnswer]
    total: int = Field(description="how many there are on all pages")
    next: str | None = Field(description="what to give as `after` for the next page; null on the last one")


class EntryAnswer(BaseModel):
    """An entry as it would be taken."""

    headline: str
    url: str | None
    date_published: datetime | None
    text: Literal["full", "teaser"] = Field(description="of a teaser, the page would be fetched as `full_text` says")
    body_characters: int


class CheckedFeed(BaseModel):
    """What would be taken of a feed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "feed",
                    "url": "https://courier.example/world.rss",
                    "format": "rss",
                    "title": "Harbour Courier: World",
                    "hub_url": None,
                    "entries": [
                        {
                            "headline": "Harbour bridge reopens",
                            "url": "https://courier.example/world/bridge",
                            "date_published": "2026-11-24T11:40:00Z",
                            "text": "teaser",
                            "body_characters": 180,
                        }
                    ],
                    "broken": 0,
                    "truncated": 0,
                    "sitemaps": [],
                }
            ]
        }
    )

    kind: Literal["feed"] = "feed"
    url: str = Field(description="where the last redirect led")
    format: str = Field(description="rss, atom, json, sitemap")
    title: str
    hub_url: str | None = Field(description="the WebSub hub that it names")
    entries: list[EntryAnswer]
    broken: int = Field(description="entries without a headline or an address")
    truncated: int = Field(description="entries after the newest, which one poll does not take")
    sitemaps: list[str] = Field(description="the sitemaps that a sitemap index names")


class CheckedPage(BaseModel):
    """What was found is a web page, and it names feeds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "page",
                    "url": "https://courier.example/",
                    "detail": "this is a web page; it names these feeds: https://courier.example/world.rss",
                    "feeds": [{"url": "https://courier.example/world.rss", "title": "World", "format": "rss"}],
                }
            ]
        }
    )

    kind: Literal["page"] = "page"
    url: str = Field(description="where the last redirect led")
    detail: str
    feeds: list[NamedFeed]


class RefusedFeed(BaseModel):
    """An outline whose feed was not taken."""

    url: str
    title: str | None
    reason: str


class ImportAnswer(BaseModel):
    """What became of the feeds of an OPML document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "added": 12,
                    "known": 3,
                    "refused": [
                        {"url": "ftp://a.example/feed", "title": "A", "reason": "only http and https are fetched, not ftp"}
                    ],
                }
            ]
        }
    )

    added: int
    known: int = Field(description="were there already, and stay as they are")
    refused: list[RefusedFeed]


def describe_feed(feed: KnownFeed, now: datetime) -> FeedAnswer:
    """A feed as it is shown to people and programs."""
    definition, state = feed.definition, feed.state
    condition, reason = judge_condition(definition, state, now)
    return FeedAnswer(
        id=definition.feed_id,
        url=definition.url,
        title=state.title if state else None,
        format=state.format if state else None,
        publisher=definition.publisher,
        section=definition.section,
        language=definition.language,
        full_text=definition.full_text,
        paused=definition.paused,
        added=definition.added,
        condition=condition,
        reason=reason,
        notes=list(state.notes) if state else [],
        interval_seconds=state.interval_seconds if state else None,
        next_poll=state.next_poll if state else None,
        last_poll=state.last_poll if state else None,
        last_success=state.last_success if state else None,
        last_new_article=state.last_new_article if state else None,
        entries=state.entries if state else None,
        failures=state.failures if state else 0,
        websub_expires=feed.lease.expires if feed.lease else None,
    )


def describe_check(feed: Feed, url: str) -> CheckedFeed:
    """What would be taken of a feed that was found at an address."""
    return CheckedFeed(
        url=url,
        format=feed.format,
        title=feed.title,
        hub_url=feed.hub_url,
        entries=[_describe_entry(entry, entry.url in feed.teasers) for entry in feed.entries],
        broken=feed.broken,
        truncated=feed.truncated,
        sitemaps=list(feed.sitemaps),
    )


def describe_page(feeds: tuple[NamedFeed, ...], url: str) -> CheckedPage:
    """The feeds that a page names."""
    named = ", ".join(feed.url for feed in feeds)
    return CheckedPage(url=url, detail=f"this is a web page; it names these feeds: {named}", feeds=list(feeds))


def _describe_entry(entry: ArticleSubmission, is_teaser: bool) -> EntryAnswer:  # noqa: FBT001 - private, one caller
    return EntryAnswer(
        headline=entry.headline,
        url=entry.url,
        date_published=entry.date_published,
        text="teaser" if is_teaser else "full",
        body_characters=len(entry.body),
    )
