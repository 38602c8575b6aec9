"""HTML pages: headline, body and what the page says about them; a reason where there is no article."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.html_page import extract_html_page

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://www.strait.example/shipping/quieter-engines"
SAMPLES = sorted((Path(__file__).parents[3] / "ops" / "sample" / "pages").glob("*.html"))

HEADLINE = "Ferry company promises quieter engines for the strait"
PARAGRAPHS = (
    "The company that runs the night ferries said on Tuesday that its six ships would have quieter engines by next summer.",
    "Residents on both shores had complained for years, and a petition with nine thousand names was handed over in March.",
    "“We have listened,” said the managing director, who came to the quay without a coat, shook forty hands and left with a cold.",
    "The new engines are built in a shipyard that had been closed for a decade and was opened again for this order alone.",
    "Nobody could say what is to become of the old engines, which a museum has refused and a foundry has not yet answered about.",
)
BODY = "\n\n".join(PARAGRAPHS)
ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": HEADLINE,
    "description": "Six ships are to be refitted by next summer.",
    "author": [{"@type": "Person", "name": "Leyla Ozan"}, {"@type": "Person", "name": "Peter Quint"}],
    "publisher": {"@type": "Organization", "name": "The Strait Times"},
    "articleSection": "Shipping",
    "keywords": ["ferries", "noise"],
    "inLanguage": "en_GB",
    "image": {"@type": "ImageObject", "url": "/images/ferry.jpg"},
    "datePublished": "2026-11-20T09:30:00+03:00",
    "dateModified": "2026-11-21",
}


def build_page(
    head: str = "", body: str | None = None, above: str = "", below: str = "", title: str = f"{HEADLINE} | The Strait Times"
) -> str:
    paragraphs = body if body is not None else build_paragraphs(PARAGRAPHS)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>
<nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<main><article><h1>{HEADLINE}</h1>{above}<div class="story-body">{paragraphs}</div></article></main>{below}
<footer><p>© 2026 The Strait Times. All rights reserved.</p></footer></body></html>"""


def build_paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def build_bare_page(title: str, content: str) -> str:
    return f"<html><head><title>{title}</title></head><body>{content}</body></html>"


LOGIN_FORM = """<h1>Sign in</h1><form><p>Please give your name and your password to read on.</p>
<input type="text"><input type="password"></form>"""
LINKS = "".join(f'<li><a href="/{number}">Another headline about ferries and engines, {number}</a></li>' for number in range(30))


def build_script(*nodes: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


def extract(html: str | bytes, url: str | None = URL) -> ExtractedArticle:
    page = extract_html_page(html, url, NOW)
    assert isinstance(page, ExtractedArticle), page
    return page


def test_the_body_is_the_paragraphs_alone():
    page = extract(build_page())

    assert page.headline == HEADLINE
    assert page.body == BODY


def test_json_ld_says_who_wrote_it_when_and_where():
    page = extract(build_page(build_script(ARTICLE)))

    assert page.authors == ("Leyla Ozan", "Peter Quint")
    assert page.publisher == "The Strait Times"
    assert page.section == "Shipping"
    assert page.keywords == ("ferries", "noise")
    assert page.language == "en-GB"
    assert page.description == "Six ships are to be refitted by next summer."
    assert page.image_url == "https://www.strait.example/images/ferry.jpg"
    assert page.date_published == datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    assert page.date_modified == datetime(2026, 11, 21, tzinfo=UTC)
    assert not page.paywalled


def test_meta_elements_say_it_where_there_is_no_json_ld():
    head = """<meta property="og:type" content="article"><meta property="og:site_name" content="The Strait Times">
    <meta property="article:section" content="Shipping"><meta property="article:tag" content="ferries">
    <meta property="article:published_time" content="2026-11-20T09:30:00Z">
    <meta name="author" content="By Leyla Ozan and Peter Quint">
    <meta property="og:image" content="https://img.strait.example/1.jpg"><meta name="description" content="Six ships.">"""
    page = extract(build_page(head))

    assert page.authors == ("Leyla Ozan", "Peter Quint")
    assert (page.publisher, page.section, page.keywords) == ("The Strait Times", "Shipping", ("ferries",))
    assert page.date_published == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert (page.description, page.language) == ("Six ships.", "en")


def test_microdata_says_it_where_there_is_no_json_ld():
    above = """<div itemscope itemtype="https://schema.org/NewsArticle"><meta itemprop="articleSection" content="Shipping">
    <span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Leyla Ozan</b></span>
    <b itemprop="publisher" itemscope itemtype="https://schema.org/Organization"><meta itemprop="name" content="Strait Times"></b>
    <time itemprop="datePublished" datetime="2026-11-20T09:30:00Z">on Friday</time></div>"""
    page = extract(build_page(above=above))

    assert (page.section, page.authors, page.publisher) == ("Shipping", ("Leyla Ozan",), "Strait Times")
    assert page.date_published == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_the_byline_is_read_where_nothing_else_names_the_author():
    assert extract(build_page(above='<p class="byline">By <a rel="author" href="/lo">Leyla Ozan</a></p>')).authors == (
        "Leyla Ozan",
    )


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By LEYLA OZAN and PETER QUINT<br>Associated Press", ("LEYLA OZAN", "PETER QUINT")),
        ("By Leyla Ozan, Reuters", ("Leyla Ozan",)),
        ('Leyla Ozan <time datetime="2026-11-20">1 day ago</time>', ("Leyla Ozan",)),
        ("Text: Leyla Ozan", ("Leyla Ozan",)),
        ("Leyla Ozan | Strait Media for strait.com", ("Leyla Ozan",)),
        ('<time datetime="2026-11-20">1 day ago</time> Leyla Ozan', ("Leyla Ozan",)),
        ('<a rel="author" href="/lo">More</a>', ()),
    ],
)
def test_a_byline_is_the_names_alone(byline, authors):
    assert extract(build_page(above=f'<div class="byline">{byline}</div>')).authors == authors


