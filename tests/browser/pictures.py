"""Pictures of the main pages for the README and the docs: `make pictures` takes them of the sample news, into docs/pictures/."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.browser.sample_pages import publish_sample_news
from tests.browser.watching import chromium, watching
from tests.engines import DOWNLOADS_HOME, running_engines
from tests.stack import running_stack

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES = 150_000
#: What is taken: the kind of page, in which scheme, on what.
TAKEN = (
    ("front", "light", "desk"),
    ("front", "dark", "phone"),
    ("article", "light", "phone"),
    ("article", "dark", "desk"),
    ("search", "light", "desk"),
    ("entity", "dark", "desk"),
)
_SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 960}},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1.5, "is_mobile": True, "has_touch": True},
}
#: JPEG, from fine to coarse: the first that is small enough.
_QUALITIES = (82, 72, 60)


def take_pictures(browser: Browser, site: str, addresses: dict[str, str], folder: Path) -> list[Path]:
    """Write `<kind>-<scheme>-<screen>.jpg` of each of `TAKEN`; answers their paths."""
    taken = []
    for kind, scheme, screen in TAKEN:
        with watching(browser, site, color_scheme=scheme, **_SCREENS[screen]) as watched:
            watched.open(addresses[kind])
            watched.page.wait_for_function(
                "[...document.images].filter((image) => image.loading !== 'lazy').every((each) => each.complete)"
            )
            file = folder / f"{kind}-{scheme}-{screen}.jpg"
            for quality in _QUALITIES:
                if len(watched.page.screenshot(path=file, type="jpeg", quality=quality)) < MOST_BYTES:
                    break
            taken.append(file)
    return taken


def main() -> None:
    """Run everything, and write them anew."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dateline-pictures-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # Elasticsearch, which runs as another user under root, keeps its data in it
        with (
            running_engines(DOWNLOADS_HOME, folder / "engines") as engines,
            running_stack(engines, folder / "stack") as stack,
            chromium() as browser,
        ):
            for file in take_pictures(browser, str(stack.search.base_url), publish_sample_news(stack), FOLDER):
                sys.stdout.write(f"{file.name} {file.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
