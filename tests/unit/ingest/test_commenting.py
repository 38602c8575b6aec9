"""A submitted comment -> its event."""

from datetime import timedelta

import pytest

from services.ingest.core.commenting import accept_comment
from services.ingest.core.judgements import Refused
from services.ingest.core.submissions import CommentSubmission
from shared.events import Event
from tests.builders import ARTICLE_ID, NOON


def posted(at=NOON, **fields):
    event = accept_comment(CommentSubmission(**{"article_id": ARTICLE_ID, "author": "Ada", "text": "Well said."} | fields), at)
    assert isinstance(event, Event)
    return event.body


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