def test_the_person_in_the_byline_goes_before_the_organisation_in_the_metadata():
    head = build_script({**ARTICLE, "author": {"@type": "NewsMediaOrganization", "name": "The Strait Times"}})

    assert extract(build_page(head, above='<p class="byline">By Leyla Ozan</p>')).authors == ("Leyla Ozan",)
    assert extract(build_page(head)).authors == ("The Strait Times",)


def test_of_several_articles_in_json_ld_the_one_in_the_title_is_this_one():
    others = [{**ARTICLE, "headline": f"Another story {number}", "articleSection": "Sport"} for number in range(3)]

    assert extract(build_page(build_script([*others, ARTICLE]))).section == "Shipping"


def test_what_the_article_does_not_say_is_read_from_the_page_as_such():
    page = extract(build_page(build_script({"@type": "WebPage", "datePublished": "2026-11-20", "author": {"name": "Leyla Ozan"}})))

    assert page.date_published == datetime(2026, 11, 20, tzinfo=UTC)
    assert page.authors == ("Leyla Ozan",)


def test_a_broken_script_does_not_hide_the_next_one():
    page = extract(build_page('<script type="application/ld+json">{"@type": "NewsArticle", </script>' + build_script(ARTICLE)))

    assert page.section == "Shipping"


def test_a_list_of_articles_in_json_ld_is_not_about_this_one():
    others = [{**ARTICLE, "headline": f"Another story {number}", "articleSection": "Sport"} for number in range(3)]

    assert extract(build_page(build_script(others))).section is None


@pytest.mark.parametrize(
    "crumbs",
    [
        build_script(
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": 3, "name": HEADLINE},
                    {"@type": "ListItem", "position": 2, "item": {"@id": "/shipping", "name": "Shipping"}},
                    {"@type": "ListItem", "position": 1, "name": "Home"},
                ],
            }
        ),
        f'<nav class="breadcrumb"><a href="/">Home</a> › <a href="/shipping">Shipping</a> › <a href="#">{HEADLINE}</a></nav>',
        """<ol itemscope itemtype="https://schema.org/BreadcrumbList"><li><a href="/"><span itemprop="name">Home</span></a></li>
        <li><a href="/s"><span itemprop="name">Shipping</span></a></li></ol>""",
    ],
    ids=["json-ld", "shown", "microdata"],
)
def test_the_breadcrumb_leads_to_the_section_and_leaves_out_the_article(crumbs):
    page = extract(build_page(above=crumbs))

    assert page.breadcrumb == ("Home", "Shipping")
    assert page.section == "Shipping"
    assert page.body == BODY


