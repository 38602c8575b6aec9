import json
from pathlib import Path

import pytest

from ops.cli.explaining import Readable, read_article
from shared.failures import Misconfigured

SAMPLE = Path(__file__).parents[3] / "ops" / "sample"


def test_the_first_line_of_a_text_is_its_headline_when_an_empty_line_follows():
    assert read_article("-", b"Storm ahead\n\nIt rains.\n") == Readable("Storm ahead", "It rains.")


@pytest.mark.parametrize("text", ["It rains.\nIt pours.", "It rains.", "x" * 400 + "\n\nIt rains."])
def test_a_text_without_a_headline_is_all_body(text):
    assert read_article("-", text.encode()) == Readable("", text)


def test_an_article_in_json_has_its_declared_language():
    content = json.dumps({"headline": "Storm", "body": "It rains.", "language": "en"}).encode()
    assert read_article("a.json", content) == Readable("Storm", "It rains.", "en")


def test_of_an_enriched_article_the_language_that_was_declared_is_taken():
    content = json.dumps({"headline": "Storm", "body": "", "language": "en", "language_declared": "de"}).encode()
    assert read_article("a.json", content).language == "de"


def test_an_event_as_a_dead_letter_shows_it_is_read():
    assert (
        read_article("-", json.dumps({"key": "k", "value": {"headline": "Storm", "body": "It rains."}}).encode()).body
        == "It rains."
    )


def test_a_page_is_read_like_ingest_reads_it():
    article = read_article("-", (SAMPLE / "pages" / "harbour-courier-storm-surge-pact.html").read_bytes())
    assert article.headline
    assert "\n\n" in article.body


@pytest.mark.parametrize(
    "content", [b'{"body": "no headline"}', b'{"headline": ', b"{}", b'{"value": 3}', b"<html><body></body></html>"]
)
def test_what_holds_no_article_is_refused_with_its_name(content):
    with pytest.raises(Misconfigured, match=r"odd\.json"):
        read_article("odd.json", content)
