"""Alerts: each asks for what the services export, says what is wrong in figures, and has a page that says what to do."""

import re
import shlex
import shutil
import subprocess

import pytest
import typer
import yaml

from ops.cli.__main__ import app
from ops.local.settings import LocalGroup
from ops.schemas import ROOT
from tests.contract.exported import SERIES, complaints, labels_of_record
from tests.contract.promql import parse_promql

FOLDER = ROOT / "ops/prometheus"
FILES = sorted((FOLDER / "rules").glob("*.yml"))
RULES = [rule for file in FILES for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
RECORDS = {rule["record"]: rule for rule in RULES if "record" in rule}
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
PAGES = {path.stem: path for path in sorted((ROOT / "ops/runbooks").glob("*.md")) if path.stem != "README"}
HEADINGS = ["What it means", "What readers notice", "How to look", "How to mend", "When to be calm"]
PROMTOOL = shutil.which("promtool")

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.get("alert") or rule["record"] for rule in RULES])
every_alert = pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS)
every_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool on this machine: apt install prometheus")


def commands_of(page):
    """The lines of its code blocks, and code within its text that begins with a command."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`((?:\.venv/bin/)?dateline [a-z][^`…]*)`", text)
    return [line for block in blocks for line in block.splitlines() if line] + inline


def programs_of(page):
    """Every program that its commands start, with its arguments."""
    for line in commands_of(page):
        for command in re.split(r"\s\|\s|;\s", line):
            words = shlex.split(command)
            yield words[0].removeprefix(".venv/bin/"), words[1:]


@every_rule
def test_a_rule_asks_for_series_labels_and_values_that_exist(rule):
    assert complaints(parse_promql(rule["expr"]), frozenset(RECORDS)) == []


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_the_labels_that_its_name_begins_with(name):
    level, _, operation = name.split(":")
    by = [set(labels.split(", ")) - {"le", "partition"} for labels in re.findall(r"\bby \(([^)]*)\)", RECORDS[name]["expr"])]

    assert operation
    assert level == "dateline" or set(level.split("_")) == labels_of_record(name)
    assert all(labels == labels_of_record(name) for labels in by)


def test_every_record_is_asked_for():
    asked = {name for rule in RULES for name in parse_promql(rule["expr"]).names}
    dashboards = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ops/grafana/dashboards").glob("*.json"))

    assert [name for name in RECORDS if name not in asked and name not in dashboards] == []


@every_alert
def test_an_alert_says_what_is_wrong_in_figures_and_where_to_read_on(alert):
    annotations = alert["annotations"]

    assert alert["labels"]["severity"] in ("critical", "warning", "info")
    assert set(annotations) == {"summary", "description", "runbook_url"}
    assert "$value" in annotations["description"] or alert["alert"] in ("ServiceDown", "ServiceMissing", "ServiceDegraded")
    assert annotations["runbook_url"] == f"ops/runbooks/{alert['alert']}.md"


def test_each_alert_has_its_page_and_each_page_its_alert():
    assert set(PAGES) == set(ALERTS)


@every_page
def test_a_page_says_what_it_means_how_to_look_and_how_to_mend(page):
    text = page.read_text(encoding="utf-8")

    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert all(section.strip() for section in re.split(r"^## .*$", text, flags=re.MULTILINE))
    assert [link for link in re.findall(r"\]\((\w+\.md)\)", text) if not (page.parent / link).exists()] == []


@every_page
def test_a_page_names_commands_that_exist(page):
    programs = list(programs_of(page))

    assert {program for program, _ in programs} <= {"curl", "grep", "tail", "echo", "dateline"}
    for program, arguments in programs:
        if program == "dateline":
            check_command(arguments)


def check_command(arguments):
    """Follow the words through the commands of `dateline`; options must be those of the command that they end at."""
    command = typer.main.get_command(app)
    words = list(arguments)
    while commands := getattr(command, "commands", None):
        name = words.pop(0) if words else ""
        assert name in commands, f"there is no command {' '.join(arguments)}"
        command = commands[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


@every_page
def test_a_page_asks_ports_of_the_local_stack_for_series_that_exist(page):
    text = page.read_text(encoding="utf-8")
    ports = {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", text)}
    fields = LocalGroup().model_dump()

    assert ports <= {value for name, value in fields.items() if name.endswith("_port")} | {9090}
    named = {name.rstrip("_") for name in re.findall(r"\bdateline_[a-z_]+", text)}
    assert [name for name in named if not any(series.startswith(name) for series in SERIES)] == []


@every_page
def test_a_page_names_settings_that_exist(page):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    for setting in re.findall(r"DATELINE_[A-Z_]+", page.read_text(encoding="utf-8")):
        assert f"#{setting}=" in example


def test_every_alert_is_tested():
    tests = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in (FOLDER / "tests").glob("*.yml")]
    fired = {
        each["alertname"]
        for file in tests
        for test in file["tests"]
        for each in test.get("alert_rule_test", ())
        if each["exp_alerts"]
    }

    assert fired == set(ALERTS)


def test_prometheus_reads_the_rules():
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    assert config["rule_files"] == ["/etc/prometheus/rules/*.yml"]
    assert "./ops/prometheus/rules:/etc/prometheus/rules:ro" in compose["services"]["prometheus"]["volumes"]


@needs_promtool
def test_promtool_accepts_the_rules_and_the_scrapes():
    run_promtool("check", "rules", *FILES)
    run_promtool("check", "config", FOLDER / "prometheus.yml")


@needs_promtool
@pytest.mark.parametrize("file", sorted((FOLDER / "tests").glob("*.yml")), ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_only_then(file):
    run_promtool("test", "rules", file)


def run_promtool(*arguments):
    done = subprocess.run([str(PROMTOOL), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
