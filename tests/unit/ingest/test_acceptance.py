"""Submission -> event."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.acceptance import BODY_BYTES, accept_article, accept_page, accept_retraction
from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.judgements import NewRevision, Origin, Refused, Retraction, Unchanged
from services.ingest.core.memory import Memory
from services.ingest.core.submissions import ArticleSubmission
from shared.articles import HIGHEST_REVISION, ArticlePublished, Link, PageComment
from shared.text import clean_line
from tests.builders import ARTICLE_ID, NOON

NOON_MS = int(NOON.timestamp() * 1000)
SENT = Origin()
FEED = Origin(feed="0123456789abcdef")


def nothing(_identity):
    """Looks into a memory that is empty."""


def judged(origin=SENT, look=nothing, now=NOON, **fields):
    return accept_article(
        ArticleSubmission(**{"headline": "Bridge opens", "url": "https://a.example/bridge"} | fields), origin, look, now
    )


def accepted(**fields):
    revision = judged(**fields)
    assert isinstance(revision, NewRevision), revision
    return revision.event


def unchanged(result):
    assert isinstance(result, Unchanged), result
    return result.article_id, result.revision, result.gave_way


class Newsroom:
    """Takes submissions as the door does, and remembers what it accepted. Every submission comes a second after the one before."""

    def __init__(self):
        self.memory = Memory(1000)
        self.now = NOON

    def take(self, origin=SENT, **fields):
        self.now += timedelta(seconds=1)
        result = judged(origin, self.memory.look, self.now, **fields)
        if isinstance(result, NewRevision):
            self.memory.learn(result.entry)
        return result

    def retract(self, article_id, origin=SENT):
        self.now += timedelta(seconds=1)
        result = accept_retraction(article_id, None, None, origin, self.memory.look, self.now)
        if isinstance(result, Retraction):
            self.memory.learn(result.entry)
        return result


def id_of(result):
    return result.event.body.article_id if isinstance(result, NewRevision) else result.article_id


@pytest.fixture
def newsroom():
    return Newsroom()


def test_identity_is_the_canonical_address():
    assert accepted().body.article_id == accepted(url="http://www.a.example/bridge/?utm_source=mail#top").body.article_id


def test_a_changed_headline_is_the_same_article():
    assert accepted(headline="Bridge opens at last").body.article_id == accepted().body.article_id


def test_the_publisher_s_own_id_comes_before_the_address():
    moved = [accepted(id="a-1", publisher="Courier", url=f"https://a.example/{path}").body.article_id for path in ("old", "new")]

    assert moved[0] == moved[1] != accepted().body.article_id


def test_an_id_is_its_publisher_s():
    assert accepted(id="a-1", publisher="Courier").body.article_id != accepted(id="a-1", publisher="Gazette").body.article_id


def test_an_id_without_a_publisher_s_name_is_an_identity_too():
    ids = {accepted(id="a-1", url=None, headline=headline).body.article_id for headline in ("One", "Two")}

    assert len(ids) == 1


def test_without_address_and_id_an_article_is_refused():
    refused = judged(url=None)

    assert isinstance(refused, Refused)
    assert refused.errors[0][0] == "url"


def test_the_revision_is_the_publisher_s_or_else_the_time_of_acceptance():
    assert accepted(revision=7).body.revision == 7
    assert accepted().body.revision == NOON_MS


def test_what_was_submitted_travels():
    article = accepted(section="World", authors="Ada Lund", keywords=["bridge"], language="en", date_published=NOON).body

    assert (article.section, article.authors, article.keywords, article.language) == ("World", ("Ada Lund",), ("bridge",), "en")
    assert (article.date_published, article.date_retrieved) == (NOON, NOON)


@given(st.sampled_from("aä漢😀"), st.integers(-5, 5), st.text(alphabet="aä漢😀", max_size=9))
def test_a_body_beyond_the_limit_is_cut_at_a_character_and_says_so(letter, more, start):
    text = start + letter * (BODY_BYTES // len(letter.encode()) + more)

    article = accepted(body=text).body

    assert len(article.body.encode()) <= BODY_BYTES
    assert text.startswith(article.body)
    assert article.truncated == (article.body != text)


def test_a_retraction_is_final_or_takes_the_publisher_s_revision():
    final, own = (accept_retraction(ARTICLE_ID, revision, "legal", SENT, nothing, NOON) for revision in (None, 9))

    assert isinstance(final, Retraction)
    assert isinstance(own, Retraction)
    assert (final.event.body.revision, own.event.body.revision) == (HIGHEST_REVISION, 9)
    assert own.event.body.reason == "legal"


def test_unchanged_content_makes_no_event(newsroom):
    first = newsroom.take(body="Text.")

    again = newsroom.take(body="Text.", url="http://www.a.example/bridge/?utm_source=mail")

    assert unchanged(again) == (id_of(first), first.event.body.revision, False)


@pytest.mark.parametrize("change", [{"headline": "Bridge open"}, {"body": "More."}, {"section": "World"}, {"revision": 2**50}])
def test_a_change_makes_a_higher_revision_of_the_same_article(newsroom, change):
    first = newsroom.take(body="Text.")

    changed = newsroom.take(**{"body": "Text."} | change)

    assert id_of(changed) == id_of(first)
    assert changed.event.body.revision > first.event.body.revision
    assert (first.is_new, changed.is_new) == (True, False)


def test_a_revision_is_higher_though_the_clock_went_back(newsroom):
    first = newsroom.take(body="Text.")
    newsroom.now = NOON - timedelta(hours=1)

    assert newsroom.take(body="Other.").event.body.revision > first.event.body.revision


def test_a_text_that_is_changed_back_is_a_change(newsroom):
    bodies = [newsroom.take(body=body) for body in ("One.", "Two.", "One.")]

    assert [type(result) for result in bodies] == [NewRevision] * 3


OWN = {"id": "a-1", "publisher": "Courier"}


def test_by_the_publisher_s_id_and_by_its_address_it_is_one_article_whichever_comes_first(newsroom):
    by_both = newsroom.take(**OWN)
    by_address = newsroom.take(headline="Bridge opens at last")
    found_first = newsroom.take(url="https://a.example/tunnel")
    then_with_id = newsroom.take(url="https://a.example/tunnel", id="a-2", publisher="Courier")

    assert id_of(by_both) == id_of(by_address) != id_of(found_first) == id_of(then_with_id)


def test_an_article_that_moved_is_found_by_its_new_address(newsroom):
    first = newsroom.take(**OWN)
    newsroom.take(**OWN, url="https://a.example/moved")

    assert id_of(newsroom.take(url="https://a.example/moved", body="Other.")) == id_of(first)


def test_two_ids_at_one_address_are_two_articles(newsroom):
    first, second = (newsroom.take(id=own, publisher="Courier") for own in ("live-1", "live-2"))

    assert id_of(first) != id_of(second)


def test_an_entry_whose_address_changed_is_known_by_its_id_in_the_feed(newsroom):
    first = newsroom.take(FEED, id="guid-1")

    moved = newsroom.take(FEED, id="guid-1", url="https://a.example/moved")
    elsewhere = newsroom.take(Origin(feed="another"), id="guid-1", url="https://b.example/other")

    assert id_of(first) == id_of(moved) != id_of(elsewhere)


def test_what_is_found_in_a_feed_gives_way_to_what_was_sent(newsroom):
    sent = newsroom.take(body="The whole text.")

    found = newsroom.take(FEED, body="A teaser ...")

    assert unchanged(found) == (id_of(sent), sent.event.body.revision, True)


def test_what_is_sent_replaces_what_was_found(newsroom):
    found = newsroom.take(FEED, body="A teaser ...")

    sent = newsroom.take(body="The whole text.")

    assert id_of(sent) == id_of(found)
    assert sent.event.body.revision > found.event.body.revision


def test_a_retracted_article_that_comes_again_is_left_to_the_index(newsroom):
    first = newsroom.take()
    newsroom.retract(id_of(first))

    assert isinstance(newsroom.take(), NewRevision)


def test_the_article_of_a_publisher_s_token_is_changed_and_retracted_by_no_other(newsroom):
    own, other = Origin(publisher="Courier"), Origin(publisher="Gazette")
    first = newsroom.take(own)

    assert isinstance(newsroom.take(other, headline="Bridge falls"), Refused)
    assert isinstance(newsroom.retract(id_of(first), other), Refused)
    assert isinstance(newsroom.take(own, headline="Bridge opens at last"), NewRevision)
    assert isinstance(newsroom.retract(id_of(first), own), Retraction)


@pytest.mark.parametrize(
    "date",
    [NOON + timedelta(days=2), datetime(2203, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)],
)
def test_an_impossible_date_is_refused_where_it_was_sent_and_left_out_where_it_was_found(date):
    refused = judged(date_published=date, date_modified=date)
    found = judged(FEED, date_published=date, date_modified=NOON)

    assert [field for field, _ in refused.errors] == ["date_published", "date_modified"]
    assert (found.event.body.date_published, found.event.body.date_modified) == (None, NOON)


@pytest.mark.parametrize("date", [datetime(1912, 4, 16, tzinfo=UTC), NOON, NOON + timedelta(hours=23)])
def test_an_old_date_and_one_of_another_time_zone_are_taken(date):
    assert accepted(date_published=date).body.date_published == date


def test_a_translation_names_its_original_by_id_or_address(newsroom):
    original = id_of(newsroom.take(**OWN))

    by_id, by_address, unseen = (
        newsroom.take(url=f"https://a.example/fr/{number}", translation_of=named).event.body.translation_of
        for number, named in enumerate([original, "https://a.example/bridge/", "https://a.example/not-yet"])
    )

    assert by_id == by_address == original
    assert unseen == id_of(newsroom.take(url="https://a.example/not-yet"))


def test_a_correction_travels():
    assert accepted(correction="The bridge opened on Tuesday.").body.correction == "The bridge opened on Tuesday."


def judged_page(look=nothing, **fields) -> Any:
    page = ExtractedArticle(**{"headline": "Bridge opens", "body": "It opened.", "url": "https://a.example/bridge"} | fields)
    return accept_page(page, None, SENT, look, NOON)


def test_a_page_looked_at_again_is_unchanged_though_its_widgets_changed(newsroom):
    first = judged_page()
    newsroom.memory.learn(first.entry)

    again = judged_page(newsroom.memory.look, related_links=[Link(headline="Most read", url="https://a.example/other")])

    assert unchanged(again) == (id_of(first), first.event.body.revision, False)


def test_comments_of_a_page_travel_within_bounds():
    comments = [PageComment(author="Ada", text="x" * 9_000)] * 100

    article = judged_page(comments=comments).event.body

    assert len(article.page_comments) == 20
    assert {len(comment.text) for comment in article.page_comments} == {2_000}


texts = st.text(max_size=20)
submissions = st.fixed_dictionaries(
    {"headline": st.text(min_size=1, max_size=20).filter(clean_line), "body": texts},
    optional={
        "authors": st.lists(texts, max_size=3),
        "publisher": texts,
        "section": texts,
        "keywords": st.lists(texts, max_size=3),
        "description": texts,
        "correction": texts,
        "language": st.sampled_from(["en", "pt-BR", None]),
        "image_url": st.sampled_from(["https://a.example/i.jpg", None]),
        "date_published": st.datetimes(datetime(1800, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        "related_links": st.lists(st.fixed_dictionaries({"headline": texts, "url": st.just("https://a.example/")}), max_size=2),
    },
)


@given(submissions)
def test_an_event_is_what_its_type_says(fields):
    article = accepted(**fields).body

    assert ArticlePublished.model_validate_json(article.model_dump_json()) == article
    assert ArticlePublished.model_validate(article.model_dump()) == article
