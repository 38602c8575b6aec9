"""A hook of mkdocs: pages of the site that stand elsewhere in the project, and the lists of runbooks and decisions.

https://www.mkdocs.org/user-guide/configuration/#hooks
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
#: Where a page of the site comes from, when it does not stand in docs/.
ELSEWHERE = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changes.md": "CHANGELOG.md",
    **{
        f"runbooks/{page.name.replace('README', 'index')}": f"ops/runbooks/{page.name}"
        for page in (ROOT / "ops/runbooks").glob("*.md")
    },
}
_PLACES = {path: page for page, path in ELSEWHERE.items()}
#: What of docs/ a page may lead to or show: other pages and pictures.
_ON_THE_SITE = (".md", ".jpg", ".png", ".svg")
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds what stands elsewhere. Called by mkdocs."""
    for page, path in ELSEWHERE.items():
        known = files.get_file_from_path(page)
        if known is not None:
            files.remove(known)
        files.append(File.generated(config, page, content=rewrite_links((ROOT / path).read_text(encoding="utf-8"), path, page)))
    return files


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Lists every runbook and decision in the navigation. Called by mkdocs."""
    listed = {
        "runbooks/": [
            "runbooks/index.md",
            *sorted(page for page in ELSEWHERE if page.startswith("runbooks/") and "index" not in page),
        ],
        "decisions/": sorted(f"decisions/{page.name}" for page in (ROOT / "docs/decisions").glob("*.md")),
    }
    config.nav = _list_all(config.nav, listed)
    return config


def _list_all(nav: Any, listed: dict[str, list[str]]) -> Any:
    if isinstance(nav, list):
        return [_list_all(each, listed) for each in nav]
    if isinstance(nav, dict):
        return {name: _list_all(each, listed) for name, each in nav.items()}
    return listed.get(nav, nav)


def rewrite_links(text: str, path: str, page: str) -> str:
    """The text of `path` with its links as they are from `page` of the site. What is no page of it becomes plain text."""
    here, up = posixpath.dirname(path), "../" * page.count("/")

    def rewrite(found: re.Match[str]) -> str:
        text, target, anchor = found[1], posixpath.normpath(posixpath.join(here, found[2])), found[3] or ""
        if target in _PLACES:
            return f"[{text}]({up}{_PLACES[target]}{anchor})"
        if target.startswith("docs/") and target.endswith(_ON_THE_SITE):
            return f"[{text}]({up}{target.removeprefix('docs/')}{anchor})"
        return text

    return _LINK.sub(rewrite, text)
