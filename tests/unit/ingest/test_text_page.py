"""Scraped text: the article stays, what the site put around it goes."""

from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.text_page import extract_text_page

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SEED = Path(__file__).parents[4] / "shared" / "data" / "pages" / "000_59c3989c5ee98e8e.txt"

HEADLINE = "Ferry Company Promises ‘Quieter’ Engines for the Strait"
FIRST = "The company that runs the night ferries said on Tuesday that its six ships would have quieter engines by next summer."
SECOND = "Residents on both shores had complained for years, and a petition with nine thousand names was handed over in March."
THIRD = "“We have listened,” said the managing director, who came to the quay without a coat and left with a cold."
BODY = f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
PAGE = f"""Monday, November 23, 2026
HomeShippingFerry Company Promises ‘Quieter’ Engines for the Strait

{HEADLINE}

{FIRST}

{SECOND}

{THIRD}

RELATED ARTICLES
- Advertisment -

Most Popular

Recent Comments

Translate »"""


def extract(text: str, url: str | None = None) -> ExtractedArticle:
    page = extract_text_page(text, url, NOW)
    assert isinstance(page, ExtractedArticle), page
    return page


def test_the_article_is_told_from_crumb_and_widgets():
    page = extract(PAGE)

    assert page.headline == HEADLINE
    assert page.body == BODY
    assert page.section == "Shipping"
    assert page.breadcrumb == ("Home", "Shipping")


def test_the_day_above_the_headline_is_the_day_of_the_visit_not_of_publication():
    page = extract(PAGE)

    assert page.date_retrieved == datetime(2026, 11, 23, tzinfo=UTC)
    assert page.date_published is None


def test_the_seed_page_gives_exactly_its_article():
    if not SEED.exists():
        pytest.skip(f"the seed page is not at {SEED}")
    text = SEED.read_text(encoding="utf-8")
    page = extract(text)

    assert page.headline == "Iran Vows to Build ‘Comprehensive’ Relationship with Pakistan"
    assert (page.section, page.breadcrumb) == ("Iran", ("Home", "Iran"))
    assert page.date_retrieved == datetime(2024, 11, 21, tzinfo=UTC)
    assert page.date_published is None
    paragraphs = page.body.split("\n\n")
    assert len(paragraphs) == 12
    assert paragraphs[0].startswith("Iranian Foreign Minister Dr. Muhammad Javad Zarif said his country was prepared")
    assert paragraphs[-1].endswith("stressed the expansion of all aspects of the relationship.")
    assert page.body in text


@pytest.mark.parametrize(
    ("crumb", "breadcrumb"),
    [
        (f"HomeWorldMiddle East{HEADLINE}", ("Home", "World", "Middle East")),
        (f"Home › World › Middle East › {HEADLINE}", ("Home", "World", "Middle East")),
        (f"Home » World » {HEADLINE[:30]}…", ("Home", "World")),
        (f"Home / World / {HEADLINE}", ("Home", "World")),
        (f"You are here: Home > World > {HEADLINE}", ("Home", "World")),
        (f"Accueil > Monde > {HEADLINE}", ("Accueil", "Monde")),
        (f"Home{HEADLINE}", ("Home",)),
    ],
)
def test_crumbs_are_read_in_the_ways_sites_write_them(crumb, breadcrumb):
    page = extract(f"{crumb}\n\n{HEADLINE}\n\n{BODY}")

    assert page.headline == HEADLINE
    assert page.breadcrumb == breadcrumb
    assert page.section == (breadcrumb[-1] if len(breadcrumb) > 1 else None)
    assert page.body == BODY


@pytest.mark.parametrize(
    "day",
    [
        "Monday, November 23, 2026",
        "23 November 2026",
        "Mon, 23 Nov 2026",
        "November 23rd, 2026",
        "2026-11-23",
        "Nov. 23, 2026 10:15 am",
        "MONDAY 23 NOVEMBER 2026",
    ],
)
def test_the_day_is_read_in_the_ways_english_sites_write_it(day):
    page = extract(f"{day}\n{HEADLINE}\n\n{BODY}")

    assert page.date_retrieved == datetime(2026, 11, 23, tzinfo=UTC)
    assert page.headline == HEADLINE


@pytest.mark.parametrize("day", ["January 5, 2031", "February 30, 2026", "November 23, 0026", "11/12/2026"])
def test_a_day_that_cannot_be_or_says_two_things_is_not_believed(day):
    assert extract(f"{day}\n\n{HEADLINE}\n\n{HEADLINE}\n\n{BODY}").date_retrieved is None


def test_a_date_in_the_running_text_is_no_date_of_the_article():
    page = extract(f"{HEADLINE}\n\nThe first ferry crossed the strait on 3 March 1921, and the crossing took four hours.\n\n{BODY}")

    assert (page.date_published, page.date_retrieved) == (None, None)


