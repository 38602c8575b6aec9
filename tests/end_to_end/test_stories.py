"""Copies of one text from several publishers, through all services: they come out as one story."""

import uuid

from tests.stack import eventually
from tests.unit.enrich.texts import a_chance, a_text, changed

CHANCE = a_chance(uuid.uuid4().int)


def published(stack, publisher, headline, body):
    """The id of an article that a publisher sends."""
    article = {"headline": headline, "body": body, "publisher": publisher, "url": f"https://{publisher}.example/{uuid.uuid4()}"}
    return stack.ingest.post("/v1/articles", json=article).raise_for_status().json()["article_id"]


def read(stack, article_id):
    """What search answers of an article, or None while it is not there yet."""
    answer = stack.search.get(f"/v1/articles/{article_id}")
    return answer.json() if answer.status_code == 200 else None


def story_of(stack, article_id):
    return eventually(lambda: read(stack, article_id), bool)["story_id"]


def test_an_agency_text_in_two_newspapers_is_one_story_and_another_text_is_not(stack):
    text = a_text(CHANCE, 160)
    copy = f"LONDON (Reuters) – {changed(text, 6, CHANCE)}\n\nRead more: what we know so far"
    first = published(stack, "courier", "Harbour bridge reopens after repairs", text)
    assert story_of(stack, first) == first

    second = published(stack, "herald", "Commuters cheer as bridge opens", copy)
    other = published(stack, "herald", "Harbour bridge reopens after repairs", a_text(CHANCE, 160))

    assert story_of(stack, second) == first
    assert story_of(stack, other) == other


def test_a_story_goes_on_after_its_first_article_was_retracted(stack):
    text = a_text(CHANCE, 160)
    first = published(stack, "courier", "Ferries are late", text)
    assert story_of(stack, first) == first
    stack.ingest.delete(f"/v1/articles/{first}").raise_for_status()

    assert story_of(stack, published(stack, "herald", "Ferries are late", changed(text, 6, CHANCE))) == first


def test_a_restart_of_enrich_changes_no_story(stack):
    text = a_text(CHANCE, 160)
    first = published(stack, "courier", "Ferries are on time", text)
    assert story_of(stack, first) == first
    enrich = stack.services["enrich"]
    enrich.process.popen.kill()
    eventually(enrich.restart_if_ended, bool)

    second = published(stack, "herald", "Ferries are on time", changed(text, 6, CHANCE))

    assert eventually(lambda: read(stack, second), bool, timeout_seconds=90)["story_id"] == first
