"""What readers and programs may ask for, checked before any of it reaches Elasticsearch (failure-modes F37).

After this: `search_body` and `queries`, which make search bodies of it.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from services.search.core.answers import Hit
from services.search.core.asked_times import Begin, End
from services.search.core.query_language import LONGEST_QUERY, MOST_TERMS, parse_query
from services.search.core.query_tree import FIELDS, Query, has_words
from shared.articles import ArticleID, LanguageCode
from shared.popularity import LISTED_WINDOWS, Measure, Window
from shared.text import Line

LARGEST_SIZE = 100
MOST_VALUES = 10
LONGEST_FILTER = 1000
#: What of a search says how it is answered, not what is found in which order.
_PRESENTATION = frozenset({"size", "cursor", "fields", "facets", "highlight", "histogram", "explain"})

Size = Annotated[int, Field(ge=1, le=LARGEST_SIZE, description=f"how many, at most {LARGEST_SIZE}")]
CursorText = Annotated[str, Field(max_length=2000, description="`cursor` of the answer before, for what comes after it")]
FilterValue = Annotated[Line, Field(min_length=1, max_length=LONGEST_FILTER)]


def _blank_is_empty(value: object) -> object:
    return "" if isinstance(value, str) and not value.strip() else value


def _split_names(value: object) -> object:
    names: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    return [part.strip() if isinstance(part, str) else part for name in names for part in _split(name)]


def _split(name: object) -> Sequence[object]:
    return name.split(",") if isinstance(name, str) else [name]


#: As it was typed: positions in it are those that errors name.
QueryText = Annotated[str, BeforeValidator(_blank_is_empty)]


class Sort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    DATE = "date"
    POPULARITY = "popularity"


class Parameters(BaseModel):
    """Parameters of a request. Empty ones count as not given, as browsers send the empty fields of a form."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        kept = {name: [each for each in v if each != ""] if isinstance(v, list) else v for name, v in values.items()}
        return {name: value for name, value in kept.items() if value not in ("", [])}


class SearchFilters(Parameters):
    """Which articles are wanted. Several values of one filter mean any of them; different filters mean all of them."""

    q: QueryText = Field(
        default="",
        max_length=LONGEST_QUERY,
        description=f'words that must all occur, `"phrases"`, `AND` `OR` `NOT` (also `|` and `-`), parentheses, and the fields '
        f"{' '.join(f'`{name}:`' for name in FIELDS)}; at most {LONGEST_QUERY} characters and {MOST_TERMS} words",
        examples=['Zarif border OR "peace process"'],
    )
    language: tuple[LanguageCode, ...] = Field(default=(), max_length=MOST_VALUES, description="BCP 47 as articles carry it: `en`")
    section: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="name of a section")
    publisher: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="name of a publisher")
    entity: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="name of a person, place …")
    author: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="name of an author")
    keyword: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="one of `keywords_found`")
    story: tuple[ArticleID, ...] = Field(default=(), max_length=MOST_VALUES, description="a `story_id`")
    has_comments: bool | None = Field(default=None, description="only articles that readers commented on, or only others")
    date_from: Begin | None = Field(
        default=None, alias="from", description="from the begin of this year, month, day or time (UTC): `2024`, `2024-11-21`"
    )
    date_to: End | None = Field(
        default=None, alias="to", description="to the end of this year, month, day or time (UTC unless it has an offset)"
    )

    @field_validator("date_to")
    @classmethod
    def _is_not_before_the_begin(cls, end: End | None, info: ValidationInfo) -> End | None:
        begin: Begin | None = info.data.get("date_from")
        if end is not None and begin is not None and end.moment < begin.moment:
            raise ValueError(f"{end} ends before {begin} begins: exchange `from` and `to`, or leave one out")
        return end

    @property
    def query(self) -> Query | None:
        """The tree of `q`, None when it is empty. Raises QueryError."""
        return parse_query(self.q)


class SearchParameters(SearchFilters):
    """A search, and how it is answered."""

    sort: Sort | None = Field(default=None, description="by relevance when `q` asks for words, else by date, newest first")
    collapse: Literal["story"] | None = Field(default=None, description="of each story only the first article, with `also_in`")
    facets: bool = Field(default=True, description="count values to narrow down by")
    highlight: bool = Field(default=True, description="mark what was searched for")
    histogram: bool = Field(default=False, description="count the found articles by time")
    explain: bool = Field(default=False, description="say what the score of each article is made of")
    fields: Annotated[tuple[str, ...], BeforeValidator(_split_names)] = Field(
        default=(), max_length=len(Hit.model_fields), description=f"only these of each article: {', '.join(Hit.model_fields)}"
    )
    size: Size = 20
    cursor: CursorText | None = None

    @field_validator("fields")
    @classmethod
    def _are_known(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in fields if name not in Hit.model_fields]
        if unknown:
            raise ValueError(f"there is no {unknown[0][:40]!r}; an article here has {', '.join(Hit.model_fields)}")
        return fields

    @property
    def order(self) -> Sort:
        """The order that the hits come in; without words nothing is more relevant than another. Raises QueryError."""
        if self.sort in (Sort.DATE, Sort.POPULARITY):
            return self.sort
        return Sort.RELEVANCE if has_words(self.query) else Sort.DATE

    @property
    def fingerprint(self) -> str:
        """The same for every page of one search, and for no other search: 16 hex digits."""
        asked = self.model_dump_json(exclude=set(_PRESENTATION))
        return hashlib.sha256(asked.encode()).hexdigest()[:16]

    def wants(self, name: str) -> bool:
        """Whether a field of the articles is asked for."""
        return not self.fields or name in self.fields


class PopularFilters(Parameters):
    """Which articles of a list are wanted."""

    language: tuple[LanguageCode, ...] = Field(default=(), max_length=MOST_VALUES, description="only these languages")
    section: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="only these sections")
    publisher: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="only these publishers")
    published_within_days: int | None = Field(default=None, ge=1, le=365, description="only articles of the last so many days")
    exclude: tuple[ArticleID, ...] = Field(default=(), max_length=LARGEST_SIZE, description="articles to leave out")


class PopularParameters(PopularFilters):
    """Which list, and which part of it."""

    measure: Measure = Field(default=Measure.VIEWS, description="what is counted, or the score that the list is sorted by")
    window: Window | None = Field(
        default=None, description="how far back is counted, `24h` unless given; the last three are days and weeks of a time zone"
    )
    pin: tuple[ArticleID, ...] = Field(default=(), max_length=MOST_VALUES, description="articles to put on top, in this order")
    explain: bool = Field(default=False, description="say of each article why it stands where it does")
    size: Size = 10

    @field_validator("window")
    @classmethod
    def _has_such_a_list(cls, window: Window | None, info: ValidationInfo) -> Window | None:
        measure: Measure | None = info.data.get("measure")  # absent when it is wrong itself
        windows = LISTED_WINDOWS[measure] if measure else tuple(Window)
        if window is not None and window not in windows:
            raise ValueError(f"by {measure} there are lists for the windows {', '.join(windows)}, not for {window}")
        return window

    @property
    def listed_window(self) -> Window:
        """The window that is asked for: of those that the measure has."""
        windows = LISTED_WINDOWS[self.measure]
        return self.window or (Window.DAY if Window.DAY in windows else windows[0])
