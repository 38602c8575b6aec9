from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.full_text import is_page_of, merge_page, page_content
from services.ingest.core.html_page import extract_html_page
from services.ingest.core.submissions import ArticleSubmission
from shared.articles import Link
from tests.builders import NOON

TEASER = "The bridge over the harbour reopened on Monday …"
TEXT = "The bridge over the harbour reopened on Monday.\n\n" + "Traffic was light, and the ferries stopped. " * 10


def an_entry(**fields: Any) -> ArticleSubmission:
    own = {"headline": "Harbour bridge reopens", "body": TEASER, "url": "https://courier.example/bridge", "publisher": "Courier"}
    return ArticleSubmission.model_validate(own | fields)


def a_page(**fields: Any) -> ExtractedArticle:
    own = {"headline": "Bridge opens: what to know", "body": TEXT, "url": "https://courier.example/bridge"}
    return ExtractedArticle.model_validate(own | fields)


def test_the_text_is_the_page_s_and_the_teaser_describes_it() -> None:
    merged = merge_page(an_entry(), a_page())
    assert (merged.body, merged.description) == (a_page().body, TEASER)


@pytest.mark.parametrize("text", ["", "Subscribe to read on.", TEASER + " More."])
def test_a_page_that_has_no_more_text_does_not_replace_the_entry_s(text: str) -> None:
    assert merge_page(an_entry(), a_page(body=text)).body == TEASER


def test_headline_publisher_and_id_stay_the_feed_s() -> None:
    entry = an_entry(id="guid-1")
    merged = merge_page(entry, a_page(publisher="Another"))
    assert (merged.headline, merged.publisher, merged.id) == (entry.headline, "Courier", "guid-1")
    assert merge_page(an_entry(publisher=None), a_page(publisher="Another")).publisher is None


def test_the_feed_s_dates_stand_above_the_page_s() -> None:
    earlier = NOON - timedelta(days=1)
    page = a_page(date_published=earlier, date_modified=earlier)
    merged = merge_page(an_entry(date_published=NOON), page)
    assert (merged.date_published, merged.date_modified) == (NOON, earlier)


@pytest.mark.parametrize(
    ("name", "of_feed", "of_page"),
    [
        ("authors", ("Ada Feed",), ("Pat Page",)),
        ("section", "Feed", "Page"),
        ("breadcrumb", ("Feed",), ("Home", "Page")),
        ("keywords", ("feed",), ("page",)),
        ("language", "fr", "en"),
        ("image_url", "https://courier.example/feed.jpg", "https://courier.example/page.jpg"),
        ("description", "By the feed", "By the page"),
        ("date_published", NOON, NOON - timedelta(days=1)),
        ("related_links", (Link(headline="Feed", url="https://f.example/"),), (Link(headline="Page", url="https://p.example/"),)),
    ],
)
def test_the_page_fills_what_the_feed_leaves_out_and_nothing_else(name: str, of_feed: object, of_page: object) -> None:
    page = a_page(**{name: of_page})
    assert getattr(merge_page(an_entry(), page), name) == of_page
    assert getattr(merge_page(an_entry(**{name: of_feed}), page), name) == of_feed


@pytest.mark.parametrize(
    ("own_id", "of_page", "url"),
    [
        ("guid-1", "https://courier.example/world/bridge", "https://courier.example/world/bridge"),
        ("guid-1", "https://www.courier.example/bridge", "https://www.courier.example/bridge"),
        ("guid-1", "https://other.test/bridge", "https://courier.example/bridge"),
        ("guid-1", None, "https://courier.example/bridge"),
        (None, "https://courier.example/world/bridge", "https://courier.example/bridge"),
    ],
)
def test_the_canonical_address_is_taken_on_the_same_site_where_the_article_has_an_id(
    own_id: str | None, of_page: str | None, url: str
) -> None:
    assert merge_page(an_entry(id=own_id), a_page(url=of_page)).url == url


def test_what_is_too_long_for_a_submission_is_left_out() -> None:
    page = a_page(authors=("x" * 201, "Pat Page"), section="s" * 201, keywords=("k" * 300,), description="d " * 10_000)
    merged = merge_page(an_entry(), page)
    assert (merged.authors, merged.section, merged.keywords) == (("Pat Page",), None, ())
    assert ArticleSubmission.model_validate(merged.model_dump()) == merged


