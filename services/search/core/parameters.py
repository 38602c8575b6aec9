"""What readers and programs may ask for, checked before any of it reaches Elasticsearch (failure-modes F37).

After this: `queries`, which makes search bodies of it.
"""

import hashlib
import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.articles import ArticleID, LanguageCode
from shared.popularity import LISTED_WINDOWS, Measure, Window
from shared.text import Line

LONGEST_QUERY = 256
MOST_TERMS = 32
LARGEST_SIZE = 100
MOST_VALUES = 10
LONGEST_FILTER = 1000

# As the standard tokenizer parts text: each ideograph, kana or emoji is a term, and each run of other letters and digits.
_SINGLES = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\u2600-\u27bf\U0001f000-\U0001faff\U00020000-\U0003ffff"
_TERM = re.compile(rf"[{_SINGLES}]|[^\W{_SINGLES}]+")

Size = Annotated[int, Field(ge=1, le=LARGEST_SIZE, description=f"how many, at most {LARGEST_SIZE}")]
CursorText = Annotated[str, Field(max_length=2000, description="`cursor` of the answer before, for what comes after it")]
FilterValue = Annotated[Line, Field(min_length=1, max_length=LONGEST_FILTER)]
#: A day, or a time with its offset from UTC.
DayOrTime = Annotated[AwareDatetime | date, Field(union_mode="left_to_right")]


def count_terms(q: str) -> int:
    """How many terms a search is for, as the standard tokenizer parts it; marks and joiners belong to the letter before them."""
    return len(_TERM.findall("".join(each for each in q if unicodedata.category(each) not in ("Mn", "Mc", "Me", "Cf"))))


class Sort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    DATE = "date"


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


class SearchParameters(Parameters):
    """A search. Several values of one filter mean any of them; different filters mean all of them."""

    q: Line = Field(
        default="",
        max_length=LONGEST_QUERY,
        description=f"words that must all occur; `|` means or, `-` before a word means not, quotes hold a phrase together; at most "
        f"{LONGEST_QUERY} characters and {MOST_TERMS} words",
        examples=['Zarif Pakistan border | "peace process"'],
    )
    language: tuple[LanguageCode, ...] = Field(default=(), max_length=MOST_VALUES, description="BCP 47 as articles carry it: `en`")
    section: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="name of a section")
    publisher: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="name of a publisher")
    entity: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="name of a person, place …")
    date_from: DayOrTime | None = Field(default=None, alias="from", description="first day, or time with offset: `2024-11-21`")
    date_to: DayOrTime | None = Field(default=None, alias="to", description="last day, all of it (UTC), or time with offset")
    sort: Sort | None = Field(default=None, description="by relevance when there is `q`, else by date, newest first")
    size: Size = 20
    cursor: CursorText | None = None

    @field_validator("q")
    @classmethod
    def _has_few_terms(cls, q: str) -> str:
        terms = count_terms(q)
        if terms > MOST_TERMS:
            raise ValueError(f"{terms} words; at most {MOST_TERMS} are searched for")
        return q

    @property
    def order(self) -> Sort:
        """The order that the hits come in; without words nothing is more relevant than another."""
        return Sort.DATE if not self.q or self.sort == Sort.DATE else Sort.RELEVANCE

    @property
    def fingerprint(self) -> str:
        """The same for every page of one search, and for no other search: 16 hex digits."""
        asked = self.model_dump_json(exclude={"size", "cursor"})
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


class PopularFilters(Parameters):
    """Which articles of a list are wanted."""

    language: tuple[LanguageCode, ...] = Field(default=(), max_length=MOST_VALUES, description="only these languages")
    section: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="only these sections")
    publisher: tuple[FilterValue, ...] = Field(default=(), max_length=MOST_VALUES, description="only these publishers")
    published_within_days: int | None = Field(default=None, ge=1, le=365, description="only articles of the last so many days")
    exclude: tuple[ArticleID, ...] = Field(default=(), max_length=LARGEST_SIZE, description="articles to leave out")


class PopularParameters(PopularFilters):
    """Which list, and which part of it."""

    window: Window | None = Field(
        default=None, description="how far back is counted, `24h` unless given; the last three are days and weeks of a time zone"
    )
    measure: Measure = Field(default=Measure.VIEWS, description="what is counted, or the score that the list is sorted by")
    pin: tuple[ArticleID, ...] = Field(default=(), max_length=MOST_VALUES, description="articles to put on top, in this order")
    explain: bool = Field(default=False, description="say of each article why it stands where it does")
    size: Size = 10

    @model_validator(mode="after")
    def _has_such_a_list(self) -> Self:
        windows = LISTED_WINDOWS[self.measure]
        if self.window is not None and self.window not in windows:
            raise ValueError(f"by {self.measure} there are lists for the windows {', '.join(windows)}, not for {self.window}")
        return self

    @property
    def listed_window(self) -> Window:
        """The window that is asked for: of those that the measure has."""
        windows = LISTED_WINDOWS[self.measure]
        return self.window or (Window.DAY if Window.DAY in windows else windows[0])
