"""The pages of searches, entities, stories and saved searches, of articles in a real Elasticsearch."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from services.search.core.saved import SavedSearchSubmission
from tests.indexed import asking, open_newsroom

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


def entities(newsroom, *named):
    found = [
        {"type": kind, "name": name, "count": 1, "entity_id": f"{kind.lower()}:{number}{newsroom.mark[:12]}", **more}
        for number, kind, name, more in named
    ]
    return {"entities": found, "entity_names": [each["name"] for each in found]}


def id_of(newsroom, kind, number):
    return f"{kind.lower()}:{number}{newsroom.mark[:12]}"


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        place = {"latitude": -33.45, "longitude": -70.67, "country": "CL"}
        lund, port = (1, "PERSON", "Ada Lund", {"role": "Mayor"}), (2, "GPE", "Valparino", place)
        story = newsroom.id_of("first")
        for number in range(23):
            newsroom.write(newsroom.a_document(f"older {number}", -60 - 2000 * number, **entities(newsroom, port)))
        newsroom.write(
            newsroom.a_document("first", 0, story_id=story, word_count=200, **entities(newsroom, lund, port)),
            newsroom.a_document(
                "second", 130, story_id=story, word_count=260, publisher=f"Gazette {newsroom.mark}", **entities(newsroom, lund)
            ),
            newsroom.a_document(
                "third",
                200,
                story_id=story,
                language="ar",
                headline={"ar": "سفينة"},
                body={"ar": "نص"},
                views=512,
                **entities(newsroom, (2, "GPE", "بالبارينو", place)),
            ),
            newsroom.a_document("gone", 210, story_id=story, status="retracted", **entities(newsroom, lund)),
        )
        yield newsroom


@pytest.fixture(scope="module")
def client(engines):
    with asking(engines.elasticsearch_url, timeout_seconds=20, readers_save_until=50_000) as client:
        yield client


def text_of(answer):
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.text)).split())


def headlines(answer):
    return [unescape(each) for each in re.findall(r'<h3 class="headline[^>]*><a [^>]*>([^<]*)<', answer.text)]


def test_a_place_is_shown_by_its_most_frequent_name_with_others_in_other_languages_and_where_it_is(client, newsroom):
    answer = client.get(f"/entities/{id_of(newsroom, 'GPE', 2)}")

    assert answer.status_code == 200
    text = text_of(answer)
    assert "Valparino – Dateline" in text
    assert "At 33.45° S, 70.67° W" in text
    assert "Also بالبارينو" in text
    assert "Named in 25 articles" in text
    assert "Ada Lund Person 1" in text
    assert 'class="histogram"' in answer.text


def test_what_is_read_most_stands_before_what_is_newest(client, newsroom):
    answer = client.get(f"/entities/{id_of(newsroom, 'GPE', 2)}")

    assert headlines(answer)[:3] == ["سفينة", "سفينة", "Headline of first"]


def test_articles_that_name_an_entity_are_paged_and_none_is_missing(client, newsroom):
    address = f"/entities/{id_of(newsroom, 'GPE', 2)}"
    first = client.get(address)

    (following,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    second = client.get(unescape(following))

    listed = [*headlines(first)[1:], *headlines(second)]
    assert listed == ["سفينة", "Headline of first", *(f"Headline of older {number}" for number in range(23))]
    assert "histogram" not in second.text
    assert f'<a href="{quote(address, safe="/%3A")}"' in second.text.replace(":", "%3A")


def test_a_person_is_shown_with_a_role_and_retracted_articles_do_not_count(client, newsroom):
    text = text_of(client.get(f"/entities/{id_of(newsroom, 'PERSON', 1)}"))

    assert "Person Ada Lund" in text
    assert "Called Mayor" in text
    assert "Named in 2 articles" in text


@pytest.mark.parametrize("entity_id", ["person:0000000000000000", "x" * 300, "<script>"])
def test_an_address_that_leads_to_nobody_offers_others(client, newsroom, entity_id):
    answer = client.get(f"/entities/{quote(entity_id)}")

    assert answer.status_code == 404
    assert "No article names this" in text_of(answer)
    assert "<script>" not in answer.text


def test_cursors_of_others_are_refused(client, newsroom):
    assert client.get(f"/entities/{id_of(newsroom, 'GPE', 2)}?cursor=abc").status_code == 400
    assert client.get(f"/stories/{newsroom.id_of('first')}?cursor=abc").status_code == 400


def test_a_story_says_who_told_it_first_and_how_others_differ(client, newsroom):
    answer = client.get(f"/stories/{newsroom.id_of('first')}")

    text = text_of(answer)
    assert f"One story, 3 articles Headline of first Told first by {newsroom.publisher}" in text
    assert headlines(answer) == ["Headline of first", "Headline of second", "سفينة"]
    assert "2 hours 10 minutes later" in text
    assert "260 words, 60 more" in text
    assert "العربية" in text
    assert "Told within 3 hours 20 minutes" in text
    assert "Ada Lund Person 2" in text


@pytest.mark.parametrize("story_id", ["0" * 32, "abc", "<script>"])
def test_there_is_no_page_of_a_story_that_nobody_tells(client, story_id):
    assert client.get(f"/stories/{quote(story_id)}").status_code == 404


def test_a_search_leads_to_the_story_to_its_feeds_and_files_and_each_filter_can_be_dropped(client, newsroom):
    answer = client.get("/search", params={"section": newsroom.section, "collapse": "story", "language": "en", "sort": "date"})

    assert f'href="/stories/{newsroom.id_of("first")}"' in answer.text
    assert f"Drop Section: {newsroom.section}" in text_of(answer)
    for address in re.findall(r'href="((?:/feeds/search|/v1/export|/saved)[^"]*)"', answer.text):
        assert client.get(unescape(address)).status_code == 200, address


def test_stories_are_offered_by_the_headline_of_who_told_them_first(client, newsroom):
    answer = client.get("/search", params={"section": newsroom.section})

    assert "Told by several Headline of first 3" in text_of(answer)


def test_pages_run_no_script_and_ask_nothing_but_what_is_from_here(client, newsroom):
    for address in ("/search", f"/entities/{id_of(newsroom, 'GPE', 2)}", f"/stories/{newsroom.id_of('first')}", "/saved?q=a"):
        policy = client.get(address).headers["Content-Security-Policy"]

        assert "script-src 'self'; connect-src 'self'" in policy
        assert "unsafe" not in policy


class Published:
    """Takes what is saved instead of Kafka."""

    def __init__(self):
        self.bodies = []

    async def publish(self, body):
        self.bodies.append(body)

    async def close(self):
        pass


@pytest.fixture
def published(client):
    own, client.app.state.search_publisher = client.app.state.search_publisher, Published()
    yield client.app.state.search_publisher
    client.app.state.search_publisher = own


def test_a_reader_saves_a_search_without_script_and_is_led_to_its_page(client, published):
    form = {"name": "Bridges", "q": "bridge OR брод", "section": ["World", "Sport"]}

    answer = client.post("/saved", data=form, headers=FROM_HERE, follow_redirects=False)

    (body,) = published.bodies
    assert (body.name, body.q, body.filters) == ("Bridges", "bridge OR брод", {"section": ("World", "Sport")})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/saved/{body.search_id}?new=yes")
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200  # though the index does not know it yet
    assert f"/feeds/saved/{body.search_id}.rss" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ({"q": "bridge"}, {"Sec-Fetch-Site": "cross-site"}, 403),
        ({"q": "bridge"}, {}, 403),
        ({"q": "bridge"}, FROM_HERE | {"Content-Type": "text/plain"}, 415),
        ({"q": "(bridge"}, FROM_HERE, 400),
        ({"q": "bridge", "from": "once"}, FROM_HERE, 422),
        ({"name": "everything"}, FROM_HERE, 422),
        ({"q": "bridge", "name": "x" * 70_000}, FROM_HERE, 413),
    ],
)
def test_what_is_no_form_of_this_site_or_no_search_is_not_saved(client, published, form, headers, status):
    assert client.post("/saved", data=form, headers=headers, follow_redirects=False).status_code == status
    assert published.bodies == []


@pytest.fixture(scope="module")
def closed(engines):
    """A site that does not let readers save."""
    with asking(engines.elasticsearch_url, timeout_seconds=20) as client:
        yield client


def test_readers_save_nothing_unless_the_site_lets_them(closed):
    assert closed.post("/saved", data={"q": "bridge"}, headers=FROM_HERE).status_code == 403
    assert 'method="post"' not in closed.get("/saved?q=bridge").text


def test_readers_save_nothing_more_once_so_many_are_saved(published, client):
    client.app.state.settings = client.app.state.settings.model_copy(update={"most_saved_searches": 0})
    try:
        assert client.post("/saved", data={"q": "bridge"}, headers=FROM_HERE).status_code == 409
    finally:
        client.app.state.settings = client.app.state.settings.model_copy(update={"most_saved_searches": 10_000})


def test_a_saved_search_that_nobody_saved_has_no_page(client):
    assert client.get(f"/saved/{'0' * 32}").status_code == 404
    assert client.get("/saved/abc?new=yes").status_code == 404


def test_what_the_page_says_to_send_to_the_api_is_what_the_api_takes(closed):
    page = text_of(closed.get("/saved?q=bridge&section=World&from=2024"))

    (sent,) = re.findall(r"-d '(\{.*?\})'", page)
    asked = SavedSearchSubmission.model_validate_json(sent)
    assert (asked.q, asked.section, str(asked.date_from)) == ("bridge", ("World",), "2024")
