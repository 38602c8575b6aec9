"""The site of docs/ builds without a warning, has every page, and asks no other host for anything."""

import re
import subprocess
import sys

import pytest

from ops.schemas import ROOT
from ops.site.pages import rewrite_links

_OTHER_HOST = re.compile(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(https?://[^"' >]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_of_docs_is_a_page_of_the_site(site):
    pages = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")]

    assert [page for page in pages if not (site / page.with_suffix(".html")).exists()] == []


def test_every_runbook_is_a_page_of_the_site(site):
    names = {page.stem for page in (ROOT / "ops/runbooks").glob("*.md")} - {"README"}

    assert names <= {page.stem for page in (site / "runbooks").glob("*.html")}


def test_a_page_fetches_nothing_from_another_host(site):
    fetched = {page.name: _OTHER_HOST.findall(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}

    assert not [
        (page, links) for page, links in fetched.items() if [each for each in links if not each.startswith("https://squidfunk")]
    ]


@pytest.mark.parametrize(
    ("link", "on_the_site"),
    [
        ("[ways](docs/ways-in.md#feeds)", "[ways](ways-in.md#feeds)"),
        ("[how](CONTRIBUTING.md)", "[how](contributing.md)"),
        ("![news](docs/pictures/front.jpg)", "![news](pictures/front.jpg)"),
        ("[schemas](schemas)", "schemas"),
        ("[there](https://dateline.example/x)", "[there](https://dateline.example/x)"),
    ],
)
def test_a_link_of_the_readme_leads_to_the_page_of_the_site(link, on_the_site):
    assert rewrite_links(link, "README.md", "index.md") == on_the_site
