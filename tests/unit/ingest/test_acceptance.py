"""Submission -> event."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.acceptance import BODY_BYTES, Refused, accept_article, accept_comment, accept_retraction
from services.ingest.core.submissions import ArticleSubmission, CommentSubmission
from shared.articles import HIGHEST_REVISION
from shared.events import Event
from tests.builders import ARTICLE_ID, NOON

NOON_MS = int(NOON.timestamp() * 1000)


def accepted(**fields):
    event = accept_article(ArticleSubmission(**{"headline": "Bridge opens", "url": "https://a.example/bridge"} | fields), NOON)
    assert isinstance(event, Event)
    return event


def posted(at=NOON, **fields):
    event = accept_comment(CommentSubmission(**{"article_id": ARTICLE_ID, "author": "Ada", "text": "Well said."} | fields), at)
    assert isinstance(event, Event)
    return event.body


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
    refused = accept_article(ArticleSubmission(headline="Bridge opens"), NOON)

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
    assert accept_retraction(ARTICLE_ID, None, None, NOON).body.revision == HIGHEST_REVISION
    assert accept_retraction(ARTICLE_ID, 9, "legal", NOON).body.reason == "legal"


def test_the_same_comment_again_has_the_same_id_and_a_higher_revision():
    first, again = posted(), posted(NOON + timedelta(seconds=1))

    assert first.comment_id == again.comment_id
    assert first.revision < again.revision


@pytest.mark.parametrize("other", [{"author": "Bo"}, {"text": "Not so."}, {"article_id": "f" * 32}, {"id": "c-1"}])
def test_another_comment_has_another_id(other):
    assert posted(**other).comment_id != posted().comment_id


def test_a_comment_of_tomorrow_is_refused():
    comment = CommentSubmission(article_id=ARTICLE_ID, author="Ada", text="x", time=NOON + timedelta(days=1))

    assert isinstance(accept_comment(comment, NOON), Refused)
