"""The pages of articles, sections and the front page, and comments written on them, on a real Elasticsearch."""

import json
import re

import pytest

from services.search.core.comment_form import LONGEST_TEXT
from tests.doubles import http_double
from tests.indexed import asking, open_newsroom
from tests.unit.search.builders import HOSTILE
from tests.unit.search.test_pages import Page

KEY = "k" * 32
PICTURE = "https://pictures.example/harbour.jpg"
BODY = "Iran and Pakistan opened the border.\n\nIran said so."
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Ingest:
    """Stands in for ingest's comment endpoint."""

    def __init__(self):
        self.answer = (202, {"comment_id": "c"})
        self.posted = []

    def __call__(self, path, body):
        self.posted.append((path, json.loads(body)))
        return self.answer


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        named = [("country:IR", "Iran", [(0, 4), (38, 42)]), ("x/y", "Pakistan", [(9, 17)])]
        entities = [
            {"type": "GPE", "name": name, "count": 1, "entity_id": entity_id, "mentions": spans_of(spans)}
            for entity_id, name, spans in named
        ]
        story = newsroom.id_of("story")
        border = newsroom.a_document("border", 9, body={"en": BODY}, entities=entities, image_url=PICTURE, story_id=story)
        french = newsroom.a_document("frontière", 8, language="fr", translation_of=newsroom.id_of("border"))
        newsroom.write(
            border | {"authors": ["Ada"], "breadcrumb": ["News", newsroom.section], "reading_seconds": 130},
            french | {"headline": {"fr": "La frontière ouvre"}, "body": {"fr": "La frontière."}},
            newsroom.a_document("told again", 7, story_id=story, publisher="Elsewhere"),
            newsroom.a_document("gone", status="retracted", date_retracted="2097-01-01T10:00:00Z"),
        )
        yield newsroom


def spans_of(spans):
    return [{"field": "body", "start": start, "end": end} for start, end in spans]


@pytest.fixture(scope="module")
def ingest():
    return Ingest()


@pytest.fixture(scope="module")
def search(engines, newsroom, ingest):
    with (
        http_double(ingest) as url,
        asking(
            engines.elasticsearch_url,
            pages_key=KEY,
            comment_endpoint=f"{url}/v1/comments",
            comment_token="secret",
            translator_url="https://translate.example/?u={url}&to={language}",
            translator_languages=("de", "en"),
        ) as client,
    ):
        yield client


@pytest.fixture
def article(search, newsroom):
    return f"/articles/{newsroom.id_of('border')}"


def form_of(page_text):
    (fields,) = re.findall(r'<form class="write".*?</form>', page_text, re.DOTALL)
    return {attributes["name"]: attributes.get("value", "") for attributes in Page(fields).all("input")}


def send_comment(search, article, *, headers=SAME_ORIGIN, **fields):
    form = form_of(search.get(article).text) | {"author": "Ann", "text": "Well said."} | fields
    return search.post(f"{article}/comments", data=form, headers=headers, follow_redirects=False)


def test_entities_lead_to_their_pages_where_they_are_first_named(search, article):
    body = search.get(article).text.split('<div class="body"')[1].split("</div>")[0]

    assert re.findall(r'<a class="entity" href="([^"]+)">([^<]+)</a>', body) == [
        ("/entities/country%3AIR", "Iran"),
        ("/entities/x%2Fy", "Pakistan"),
    ]


def test_an_article_leads_to_who_else_tells_it_and_to_its_other_languages(search, newsroom, article):
    page = search.get(article).text
    also, menu = page.split('id="also-title"')[1].split("</section>")[0], page.split(">Translate<")[1].split("</details>")[0]

    assert f"/articles/{newsroom.id_of('told again')}" in also
    assert f"/stories/{newsroom.id_of('story')}" in also
    assert f"/articles/{newsroom.id_of('frontière')}" in menu
    assert "français" in menu
    assert f'rel="alternate" hreflang="fr" href="/articles/{newsroom.id_of("frontière")}"' in page
    back = search.get(f"/articles/{newsroom.id_of('frontière')}").text.split(">Translate<")[1].split("</details>")[0]
    assert f'href="{article}"' in back


def test_an_article_is_handed_over_to_the_translator_without_telling_where_from(search, article):
    links = [link for link in Page(search.get(article).text).all("a") if "translate.example" in link["href"]]

    address = f"http%3A%2F%2Ftestserver{article.replace('/', '%2F')}"
    assert [link["href"] for link in links] == [f"https://translate.example/?u={address}&to=de"]
    assert "noreferrer" in links[0]["rel"]
    assert search.get(article).headers["referrer-policy"] == "same-origin"


def test_pictures_are_asked_for_here_and_have_their_room_beforehand(search, newsroom, article):
    for path in (article, "/", f"/sections/{newsroom.section}"):
        pictures = Page(search.get(path).text).all("img")

        assert pictures, path
        assert all(re.fullmatch(r"/images/[\w-]{22}/[\w-]+", picture["src"]) for picture in pictures)
        assert all(picture["width"] and picture["height"] and "alt" in picture for picture in pictures)


def test_pages_travel_packed_and_light(search, article):
    for path in ("/", article):
        packed = search.get(path, headers={"Accept-Encoding": "gzip"})

        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < 20_000
        assert "content-encoding" not in search.get(path, headers={"Accept-Encoding": "identity"}).headers