@pytest.mark.parametrize(
    "stated",
    [
        "2031-01-01T00:00:00Z",
        "2203-05-06",
        "1970-01-01T00:00:00Z",
        "0001-01-01",
        "2026-11-26",
        "yesterday",
        "",
        "2026-02-30",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_date_that_cannot_be_is_left_out(stated):
    assert extract(build_page(build_script({**ARTICLE, "datePublished": stated}))).date_published is None


def test_an_article_put_online_from_the_archive_keeps_its_date():
    assert extract(build_page(build_script({**ARTICLE, "datePublished": "1951-05-02"}))).date_published == datetime(
        1951, 5, 2, tzinfo=UTC
    )


def test_a_date_in_the_page_is_not_taken_for_the_date_of_the_article():
    page = extract(build_page(above="<p>Thursday, November 19, 2026</p><p>Published 3 March 2021</p>"))

    assert (page.date_published, page.date_modified) == (None, None)


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        ("https://www.strait.example/a?utm_source=x", "https://www.strait.example/a"),
        ("/a", "https://www.strait.example/a"),
        ("https://m.strait.example/a", "https://m.strait.example/a"),
        ("https://www.strait.example/", URL),
        ("https://elsewhere.example/a", URL),
        ("javascript:alert(1)", URL),
        ("", URL),
    ],
    ids=["plain", "relative", "subdomain", "home page", "another site", "no address", "empty"],
)
def test_the_canonical_address_is_believed_on_its_own_site_only(stated, url):
    assert extract(build_page(f'<link rel="canonical" href="{stated}">')).url == url


@pytest.mark.parametrize(
    "stamp",
    [
        '<p>Posted by Leyla Ozan on <time datetime="2026-11-20T09:30:00Z">Friday</time></p>',
        '<header><time pubdate datetime="2026-11-20 09:30:00 GMT">3 days ago</time></header>',
        '<div class="article-publish-date">Published 9:30 AM UTC Nov 20, 2026</div>',
        '<div class="press__date"><div>November 20, 2026, 09:30</div></div>',
        '<span class="entry-meta">on Friday, November 20th, 2026 at 9:30 a.m.</span>',
        '<span itemprop="datePublished">Posted: Fri 9:30 AM, Nov 20, 2026</span>',
        '<span property="dc:date dc:created" content="2026-11-20T12:30:00+03:00">Friday</span>',
        '<time class="updated" datetime="2026-11-20T09:30:00Z">November 20, 2026</time>',
    ],
)
def test_a_date_that_is_marked_as_one_under_the_headline_is_that_of_the_article(stamp):
    page = extract(build_page(above=stamp))

    assert (page.date_published, page.date_modified) == (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), None)


def test_readers_are_told_apart_when_it_was_published_and_when_updated():
    stamps = """<div><time datetime="2026-11-20T09:30:00Z">Nov 20</time> · Updated:
    <time datetime="2026-11-21T10:00:00Z">Nov 21</time></div>"""
    page = extract(build_page(above=stamps))

    assert page.date_published == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert page.date_modified == datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "elsewhere",
    [
        f'<p class="lead">In the night of <time datetime="2026-03-03">3 March</time> {PARAGRAPHS[0]}</p>',
        '<aside><time datetime="2026-03-03">3 March</time></aside>',
        '<div class="related-story"><time datetime="2026-03-03">3 March</time></div>',
        '<ol class="comments"><li><time datetime="2026-03-03">3 March</time></li></ol>',
        '<div class="date">3 March 2026, after a night without sleep</div>',
        '<div class="date">03/04/2026</div>',
        '<p class="updated">Updated <time datetime="2026-03-03">3 March</time></p>',
        '<time datetime="1970-01-01T00:00:00Z">today</time>',
        '<div itemscope itemtype="https://schema.org/Comment"><b itemprop="datePublished" content="2026-03-03"></b></div>',
    ],
    ids=["text", "aside", "another article", "comment", "sentence", "two readings", "update", "zero", "comment in microdata"],
)
def test_a_date_that_says_something_else_is_not_that_of_the_article(elsewhere):
    assert extract(build_page(above=elsewhere)).date_published is None


def test_a_date_above_the_headline_is_that_of_the_visit():
    html = build_page().replace("<nav", '<div class="date">Tuesday, November 24, 2026</div><nav')

    assert extract(html).date_published is None


