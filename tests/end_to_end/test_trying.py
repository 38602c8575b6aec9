"""`dateline extract` and `dateline recognise`, as a user would run them."""

import gzip
import json
from pathlib import Path

from tests.command import dateline

SAMPLE = Path(__file__).parents[2] / "ops" / "sample"


def rows(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_extract_prints_an_article_a_line_for_every_page_of_a_folder(tmp_path):
    page = (SAMPLE / "pages" / "harbour-courier-storm-surge-pact.html").read_bytes()
    (tmp_path / "a.html").write_bytes(page)
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(page))
    (tmp_path / "c.txt").write_text("", encoding="utf-8")

    plain, packed, empty = rows(dateline("extract", tmp_path))

    assert plain["source"] == str(tmp_path / "a.html")
    assert plain["headline"] == packed["headline"]
    assert "\n\n" in plain["body"]
    assert empty == {"source": str(tmp_path / "c.txt"), "no_article": "empty page"}


def test_recognise_prints_language_and_mentions_of_every_line(tmp_path):
    text = tmp_path / "lines.txt"
    text.write_text(
        "Prime Minister Ada Lund met officials in Oslo on Monday.\nLe président est arrivé à Paris ce matin.\n", encoding="utf-8"
    )

    english, french = rows(dateline("recognise", "--lines", text))

    assert (english["language"], french["language"]) == ("en", "fr")
    found = {(entity["type"], entity["name"], entity["start"], entity["end"]) for entity in english["entities"]}
    assert {("PERSON", "Ada Lund", 15, 23), ("GPE", "Oslo", 41, 45)} <= found
    assert any(entity["name"] == "Paris" for entity in french["entities"])


def test_a_file_that_is_not_there_is_named():
    done = dateline("extract", "no-such-file.html")

    assert done.returncode == 78
    assert "no-such-file.html" in done.stderr
