"""Pages in Chromium, and what they do there that nobody asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from shutil import which
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response, sync_playwright

CHROMIUM = which("chromium") or which("chromium-browser")
DESK, PHONE = {"width": 1280, "height": 960}, {"width": 390, "height": 844}
_PATIENCE_MS = 15_000

# Kept from before the first line of the page is read; `hadRecentInput` is what a reader did.
_KEEP = """
window.shifted = 0;
window.broken = [];
const add = (entry) => { window.shifted += entry.hadRecentInput ? 0 : entry.value; };
new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: 'layout-shift', buffered: true });
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  window.broken.push(`${violatedDirective} ${blockedURI}`);
});
"""
_LOADED_BYTES = """
() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter((entry) => !new URL(entry.name).pathname.startsWith('/images/'))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without a window. In a container it has no sandbox of its own."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        yield browser


@dataclass
class Watched:
    """A page, and what was seen of it: each list is empty for a page as it should be."""

    page: Page
    own: tuple[str, ...]
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def open(self, address: str) -> int:
        """Go to an address of the site or a whole one; answers its status once everything was loaded."""
        response = self.page.goto(self.own[0] + address if address.startswith("/") else address)
        assert isinstance(response, Response)
        return response.status

    @property
    def policy_breaks(self) -> list[str]:
        """What the Content-Security-Policy had to keep the page from."""
        broken: list[str] = self.page.evaluate("window.broken")
        return broken

    @property
    def shifted(self) -> float:
        """By how much it moved under its reader's eyes: the cumulative layout shift."""
        return float(self.page.evaluate("window.shifted"))

    @property
    def loaded_bytes(self) -> int:
        """What it is made of, as it came over the wire, without pictures."""
        return int(self.page.evaluate(_LOADED_BYTES))

    def hear_request(self, request: Request) -> None:
        """A request goes out."""
        if not request.url.startswith(self.own):
            self.foreign.append(request.url)

    def hear_console(self, message: ConsoleMessage) -> None:
        """Chromium's console says something. That the page itself is a 404 is no fault, nor a picture that cannot be had."""
        place = str(message.location.get("url", ""))
        if message.type == "error" and place != self.page.url and not urlsplit(place).path.startswith("/images/"):
            self.complaints.append(f"{message.text} {place}")

    def hear_dialog(self, dialog: Dialog) -> None:
        """The page asks its reader something."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def watching(browser: Browser, *own: str, **options: Any) -> Iterator[Watched]:
    """A new page of a new reader; `own` are the site and other addresses that it may ask, `options` those of the context."""
    with browser.new_context(**{"viewport": DESK, **options}) as context:
        context.set_default_timeout(_PATIENCE_MS)
        context.add_init_script(_KEEP)
        watched = Watched(context.new_page(), own)
        watched.page.on("request", watched.hear_request)
        watched.page.on("console", watched.hear_console)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on("dialog", watched.hear_dialog)
        yield watched