@pytest.mark.parametrize(
    "head",
    [
        build_script({**ARTICLE, "isAccessibleForFree": False}),
        build_script({**ARTICLE, "isAccessibleForFree": "https://schema.org/False"}),
        build_script({**ARTICLE, "hasPart": [{"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".rest"}]}),
        '<meta property="article:content_tier" content="locked">',
        '<meta name="isAccessibleForFree" content="false">',
    ],
)
def test_a_page_that_says_it_is_not_free_is_paywalled(head):
    assert extract(build_page(head)).paywalled


@pytest.mark.parametrize(
    "head",
    ["", build_script({**ARTICLE, "isAccessibleForFree": "True"}), '<meta property="article:content_tier" content="metered">'],
)
def test_a_page_that_is_free_for_most_readers_is_not_paywalled(head):
    assert not extract(build_page(head)).paywalled


def test_the_headline_is_what_readers_see():
    assert extract(build_page(build_script({**ARTICLE, "headline": "Ferry engines"}))).headline == HEADLINE


def test_the_name_of_the_site_is_no_part_of_the_headline():
    html = build_page(title=f"{HEADLINE} - Shipping - The Strait Times").replace(f"<h1>{HEADLINE}</h1>", "")

    assert extract(html).headline == HEADLINE


def test_a_title_that_only_names_the_site_is_not_the_headline():
    assert extract(build_page(title="The Strait Times")).headline == HEADLINE


def test_a_colon_or_a_dash_in_the_headline_does_not_shorten_it():
    headline = "Ferries of the strait : nine thousand names - and no coat"
    html = build_page(f'<meta property="og:title" content="{headline}">').replace(f"<h1>{HEADLINE}</h1>", "")

    assert extract(html).headline == headline


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Ferries are quieter — and nobody is happy - Strait", "Ferries are quieter — and nobody is happy"),
        ("Ferries are quieter - Shipping - Strait", "Ferries are quieter"),
        ("Ferries are quieter : Strait", "Ferries are quieter"),
        ("Ferries: quieter, cheaper, slower", "Ferries: quieter, cheaper, slower"),
    ],
)
def test_the_name_of_the_site_is_known_from_its_address(title, headline):
    assert extract(build_page(title=title).replace(f"<h1>{HEADLINE}</h1>", "")).headline == headline


@pytest.mark.parametrize(
    "heading",
    [
        f'<h1><span class="kicker">Exclusive</span>{HEADLINE}</h1>',
        f"<h1>{HEADLINE}<small>12 comments</small></h1>",
        f"<h1>{HEADLINE.replace(' promises', '<br>promises')}</h1>",
        f"<h1>{HEADLINE} | The Strait Times</h1>",
    ],
    ids=["kicker", "label", "line break", "site"],
)
def test_what_stands_with_the_headline_is_no_part_of_it(heading):
    head = f'<meta property="og:site_name" content="The Strait Times"><meta property="og:title" content="{HEADLINE}">'

    assert extract(build_page(head).replace(f"<h1>{HEADLINE}</h1>", heading)).headline == HEADLINE


def test_where_the_h1_is_another_one_the_marked_headline_is_taken():
    heading = f'<h1>Bridge toll to rise by a tenth in spring</h1><h2 itemprop="headline">{HEADLINE}</h2>'

    assert extract(build_page(title=f"{HEADLINE} - Read it here").replace(f"<h1>{HEADLINE}</h1>", heading)).headline == HEADLINE


def test_a_headline_of_a_hundred_kilobytes_is_none():
    html = build_page(title="Ferry " * 17_000).replace(HEADLINE, "Ferry " * 17_000)

    assert extract_html_page(html, URL, NOW) == NoArticle("no headline")


def test_a_page_of_nearly_ten_megabytes_gives_its_article():
    assert extract(build_page(f"<script>{'ships = [1, 2, 3];' * 550_000}</script>")).body == BODY


@pytest.mark.parametrize("as_sent", [str, str.encode])
def test_a_larger_page_is_refused_rather_than_cut_short(as_sent):
    html = build_page(body=build_paragraphs([*PARAGRAPHS, "The night ferries are quiet now. " * 310_000, PARAGRAPHS[0]]))

    assert extract_html_page(as_sent(html), URL, NOW) == NoArticle("page too large")


def test_a_standfirst_is_the_description_and_not_the_first_paragraph():
    page = extract(build_page(build_script(ARTICLE), above=f'<p class="dek">{ARTICLE["description"]}</p>'))

    assert page.description == ARTICLE["description"]
    assert page.body == BODY


def test_a_first_paragraph_that_is_the_description_stays():
    assert extract(build_page(build_script({**ARTICLE, "description": PARAGRAPHS[0]}))).body == BODY


@pytest.mark.parametrize(
    "inset",
    [
        '<p><a href="/b">Bridge toll to rise by a tenth in spring</a></p>',
        "<p>READ MORE: Bridge toll to rise</p>",
        "<p>Sign up for our newsletter and never miss a tide.</p>",
        '<aside class="newsletter"><h3>The Morning Tide</h3><p>Our pick of the day, before breakfast.</p></aside>',
        "<p>- Advertisement -</p>",
        "<p>12 comments</p>",
        "<script>show('ads');</script>",
    ],
)
def test_what_stands_between_paragraphs_and_points_elsewhere_goes(inset):
    html = (
        "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[:3])
        + inset
        + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[3:])
    )

    assert extract(build_page(body=html)).body == BODY


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Leyla Ozan; editing by Peter Quint)",
        "Email Leyla Ozan at lo@strait.example",
        "Updated at 10:15 a.m. on 21 November",
        "Tell us what you think",
    ],
)
def test_credits_below_the_article_go(line):
    html = build_paragraphs((*PARAGRAPHS, line))

    assert extract(build_page(body=html)).body == BODY


