"""What a search can do beyond finding words: operators and fields, filters with counts, orders, corrections, pages without end.

On a real Elasticsearch, with articles of this module alone; other tests fill the same indices.
"""

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from ops.cli.setup import create_indices
from services.search.app import build_search_app
from services.search.settings import ReadingSettings, SearchSettings
from shared.folding import fold
from shared.settings import ElasticsearchSettings
from tests.stack import eventually

#: A word that stands in every article of this module, and in no other.
MARK = f"m{uuid.uuid4().hex[:12]}"
PUBLISHER = f"Gazette {MARK}"
SECTION = f"Harbour {MARK}"
KEY = "a key of the tests, long enough to sign"
NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=400)


def article_id(name):
    return uuid.uuid5(uuid.NAMESPACE_URL, MARK + name).hex


def an_article(name, headline, body="", *, language="en", date=OLD, **fields):
    field = language if language in ("en", "fr", "ar", "ja") else "other"
    texts = {"headline": headline, "body": f"{body} {MARK}"}
    folded = {each: fold(text) for each, text in texts.items() if fold(text) != text}
    own = {
        "article_id": article_id(name),
        "revision": 1,
        "enrichment": 0,
        "status": "published",
        **{each: {field: text} for each, text in texts.items()},
        "publisher": PUBLISHER,
        "section": SECTION,
        "language": language,
        "date": date.isoformat(),
        "date_retrieved": date.isoformat(),
        "story_id": article_id(name),
        **({"folded": folded} if folded else {}),
    }
    return own | fields


TOLD_BY_TWO = article_id("strike")
ARTICLES = [
    an_article("strike", "Dockers strike in Zembrol", "Hoists stand still.", views=3, authors=["Ann Quay"], comments=2),
    an_article(
        "strike again",
        "Strike of the dockers in Zembrol",
        "Hoists stand still, says Bo.",
        date=OLD - timedelta(days=1),
        story_id=TOLD_BY_TWO,
        publisher=f"Herald {MARK}",
    ),
    an_article(
        "crane", "A crane falls", "In Zembrol a crane fell on a ship: nobody was hurt.", views=20_000, date=OLD - timedelta(days=2)
    ),
    an_article("fresh", "A crane is raised", "In Zembrol the crane stands again.", date=NOW - timedelta(hours=1)),
    an_article(
        "élection",
        "Une élection à Zembrol reportée",
        "Le maire Rémi Kérouac l'annonce.",
        language="fr",
        entity_names=[f"Rémi Kérouac {MARK}"],
        keywords_found=[f"élection {MARK}"],
        completions=[f"Quasimodo {MARK}", f"Élection {MARK}"],
        date=OLD - timedelta(days=3),
    ),
    an_article("港", "港の新しい橋が開通", "新しい橋", language="ja", date=OLD - timedelta(days=4)),
]
GONE = {
    "article_id": article_id("gone"),
    "revision": 2,
    "enrichment": 1023,
    "status": "retracted",
    "date_retracted": NOW.isoformat(),
}


@pytest.fixture(scope="module")
def elastic(engines):
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        client.index(index="articles", id=GONE["article_id"], document=an_article("gone", "A crane", completions=[f"Quasi {MARK}"]))
        for document in [*ARTICLES, GONE]:
            client.index(index="articles", id=document["article_id"], document=document)
        client.indices.refresh(index="articles")
        yield client
        for document in [*ARTICLES, GONE]:
            client.delete(index="articles", id=document["article_id"])


@pytest.fixture(scope="module")
def search(engines, elastic):
    reading = ReadingSettings(cursor_key=KEY)
    settings = SearchSettings(elasticsearch=ElasticsearchSettings(url=engines.elasticsearch_url), search=reading)
    with TestClient(build_search_app(settings)) as client:
        yield client


def get(search, path="/v1/search", **parameters):
    answer = search.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(hits):
    known = {document["article_id"]: name for name, document in zip(NAMES, ARTICLES, strict=True)}
    return [known[each["article_id"]] for each in hits]


NAMES = ["strike", "strike again", "crane", "fresh", "élection", "港"]