@pytest.mark.parametrize("path", ["/nothing", "/articles/nobody"])
def test_a_page_that_is_not_there_offers_a_search_and_the_latest_news(search, newsroom, path):
    page = search.get(path)

    assert page.status_code == 404
    assert 'action="/search"' in page.text
    assert f'href="/articles/{newsroom.id_of("border")}"' in page.text


def test_an_accepted_comment_is_handed_on_and_thanked_for(search, ingest, newsroom, article):
    ingest.posted.clear()

    answer = send_comment(search, article, text="One.\r\n\r\n<b>Two</b>")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{article}?sent=yes#comments")
    ((path, comment),) = ingest.posted
    assert path == "/v1/comments"
    assert comment == {"article_id": newsroom.id_of("border"), "author": "Ann", "text": "One.\n\n<b>Two</b>", "id": comment["id"]}
    assert "Your comment stands here in a moment" in search.get(answer.headers["location"]).text


def test_one_form_is_one_comment_and_every_form_another(search, ingest, article):
    ingest.posted.clear()
    form = form_of(search.get(article).text) | {"author": "Ann", "text": "Twice."}
    for _ in range(2):
        search.post(f"{article}/comments", data=form, headers=SAME_ORIGIN, follow_redirects=False)
    send_comment(search, article)

    first, again, other = (comment["id"] for _, comment in ingest.posted)
    assert first == again != other


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"author": " "}, "Please give a name."),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "it may have 10,000"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_is_kept(search, ingest, article, fields, says):
    ingest.posted.clear()

    answer = send_comment(search, article, **{"author": "Ann", "text": f"kept {HOSTILE}"} | fields)

    assert answer.status_code == 422
    assert says in answer.text
    written = fields.get("text", f"kept {HOSTILE}")
    assert written in Page(answer.text).text
    assert (HOSTILE in answer.text, ingest.posted) == (False, [])


def test_what_ingest_refuses_is_said_by_field(search, ingest, article):
    ingest.answer = (422, {"errors": [{"field": "text", "detail": "contains <bad> words"}]})
    try:
        answer = send_comment(search, article)
    finally:
        ingest.answer = (202, {})

    assert answer.status_code == 422
    assert "This was not taken: contains &lt;bad&gt; words." in answer.text


@pytest.mark.parametrize("refusal", [(503, {}), (401, {}), (500, b"not JSON")])
def test_while_ingest_takes_no_comments_what_was_written_is_kept(search, ingest, article, refusal):
    ingest.answer = refusal
    try:
        answer = send_comment(search, article, text="Do not lose this.")
    finally:
        ingest.answer = (202, {})

    assert answer.status_code == 503
    assert "Comments cannot be taken just now" in answer.text
    assert "Do not lose this." in answer.text


def test_a_program_that_fills_in_every_field_is_thanked_and_not_heard(search, ingest, article):
    ingest.posted.clear()

    answer = send_comment(search, article, website="https://spam.example")

    assert (answer.status_code, ingest.posted) == (303, [])


@pytest.mark.parametrize(
    ("headers", "fields", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, {}, 403),
        ({"Origin": "https://evil.example"}, {}, 403),
        ({}, {}, 403),
        ({"Origin": "http://testserver"}, {}, 303),
        (SAME_ORIGIN, {"token": "v1.forged"}, 403),
        (SAME_ORIGIN | {"Content-Type": "text/plain"}, {}, 415),
        (SAME_ORIGIN, {f"field{number}": "x" for number in range(20)}, 400),
        (SAME_ORIGIN, {"text": "é" * 30_000}, 413),
    ],
)
def test_only_forms_of_the_article_s_own_page_are_taken(search, ingest, article, headers, fields, status):
    ingest.posted.clear()

    answer = send_comment(search, article, headers=headers, **fields)

    assert answer.status_code == status
    assert bool(ingest.posted) == (status == 303)


def test_a_form_of_another_article_is_not_taken(search, newsroom, article):
    form = form_of(search.get(article).text) | {"author": "Ann", "text": "Well said."}

    answer = search.post(f"/articles/{newsroom.id_of('told again')}/comments", data=form, headers=SAME_ORIGIN)

    assert answer.status_code == 403


def test_whoever_asks_again_for_the_answer_finds_the_comments(search, article):
    answer = search.get(f"{article}/comments", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{article}#comments")


def test_without_settings_pages_have_no_pictures_no_form_and_no_translator(engines, newsroom, article):
    with asking(engines.elasticsearch_url) as search:
        page = Page(search.get(article).text)
        posted = search.post(f"{article}/comments", data={"author": "Ann", "text": "x"}, headers=SAME_ORIGIN)

    assert (page.all("img"), page.all("textarea"), "translate.example" in page.text) == ([], [], False)
    assert posted.status_code == 403


def test_a_theme_follows_the_style_of_the_pages(engines, newsroom, tmp_path):
    theme = tmp_path / "own.css"
    theme.write_text(":root { --accent: #004400 }")
    with asking(engines.elasticsearch_url, theme=str(theme)) as search:
        styles = [link["href"] for link in Page(search.get("/").text).all("link") if link["rel"] == "stylesheet"]
        style = search.get(styles[-1])

    assert styles[-1].startswith("/theme.css?v=")
    assert (style.text, style.headers["content-type"]) == (":root { --accent: #004400 }", "text/css; charset=utf-8")
