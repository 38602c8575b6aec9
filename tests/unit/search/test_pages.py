"""Templates: what others wrote is shown as text, whatever it is."""

import itertools
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from services.search.app import STATIC
from services.search.core.answers import (
    AlsoIn,
    Comment,
    CommentsAnswer,
    Facets,
    FacetValue,
    Histogram,
    HistogramBucket,
    OtherArticle,
    SearchAnswer,
)
from services.search.core.comment_form import FormToShow
from services.search.core.front import build_front_page
from services.search.core.linked_body import build_linked_body
from services.search.core.news_article import build_news_article, build_script_text
from services.search.core.other_versions import OtherVersions
from services.search.core.page_links import build_take_along
from services.search.core.parameters import SearchParameters
from services.search.core.query_errors import QueryError
from services.search.core.search_page import (
    build_bars,
    build_chips,
    build_filters,
    build_hidden_fields,
    build_link,
    build_wrong_query,
)
from services.search.core.translating import build_handovers
from services.search.page_dates import format_clock, format_day, format_weekday
from services.search.page_options import PageOptions
from services.search.pages import Site
from tests.builders import ARTICLE_ID, NOON
from tests.unit.search.builders import HOSTILE, a_hit, an_article_to_show, lists_to_show

#: Every element that the templates use; `style` and the like are not among them, nor scripts and pictures of elsewhere, see below.
ELEMENTS = {
    *("html", "head", "meta", "title", "link", "body", "header", "nav", "main", "article", "section", "aside", "footer", "div"),
    *("h1", "h2", "h3", "p", "ul", "ol", "li", "a", "span", "bdi", "time", "mark", "q", "kbd", "strong"),
    *("form", "label", "input", "button", "select", "option", "textarea"),
    *("script", "img", "figure", "figcaption", "details", "summary", "small"),
}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def levels(self):
        return [int(tag[1]) for tag, _ in self.elements if tag in ("h1", "h2", "h3")]


OPTIONS = PageOptions(b"k" * 32, "https://translate.example/?u={url}&to={language}", ("de", "en"), b"a { color: red }")


@pytest.fixture(scope="module")
def site():
    return Site("Dateline", STATIC, options=OPTIONS)


def render(site, template, context):
    return Page(site.render(template, context).body.decode())


def hostile_fields():
    hostile = {"headline": {"en": HOSTILE}, "body": {"en": f"{HOSTILE}\n\n{HOSTILE}"}, "description": {"en": HOSTILE}}
    single = dict.fromkeys(("publisher", "section"), HOSTILE)
    mentions = [{"field": "body", "start": 0, "end": len(HOSTILE)}]
    entities = [{"type": "PERSON", "name": HOSTILE, "count": 1, "entity_id": HOSTILE, "mentions": mentions}]
    addresses = {"url": "javascript:alert(1)", "image_url": f"https://courier.example/{HOSTILE}"}
    return hostile | single | addresses | {"authors": [HOSTILE], "breadcrumb": [HOSTILE], "entities": entities}


def article_context(**fields):
    article = an_article_to_show(**fields)
    text = fields.get("section", "Well said")
    comment = Comment(comment_id="c", article_id=ARTICLE_ID, author=text, text=text, time=NOON)
    comments = CommentsAnswer(article_id=ARTICLE_ID, comments=(comment,), cursor="next")
    shown = {
        "article": article,
        "section": article.section,
        "paragraphs": build_linked_body(article.body, article.entities),
        "page_url": f"https://news.example/articles/{ARTICLE_ID}",
        "picture_url": None if article.image_url is None else "https://news.example/images/s/a",
        "handovers": build_handovers(OPTIONS.translator, "https://news.example/", article.language, ("de", "en")),
        "news_article": build_script_text(build_news_article(article, "https://news.example/", with_body=False)),
        "has_revisions": True,
        "related": (a_hit(**fields),),
        "others": OtherVersions((a_hit(**fields),), (a_hit(**fields | {"language": "fr"}),)),
        "comments": comments,
        "form": FormToShow("token", text, text, {"": text, "author": text, "text": text}),
        "is_sent": True,
    }
    return shown | lists_to_show(**fields)


def search_context(q, **fields):
    asked = SearchParameters(q=q, section=(fields.get("section", "World"),))
    value = FacetValue(value=fields.get("section", "World"), count=1)
    facets = Facets(language=(), section=(value,), publisher=(value,), entity=(value,))
    other = OtherArticle(article_id=ARTICLE_ID, headline=q, publisher=q)
    hit = a_hit(**fields).model_copy(update={"also_in": AlsoIn(count=2, articles=(other,))})
    spans = tuple(HistogramBucket(start=NOON + timedelta(days=day), count=day) for day in range(3))
    histogram = Histogram(interval="1d", buckets=spans)
    more = {"did_you_mean": q, "is_relaxed": True, "histogram": histogram}
    answer = SearchAnswer(total=1, total_is_exact=True, hits=(hit,), facets=facets, cursor="next", **more)
    return {
        "parameters": asked,
        "answer": answer,
        "filters": build_filters(asked, facets),
        "chips": build_chips(asked),
        "along": build_take_along(asked),
        "hidden": build_hidden_fields(asked),
        "bars": build_bars(asked, histogram),
        "wrong": None,
        "meant": build_link(asked, {"q": q}),
        "first": build_link(asked, {}),
        "following": build_link(asked, {"cursor": "next"}),
        "q": q,
        "sections": (),
    }