def test_boxes_that_open_over_a_name_go_and_the_name_stays():
    name = '<a href="/o">Leyla Ozan</a>'
    box = f'<span>{name}<span class="box">{name} <a href="/1">All of her stories</a></span></span>'
    html = f"<p>As {box} wrote, the engines of the old ships could be heard in the hills.</p>" + "".join(
        f"<p>{p}</p>" for p in PARAGRAPHS
    )

    assert (
        extract(build_page(body=html)).body
        == f"As Leyla Ozan wrote, the engines of the old ships could be heard in the hills.\n\n{BODY}"
    )


def test_paragraphs_parted_by_line_breaks_are_paragraphs():
    picture = '<br> <br><img src="quay.jpg"><center><em>The quay</em></center> <br>'
    html = "<br> <br>".join(PARAGRAPHS).replace("<br>", picture, 1)

    assert extract(build_page(body=html)).body == BODY


def test_a_text_that_the_page_declares_but_builds_by_script_is_taken():
    page = extract(build_page(build_script({**ARTICLE, "articleBody": "\n\n".join(PARAGRAPHS)}), body=f"<p>{PARAGRAPHS[0]}</p>"))

    assert page.body == BODY


def test_a_declared_text_that_is_another_one_is_not_believed():
    page = extract(build_page(build_script({**ARTICLE, "articleBody": "Subscribe to read on, please do. " * 60})))

    assert page.body == BODY


def test_a_page_of_too_many_elements_is_not_looked_into():
    assert extract_html_page(build_page(body="<br>" * 60_000), URL, NOW) == NoArticle("page too large")


def test_comments_and_lists_of_other_articles_leave_nothing_behind():
    below = """<section class="related"><h2>Related articles</h2>
    <ul><li><a href="/b">Bridge toll to rise by a tenth in spring</a></li></ul></section>
    <section id="comments"><h2>Comments (1)</h2>
    <ol><li><p>I have waited for this for thirty years, and now I am deaf. Thank you all the same.</p></li></ol></section>"""
    page = extract(build_page(below=below))

    assert page.body == BODY
    assert [(link.headline, link.url) for link in page.related_links] == [
        ("Bridge toll to rise by a tenth in spring", "https://www.strait.example/b")
    ]


COMMENT = "I have waited for this for thirty years. Thank you."
ANSWER = "So have I."


