"""`dateline publish`: what it tells of lines that ingest refuses."""

import json

from ops.cli.publishing import IngestClient, Summary, publish_file
from tests.doubles import send, serving

GOOD = '{"headline":"One","url":"https://a.example/1"}'


def answer(request):
    """As ingest: a line without an address is refused."""
    lines = request.rfile.read(int(request.headers["Content-Length"])).splitlines()
    results = [
        {"line": number, "article_id": "a" * 32, "revision": 1, "errors": None}
        if b"url" in line
        else {"line": number, "article_id": None, "revision": None, "errors": [{"field": "url", "detail": "is needed"}]}
        for number, line in enumerate(lines, start=1)
    ]
    send(request, 207, json.dumps({"results": results}).encode(), Content_Type="application/json")


def test_refused_lines_are_named_by_their_number_in_the_file_and_the_others_are_accepted(tmp_path):
    file = tmp_path / "news.ndjson"
    file.write_text(f'{GOOD}\n\nnot json\n{{"headline":"h"}}\n{GOOD}\n', encoding="utf-8")
    summary = Summary()

    with serving(answer) as url, IngestClient(url, "token") as client:
        publish_file(client, file, None, summary)

    assert summary.accepted == 2
    assert summary.article_ids == ["a" * 32] * 2
    assert summary.refused == ["news.ndjson, line 3: url: is needed", "news.ndjson, line 4: url: is needed"]
