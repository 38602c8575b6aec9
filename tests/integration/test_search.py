"""Search on a real Elasticsearch, filled as the indexer fills it."""

import uuid
from datetime import timedelta

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from ops.cli.setup import create_indices
from services.search.app import build_search_app
from services.search.settings import SearchSettings
from shared.popularity import EVERYTHING, ListGroup, Measure, Window, list_id
from shared.settings import ElasticsearchSettings
from tests.builders import NOON

#: Of this module alone: other tests fill the same indices.
MARK = uuid.uuid4().hex
PUBLISHER = f"Courier {MARK}"
SECTION = f"Section {MARK}"
#: Newer than whatever other tests write, and older, where the oldest counts.
LATE, EARLY = NOON.replace(year=2098), NOON.replace(year=2001)


def article_id(name):
    return uuid.uuid5(uuid.NAMESPACE_URL, MARK + name).hex


def an_article(name, headline, body, *, language="en", minutes=0, **fields):
    field = language if language in ("en", "fr", "ar") else "other"
    date = (LATE + timedelta(minutes=minutes)).isoformat()
    own = {
        "article_id": article_id(name),
        "revision": 1,
        "enrichment": 0,
        "status": "published",
        "headline": {field: headline},
        "body": {field: body},
        "url": f"https://courier.example/{name}",
        "publisher": PUBLISHER,
        "section": SECTION,
        "language": language,
        "date": date,
        "date_published": date,
        "date_retrieved": date,
    }
    return own | fields


def naming(*names):
    entities = [{"type": "GPE", "name": name, "count": 1, "mentions": [{"field": "body", "start": 0, "end": 4}]} for name in names]
    return {"entity_names": list(names), "entities": entities}


ARTICLES = [
    an_article(
        "zarif",
        "Iran and Pakistan agree to meet",
        "Zarif spoke of border security.\n\nHe left at noon.",
        correction="He left at noon, not at one.",
        minutes=50,
        **naming(f"Tyre {MARK}", "Pakistan"),
    ),
    an_article(
        "border",
        "Trade over the border",
        "Iran and Pakistan agree to meet at a market: officials spoke of border security, and left at noon.",
        minutes=40,
    ),
    an_article(
        "frontiere",
        "Le marché de la frontière",
        "Un marché ouvre à Tyr.",
        language="fr",
        minutes=30,
        section=f"{SECTION}/Est",
        **naming(f"Tyre {MARK}"),
    ),
    an_article(
        "ship", "<b>Ship</b> & cargo", "Cricket <script>alert(1)</script> on board the ship.", minutes=20, url="https://a.example/"
    ),
    an_article("arabic", "سفينة فينيقية", "غواصون ينتشلون الجرار", language="ar", minutes=10),
    an_article("ukrainian", "Корабель прибув", "Корабель прибув до порту", language="uk"),
]
#: With all that would have it found, were it not for its status.
TOMBSTONE = an_article(
    "gone",
    "Zarif in Pakistan: border trade",
    "Ship, market, cricket.",
    minutes=60,
    status="retracted",
    date_retracted=NOON.isoformat(),
    **naming(f"Tyre {MARK}"),
)


def a_comment(number, name):
    return {
        "comment_id": uuid.uuid5(uuid.NAMESPACE_URL, f"{MARK}{number}").hex,
        "article_id": article_id(name),
        "revision": 1,
        "author": "Reader <i>",
        "text": f"Comment {number}",
        "time": (LATE + timedelta(minutes=number)).isoformat(),
    }


COMMENTS = [*(a_comment(number, "zarif") for number in range(5)), *(a_comment(number, "gone") for number in range(5, 30))]


def a_list(part, counts, as_of):
    entries = [{"article_id": article_id(name), "count": count} for name, count in counts.items()]
    name = f"comments.30d.{MARK}-{part}"
    return {"list_id": name, "revision": 1, "measure": "comments", "window": "30d", "as_of": as_of.isoformat(), "entries": entries}