@pytest.mark.parametrize(
    "below",
    [
        f"""<section id="comments"><ol class="comment-list"><li class="comment" id="comment-1"><article class="comment-body">
        <footer><div class="comment-author vcard"><b class="fn">Peter Quint</b> <span class="says">says:</span></div>
        <div class="comment-metadata"><a href="#"><time datetime="2026-11-21T10:00:00Z">Nov 21</time></a></div></footer>
        <div class="comment-content"><p>{COMMENT}</p></div></article>
        <ol class="children"><li class="comment" id="comment-2"><b class="fn">Miles</b><div class="comment-content">{ANSWER}</div>
        </li></ol></li>
        <li class="pingback" id="comment-3"><b class="fn">A page</b><div class="comment-content">links here</div></li></ol>
        <form id="commentform"><textarea class="comment-text">Your comment</textarea></form></section>""",
        f"""<div id="comments"><div class="comment"><div class="comment-body">
        <div class="comment-author"><strong>Peter Quint</strong> on
        <a class="comment-date" href="#">November 21, 2026 at 10:00 am</a> said:</div><p>{COMMENT}</p></div></div>
        <div class="comment"><cite class="user">Miles</cite><p class="comment-text">{ANSWER}</p></div></div>""",
        f"""<div><div itemprop="comment" itemscope itemtype="https://schema.org/Comment"><span itemprop="author" itemscope
        itemtype="https://schema.org/Person"><b itemprop="name">Peter Quint</b></span>
        <time itemprop="dateCreated" datetime="2026-11-21T10:00:00Z">Nov 21</time><p itemprop="text">{COMMENT}</p>
        <div itemprop="comment" itemscope itemtype="https://schema.org/UserComments"><b itemprop="creator">Miles</b>
        <p itemprop="commentText">{ANSWER}</p></div></div></div>""",
        build_script(
            {
                **ARTICLE,
                "comment": [
                    {"@type": "Comment", "author": {"name": "Peter Quint"}, "text": COMMENT, "dateCreated": "2026-11-21T10:00:00Z"},
                    {"@type": "Comment", "author": "Miles", "text": ANSWER},
                    {"@type": "Comment", "text": "Nobody said this."},
                    "no comment",
                ],
            }
        ),
    ],
    ids=["list", "old list", "microdata", "json-ld"],
)
def test_what_readers_wrote_is_kept_apart_from_the_article(below):
    page = extract(build_page(below=below))

    assert [(comment.author, comment.text, comment.time) for comment in page.comments] == [
        ("Peter Quint", COMMENT, datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("Miles", ANSWER, None),
    ]
    assert page.body == BODY


def test_an_answer_is_not_taken_for_what_it_answers():
    answer = f'<li class="comment"><b class="fn">Miles</b><p class="comment-text">{ANSWER}</p></li>'
    below = f'<ol class="comments"><li class="comment"><b class="fn">Peter Quint</b><p>(removed)</p><ol>{answer}</ol></li></ol>'

    assert [(comment.author, comment.text) for comment in extract(build_page(below=below)).comments] == [("Miles", ANSWER)]


def test_a_hundred_comments_are_kept():
    listed = "".join(
        f'<li class="comment"><b class="fn">Reader</b><p class="comment-text">{number}</p></li>' for number in range(150)
    )

    assert len(extract(build_page(below=f'<ol class="comments">{listed}</ol>')).comments) == 100


@pytest.mark.parametrize(
    "below",
    [
        '<ol class="comments"><li class="comment"><p class="comment-text">Nobody said this.</p></li></ol>',
        '<ol class="comments"><li class="comment"><b class="fn">Peter Quint</b></li></ol>',
        '<ul class="news"><li class="comment"><b class="author">Leyla Ozan</b><p class="text">Comment: our ferries</p></li></ul>',
        f'<div id="comments"><h3>Recent Comments</h3><p>Peter Quint on <a href="/a">{HEADLINE}</a></p></div>',
    ],
    ids=["no author", "no text", "another list", "no comments"],
)
def test_what_is_not_clearly_a_comment_is_none(below):
    assert extract(build_page(below=below)).comments == ()


def test_an_article_in_several_columns_is_complete():
    texts = [f"In week {number}: {text} So it was in week {number}." for number in range(4) for text in PARAGRAPHS]
    columns = "".join(
        f'<div class="row"><div class="article-body">{build_paragraphs(texts[at : at + 5])}</div><div class="ad">Ad</div></div>'
        for at in range(0, len(texts), 5)
    )

    assert extract(build_bare_page(HEADLINE, f"<h1>{HEADLINE}</h1>{columns}")).body == "\n\n".join(texts)


def test_an_embedded_post_is_quoted_where_it_stands():
    post = """<div class="embed"><blockquote><p>The hills are quiet for the first time in years.</p><p>All of them.</p>
    Leyla Ozan <a href="/1">November 20, 2026</a></blockquote></div>"""
    html = build_paragraphs(PARAGRAPHS[:3]) + post + build_paragraphs(PARAGRAPHS[3:])
    quoted = "The hills are quiet for the first time in years. All of them. Leyla Ozan November 20, 2026"

    assert extract(build_page(body=html)).body.split("\n\n") == [*PARAGRAPHS[:3], quoted, *PARAGRAPHS[3:]]


def test_bytes_are_read_in_the_encoding_that_they_declare():
    html = build_page().replace('charset="utf-8"', 'charset="windows-1252"').encode("windows-1252")

    assert extract(html).body == BODY


def test_an_undeclared_encoding_is_taken_for_utf_8():
    assert extract(build_page().replace('<meta charset="utf-8">', "").encode()).body == BODY


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", "empty page"),
        ("   \n", "empty page"),
        ("<html><head></head><body></body></html>", "no headline"),
        (build_bare_page("404 Not Found", "<h1>Page not found</h1><p>There is nothing here any more.</p>"), "error page"),
        (build_bare_page("Sign in | The Strait Times", LOGIN_FORM), "login page"),
        (build_bare_page("Shipping | The Strait Times", f"<h1>Shipping</h1><ul>{LINKS}</ul>"), "index page"),
    ],
    ids=["empty", "blank", "no content", "error", "login", "index"],
)
def test_a_page_without_an_article_is_a_value_with_a_reason(html, reason):
    assert extract_html_page(html, URL, NOW) == NoArticle(reason)


