"""No file names the host of a package registry or a folder of the machine that it was written on: it would tie others to them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Put together here, so that this file does not have them either.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("rubygems", "org"),
    )
]
FOLDERS = [f"/{name}/" for name in ("work", "root")]
NEEDLES = re.compile(
    "|".join(
        [*(rf"(?<![\w-]){re.escape(host)}(?!\w)" for host in HOSTS), *(rf"(?<![\w.~-]){folder}" for folder in FOLDERS)]
    ).encode()
)


def known_files():
    """What git has and what it would take: tracked files, and others that are not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def places_in(path):
    content = path.read_bytes()
    for match in NEEDLES.finditer(content):
        line = content.count(b"\n", 0, match.start()) + 1
        yield f"{path.relative_to(ROOT)}:{line}: {match.group().decode()}"


def test_no_file_names_a_registry_or_a_folder_of_this_machine():
    files = known_files()

    assert ROOT / "pyproject.toml" in files
    assert [place for path in files for place in places_in(path)] == []


@pytest.mark.parametrize(
    "text", [f"https://{HOSTS[0]}/simple", f"index: files.{HOSTS[1]}", f"{FOLDERS[0]}main/shared", f"'{FOLDERS[1]}.cache'"]
)
def test_such_a_text_would_be_found(text):
    assert NEEDLES.search(text.encode())


@pytest.mark.parametrize("text", ["https://courier.example/work/life", "art/work/piece", f"my-{HOSTS[0]}", f"{HOSTS[3]}munity"])
def test_other_texts_are_left_alone(text):
    assert not NEEDLES.search(text.encode())
