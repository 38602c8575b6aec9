"""`dateline enrich --explain`, as a user would run it."""

from tests.command import dateline

ARTICLE = """Angela Merkel visits Pakistan

Chancellor Angela Merkel met ministers of Pakistan in Hyderabad. Merkel spoke of trade, and trade is what Pakistan wants.
The two sides will meet again in spring, when a new port is to open; until then the ministers will write a treaty on fish.
"""


def test_it_tells_a_person_why_each_entity_place_keyword_language_and_story_came_out(tmp_path):
    text = tmp_path / "article.txt"
    text.write_text(ARTICLE, encoding="utf-8")
    copy = tmp_path / "copy.txt"
    copy.write_text(ARTICLE.replace("visits", "in"), encoding="utf-8")

    done = dateline("enrich", "--explain", text, "--explain", copy)

    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split(f"# {copy}")
    assert "Language: en" in first
    assert "cld2 says en" in first
    assert "Angela Merkel, Chancellor  x3" in first
    assert "'Merkel' at body" in first
    assert "model: saw 'Angela Merkel' as PERSON" in first
    assert "Hyderabad: the article names its country, PK" in first
    assert "\n  trade  " in first
    assert "fingerprint of" in first
    assert f"the same story as {text}" in second


def test_a_file_that_is_not_there_is_named():
    done = dateline("enrich", "--explain", "no-such-file.txt")

    assert done.returncode == 78
    assert "no-such-file.txt" in done.stderr