def test_control_and_bidi_characters_do_not_travel():
    html = build_page(title=f"{HEADLINE}").replace("managing", "mana\u202eging\x00").replace("Ferry", "Fer\u2066ry")
    page = extract(html)

    assert page.headline == HEADLINE
    assert page.body == BODY


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "text",
        "<p" * 50_000,
        "<a href=x>" * 5_000,
        "<br>" * 20_000,
        "<table><tr><td>" * 3_000,
        "&#xD800;" * 1_000,
        "<html/>\x00<p>x",
    ],
    ids=["deep", "open tags", "links", "breaks", "tables", "surrogates", "nul"],
)
def test_a_hostile_page_is_a_value_too(html):
    assert isinstance(extract_html_page(html, URL, NOW), ExtractedArticle | NoArticle)


@pytest.mark.parametrize(
    "html",
    [
        build_page('<link rel="canonical" href="http://[::1">'),
        build_page('<meta property="og:image" content="http://[x/a.jpg">'),
        build_page(below='<div><h3>Related articles</h3><a href="http://[::1">Bridge toll to rise by a tenth</a></div>'),
        build_page(
            build_script({**ARTICLE, "author": {"name": {"a": 1}}, "keywords": {"x": [1]}, "image": [[1]], "datePublished": 2026})
        ),
        build_page(build_script({"@graph": None}, None, 1, [[ARTICLE]], {"@type": ["NewsArticle", 3]})),
        build_page(title="a\ud800b").replace("<footer>", "<footer>\udfff"),
        "<?php echo 1 ?>" + build_page(),
        build_page().encode("utf-16"),
    ],
    ids=["canonical", "image", "related", "values", "nodes", "surrogates", "php", "utf-16"],
)
def test_what_is_odd_around_the_article_does_not_cost_it(html):
    assert extract(html).body == BODY


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: build_page(body=text, title=text)))
def test_any_page_gives_an_article_or_a_reason(html):
    assert isinstance(extract_html_page(html, "not an address", NOW), ExtractedArticle | NoArticle)


@pytest.mark.skipif(not SAMPLES, reason="there are no sample pages in ops/sample/pages")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_sample_pages_give_their_articles_complete_and_clean(path):
    page = extract(path.read_bytes(), None)

    assert page.authors
    assert page.section
    assert page.language
    assert page.date_published
    assert page.url
    assert page.url.startswith("https://")
    assert len(page.breadcrumb) == 3
    assert len(page.body.split("\n\n")) >= 5
    assert page.headline not in page.body
    assert not any(
        word in page.body for word in ("Newsletter", "cookies", "©", "Related", "Most read", "Meistgelesen", "الأكثر قراءة")
    )
