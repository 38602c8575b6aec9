"""Every setting says what it is for, where it is declared and in .env.example."""

import re

import pytest

from ops.schemas import ROOT, SETTINGS
from shared.settings import GROUPS, PREFIX, environment_names

ALL = {name: description for model in SETTINGS.values() for name, description in environment_names(model).items()}
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_a_setting_has_a_description(name):
    assert len(ALL[name]) >= 5, f"give the field of {name} a description"


def test_env_example_has_every_setting_and_no_other():
    assert set(re.findall(rf"^#?({PREFIX}\w+)=", EXAMPLE, re.MULTILINE)) == set(ALL), "run `make schemas`"


def test_env_example_changes_nothing_when_it_is_copied():
    assert all(line.startswith("#") or not line for line in EXAMPLE.splitlines())


def test_every_group_of_settings_is_known_to_all_services():
    """Services refuse unknown groups, and ignore those of others: so each must be in the list."""
    groups = {name.upper() for model in SETTINGS.values() for name in model.model_fields}

    assert groups == GROUPS