def a_part(group, counts, fresh_days=None, **fields):
    """A list of articles of a partition of its own, in a window of its own."""
    entries = [{"article_id": article_id(name), "count": count} for name, count in counts.items()]
    own = {"measure": "comments", "window": "this-week", "as_of": EARLY.isoformat(), "entries": entries, "partition": PARTITION}
    name = list_id(Measure.COMMENTS, Window.THIS_WEEK, PARTITION, group, fresh_days)
    optional = {"group": group.id, "section": group.section, "language": group.language, "fresh_days": fresh_days, **fields}
    return {
        "list_id": f"{name}.{MARK}",
        "revision": 1,
        **own,
        **{key: value for key, value in optional.items() if value is not None},
    }


PARTITION = 9000
#: Lists of a hundred that end before the article that is asked for.
CROWD = {f"somebody else {number}": 1000 - number for number in range(100)}
PARTS = [
    a_part(EVERYTHING, CROWD, groups_since=EARLY.isoformat(), groups_left_out=0),
    a_part(EVERYTHING, {"zarif": 4}, fresh_days=7, groups_since=EARLY.isoformat()),
    a_part(ListGroup(section=SECTION), {"zarif": 4, "border": 3, "arabic": 2}, counted_from=EARLY.isoformat(), bucket_minutes=60),
    a_part(ListGroup(section=SECTION, language="ar"), {"arabic": 2}),
]
LISTS = [
    a_list(0, {"zarif": 9, "gone": 8, "ship": 3}, EARLY + timedelta(hours=1)),
    a_list(1, {"frontiere": 7, "never heard of": 6, "arabic": 5}, EARLY),
]


@pytest.fixture(scope="module")
def elastic(engines):
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        documents = [
            *(("articles", document["article_id"], document) for document in [*ARTICLES, TOMBSTONE]),
            *(("comments", document["comment_id"], document) for document in COMMENTS),
            *(("most-popular", document["list_id"], document) for document in [*LISTS, *PARTS]),
        ]
        for alias, document_id, document in documents:
            client.index(index=alias, id=document_id, document=document)
        client.indices.refresh(index="articles,comments,most-popular")
        yield client
        for alias, document_id, _ in documents:
            client.delete(index=alias, id=document_id)


@pytest.fixture(scope="module")
def search(engines, elastic):
    settings = SearchSettings(elasticsearch=ElasticsearchSettings(url=engines.elasticsearch_url))
    with TestClient(build_search_app(settings)) as client:
        yield client


def get(search, path, **parameters):
    answer = search.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(found):
    """The names of those that are this module's, in their order."""
    known = {article_id(name): name for name in ("zarif", "border", "frontiere", "ship", "arabic", "ukrainian", "gone")}
    return [known[each["article_id"]] for each in found if each["article_id"] in known]


def found(search, q="", **parameters):
    return names(get(search, "/v1/search", q=q, publisher=PUBLISHER, **parameters)["hits"])


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("Zarif Pakistan border", ["zarif"]),
        ("ZARIF", ["zarif"]),
        ("border", ["border", "zarif"]),
        ('"border security" Pakistan', ["border", "zarif"]),
        ('"security border"', []),
        ("market | cricket", ["border", "ship"]),
        ("Pakistan -Zarif", ["border"]),
        ("-Pakistan", ["frontiere", "ship", "arabic", "ukrainian"]),
        ("marché Tyr", ["frontiere"]),
        ("سفينة", ["arabic"]),
        ("корабель порту", ["ukrainian"]),
        ("Zarif cricket", []),
        ("bord*", []),
        ("!!!", []),
    ],
)
def test_words_find_articles_that_have_them_all_in_headline_or_body_whatever_the_language(search, q, expected):
    assert sorted(found(search, q)) == sorted(expected)


def test_a_word_in_the_headline_weighs_more_than_one_in_the_body(search):
    assert found(search, "border") == ["border", "zarif"]