def found(search, q, **parameters):
    """The names of what a query finds among the articles of this module."""
    return set(names(get(search, q=f"({q}) body:{MARK}", **parameters)["hits"]))


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("Zembrol crane", {"crane", "fresh"}),
        ("Zembrol AND crane", {"crane", "fresh"}),
        ("ship OR dockers", {"crane", "strike", "strike again"}),
        ("ship | dockers", {"crane", "strike", "strike again"}),
        ("Zembrol crane NOT ship", {"fresh"}),
        ("Zembrol crane -ship", {"fresh"}),
        ("Zembrol (ship OR dockers) -says", {"crane", "strike"}),
        ("headline:crane", {"crane", "fresh"}),
        ("body:hoists", {"strike", "strike again"}),
        ('headline:("crane falls" OR "crane is")', {"crane", "fresh"}),
        ('"stand still"', {"strike", "strike again"}),
        ('"still stand"', set()),
        ("-crane -hoists", {"élection", "港"}),
        (f'publisher:"herald {MARK}"', {"strike again"}),
        (f'entity:"rémi Kérouac {MARK}"', {"élection"}),
        (f'keyword:"élection {MARK}" maire', {"élection"}),
        ('author:"ann quay"', {"strike"}),
        ("language:JA", {"港"}),
        (f"story:{TOLD_BY_TWO}", {"strike", "strike again"}),
        (f"story:{TOLD_BY_TWO} NOT says", {"strike"}),
        (f"date:>={NOW - timedelta(days=2):%Y-%m-%d}", {"fresh"}),
        (f"date:{OLD - timedelta(days=2):%Y-%m-%d}", {"crane"}),
        (f"crane NOT date:..{NOW - timedelta(days=30):%Y-%m-%d}", {"fresh"}),
        ("election", {"élection"}),
        ("ELECTION kerouac", {"élection"}),
        ("l'annonce", {"élection"}),
        ("l’annonce", {"élection"}),
        ("新しい橋", {"港"}),
        ("橋新", set()),
        ("Zembrol & crane -", {"crane", "fresh"}),
        ("10:30", set()),
    ],
)
def test_a_query_finds_what_it_says(search, q, expected):
    assert found(search, q) == expected


def test_a_query_that_cannot_be_read_is_a_400_that_points_at_the_character(search):
    answer = search.get("/v1/search", params={"q": 'crane AND "ship'})

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["detail"] == "q cannot be read at character 10: this quote is not closed"
    assert answer.json()["errors"] == [
        {"field": "q", "detail": "this quote is not closed", "position": 10, "caret": 'crane AND "ship\n          ^'}
    ]


def test_the_search_page_marks_the_character_that_is_wrong(search):
    page = search.get("/search", params={"q": "crane (<b>ship"})

    assert page.status_code == 400
    assert "crane <mark>(</mark>&lt;b&gt;ship" in page.text
    assert "this parenthesis is not closed" in page.text


def test_facets_count_every_filter_and_each_what_the_others_leave(search):
    facets = get(search, q=MARK, author="Ann Quay", has_comments="true")["facets"]

    assert facets["author"] == [{"value": "Ann Quay", "count": 1}]
    assert facets["publisher"] == [{"value": PUBLISHER, "count": 1}]
    assert facets["has_comments"] == 1
    facets = get(search, q=MARK)["facets"]
    assert facets["story"] == [{"value": TOLD_BY_TWO, "count": 2}]
    assert facets["keyword"] == [{"value": f"élection {MARK}", "count": 1}]
    assert {each["value"]: each["count"] for each in facets["language"]} == {"en": 4, "fr": 1, "ja": 1}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"author": "Ann Quay"}, {"strike"}),
        ({"keyword": f"élection {MARK}"}, {"élection"}),
        ({"story": TOLD_BY_TWO}, {"strike", "strike again"}),
        ({"has_comments": "true"}, {"strike"}),
        ({"has_comments": "false", "language": "en"}, {"strike again", "crane", "fresh"}),
    ],
)
def test_filters_narrow_a_search(search, filters, expected):
    assert set(names(get(search, q=MARK, **filters)["hits"])) == expected


