"""Searches that somebody saved, and articles that fit them (`news.search.saved.v1`, `news.search.matched.v1`)."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from shared.articles import ArticleID, Frozen, LanguageCode, Revision, UTCTime, WebURL
from shared.text import Line

#: Stands in conditions where the name of a language's field belongs: `headline.%LANG%`.
ANY_LANGUAGE = "%LANG%"

SearchID = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="128 random bits: who knows them may read the matches")]


class SearchSaved(Frozen):
    """A search that was saved, or deleted (`news.search.saved.v1`)."""

    search_id: SearchID
    revision: Revision
    name: Line = Field(default="", max_length=200)
    q: str = Field(default="", description="as it was asked")
    filters: Mapping[str, tuple[str, ...]] = Field(default={}, description="as they were asked: `section`, `language`, `from` …")
    condition: str = Field(
        default="",
        description="the query of Elasticsearch that articles must fit, as JSON; `%LANG%` in a name of a field stands for any "
        "language's; empty when it was deleted",
    )
    webhook: WebURL | None = Field(default=None, description="where matches are sent")
    created: UTCTime = Field(description="articles that were accepted before it do not match")
    is_deleted: bool = False


class SearchMatched(Frozen):
    """An article, new or changed, that fits a saved search (`news.search.matched.v1`). The same match may come more than once."""

    search_id: SearchID
    article_id: ArticleID
    revision: Revision
    headline: Line
    url: WebURL | None = None
    publisher: Line | None = Field(default=None, description="whose article it is")
    section: Line | None = None
    language: LanguageCode = "und"
    date: UTCTime = Field(description="when it was published, or retrieved where that is not known")
    matched: UTCTime

    @property
    def match_id(self) -> str:
        """The same for every repeat of a match, and for no other."""
        return f"{self.search_id}.{self.article_id}.{self.revision}"
