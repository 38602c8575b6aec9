"""What readers do: views, batched by the partition of their article (`news.engagement.recorded.v1`)."""

from pydantic import Field

from shared.articles import ArticleID, Frozen, UTCTime


class View(Frozen):
    """One accepted view. `visitor` is a keyed hash that cannot be linked after a day, never an address."""

    article_id: ArticleID
    visitor: str = Field(pattern=r"^[0-9a-f]{16,64}$")
    time: UTCTime


class EngagementRecorded(Frozen):
    """Views of articles that live in one partition, in the order in which they were accepted."""

    views: tuple[View, ...] = Field(min_length=1, max_length=10_000)
