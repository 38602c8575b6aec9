"""Lists of feeds in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.feed_document import NoFeed, web_address
from services.ingest.core.opml import OutlinedFeed, build_opml, parse_opml
from shared.text import clean_line

LIST = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>%s</body></opml>"""


def listed(outlines):
    feeds = parse_opml((LIST % outlines).encode())
    assert not isinstance(feeds, NoFeed), feeds
    return feeds


def test_a_feed_has_its_address_its_title_and_the_folder_it_is_in():
    feeds = listed('<outline text="World"><outline text="Courier" type="rss" xmlUrl="https://a.example/f"/></outline>')

    assert feeds == (OutlinedFeed(url="https://a.example/f", title="Courier", section="World"),)


def test_the_innermost_folder_is_the_section():
    (feed,) = listed('<outline text="News"><outline text="World"><outline xmlUrl="https://a.example/f"/></outline></outline>')

    assert (feed.section, feed.title) == ("World", None)


def test_a_feed_outside_of_folders_has_its_category_for_a_section():
    (feed,) = listed('<outline category="/News/World,/Other" text="Courier" xmlUrl="https://a.example/f"/>')

    assert feed.section == "World"


def test_attributes_are_known_in_any_case_and_a_title_serves_for_a_text():
    (feed,) = listed('<outline TITLE="Courier" xmlurl="https://a.example/f"/>')

    assert feed == OutlinedFeed(url="https://a.example/f", title="Courier")


def test_a_feed_that_is_listed_twice_is_taken_once():
    assert (
        len(listed('<outline xmlUrl="https://a.example/f"/><outline text="x"><outline xmlUrl="https://a.example/f"/></outline>'))
        == 1
    )


def test_what_has_no_web_address_is_left_out():
    assert listed('<outline text="note"/><outline xmlUrl="file:///etc/passwd"/><outline xmlUrl=""/>') == ()


def test_a_list_that_is_broken_gives_the_feeds_that_can_be_read():
    feeds = listed(
        '<outline text="A & B"><outline text="One" xmlUrl="https://a.example/?a=1&b=2"><outline xmlUrl="https://b.example/f">'
    )

    assert [feed.url for feed in feeds] == ["https://a.example/?a=1&b=2", "https://b.example/f"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1251"])
def test_a_list_is_read_in_its_encoding(encoding):
    outline = '<outline text="Мост" xmlUrl="https://a.example/f"/>'
    text = f'<?xml version="1.0" encoding="{encoding}"?><opml><body>{outline}</body></opml>'

    feeds = parse_opml(text.encode(encoding))

    assert feeds == (OutlinedFeed(url="https://a.example/f", title="Мост"),)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "empty"),
        (b"<html><body/></html>", "web page"),
        (b"<rss version='2.0'/>", "root element is <rss>"),
        (b"words", "no OPML"),
        (b"<!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><opml><body/></opml>", "DOCTYPE"),
        (b"<opml>" + b" " * 10_000_000 + b"</opml>", "more than 10,000,000 bytes"),
    ],
)
def test_what_is_no_list_says_why(document, reason):
    judged = parse_opml(document)

    assert isinstance(judged, NoFeed)
    assert reason in judged.reason


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(
    lambda text: clean_line(text.replace("\ufffe", "").replace("\uffff", ""))
)
FEEDS = st.builds(
    OutlinedFeed,
    url=st.from_regex(r"https://[a-z]{1,8}\.example/[a-z0-9/?=&%_]{0,20}", fullmatch=True).map(lambda url: web_address(None, url)),
    title=NAMES.map(lambda name: name or None),
    section=NAMES.map(lambda name: name or None),
)


@given(feeds=st.lists(FEEDS, max_size=8, unique_by=lambda feed: feed.url))
def test_a_list_that_was_written_is_read_as_it_was(feeds):
    read = parse_opml(build_opml(feeds))

    assert not isinstance(read, NoFeed)
    assert sorted(read, key=lambda feed: feed.url) == sorted(feeds, key=lambda feed: feed.url)


def test_the_feeds_of_a_section_stand_in_one_folder():
    feeds = [OutlinedFeed(url=f"https://a.example/{number}", section=section) for number, section in enumerate(["A", "B", "A"])]

    assert build_opml(feeds).count(b'<outline text="A">') == 1
