"""`python -m ops.grafana`: writes the dashboards that Grafana shows, one JSON file each, from what the modules of `boards` say."""

import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from ops.grafana.boards.engines import ENGINES
from ops.grafana.boards.flow import FLOW
from ops.grafana.boards.popularity import POPULARITY
from ops.grafana.boards.search import SEARCH
from ops.grafana.boards.sources import SOURCES

BOARDS = (FLOW, SOURCES, POPULARITY, SEARCH, ENGINES)
FOLDER = Path(__file__).resolve().parent / "dashboards"


def build_files() -> dict[str, str]:
    """The content of every file of the folder `dashboards`, by its name."""
    encoder = JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False)
    return {f"{board.name}.json": encoder.encode(board.build().build()) + "\n" for board in BOARDS}


def main() -> None:
    """Write them all, and remove what is no dashboard any more."""
    files = build_files()
    for old in FOLDER.glob("*.json"):
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        (FOLDER / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