def test_the_more_read_of_two_that_fit_as_well_comes_first_and_the_fresh_one_before_the_old(search):
    answer = get(search, q=f"crane {MARK}", explain="true")
    first, second = answer["hits"]

    assert names(answer["hits"]) == ["fresh", "crane"] or names(answer["hits"]) == ["crane", "fresh"]
    for hit in (first, second):
        parts = hit["explanation"]
        assert hit["score"] == pytest.approx(parts["text"] * (1 + parts["freshness"] + parts["popularity"]), rel=1e-3)
    parts = {name: hit["explanation"] for name, hit in zip(names(answer["hits"]), answer["hits"], strict=True)}
    assert parts["fresh"]["freshness"] == pytest.approx(0.5, abs=0.01)
    assert parts["crane"]["freshness"] == pytest.approx(0, abs=0.01)
    assert parts["crane"]["popularity"] == pytest.approx(0.43, abs=0.01)
    assert parts["fresh"]["popularity"] == 0


def test_the_text_part_of_a_score_is_what_words_alone_would_give(search, elastic):
    (hit,) = get(search, q=f"kerouac {MARK}", explain="true")["hits"]
    (other,) = get(search, q=f"ship {MARK}", explain="true")["hits"]

    for each in (hit, other):
        parts = each["explanation"]
        assert parts["text"] == pytest.approx(each["score"] / (1 + parts["freshness"] + parts["popularity"]), rel=1e-6)
        assert parts["text"] > 0


def test_the_most_read_come_first_when_that_is_asked_and_then_the_newest(search):
    hits = get(search, q=MARK, sort="popularity")["hits"]

    assert names(hits) == ["crane", "strike", "fresh", "strike again", "élection", "港"]


def test_when_no_article_has_all_words_those_with_most_are_found_and_the_answer_says_so(search):
    answer = get(search, q=f"dockers zembrol strike elephants {MARK}")

    assert answer["is_relaxed"] is True
    assert set(names(answer["hits"])) == {"strike", "strike again"}
    assert get(search, q=f"dockers zembrol strike {MARK}")["is_relaxed"] is False


@pytest.mark.parametrize(
    "q", ["dockers elephants", "dockers zembrol strike NOT crane elephants", "dockers zembrol headline:elephants"]
)
def test_nothing_else_is_found_where_operators_or_few_words_say_what_is_meant(search, q):
    answer = get(search, q=f"{q} section:{MARK}")

    assert (answer["total"], answer["is_relaxed"]) == (0, False)


def test_the_pages_of_a_relaxed_search_go_on_relaxed(search):
    asked = {"q": f"dockers zembrol strike elephants {MARK}", "size": 1}
    first = get(search, **asked)
    second = get(search, **asked, cursor=first["cursor"])

    assert {*names(first["hits"]), *names(second["hits"])} == {"strike", "strike again"}
    assert (second["is_relaxed"], second["cursor"]) == (True, None)


def test_a_misspelt_word_is_corrected_when_that_finds_more(search):
    answer = get(search, q=f"Zembrrol crane {MARK}")

    assert answer["did_you_mean"] == f"Zembrol crane {MARK}"
    assert get(search, q=answer["did_you_mean"])["total"] == 2


def test_no_correction_is_offered_that_finds_nothing(search):
    assert get(search, q=f'Zembrrol "no such phrase" {MARK}')["did_you_mean"] is None
    assert get(search, q=f"Zembrol {MARK}")["did_you_mean"] is None


def test_the_search_page_offers_the_correction(search):
    page = search.get("/search", params={"q": f"Zembrrol crane {MARK}"})

    assert f'q=Zembrol+crane+{MARK}" dir="auto">Zembrol crane {MARK}</a>?' in page.text


def test_what_is_being_typed_is_completed_but_not_with_names_of_retracted_articles(search):
    assert get(search, "/v1/complete", q="Quasi", size=20)["completions"] == [f"Quasimodo {MARK}"]
    assert get(search, "/v1/complete", q="quasimo")["completions"] == [f"Quasimodo {MARK}"]
    assert get(search, "/v1/complete", q="Qvasimo")["completions"] == []
    assert get(search, "/v1/complete", q="quasomo")["completions"] == [f"Quasimodo {MARK}"]
    assert get(search, "/v1/complete", q="")["completions"] == []


def test_collapsed_by_story_each_is_there_once_with_who_else_tells_it(search):
    hits = get(search, q=f"zembrol {MARK}", collapse="story")["hits"]
    shown = names(hits)

    assert sorted(shown) == ["crane", "fresh", *({"strike", "strike again"} & set(shown)), "élection"]
    (told,) = [hit for hit in hits if hit["story_id"] == TOLD_BY_TWO]
    (other,) = told["also_in"]["articles"]
    assert told["also_in"]["count"] == 1
    assert {told["publisher"], other["publisher"]} == {PUBLISHER, f"Herald {MARK}"}
    assert all(hit["also_in"] is None for hit in hits if hit is not told)


