from pathlib import Path

import pytest

from ops.local import java
from ops.local.java import NEEDED_MODULES, Java, choose_package, parse_modules, parse_version
from shared.failures import Misconfigured

SETTINGS_17 = """\
Property settings:
    java.home = /usr/lib/jvm/java-17-openjdk-amd64
    java.specification.version = 17
    java.version = 17.0.15

openjdk version "17.0.15" 2025-04-15
"""


def test_home_and_version_are_read() -> None:
    assert parse_version(SETTINGS_17) == (Path("/usr/lib/jvm/java-17-openjdk-amd64"), 17)


def test_a_home_may_contain_blanks() -> None:
    properties = SETTINGS_17.replace("/usr/lib/jvm/java-17-openjdk-amd64", "/Library/Java Virtual/Contents/Home")

    assert parse_version(properties) == (Path("/Library/Java Virtual/Contents/Home"), 17)


def test_the_old_numbering_of_java_8_is_understood() -> None:
    assert parse_version(SETTINGS_17.replace("= 17\n", "= 1.8\n")) == (Path("/usr/lib/jvm/java-17-openjdk-amd64"), 8)


def test_what_is_not_a_java_has_no_version() -> None:
    assert parse_version("The operation couldn't be completed. Unable to locate a Java Runtime.") is None


def test_modules_are_named_without_their_version() -> None:
    assert parse_modules("java.base@17.0.15\njdk.net@17.0.15\n") == {"java.base", "jdk.net"}


@pytest.mark.parametrize(
    ("version", "modules", "fit"),
    [(17, NEEDED_MODULES, True), (25, NEEDED_MODULES, True), (16, NEEDED_MODULES, False), (21, frozenset({"java.base"}), False)],
)
def test_a_java_is_fit_when_it_is_new_and_whole(version: int, modules: frozenset[str], fit: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert Java(Path("/java"), version, modules).is_fit() is fit


def test_the_lowest_package_that_is_high_enough_is_chosen() -> None:
    search = "".join(f"openjdk-{version}-jre-headless - OpenJDK Java runtime\n" for version in (8, 25, 11, 21))

    assert choose_package(search) == "openjdk-21-jre-headless"


def test_old_packages_are_not_chosen() -> None:
    assert choose_package("openjdk-11-jre-headless - OpenJDK Java runtime\n") is None


def test_without_apt_the_error_has_the_line_that_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Misconfigured, match=r"Maven is missing.*apt-get install maven.*brew install maven"):
        java.require_maven()