def test_without_words_all_published_articles_come_newest_first_and_no_tombstone(search):
    answer = get(search, "/v1/search", publisher=PUBLISHER)

    assert names(answer["hits"]) == ["zarif", "border", "frontiere", "ship", "arabic", "ukrainian"]
    assert (answer["total"], answer["total_is_exact"], answer["cursor"]) == (6, True, None)
    assert "body" not in answer["hits"][0]


def test_highlights_are_escaped_and_mark_what_was_searched_for(search):
    (hit,) = get(search, "/v1/search", q="ship", publisher=PUBLISHER)["hits"]

    assert hit["headline"] == "<b>Ship</b> & cargo"
    assert hit["highlights"] == {
        "headline": "&lt;b&gt;<mark>Ship</mark>&lt;/b&gt; &amp; cargo",
        "passages": ["Cricket &lt;script&gt;alert(1)&lt;/script&gt; on board the <mark>ship</mark>."],
    }


def test_facets_count_what_the_other_filters_leave(search):
    facets = get(search, "/v1/search", publisher=PUBLISHER, language="fr")["facets"]

    assert {value["value"]: value["count"] for value in facets["language"]} == {"en": 3, "fr": 1, "ar": 1, "uk": 1}
    assert facets["section"] == [{"value": f"{SECTION}/Est", "count": 1}]
    assert facets["entity"] == [{"value": f"Tyre {MARK}", "count": 1}]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"language": ["fr", "ar"]}, ["frontiere", "arabic"]),
        ({"section": f"{SECTION}/Est"}, ["frontiere"]),
        ({"entity": f"Tyre {MARK}"}, ["zarif", "frontiere"]),
        ({"from": "2098-11-25"}, []),
        ({"from": "2098-11-24", "to": "2098-11-24", "language": "fr"}, ["frontiere"]),
        ({"from": "2098-11-24T12:35:00Z"}, ["zarif", "border"]),
        ({"to": "2098-11-24T13:15:00+01:00"}, ["arabic", "ukrainian"]),
        ({"to": "9999-12-31", "from": "0001", "language": "uk"}, ["ukrainian"]),
    ],
)
def test_filters_narrow_a_search(search, filters, expected):
    assert found(search, **filters) == expected


@pytest.mark.parametrize("asked", [{}, {"q": "border | ship | корабель | marché"}, {"q": "Pakistan", "sort": "date"}])
def test_pages_give_every_hit_once_and_then_end(search, asked):
    whole = found(search, **asked)
    pages, cursor = [], ""
    while cursor is not None:
        answer = get(search, "/v1/search", publisher=PUBLISHER, size=1, cursor=cursor, **asked)
        pages += names(answer["hits"])
        cursor = answer["cursor"]

    assert pages == whole
    assert len(whole) > 1


def test_a_cursor_of_another_search_or_a_forged_one_is_a_clear_400(search):
    cursor = get(search, "/v1/search", publisher=PUBLISHER, size=1)["cursor"]
    changed = cursor[:8] + ("A" if cursor[8] != "A" else "B") + cursor[9:]
    for q, wrong in (("other", cursor), ("", cursor[:-4]), ("", changed), ("", "x"), ("", cursor.partition(".")[0])):
        answer = search.get("/v1/search", params={"q": q, "publisher": PUBLISHER, "size": 1, "cursor": wrong})

        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert "cursor" in answer.json()["detail"]


def test_what_is_wrong_is_named_field_by_field(search):
    answer = search.get("/v1/search", params={"size": 1000, "q": "x" * 600, "colour": "red", "fields": "headline,body"})

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {error["field"] for error in answer.json()["errors"]} == {"size", "q", "colour", "fields"}


