"""The dashboards of Grafana: written by the code as it is, provisioned as they are, and of nothing that no service exports."""

import json
import re

import pytest
import yaml

from ops.grafana.__main__ import FOLDER, build_files
from ops.schemas import ROOT
from tests.contract.exported import complaints
from tests.contract.promql import parse_promql
from tests.contract.test_alerts import ALERTS, RECORDS, needs_promtool, run_promtool

FILES = build_files()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["grafana"]
SOURCES = yaml.safe_load((ROOT / "ops/grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))["datasources"]
BOARDS = {name: json.loads(content) for name, content in FILES.items()}
PANELS = [
    pytest.param(panel, id=f"{name}-{panel['title']}")
    for name, board in BOARDS.items()
    for panel in board["panels"]
    if panel["type"] != "row"
]

every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
every_panel = pytest.mark.parametrize("panel", PANELS)


def test_there_are_the_five_that_operators_ask_for():
    assert list(BOARDS) == ["flow.json", "sources.json", "popularity.json", "search.json", "engines.json"]


@pytest.mark.parametrize("name", FILES)
def test_a_dashboard_is_checked_in_as_the_code_makes_it(name):
    file = FOLDER / name

    assert file.exists(), f"{name} is missing: run `python -m ops.grafana` and commit it"
    assert file.read_text(encoding="utf-8") == FILES[name], f"{name} is not what the code says: run `python -m ops.grafana`"


def test_there_is_no_dashboard_that_the_code_does_not_make():
    assert {path.name for path in FOLDER.iterdir()} == set(FILES)


@every_panel
def test_a_panel_asks_for_series_labels_and_values_that_exist(panel):
    assert panel["targets"]
    for target in panel["targets"]:
        assert complaints(parse_promql(target["expr"]), frozenset(RECORDS)) == []


@every_panel
def test_a_legend_names_labels_that_the_query_leaves(panel):
    for target in panel["targets"]:
        asked = parse_promql(target["expr"])
        named = set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))
        alone = {name.split(":")[0] for name in asked.names if ":" in name}
        left = asked.grouped | {label for level in alone for label in level.split("_")} | ({"service", "instance"} - asked.grouped)
        assert named <= left


@every_panel
def test_a_panel_says_what_it_shows_and_which_page_to_read(panel):
    assert panel["title"]
    assert len(panel["description"]) >= 5
    pages = set(re.findall(r"\b([A-Z]\w+)\.md", panel["description"]))
    assert pages <= set(ALERTS)


@every_panel
def test_a_panel_asks_the_prometheus_that_is_provisioned(panel):
    uids = {panel["datasource"]["uid"], *(target["datasource"]["uid"] for target in panel["targets"])}

    assert uids == {SOURCES[0]["uid"]}
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@every_board
def test_a_dashboard_can_be_provisioned(board):
    ids = [panel["id"] for panel in board["panels"]]

    assert board["title"].startswith("Dateline: ")
    assert re.fullmatch(r"dateline-[a-z]+", board["uid"])
    assert len(set(ids)) == len(ids)
    assert board["editable"] is False


@every_board
def test_panels_do_not_lie_upon_each_other(board):
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in board["panels"]):
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken
        taken |= cells


def test_grafana_begins_with_the_flow():
    home = COMPOSE["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]

    assert "./ops/grafana/dashboards:/etc/grafana/dashboards:ro" in COMPOSE["volumes"]
    assert home == "/etc/grafana/dashboards/flow.json"


@needs_promtool
def test_prometheus_itself_reads_every_query(tmp_path):
    queries = [target["expr"] for board in BOARDS.values() for panel in board["panels"] for target in panel.get("targets", ())]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}), encoding="utf-8")

    run_promtool("check", "rules", file)
