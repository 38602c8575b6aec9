"""The settings of popularity."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from services.popularity.core.fairness import FairnessRules
from services.popularity.core.lists import ListPlan
from services.popularity.core.network_tables import MOST_NETWORKS
from services.popularity.core.networks import LEAST_PERCENT
from services.popularity.core.visitors import LONGEST_WINDOW_SECONDS
from shared.settings import Group, KafkaSettings, ServiceSettings, Words

#: Two views within it are one: COUNTER Code of Practice 5.1, section 7.2.
DOUBLE_CLICK_SECONDS = 30


class CountingSettings(Group):
    """How often counts are stored and lists published, and what may wait in memory meanwhile."""

    checkpoint_seconds: float = Field(
        default=1.0, gt=0, le=60, description="how often changed counts are stored; a restart does the last ones again"
    )
    checkpoint_views: int = Field(
        default=200_000, ge=1, le=10_000_000, description="views of all partitions after which counts are stored earlier"
    )
    publish_seconds: float = Field(default=5.0, gt=0, le=3600, description="a list that changes is published at most this often")
    transaction_seconds: float = Field(
        default=30.0, ge=1, le=60, description="how long storing counts may take before the service gives up and starts anew"
    )
    buffer_records: int = Field(
        default=1024, ge=16, le=100_000, description="records read ahead; under load each may take 65 kB of memory"
    )
    visitor_seconds: int = Field(
        default=1800,
        ge=0,
        le=LONGEST_WINDOW_SECONDS,
        description="one visitor counts once per article in this time: at least 30 (a double click, says COUNTER); 0 counts all",
    )

    distinct_visitors: bool = Field(default=True, description="whether visitors are counted too, for lists by visitors")
    network_percent: int = Field(
        default=0,
        ge=0,
        le=100,
        description="no network (/24, /64) gives more than this share of an article's views of a day, 10 for one; 0 for no limit",
    )
    least_networks: int = Field(
        default=0,
        ge=0,
        le=MOST_NETWORKS,
        description="an article is listed once it was viewed from so many networks on a day, 5 for one; 0 lists all",
    )

    @field_validator("network_percent")
    @classmethod
    def _is_off_or_can_be_told(cls, percent: int) -> int:
        if 0 < percent < LEAST_PERCENT:
            raise ValueError(f"{percent} is below {LEAST_PERCENT}, the least that can be told; 0 is no limit")
        return percent

    @field_validator("visitor_seconds")
    @classmethod
    def _is_off_or_not_below_a_double_click(cls, seconds: int) -> int:
        if 0 < seconds < DOUBLE_CLICK_SECONDS:
            raise ValueError(f"{seconds} is below {DOUBLE_CLICK_SECONDS}, a double click; 0 counts every view")
        return seconds


class ListsSettings(Group):
    """Which Most Popular lists there are."""

    time_zone: str = Field(default="UTC", description="zone whose days are `today`, `yesterday` and `this-week`: `Europe/Paris`")
    fresh_days: Words = Field(default=("1", "7"), description="for each number of days, lists of articles no older than that")
    groups: int = Field(
        default=50,
        ge=0,
        le=60_000,
        description="sections, languages, publishers and combinations of them that have lists; a partition's largest",
    )

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name[:100]} is no time zone of the IANA database, such as Europe/Paris") from error
        return name

    @field_validator("fresh_days")
    @classmethod
    def _are_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if not all(each.isascii() and each.isdigit() and 1 <= int(each) <= 365 for each in days):
            raise ValueError("each must be a whole number of days from 1 to 365")
        return tuple(sorted(set(days), key=int))


def fairness_rules(settings: CountingSettings) -> FairnessRules:
    """The rules that the settings ask for."""
    return FairnessRules(settings.visitor_seconds, settings.network_percent, settings.least_networks)


def plan_lists(settings: ListsSettings) -> ListPlan:
    """The plan of the lists that the settings ask for."""
    return ListPlan(ZoneInfo(settings.time_zone), tuple(map(int, settings.fresh_days)), settings.groups)


class PopularitySettings(ServiceSettings):
    """All of popularity's settings."""

    kafka: KafkaSettings = KafkaSettings()
    popularity: CountingSettings = CountingSettings()
    lists: ListsSettings = ListsSettings()