def test_an_article_is_answered_whole(search):
    article = get(search, f"/v1/articles/{article_id('zarif')}")

    assert article["headline"] == "Iran and Pakistan agree to meet"
    assert article["body"] == "Zarif spoke of border security.\n\nHe left at noon."
    assert article["entities"][0] == {
        "type": "GPE",
        "name": f"Tyre {MARK}",
        "count": 1,
        "mentions": [{"field": "body", "start": 0, "end": 4}],
        "country": None,
        "geonames_id": None,
        "entity_id": None,
        "latitude": None,
        "longitude": None,
        "role": None,
        "salience": None,
    }


@pytest.mark.parametrize("below", ["", "/related", "/comments"])
def test_an_unknown_article_is_404_and_a_retracted_one_410(search, below):
    statuses = [search.get(f"/v1/articles/{each}{below}").status_code for each in ("nobody", article_id("gone"))]

    assert statuses == [404, 410]


def test_related_articles_share_words_or_entities_and_are_not_the_article_itself(search):
    related = names(get(search, f"/v1/articles/{article_id('zarif')}/related", size=100)["related"])

    assert set(related[:2]) == {"frontiere", "border"}
    assert set(related) & {"zarif", "gone"} == set()


def test_comments_on_an_article_come_newest_first_in_pages(search):
    path = f"/v1/articles/{article_id('zarif')}/comments"
    first = get(search, path, size=3)
    second = get(search, path, size=3, cursor=first["cursor"])

    assert [comment["text"] for comment in first["comments"] + second["comments"]] == [f"Comment {n}" for n in (4, 3, 2, 1, 0)]
    assert second["cursor"] is None
    assert search.get(path, params={"cursor": "abc"}).status_code == 400


def test_recent_comments_pass_over_those_on_retracted_articles(search):
    recent = get(search, "/v1/comments/recent", size=3)["comments"]

    assert [comment["text"] for comment in recent] == ["Comment 4", "Comment 3", "Comment 2"]
    assert recent[0]["article"]["headline"] == "Iran and Pakistan agree to meet"


def test_most_popular_is_the_lists_of_all_partitions_without_retracted_and_unknown_articles(search):
    popular = get(search, "/v1/most-popular", window="30d", measure="comments", section=[SECTION, f"{SECTION}/Est"])

    assert [(*names([entry]), entry["rank"], entry["count"]) for entry in popular["entries"]] == [
        ("zarif", 1, 9),
        ("frontiere", 2, 7),
        ("arabic", 3, 5),
        ("ship", 4, 3),
    ]
    assert popular["as_of"] == EARLY.isoformat().replace("+00:00", "Z")
    assert popular["entries"][1]["headline"] == "Le marché de la frontière"


def test_a_section_is_read_from_its_own_list_however_far_behind_its_articles_are_in_the_whole(search):
    asked = {"window": "this-week", "measure": "comments"}

    assert names(get(search, "/v1/most-popular", **asked, section=SECTION)["entries"]) == ["zarif", "border", "arabic"]
    assert names(get(search, "/v1/most-popular", **asked, section=SECTION, language="ar")["entries"]) == ["arabic"]
    assert get(search, "/v1/most-popular", **asked, section=SECTION)["is_complete"] is True


def test_a_list_that_ends_before_enough_was_found_is_said_to_be_incomplete(search):
    answer = get(search, "/v1/most-popular", window="this-week", measure="comments")

    assert (answer["entries"], answer["is_complete"]) == ([], False)


def test_recent_articles_are_read_from_lists_of_recent_articles(search):
    answer = get(search, "/v1/most-popular", window="this-week", measure="comments", published_within_days=5)

    assert names(answer["entries"]) == ["zarif"]


def test_articles_can_be_pinned_and_excluded(search):
    asked = {"window": "this-week", "measure": "comments", "section": SECTION}
    answer = get(search, "/v1/most-popular", **asked, pin=[article_id("ship"), article_id("gone")], exclude=article_id("zarif"))

    assert names(answer["entries"]) == ["ship", "border", "arabic"]
    assert [entry["is_pinned"] for entry in answer["entries"]] == [True, False, False]