def test_stories_are_paged_beyond_the_first_thousand_hits(search, elastic):
    mark = f"{MARK}deep"
    stories = [f"{number % 700:032x}" for number in range(1_400)]
    lines: list[dict[str, object]] = []
    for number, story in enumerate(stories):
        own = {"article_id": f"{number:032x}", "story_id": story, "date": (OLD + timedelta(minutes=number)).isoformat()}
        document = {**own, "revision": 1, "status": "published", "language": "en", "headline": {"en": mark}, "section": mark}
        lines += [{"index": {"_id": f"{mark}{number}"}}, document]
    lone = {"article_id": article_id("lone"), "revision": 1, "status": "published", "language": "en", "section": mark}
    lines += [{"index": {"_id": f"{mark} lone"}}, {**lone, "headline": {"en": mark}, "date": (OLD - timedelta(days=1)).isoformat()}]
    elastic.bulk(index="articles", operations=lines, refresh=True)
    try:
        found, cursor, sizes = [], "", []
        while cursor is not None:
            answer = get(search, section=mark, collapse="story", size=100, facets="false", highlight="false", cursor=cursor)
            found += [hit["article_id"] for hit in answer["hits"]]
            sizes.append(len(answer["hits"]))
            cursor = answer["cursor"]
    finally:
        written = [line["index"] for line in lines if "index" in line]
        elastic.bulk(index="articles", operations=[{"delete": place} for place in written], refresh=True)

    newest = [f"{number:032x}" for number in range(1_399, 699, -1)]
    assert found == [*newest, article_id("lone")], "of each story the newest, and what is of none"
    assert sizes == [*[100] * 7, 1]


@pytest.mark.parametrize(
    ("q", "name", "headline", "passage"),
    [
        ("election", "élection", "Une <mark>élection</mark> à Zembrol reportée", None),
        ("kerouac", "élection", "Une élection à Zembrol reportée", "Le maire Rémi <mark>Kérouac</mark> l&#x27;annonce."),
        ('"remi kerouac"', "élection", None, "Le maire <mark>Rémi Kérouac</mark> l&#x27;annonce."),
        ("reportee maire", "élection", "Une élection à Zembrol <mark>reportée</mark>", "Le <mark>maire</mark> Rémi"),
    ],
)
def test_what_was_found_in_another_spelling_is_marked(search, q, name, headline, passage):
    (hit,) = get(search, q=q, section=SECTION)["hits"]

    assert hit["article_id"] == article_id(name)
    assert headline is None or hit["highlights"]["headline"] == headline
    assert passage is None or hit["highlights"]["passages"][0].startswith(passage)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"from": f"{OLD:%Y}", "to": f"{OLD:%Y}"}, {"strike", "strike again", "crane", "élection", "港"}),
        ({"to": f"{OLD - timedelta(days=2):%Y-%m-%d}"}, {"crane", "élection", "港"}),
        ({"from": f"{OLD - timedelta(days=2):%Y-%m-%d}", "to": f"{OLD - timedelta(days=2):%Y-%m-%d}"}, {"crane"}),
        ({"from": f"{OLD:%Y-%m-%dT%H:%M:%SZ}"}, {"strike", "fresh"}),
        ({"from": f"{NOW:%Y-%m-%d}", "to": "9999"}, {"fresh"}),
    ],
)
def test_dates_bound_a_search_to_the_end_of_what_they_name(search, dates, expected):
    if len({OLD.year, (OLD - timedelta(days=4)).year}) > 1 or NOW.day != (NOW - timedelta(hours=1)).day:
        pytest.skip("the articles of this module are of two years, or days, today")
    assert set(names(get(search, q=MARK, **dates)["hits"])) == expected


