"""A submitted comment → its event, or what is wrong with it."""

import hashlib
from datetime import datetime

from services.ingest.core.judgements import CLOCK_SKEW, Refused, milliseconds, new_event
from services.ingest.core.submissions import CommentSubmission
from shared.comments import CommentPosted
from shared.events import Event


def accept_comment(submission: CommentSubmission, now: datetime) -> Event[CommentPosted] | Refused:
    """The event that posts a comment."""
    if submission.time is not None and submission.time > now + CLOCK_SKEW:
        return Refused((("time", "lies in the future"),))
    own = submission.id or f"{submission.author}\n{submission.text}"
    comment_id = hashlib.sha256(f"comment:{submission.article_id}:{own}".encode()).hexdigest()[:32]
    comment = CommentPosted(
        comment_id=comment_id,
        article_id=submission.article_id,
        revision=milliseconds(now),
        author=submission.author,
        text=submission.text,
        time=submission.time or now,
    )
    return new_event(comment, f"{comment_id}.{comment.revision}", now)