def wrong_context(q, **fields):
    shown = search_context(q, **fields)
    wrong = build_wrong_query(f"({q}", QueryError(q, 0))
    return shown | {"answer": None, "wrong": wrong, "bars": (), "meant": None, "filters": (), "first": None, "following": None}


def contexts(**fields):
    lists = lists_to_show(**fields)
    search = search_context(fields.get("section", "bridge"), **fields)
    section = {"section": fields.get("section", "World"), "answer": search["answer"], "is_first": False}
    return [
        ("front.html", {"front": build_front_page([a_hit(**fields)] * 8), "trending": lists["popular"], **lists}),
        ("article.html", article_context(**fields)),
        ("search.html", search),
        ("search.html", wrong_context(fields.get("section", "bridge"), **fields)),
        ("section.html", section | lists),
    ]


@pytest.mark.parametrize(("template", "context"), contexts(**hostile_fields()))
def test_hostile_text_makes_no_element_no_attribute_and_no_link(site, template, context):
    page = render(site, template, context)

    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on") or name == "style"]
    assert all(
        link["href"].startswith(("/", "?", "#", "mailto:?subject=", "https://translate.example/?u=")) for link in page.all("a")
    )
    assert all(image["src"].startswith("/images/") for image in page.all("img"))
    assert all(script.get("src", "/static/").startswith("/static/") for script in page.all("script"))
    assert HOSTILE in page.text


@pytest.mark.parametrize(("template", "context"), contexts())
def test_pages_have_landmarks_one_main_heading_and_none_skipped(site, template, context):
    page = render(site, template, context)

    levels = page.levels()
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    assert len(page.all("main")) == len(page.all("header")) - (template == "article.html") == 1
    assert page.all("a")[0] == {"class": "skip", "href": "#content"}
    labelled = {label.get("for") for label in page.all("label")}
    assert all(field["id"] in labelled for field in page.all("input") if field.get("type") == "search")


def test_an_article_shows_its_headline_once_its_paragraphs_and_where_it_is_from(site):
    page = render(site, "article.html", article_context(authors=["Ann", "Bo"], publisher="Courier", section="World"))

    headline = page.text.split("Also in", maxsplit=1)[0].count("Harbour bridge reopens")
    assert headline == 3  # in the title, for programs, and in the heading
    assert "By Ann, Bo · Courier" in page.text
    assert "Tuesday, 24 November 2026, 12:00 UTC" in page.text
    assert {"class": "original", "href": "https://courier.example/bridge", "rel": "noopener noreferrer"} in page.all("a")


def test_an_article_in_arabic_runs_from_right_to_left(site):
    page = render(site, "article.html", article_context(headline={"ar": "سفينة"}, body={"ar": "نص"}, language="ar"))

    assert page.all("h1") == [{"lang": "ar", "dir": "rtl"}]
    assert {"class": "body", "lang": "ar", "dir": "rtl"} in page.all("div")


def test_an_article_without_a_date_of_publication_says_when_it_was_retrieved(site):
    page = render(site, "article.html", article_context(date_published=None))

    assert "Retrieved Tuesday, 24 November 2026" in " ".join(page.text.split())


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        ({"status": 404, "title": "Not Found", "detail": "x"}, "This page is not here"),
        ({"status": 410, "title": "Gone", "detail": "x"}, "This article was retracted"),
        ({"status": 503, "title": "Service Unavailable", "detail": "x"}, "try again in a few seconds"),
        ({"status": 500, "title": "Internal Server Error", "detail": "x"}, "Something went wrong here"),
        ({"status": 400, "title": "Bad Request", "detail": f"not {HOSTILE}"}, f"Not {HOSTILE}."),
        ({"status": 422, "title": "x", "detail": "y", "errors": [{"field": "q", "detail": HOSTILE}]}, f"q: {HOSTILE}"),
    ],
)
def test_an_error_page_says_what_happened_and_escapes_too(site, problem, says):
    response = site.render_problem(problem, HOSTILE)
    page = Page(response.body.decode())

    assert response.status_code == problem["status"]
    assert says in page.text
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert page.all("input")[0]["value"] == HOSTILE


def test_times_are_written_in_utc():
    time = datetime.fromisoformat("2024-11-21T23:30:00-02:00")

    assert (format_day(time), format_weekday(time), format_clock(time)) == (
        "22 November 2024",
        "Friday, 22 November 2024",
        "01:30 UTC",
    )
    assert format_day(datetime(2024, 1, 2, tzinfo=UTC)) == "2 January 2024"
