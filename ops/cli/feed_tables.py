"""How feeds are shown in a terminal of 80 columns: how each does, and what would be taken of one."""

from collections import Counter
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from shared.text import clean_line

#: Digits of an id that are shown: enough to name one of a few thousand feeds.
SHOWN_DIGITS = 8
_STYLES = {"ok": "green", "failing": "red", "silent": "yellow", "surging": "yellow", "paused": "dim", "new": "cyan"}
#: The order in which feeds are listed: first what asks for a look.
_ORDER = ("failing", "silent", "surging", "new", "ok", "paused")
#: Up to how many seconds a time is told in a unit of how many seconds.
_UNITS = ((90, 1, "s"), (90 * 60, 60, "min"), (36 * 3600, 3600, "h"), (float("inf"), 86400, "d"))


def build_feed_table(feeds: list[dict[str, Any]], now: datetime) -> Table:
    """Feeds as the API answers them: name, address, reason, condition, and when it was last read and brought news.

    What asks for a look stands first.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, leading=1, caption=_count(feeds), caption_justify="left")
    table.add_column("Feed", overflow="fold", ratio=1)
    table.add_column("Condition", no_wrap=True)
    table.add_column("Read", no_wrap=True)
    table.add_column("New article", no_wrap=True)
    for feed in sorted(feeds, key=lambda feed: (_ORDER.index(feed["condition"]), _name(feed).casefold(), feed["id"])):
        condition = feed["condition"]
        table.add_row(
            _cell(feed),
            Text(condition, style=_STYLES.get(condition, "")),
            tell_age(feed["last_success"], now),
            tell_age(feed["last_new_article"], now),
        )
    return table


def build_check(feed: dict[str, Any], asked: str, now: datetime) -> Group:
    """What would be taken of a feed, as the API answers it; `asked` is the address that was given."""
    shown = len(feed["entries"])
    count = {0: "no entries", 1: "1 entry"}.get(shown, f"{shown} entries")
    head = [Text(f"{_plain(feed['title']) or '(without a title)'}: {feed['format']}, {count} that would be taken")]
    notes = {
        f"redirected to {feed['url']}": feed["url"] != asked,
        f"WebSub hub: {feed['hub_url']}": feed["hub_url"],
        f"broken: {feed['broken']} entries without a headline or an address": feed["broken"],
        f"too many: {feed['truncated']} older entries are left out": feed["truncated"],
        f"a sitemap index: it names {len(feed['sitemaps'])} sitemaps": feed["sitemaps"],
    }
    head += [Text(_plain(note)) for note, holds in notes.items() if holds]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Entry", overflow="fold", ratio=1)
    table.add_column("Published", no_wrap=True)
    table.add_column("Text", no_wrap=True)
    for entry in feed["entries"]:
        name = Text.assemble(_plain(entry["headline"]), "\n", (_plain(entry["url"] or "no address"), "dim"))
        text = f"{entry['text']}, {entry['body_characters']}"
        table.add_row(name, tell_age(entry["date_published"], now) if entry["date_published"] else "no date", text)
    return Group(*head, table) if shown else Group(*head)


def tell_age(time: str | None, now: datetime) -> str:
    """How long ago a time in ISO 8601 is, such as "3 h ago"; "never" for none."""
    if time is None:
        return "never"
    seconds = (now - datetime.fromisoformat(time)).total_seconds()
    if seconds < 1:
        return "just now" if seconds > -60 else "in the future"
    unit, name = next((unit, name) for most, unit, name in _UNITS if seconds < most)
    return f"{round(seconds / unit)} {name} ago"


def _count(feeds: list[dict[str, Any]]) -> str:
    """Such as `3 feeds: 1 failing, 2 ok`."""
    counts = Counter(feed["condition"] for feed in feeds)
    told = ", ".join(f"{counts[condition]} {condition}" for condition in _ORDER if counts[condition])
    return f"{len(feeds)} {'feed' if len(feeds) == 1 else 'feeds'}: {told}"


def _name(feed: dict[str, Any]) -> str:
    return _plain(feed["title"] or feed["publisher"] or "")


def _cell(feed: dict[str, Any]) -> Text:
    lines = [(_name(feed), "bold"), (_plain(feed["url"]), "")] if _name(feed) else [(_plain(feed["url"]), "")]
    lines += [(_plain(reason), "italic") for reason in (feed["reason"], *feed["notes"]) if reason]
    lines.append((feed["id"][:SHOWN_DIGITS], "dim"))
    return Text("\n").join([Text(line, style=style) for line, style in lines])


def _plain(text: str) -> str:
    """Without characters that would steer the terminal: what feeds say is not ours."""
    return clean_line(text)
