"""Exports from a real Elasticsearch, and from one that fails in the middle."""

import asyncio
import csv
import http.client
import io
import json

import pytest
from elasticsearch import Elasticsearch

from services.search.settings import ReadingSettings
from services.search.whole_results import Exports
from shared.elastic import connect_elastic_async
from shared.settings import ElasticsearchSettings
from tests.doubles import http_double
from tests.indexed import asking, open_newsroom, serving_search
from tests.stack import eventually
from tests.unit.search.builders import a_document

MANY = 120


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        numbers = range(MANY)
        newsroom.write(*(newsroom.a_document(f"number {n}", minutes=n, headline={"en": f"=harbour {n}"}) for n in numbers))
        newsroom.write(newsroom.a_document("gone", status="retracted", date_retracted="2097-01-01T10:00:00Z"))
        yield newsroom


@pytest.fixture(scope="module")
def search(engines, newsroom):
    with asking(engines.elasticsearch_url) as client:
        yield client


def export(search, newsroom, **parameters):
    return search.get("/v1/export", params={"publisher": newsroom.publisher, **parameters})


def newest_first(newsroom, count=MANY):
    return [newsroom.id_of(f"number {n}") for n in reversed(range(MANY))][:count]


@pytest.mark.parametrize("text", [False, True])
def test_all_articles_that_fit_come_newest_first_over_as_many_pages_as_it_takes(search, newsroom, text):
    answer = export(search, newsroom, format="ndjson", text=text)

    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["article_id"] for row in rows] == newest_first(newsroom)
    assert answer.headers["x-total-count"] == str(MANY)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert rows[0].get("body") == (f"Body of number {MANY - 1}." if text else None)


def test_csv_is_a_file_for_spreadsheets(search, newsroom):
    answer = export(search, newsroom, format="csv", q="harbour", rows=7)

    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [row["article_id"] for row in rows] == newest_first(newsroom, 7)
    assert rows[0]["headline"] == f"'=harbour {MANY - 1}"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="articles.csv"'


def test_where_nothing_fits_there_is_a_header_only(search, newsroom):
    answer = export(search, newsroom, format="csv", q="nothinglikethis")

    assert answer.text.splitlines()[0].startswith("article_id,revision,headline")
    assert len(answer.text.splitlines()) == 1
    assert answer.headers["x-total-count"] == "0"


def test_more_than_one_export_holds_is_refused_before_it_begins_unless_fewer_rows_are_asked_for(engines, newsroom):
    with asking(engines.elasticsearch_url, export_rows=10, concurrent_exports=1) as search:
        for _ in range(3):
            refused = export(search, newsroom, format="csv")
            assert refused.status_code == 400
            assert f"{MANY} articles fit, and one export holds 10" in refused.json()["detail"]

        assert len(export(search, newsroom, format="csv", rows=10).text.splitlines()) == 11


@pytest.mark.parametrize("asked", [{}, {"format": "xlsx"}, {"format": "csv", "rows": 0}, {"format": "csv", "size": 5}])
def test_what_is_no_export_is_refused(search, newsroom, asked):
    assert export(search, newsroom, **asked).status_code == 422


def test_a_query_that_cannot_be_read_is_refused(search):
    assert search.get("/v1/export", params={"format": "csv", "q": "("}).status_code == 400


def test_no_point_in_time_is_left_behind(engines, search, newsroom):
    with Elasticsearch(engines.elasticsearch_url) as elastic:
        export(search, newsroom, format="csv")
        export(search, newsroom, format="csv", rows=1)

        eventually(lambda: _open_contexts(elastic), lambda contexts: contexts == 0)


@pytest.fixture
def own_newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        newsroom.write(*(newsroom.a_document(f"number {n}", minutes=n) for n in range(MANY)))
        yield newsroom


def test_what_changes_while_an_export_is_read_does_not_change_it(engines, own_newsroom):
    newsroom = own_newsroom

    async def read():
        async with connect_elastic_async(ElasticsearchSettings(url=engines.elasticsearch_url)) as client:
            exports = Exports(client, ReadingSettings())
            result = await exports.open({"term": {"publisher": newsroom.publisher}}, ("article_id", "revision"), 50)
            seen = []
            async for page in result.pages():
                seen += page
                again = newsroom.a_document(f"number {len(seen)}", minutes=-len(seen), revision=2)
                await asyncio.to_thread(newsroom.write, again, newsroom.a_document("new", minutes=500))
            await exports.close(result)
            return result.total, seen

    total, seen = asyncio.run(read())

    assert [document["article_id"] for document in seen] == newest_first(newsroom)
    assert {document["revision"] for document in seen} == {1}
    assert total == MANY


def _open_contexts(elastic):
    nodes = elastic.nodes.stats(metric="indices", index_metric="search")["nodes"]
    return sum(node["indices"]["search"]["open_contexts"] for node in nodes.values())


def _get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    return connection, connection.getresponse()


def get_patiently(port, path):
    """An answer, as soon as the server is up."""

    def ask():
        try:
            return _get(port, path)
        except ConnectionRefusedError:
            return None

    return eventually(ask, lambda answer: answer is not None)


def _failing_after(pages):
    """An Elasticsearch that gives so many whole pages of a hundred, and fails then."""
    seen = []

    def answer(path, body):
        if "_pit" in path:
            return 200, {"id": "a point in time"}
        asked = json.loads(body)
        if "pit" not in asked:
            return 200, _found([], aggregations={"language": {"buckets": []}, "section": {"buckets": []}})
        seen.append(asked)
        if len(seen) > pages:
            return 503, {"error": {"type": "no_shard_available_action_exception"}, "status": 503}
        return 200, _found([a_document(article_id=f"{len(seen):016x}{n:016x}") for n in range(asked["size"])])

    return answer


def _found(documents, **more):
    hits = [{"_source": source, "sort": [n, source["article_id"]]} for n, source in enumerate(documents)]
    total = {"value": 5000, "relation": "eq"}
    return {"took": 1, "timed_out": False, "_shards": {"total": 1, "failed": 0}, "hits": {"total": total, "hits": hits}, **more}


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_failure_in_the_middle_cuts_the_connection_so_that_no_short_file_looks_whole(form):
    with http_double(_failing_after(2)) as elastic_url, serving_search(elastic_url) as port:
        connection, answer = get_patiently(port, f"/v1/export?format={form}")

        assert answer.status == 200
        with pytest.raises(http.client.IncompleteRead) as cut:
            answer.read()
        assert cut.value.partial == b"" or b"Harbour bridge" in cut.value.partial
        connection.close()


def test_a_failure_before_the_first_article_is_an_answer_that_says_so():
    with http_double(_failing_after(0)) as elastic_url, serving_search(elastic_url) as port:
        _, answer = get_patiently(port, "/v1/export?format=csv")

        assert answer.status == 503
        assert json.loads(answer.read())["status"] == 503


def test_exports_above_the_limit_are_told_to_come_again_and_one_that_is_given_up_makes_room():
    with http_double(_failing_after(10**9)) as elastic_url, serving_search(elastic_url, concurrent_exports=1) as port:
        connection, answer = get_patiently(port, "/v1/export?format=csv")
        answer.read(1000)  # the rest waits until it is read

        _, refused = _get(port, "/v1/export?format=csv")
        assert refused.status == 503
        assert refused.getheader("retry-after")

        answer.close()
        connection.close()
        eventually(lambda: _get(port, "/v1/export?format=csv&rows=1")[1].status, lambda status: status == 200)
