"""What readers do: they view articles, read them for a time, and share them."""

from pydantic import Field

from shared.articles import ArticleID, Frozen, UTCTime

#: One page is not read for longer than this (seconds), whatever is said.
LONGEST_READING = 1800


class View(Frozen):
    """One accepted view. `visitor` and `network` are keyed hashes that cannot be linked after a day, never addresses."""

    article_id: ArticleID
    visitor: str = Field(pattern=r"^[0-9a-f]{16,64}$")
    time: UTCTime
    network: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{16}$", description="stands for the network (/24, /64) of the reader, where that is known"
    )


class EngagementRecorded(Frozen):
    """Views of articles that live in one partition, in the order in which they were accepted (`news.engagement.recorded.v1`)."""

    views: tuple[View, ...] = Field(min_length=1, max_length=10_000)


class ReadingReported(Frozen):
    """For how long one page of an article was before a reader, told as it was left (`news.reading.reported.v1`).

    `visitor` and `network` are those of a view.
    """

    article_id: ArticleID
    visitor: str = Field(pattern=r"^[0-9a-f]{16,64}$")
    time: UTCTime
    engaged_seconds: int = Field(ge=1, le=LONGEST_READING, description="while the page was visible; never more than it was old")
    network: str | None = Field(default=None, pattern=r"^[0-9a-f]{16}$")


class ShareReported(Frozen):
    """A reader has shared an article (`news.share.reported.v1`). `visitor` and `network` are those of a view."""

    article_id: ArticleID
    visitor: str = Field(pattern=r"^[0-9a-f]{16,64}$")
    time: UTCTime
    network: str | None = Field(default=None, pattern=r"^[0-9a-f]{16}$")


class Reading(View):
    """For how long one page of an article was before a reader; `time` is when it was left."""

    engaged_seconds: int = Field(ge=1, le=LONGEST_READING, description="while the page was visible; never more than it was old")


class ReadingsReported(Frozen):
    """Readings of articles that live in one partition, in the order in which they were accepted (`news.reading.reported.v2`)."""

    readings: tuple[Reading, ...] = Field(min_length=1, max_length=10_000)


class SharesReported(Frozen):
    """Shares of articles that live in one partition, in the order in which they were accepted (`news.share.reported.v2`)."""

    shares: tuple[View, ...] = Field(min_length=1, max_length=10_000)
