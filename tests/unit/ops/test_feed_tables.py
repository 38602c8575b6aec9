"""How feeds are shown in a terminal."""

import io
from datetime import timedelta

import pytest
from rich.console import Console

from ops.cli.feed_tables import build_check, build_feed_table, tell_age
from tests.builders import NOON

HERE = "https://courier.example/world.rss"


def a_feed(**fields):
    """A feed as the API answers it."""
    return {
        "id": "0c8f4d1e2a3b5c67",
        "url": HERE,
        "title": "Harbour Courier: World",
        "publisher": None,
        "condition": "ok",
        "reason": "",
        "notes": [],
        "last_success": (NOON - timedelta(minutes=5)).isoformat(),
        "last_new_article": (NOON - timedelta(hours=3)).isoformat(),
    } | fields


def a_check(**fields):
    """What a check answers."""
    entry = {
        "headline": "Bridge reopens",
        "url": "https://courier.example/1",
        "date_published": None,
        "text": "teaser",
        "body_characters": 18,
    }
    return {
        "kind": "feed",
        "url": HERE,
        "title": "Courier",
        "format": "rss",
        "hub_url": None,
        "entries": [entry],
        "broken": 0,
        "truncated": 0,
        "sitemaps": [],
    } | fields


def shown(renderable, width=80):
    """What a terminal of 80 columns shows, line by line."""
    file = io.StringIO()
    Console(file=file, width=width, highlight=False).print(renderable)
    return file.getvalue()


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "just now"),
        (1, "1 s ago"),
        (89, "89 s ago"),
        (90, "2 min ago"),
        (3 * 3600, "3 h ago"),
        (35 * 3600, "35 h ago"),
        (5 * 86400, "5 d ago"),
        (-30, "just now"),
        (-3600, "in the future"),
    ],
)
def test_a_time_is_told_as_its_age_in_one_unit(seconds, told):
    assert tell_age((NOON - timedelta(seconds=seconds)).isoformat(), NOON) == told


def test_what_has_not_happened_is_never():
    assert tell_age(None, NOON) == "never"


def test_a_feed_is_shown_with_its_condition_ages_and_the_beginning_of_its_id():
    text = shown(build_feed_table([a_feed()], NOON))

    for part in ("Harbour Courier: World", "https://courier.example/world.rss", "ok", "5 min ago", "3 h ago", "0c8f4d1e"):
        assert part in text


def test_the_reason_and_the_notes_of_a_feed_are_shown_whole_within_80_columns():
    reason = "the server answered 404, which it does for feeds that were moved or given up (12 times in a row)"
    long = "https://courier.example/" + "very-long-path/" * 12

    text = shown(build_feed_table([a_feed(condition="failing", reason=reason, notes=["2 entries are broken"], url=long)], NOON))

    assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
    words = " ".join(line[:40].strip() for line in text.splitlines())
    assert all(word in text for word in reason.split())
    assert "2 entries are broken" in words


def test_feeds_that_ask_for_a_look_stand_first_and_all_are_counted():
    feeds = [
        a_feed(title=f"Is {condition}", condition=condition)
        for condition in ("paused", "ok", "surging", "failing", "new", "silent")
    ]

    text = shown(build_feed_table([*feeds, a_feed(title="Is Ok too")], NOON))

    order = ("Is failing", "Is silent", "Is surging", "Is new", "Is ok", "Is Ok too", "Is paused")
    assert [text.index(name) for name in order] == sorted(text.index(name) for name in order)
    assert "7 feeds: 1 failing, 1 silent, 1 surging, 1 new, 2 ok, 1 paused" in text


@pytest.mark.parametrize("title", ["[bold]No markup[/bold]", "[/]", "[link=file:///etc]x"])
def test_a_title_is_no_markup(title):
    assert title in shown(build_feed_table([a_feed(title=title)], NOON), width=120)


@pytest.mark.parametrize("field", ["title", "url", "reason"])
def test_what_a_feed_says_does_not_steer_the_terminal(field):
    text = shown(build_feed_table([a_feed(**{field: "x\x1b[2J\x07\x9b31m\u202ey"})], NOON))

    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_a_check_shows_every_entry_and_what_would_be_left_out():
    text = shown(build_check(a_check(broken=2, truncated=7, hub_url="https://hub.example/"), HERE, NOON))

    for part in (
        "Courier: rss, 1 entry",
        "Bridge reopens",
        "teaser, 18",
        "2 entries without",
        "7 older entries",
        "https://hub.example/",
    ):
        assert part in text


def test_a_check_of_a_feed_without_entries_says_so():
    assert "no entries" in shown(build_check(a_check(entries=[], title=""), HERE, NOON))


def test_a_check_tells_where_it_was_redirected_to():
    assert f"redirected to {HERE}" in shown(build_check(a_check(), "https://courier.example/old", NOON))
    assert "redirected" not in shown(build_check(a_check(), HERE, NOON))