TEXTS = st.text(max_size=300)
LINES = st.lists(TEXTS, max_size=3).map(tuple)
OPTIONAL = st.none() | TEXTS
PAGES = st.builds(
    a_page,
    headline=st.just("Headline"),
    body=TEXTS,
    description=OPTIONAL,
    authors=LINES,
    section=OPTIONAL,
    breadcrumb=LINES,
    keywords=LINES,
    date_published=st.none() | st.just(NOON),
)
ENTRIES = st.builds(
    an_entry, body=TEXTS, description=OPTIONAL, id=st.none() | st.just("guid"), date_published=st.none() | st.just(NOON)
)


@given(ENTRIES, PAGES)
def test_whatever_page_there_is_a_valid_submission_comes_of_it_that_has_lost_nothing(
    entry: ArticleSubmission, page: ExtractedArticle
) -> None:
    merged = merge_page(entry, page)
    assert ArticleSubmission.model_validate(merged.model_dump()) == merged
    assert len(merged.body) >= len(entry.body)
    assert (merged.id, merged.headline, merged.publisher) == (entry.id, entry.headline, entry.publisher)
    assert all(getattr(merged, name) == value for name, value in entry if value and name not in ("body", "url"))


@given(ENTRIES, PAGES)
def test_to_merge_twice_changes_nothing(entry: ArticleSubmission, page: ExtractedArticle) -> None:
    once = merge_page(entry, page)
    assert merge_page(once, page) == once


@pytest.mark.parametrize(
    ("headline", "teaser", "text"),
    [
        ("Harbour bridge reopens", TEASER, TEXT),
        ("Hafenbrücke wieder offen", "", "Seit Montag ist die Hafenbrücke wieder für alle offen."),
        ("港の橋が再び開通", "", "月曜日に港の橋が再び開通した。交通量は少なかった。"),
        ("สะพานท่าเรือเปิดอีกครั้ง", "", "เมื่อวันจันทร์ สะพานท่าเรือเปิดอีกครั้ง หลังปิดสองปี"),
        ("A to B", "", "Anything."),
    ],
)
def test_a_page_with_the_words_of_the_entry_is_its_page(headline: str, teaser: str, text: str) -> None:
    assert is_page_of(an_entry(headline=headline, body=teaser), a_page(headline="Courier", body=text))


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        (
            "Before you continue",
            "We use cookies and data to deliver and maintain our services. Accept all or manage options below.",
        ),
        ("Thousands queue for concert", "Fans camped outside the stadium overnight, police said, and tickets were gone by noon."),
        ("続行する前に", "サービスの提供と維持のためにクッキーとデータを使用します。すべて受け入れるか設定を選んでください。"),
    ],
)
@pytest.mark.parametrize("entry", ["Harbour bridge reopens after repairs", "港の橋が再び開通"])
def test_a_page_of_consent_or_of_another_article_is_not(entry: str, headline: str, text: str) -> None:
    assert not is_page_of(an_entry(headline=entry, body=""), a_page(headline=headline, body=text))


PAGE = "<html><head>{}<title>Мост открыт</title></head><body><article><h1>Мост открыт</h1><p>{}</p></article></body></html>"
RUSSIAN = "Мост через гавань снова открыт для движения, сообщили власти города в понедельник. " * 5


@pytest.mark.parametrize(
    ("declared", "content_type", "encoding"),
    [
        ("", "text/html; charset=windows-1251", "windows-1251"),
        ('<meta charset="utf-8">', 'text/html; charset="windows-1251"', "windows-1251"),
        ('<meta charset="windows-1251">', "text/html", "windows-1251"),
        ('<meta charset="windows-1251">', "text/html;charset=UTF-8", "utf-8"),
        ("", "text/html; charset=no-such-thing", "utf-8"),
    ],
)
def test_the_encoding_that_the_answer_declares_stands_above_the_page_s(declared: str, content_type: str, encoding: str) -> None:
    content = PAGE.format(declared, RUSSIAN).encode(encoding)
    page = extract_html_page(page_content(content, content_type), "https://courier.example/bridge", NOON)
    assert isinstance(page, ExtractedArticle)
    assert (page.headline, page.body) == ("Мост открыт", RUSSIAN.strip())