def test_a_date_that_is_called_published_is_believed():
    page = extract(f"{HEADLINE}\n\nPublished: November 20, 2026\n\nUpdated on November 21, 2026\n\n{BODY}")

    assert page.date_published == datetime(2026, 11, 20, tzinfo=UTC)
    assert page.date_modified == datetime(2026, 11, 21, tzinfo=UTC)
    assert page.body == BODY


def test_plain_text_of_headline_and_paragraphs_is_an_article():
    page = extract(f"{HEADLINE}\n\n{BODY}\n")

    assert (page.headline, page.body, page.section, page.breadcrumb) == (HEADLINE, BODY, None, ())


def test_paragraphs_may_stand_on_lines_of_their_own():
    assert extract(f"{HEADLINE}\n{FIRST}\n{SECOND}\n{THIRD}").body == BODY


def test_wrapped_lines_are_one_paragraph():
    narrow = "\n".join(wrap(FIRST, 50))  # breaks before "Tuesday"
    wide = "\n".join(wrap(SECOND, 80))

    assert extract(f"{HEADLINE}\n\n{narrow}\n\n{wide}\n\n{THIRD}").body == BODY


def test_the_headline_is_said_once_and_without_the_name_of_the_site():
    page = extract(f"{HEADLINE} - The Strait Times\n\n{HEADLINE}\n\n{BODY}")

    assert page.headline == HEADLINE
    assert page.body == BODY


def test_the_byline_names_the_authors():
    page = extract(f"{HEADLINE}\n\nBy Leyla Ozan and Peter Quint\n\n{BODY}")

    assert page.authors == ("Leyla Ozan", "Peter Quint")
    assert page.body == BODY


def test_a_paragraph_that_begins_with_by_is_no_byline():
    opening = "By the time the ferry reached the quay, the band had gone home and the mayor was asleep."

    assert extract(f"{HEADLINE}\n\n{opening}\n\n{BODY}").body == f"{opening}\n\n{BODY}"


@pytest.mark.parametrize(
    "widgets",
    [
        "Share\nFacebook\nTwitter\nWhatsApp\n\nPrevious article\nHarbour master retires\nNext article\nBridge toll to rise",
        "You May Also Like\nA lighthouse keeper remembers the great storm of 1987 and those who did not come back.",
        "Leave a Reply\nYour email address will not be published. Required fields are marked.",
        "3 Comments\nRecent Posts\nHarbour master retires\nBridge toll to rise",
        "Translate »2",
        "Sign up for our newsletter",
        "READ MORE: Bridge toll to rise in the spring",
        "© 2026 The Strait Times. All rights reserved.",
    ],
)
def test_widgets_below_the_article_leave_nothing_behind(widgets):
    assert extract(f"{HEADLINE}\n\n{BODY}\n\n{widgets}\n").body == BODY


def test_an_inset_between_paragraphs_does_not_end_the_article():
    page = extract(f"{HEADLINE}\n\n{FIRST}\n\n- Advertisement -\n\nRelated Articles\nBridge toll to rise\n\n{SECOND}\n\n{THIRD}")

    assert page.body == BODY


def test_sub_headings_stay():
    body = f"{FIRST}\n\nNine thousand names\n\n{SECOND}\n\n{THIRD}"

    assert extract(f"{HEADLINE}\n\n{body}").body == body


def test_tags_become_keywords():
    page = extract(f"{HEADLINE}\n\n{BODY}\n\nTags: ferries, noise, Strait")

    assert page.keywords == ("ferries", "noise", "Strait")
    assert page.body == BODY


def test_the_address_is_the_canonical_one_of_where_the_text_came_from():
    assert extract(PAGE, "https://Example.com/a/?utm_source=x").url == "https://example.com/a"
    assert extract(PAGE, "not an address").url is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty page"),
        (" \n\n\t\n", "empty page"),
        (
            "Home\n\n404 - Page not found\n\nThe page you are looking for cannot be found. It may have been moved or deleted.",
            "error page",
        ),
        ("Sign in\n\nLog in to your account\n\nyour username\n\nyour password\n\nForgot your password?", "login page"),
        (
            "Home\nShipping\nBridge toll to rise\nHarbour master retires\nFerries: the winter timetable\nAll the tides of the week",
            "index page",
        ),
        (HEADLINE, "index page"),
    ],
)
def test_a_page_without_an_article_is_a_value_with_a_reason(text, reason):
    assert extract_text_page(text, None, NOW) == NoArticle(reason)


@given(st.text() | st.text("Home\n Aa.|»-:", max_size=200))
def test_any_text_gives_an_article_or_a_reason(text):
    page = extract_text_page(text, None, NOW)

    assert isinstance(page, NoArticle) or (page.headline and page.body)
