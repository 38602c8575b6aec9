"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) → submissions. Fields of a wrong type are left out, as the format asks."""

import json
from typing import Any

import orjson

from services.ingest.core.feed_document import (
    LONGEST_NAME,
    MOST_ENTRIES,
    EntryDraft,
    Feed,
    NoFeed,
    collect_entries,
    newest,
    plain_names,
    web_address,
)
from services.ingest.core.feed_times import parse_feed_time
from services.ingest.core.html_text import html_to_text
from services.ingest.core.teasers import without_footer
from shared.text import clean_line, clean_text


def parse_json_feed(text: str, base_url: str | None = None) -> Feed | NoFeed:
    """The entries of a JSON Feed; NoFeed for JSON that is none."""
    try:
        top = _load(text)
    except (ValueError, RecursionError) as error:
        return NoFeed(reason=f"it begins like JSON but is not ({str(error)[:100]})")
    if not isinstance(top, dict) or not isinstance(top.get("items"), list):
        return NoFeed(reason="this is JSON, but no JSON Feed: it has no list of items")
    feed_url = web_address(base_url, top.get("feed_url"))
    base = base_url or feed_url or web_address(None, top.get("home_page_url"))
    items = [item for item in top["items"] if isinstance(item, dict)]
    chosen = (
        newest([parse_feed_time(item.get("date_published")) for item in items]) if len(items) > MOST_ENTRIES else range(len(items))
    )
    title = clean_line(_text(top.get("title")))[:LONGEST_NAME]
    collected = collect_entries(_draft(items[number], top, title, base) for number in chosen)
    hubs = [hub for hub in _list(top.get("hubs")) if isinstance(hub, dict) and _text(hub.get("type")).lower() == "websub"]
    return Feed(
        title=title,
        format="json",
        entries=collected.entries,
        teasers=collected.teasers,
        broken=collected.broken + len(top["items"]) - len(items),
        truncated=max(0, len(items) - MOST_ENTRIES),
        hub_url=next((address for hub in hubs if (address := web_address(base, hub.get("url")))), None),
        self_url=feed_url,
    )


def _load(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:  # lone surrogates, NaN and raw control characters, which stricter parsers refuse
        return json.loads(text, strict=False)


def _draft(item: dict[str, Any], top: dict[str, Any], title: str, base: str | None) -> EntryDraft:
    own_id = item.get("id")
    own_id = str(own_id) if isinstance(own_id, int | float) else clean_line(_text(own_id))
    content = clean_text(_text(item.get("content_text")))
    content = max(without_footer(html_to_text(_text(item.get("content_html")))), content, key=len)
    summary = clean_text(_text(item.get("summary")))
    addresses = [web_address(base, item.get("url")), web_address(None, own_id), web_address(base, item.get("external_url"))]
    authors = _authors(item) or _authors(top)
    fields = {
        "headline": _text(item.get("title")),
        "url": next((address for address in addresses if address), None),
        "id": own_id or None,
        "body": content or summary,
        "description": summary if content and summary and summary != content else None,
        "authors": authors,
        "publisher": title or None,
        "keywords": plain_names(_list(item.get("tags"))),
        "language": _text(item.get("language")) or _text(top.get("language")) or None,
        "image_url": _image(item, base),
        "date_published": parse_feed_time(item.get("date_published")),
        "date_modified": parse_feed_time(item.get("date_modified")),
    }
    return EntryDraft(fields, is_content=bool(content))


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    """Version 1.1 has `authors`, version 1 has `author`."""
    people = [*_list(holder.get("authors")), holder.get("author")]
    return plain_names(person.get("name") if isinstance(person, dict) else person for person in people)


def _image(item: dict[str, Any], base: str | None) -> str | None:
    attachments = [part for part in _list(item.get("attachments")) if isinstance(part, dict)]
    pictures = [part.get("url") for part in attachments if _text(part.get("mime_type")).startswith("image/")]
    addresses = (web_address(base, value) for value in (item.get("image"), item.get("banner_image"), *pictures))
    return next((address for address in addresses if address), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
