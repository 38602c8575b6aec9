"""What readers do: views, batched by the partition of their article (`news.engagement.recorded.v1`)."""

from pydantic import Field

from shared.articles import ArticleID, Frozen, UTCTime


class View(Frozen):
    """One accepted view. `visitor` and `network` are keyed hashes that cannot be linked after a day, never addresses."""

    article_id: ArticleID
    visitor: str = Field(pattern=r"^[0-9a-f]{16,64}$")
    time: UTCTime
    network: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{16}$", description="stands for the network (/24, /64) of the reader, where that is known"
    )


class EngagementRecorded(Frozen):
    """Views of articles that live in one partition, in the order in which they were accepted."""

    views: tuple[View, ...] = Field(min_length=1, max_length=10_000)
