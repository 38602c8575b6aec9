"""The three kinds of panel that the dashboards are made of, and how a dashboard is put together from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

#: As ops/grafana/provisioning/datasources/prometheus.yml names it.
_SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
_TAG = "dateline"

Panel = stat.Panel | timeseries.Panel | table.Panel


@dataclass(frozen=True)
class Figures:
    """Current values, large: one for each series of the query, coloured from `orange` and `red` on.

    Above them is worse; where `red` is below `orange`, below them is.
    """

    title: str
    description: str
    query: str
    legend: str = ""
    unit: str = "short"
    orange: float | None = None
    red: float | None = None
    width: int = 4

    def build(self, number: int) -> Panel:
        """The panel."""
        return (
            stat.Panel()
            .id(number)
            .title(self.title)
            .description(self.description)
            .datasource(_SOURCE)
            .with_target(_query(self.query, self.legend, "A").instant())
            .unit(self.unit)
            .no_value("none")
            .thresholds(_thresholds(self.orange, self.red))
            .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False))
            .color_mode(BigValueColorMode.BACKGROUND)
            .graph_mode(BigValueGraphMode.NONE)
            .text_mode(BigValueTextMode.VALUE_AND_NAME if self.legend else BigValueTextMode.VALUE)
            .height(4)
            .span(self.width)
        )


@dataclass(frozen=True)
class Lines:
    """Values over time: `queries` by the legend of their series. A `limit` is drawn as a red line."""

    title: str
    description: str
    queries: Mapping[str, str]
    unit: str = "short"
    limit: float | None = None
    stacked: bool = False
    width: int = 12

    def build(self, number: int) -> Panel:
        """The panel."""
        panel = (
            timeseries.Panel()
            .id(number)
            .title(self.title)
            .description(self.description)
            .datasource(_SOURCE)
            .unit(self.unit)
            .min(0)
            .line_width(1)
            .fill_opacity(30 if self.stacked else 5)
            .stacking(common.StackingConfig().mode(StackingMode.NORMAL if self.stacked else StackingMode.NONE).group("A"))
            .legend(
                common.VizLegendOptions()
                .display_mode(LegendDisplayMode.TABLE)
                .placement(LegendPlacement.BOTTOM)
                .show_legend(show_legend=True)
                .calcs(["lastNotNull", "max"])
            )
            .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
            .height(8)
            .span(self.width)
        )
        for (legend, query), letter in zip(self.queries.items(), ascii_uppercase, strict=False):
            panel.with_target(_query(query, legend, letter))
        if self.limit is not None:
            panel.thresholds(_thresholds(None, self.limit))
            panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.LINE))
        return panel


@dataclass(frozen=True)
class Rows:
    """A table: one row for each series that the query gives now, one column for each label."""

    title: str
    description: str
    query: str
    width: int = 24

    def build(self, number: int) -> Panel:
        """The panel."""
        target = _query(self.query, "", "A").instant().format(PromQueryFormat.TABLE)
        return (
            table.Panel()
            .id(number)
            .title(self.title)
            .description(self.description)
            .datasource(_SOURCE)
            .with_target(target)
            .no_value("none")
            .height(6)
            .span(self.width)
        )


@dataclass(frozen=True)
class Board:
    """One dashboard: its file's name, its title after "Dateline: ", and its rows of panels by their headings."""

    name: str
    title: str
    description: str
    rows: Mapping[str, Sequence[Figures | Lines | Rows]]
    since: str = "now-1h"

    def build(self) -> dashboard.Dashboard:
        """The dashboard; it links to the others."""
        built = (
            dashboard.Dashboard(f"Dateline: {self.title}")
            .uid(f"dateline-{self.name}")
            .description(self.description)
            .tags([_TAG])
            .timezone("utc")
            .readonly()
            .refresh("10s")
            .time(self.since, "now")
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .link(dashboard.DashboardLink("Dateline").type(DashboardLinkType.DASHBOARDS).tags([_TAG]).keep_time(keep_time=True))
        )
        number = 0
        for heading, panels in self.rows.items():
            number += 1
            built.with_row(dashboard.Row(heading).id(number))
            for panel in panels:
                number += 1
                built.with_panel(panel.build(number))
        return built


def _query(expression: str, legend: str, letter: str) -> prometheus.Dataquery:
    query = prometheus.Dataquery().datasource(_SOURCE).expr(expression).ref_id(letter)
    return query.legend_format(legend) if legend else query


def _thresholds(orange: float | None, red: float | None) -> dashboard.ThresholdsConfig:
    is_low_bad = orange is not None and red is not None and red < orange
    steps: Iterable[tuple[float | None, str]]
    if is_low_bad:
        steps = [(None, "red"), (red, "orange"), (orange, "green")]
    else:
        steps = [(None, "green"), *((value, colour) for value, colour in ((orange, "orange"), (red, "red")) if value is not None)]
    return (
        dashboard.ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=value, color=colour) for value, colour in steps])
    )