def test_an_explained_list_says_why_an_article_stands_where_it_does(search):
    answer = get(search, "/v1/most-popular", window="this-week", measure="comments", section=SECTION, explain=True)

    explanation = answer["entries"][1]["explanation"]
    assert explanation["rank_in_list"] == 2
    assert (explanation["count"], explanation["sorted_by"], explanation["formula"]) == (3, 3, "count")
    assert explanation["counted_from"] == explanation["counted_until"] == EARLY.isoformat().replace("+00:00", "Z")


def test_a_measure_without_such_a_window_is_refused(search):
    assert search.get("/v1/most-popular", params={"measure": "trending", "window": "7d"}).status_code == 422
    assert get(search, "/v1/most-popular", measure="trending")["window"] == "1h"


@pytest.mark.parametrize("query", ["measure=trending&window=30d", "measure=comments&window=7d", "window=all"])
def test_the_tabs_of_pages_lead_to_lists(search, query):
    page = search.get(f"/sections/{SECTION}?{query}")

    assert page.status_code == 200
    assert "Most Popular" in page.text


def test_most_popular_can_be_narrowed_to_a_language_and_cut(search):
    asked = {"window": "30d", "measure": "comments", "section": [SECTION, f"{SECTION}/Est"]}

    assert names(get(search, "/v1/most-popular", **asked, language="ar")["entries"]) == ["arabic"]
    assert names(get(search, "/v1/most-popular", **asked, size=1)["entries"]) == ["zarif"]
    assert search.get("/v1/most-popular", params={"window": "2h"}).status_code == 422


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/", 200, "Iran and Pakistan agree to meet"),
        (f"/articles/{article_id('zarif')}", 200, "He left at noon."),
        (f"/articles/{article_id('zarif')}", 200, "Correction: He left at noon, not at one."),
        (f"/articles/{article_id('arabic')}?window=7d", 200, 'lang="ar" dir="rtl"'),
        (f"/articles/{article_id('gone')}", 410, "This article was retracted"),
        ("/articles/nobody", 404, "This page is not here"),
        (f"/sections/{SECTION}/Est", 200, "Le marché de la frontière"),
        ("/sections/Nowhere", 404, "This page is not here"),
        ("/sections/", 404, "This page is not here"),
        (f"/search?q=zarif&publisher={PUBLISHER}", 200, "<mark>Zarif</mark> spoke of border security."),
        ("/search?q=zarif&utm_source=elsewhere", 200, "<mark>Zarif</mark>"),
        ("/search?size=1000", 422, "<strong>size</strong>"),
        ("/search?cursor=abc", 400, "this is no cursor"),
        ("/nothing/here", 404, "This page is not here"),
    ],
)
def test_pages_are_html_without_script_in_them_and_forbid_what_they_do_not_use(search, path, status, says):
    page = search.get(path)

    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert says in page.text
    scripts = page.text.replace('<script type="application/ld+json">', "")  # data is not run
    assert scripts.count("<script") == scripts.count('<script src="/static/')
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self'")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert search.head(path).status_code == status


def test_static_files_are_named_by_pages_and_kept_by_browsers(search):
    page = search.get("/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]

    style = search.get(address)

    assert style.headers["content-type"].startswith("text/css")
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_without_elasticsearch_programs_get_a_problem_and_readers_a_page_both_503():
    nowhere = SearchSettings(elasticsearch=ElasticsearchSettings(url="http://127.0.0.1:9"))
    with TestClient(build_search_app(nowhere)) as client:
        answers = [client.get(path) for path in ("/v1/search", "/v1/most-popular", "/")]

    assert [(a.status_code, a.headers["content-type"].partition(";")[0]) for a in answers] == [
        (503, "application/problem+json"),
        (503, "application/problem+json"),
        (503, "text/html"),
    ]
    assert all(answer.headers["retry-after"] for answer in answers)
