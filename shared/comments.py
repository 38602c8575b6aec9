"""What readers write under an article (`news.comment.posted.v1`)."""

from typing import Annotated

from pydantic import Field

from shared.articles import ArticleID, Frozen, Revision, UTCTime
from shared.text import Line, Text

CommentID = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class CommentPosted(Frozen):
    """A comment as it is to be shown; the same id posted again is the same comment."""

    comment_id: CommentID
    article_id: ArticleID
    revision: Revision = Field(description="time of acceptance in ms: the newest form of a comment wins")
    author: Line = Field(min_length=1, max_length=200)
    text: Text = Field(min_length=1, max_length=10_000)
    time: UTCTime
