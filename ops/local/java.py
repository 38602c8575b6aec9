"""Finds the Java and the Maven that the embedded engines need; root with apt-get gets them installed, others are told how to."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shared.failures import Misconfigured

#: Kafka 4 and Elasticsearch 8.19 run on this version and later ones.
LOWEST_VERSION = 17
#: Flags for tests: the quick compiler only. The engines start with half the work; later Elasticsearch indexes a quarter slower.
QUICK_START = ("-XX:TieredStopAtLevel=1",)
#: Modules that Elasticsearch asks for and that a cut-down runtime may lack.
NEEDED_MODULES = frozenset({"jdk.jlink", "jdk.management.agent", "jdk.net"})
#: Where Java stands when neither JAVA_HOME nor PATH tells: Debian and Fedora, macOS, Homebrew on Apple and on Intel.
USUAL_HOMES = (
    "/usr/lib/jvm/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
)
HOW_TO_INSTALL = "`apt-get install maven default-jre-headless` or `brew install maven openjdk@21`"


@dataclass(frozen=True)
class Java:
    """A Java runtime, as it describes itself."""

    home: Path
    version: int
    modules: frozenset[str]

    @property
    def executable(self) -> Path:
        return self.home / "bin" / "java"

    def is_fit(self) -> bool:
        """Whether both engines run on it."""
        return self.version >= LOWEST_VERSION and self.modules >= NEEDED_MODULES


def parse_version(properties: str) -> tuple[Path, int] | None:
    """Home and version out of what `java -XshowSettings:properties -version` writes; None when it is something else.

    The version is the number of the specification: 17, 21; the old "1.8" is 8.
    """
    home = re.search(r"^\s*java\.home = (.+?)\s*$", properties, re.MULTILINE)
    version = re.search(r"^\s*java\.specification\.version = (?:1\.)?(\d+)\s*$", properties, re.MULTILINE)
    return (Path(home[1]), int(version[1])) if home and version else None


def parse_modules(listing: str) -> frozenset[str]:
    """Names out of what `java --list-modules` writes, such as `java.base@17.0.15`."""
    return frozenset(line.partition("@")[0].strip() for line in listing.splitlines() if "@" in line)


def choose_package(search: str) -> str | None:
    """The Debian package with the lowest Java that is high enough, out of what `apt-cache search` writes; None without one."""
    versions = [int(number) for number in re.findall(r"^openjdk-(\d+)-jre-headless\b", search, re.MULTILINE)]
    fit = [version for version in versions if version >= LOWEST_VERSION]
    return f"openjdk-{min(fit)}-jre-headless" if fit else None


def find_java() -> Java | None:
    """The first Java that fits: of JAVA_HOME, of PATH, then of the usual folders; None when there is none."""
    for executable in _executables():
        java = _ask(executable)
        if java is not None and java.is_fit():
            return java
    return None


def find_maven() -> Path | None:
    """The command `mvn` of PATH; None when there is none."""
    found = shutil.which("mvn")
    return Path(found) if found else None


def require_java() -> Java:
    """As `find_java`, but installs what is missing or raises Misconfigured with the line that does."""
    found = find_java()
    if found is None:
        _install(missing=f"Java {LOWEST_VERSION} or later", with_maven=False)
        found = find_java()
    if found is None:
        raise Misconfigured(f"no Java {LOWEST_VERSION} or later with {', '.join(sorted(NEEDED_MODULES))}: {HOW_TO_INSTALL}.")
    return found


def require_maven() -> Path:
    """As `find_maven`, but installs what is missing or raises Misconfigured with the line that does."""
    found = find_maven()
    if found is None:
        _install(missing="Maven", with_maven=True)
        found = find_maven()
    if found is None:
        raise Misconfigured(f"the command mvn is not on the PATH: {HOW_TO_INSTALL}.")
    return found


def _executables() -> Iterable[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    for pattern in USUAL_HOMES:
        yield from (folder / "bin" / "java" for folder in sorted(Path("/").glob(pattern.lstrip("/"))))


def _ask(executable: Path) -> Java | None:
    settings = _answer([str(executable), "-XshowSettings:properties", "-version"])
    parsed = parse_version(settings or "")
    if parsed is None or parsed[1] < LOWEST_VERSION:
        return None
    listing = _answer([str(executable), "--list-modules"])
    home, version = parsed
    return Java(home, version, parse_modules(listing or ""))


def _answer(command: list[str]) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - arguments of our own, no shell
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None  # a broken link or the stub of macOS: not a Java
    return done.stdout if done.returncode == 0 else None


def _install(*, missing: str, with_maven: bool) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Misconfigured(f"{missing} is missing: install it with {HOW_TO_INSTALL}.")
    _apt("apt-get", "update")
    runtime = choose_package(_apt("apt-cache", "search", "--names-only", "^openjdk-[0-9]+-jre-headless$"))
    if runtime is None:
        raise Misconfigured(f"{missing} is missing, and apt-get offers no openjdk-{LOWEST_VERSION}-jre-headless or later.")
    packages = ["maven", runtime] if with_maven else [runtime]
    sys.stderr.write(f"{missing} is missing: installing {' and '.join(packages)} with apt-get.\n")
    _apt("apt-get", "install", "--yes", "--no-install-recommends", *packages)


def _apt(*command: str) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(  # noqa: S603 - arguments of our own, no shell
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment, check=False
    )
    if done.returncode != 0:
        last = done.stdout.strip().splitlines()[-1:] or ["it said nothing"]
        raise Misconfigured(f"`{' '.join(command)}` failed with exit code {done.returncode}: {last[0]}; run it by hand.")
    return done.stdout