def test_a_number_that_is_no_year_is_refused_with_what_can_be_written(search):
    answer = search.get("/v1/search", params={"from": "1700000000"})

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert error["field"] == "from"
    assert "write a year (2024), a month (2024-05), a day (2024-05-17) or a time" in error["detail"]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/v1/search?langauge=en", "langauge: there is no such parameter here: did you mean language?"),
        ("/v1/changes?sinec=x", "sinec: there is no such parameter here: did you mean since?"),
        ("/v1/comments/recent?x=1", "x: there is no such parameter here: there are size"),
        ("/v1/changes?since=x", "since: "),
        ("/v1/search?cursor=x", "cursor: this is no cursor of ours"),
        ("/v1/serach", "there is nothing at this address: /docs says what there is"),
    ],
)
def test_an_answer_that_refuses_says_what_is_wrong_and_what_to_do(search, path, detail):
    answer = search.get(path)

    assert answer.status_code in (400, 404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(detail)


def test_another_method_than_there_is_is_refused_with_those_there_are(search):
    answer = search.put("/v1/search")

    assert (answer.status_code, answer.json()["detail"]) == (405, "PUT cannot be asked here, only GET")


@pytest.mark.parametrize("asked", [{"q": MARK}, {"sort": "popularity", "q": MARK}, {"sort": "date", "q": MARK}])
@pytest.mark.parametrize("collapse", [{}, {"collapse": "story"}])
def test_pages_give_everything_once_in_the_same_order(search, asked, collapse):
    whole = names(get(search, **asked, **collapse)["hits"])
    pages, cursor = [], ""
    while cursor is not None:
        answer = get(search, **asked, **collapse, size=2, cursor=cursor)
        pages += names(answer["hits"])
        cursor = answer["cursor"]

    assert pages == whole
    assert len(whole) == (5 if collapse else 6)


def test_a_cursor_is_good_in_every_process_that_has_the_same_key(engines, search):
    cursor = get(search, q=MARK, size=1)["cursor"]

    def answer_of(key):
        settings = SearchSettings(
            elasticsearch=ElasticsearchSettings(url=engines.elasticsearch_url), search=ReadingSettings(cursor_key=key)
        )
        with TestClient(build_search_app(settings)) as other:
            return other.get("/v1/search", params={"q": MARK, "size": 1, "cursor": cursor}).status_code

    assert (answer_of(KEY), answer_of("x" * 32), answer_of(None)) == (200, 400, 400)


def test_only_the_fields_that_are_asked_for_are_answered(search):
    answer = get(search, q=f"ship {MARK}", fields="headline,url")

    assert answer["hits"] == [{"headline": "A crane falls", "url": None}]
    assert answer["total"] == 1


def test_facets_and_highlights_can_be_left_out(search):
    answer = get(search, q=f"ship {MARK}", facets="false", highlight="false")

    assert (answer["facets"], answer["hits"][0]["highlights"]) == (None, None)


def test_a_histogram_counts_the_found_articles_by_time_in_at_most_a_hundred_spans(search):
    histogram = get(search, q=MARK, histogram="true")["histogram"]

    assert histogram["interval"] == "1w"
    assert len(histogram["buckets"]) <= 100
    assert sum(bucket["count"] for bucket in histogram["buckets"]) == 6
    days = get(search, q=f"{MARK} date:..{NOW - timedelta(days=100):%Y-%m-%d}", histogram="true")["histogram"]
    assert (days["interval"], len(days["buckets"])) == ("1h", 97)
    assert get(search, q=f"ship {MARK} elephants -a", histogram="true")["histogram"] is None


def test_the_search_page_shows_the_histogram_and_who_else_tells_a_story(search):
    page = search.get("/search", params={"q": MARK, "collapse": "story"}).text

    assert 'class="bar-20"' in page
    assert f'Also in <a href="/articles/{article_id("strike again")}"' in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "path",
    [f"/v1/search?q={MARK}", "/v1/complete?q=qu", f"/v1/articles/{article_id('crane')}", "/v1/most-popular", "/v1/comments/recent"],
)
def test_an_answer_that_is_known_already_is_not_sent_again(search, path):
    first = search.get(path)
    tag = first.headers["etag"]

    again = eventually(partial(search.get, path, headers={"If-None-Match": f'W/"other", {tag}'}), lambda seen: True)

    assert first.headers["cache-control"] == "public, max-age=5"
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert search.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_related_articles_are_not_of_the_same_story(search):
    related = get(search, f"/v1/articles/{TOLD_BY_TWO}/related")["related"]

    assert article_id("strike again") not in {each["article_id"] for each in related}
