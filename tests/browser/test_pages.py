"""Every kind of page as readers get it: light in weight, still, quiet, from one place, and within WCAG 2.2 AA, by axe-core."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.sample_pages import KINDS
from tests.browser.watching import DESK, PHONE, watching

MOST_BYTES = 60_000
MOST_SHIFTED = 0.01
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@dataclass(frozen=True)
class Visit:
    """What was seen of a page."""

    status: int
    loaded_bytes: int
    shifted: float
    foreign: list[str]
    complaints: list[str]
    policy_breaks: list[str]
    violations: list[str]
    widths: list[tuple[int, int]]


@pytest.fixture(scope="module")
def visit(browser: Browser, addresses: dict[str, str], site: tuple[str, str]) -> Callable[[str], Visit]:
    """Opens a page, once for all that is to be seen of it."""
    visits: dict[str, Visit] = {}

    def look(kind: str) -> Visit:
        if kind not in visits:
            with watching(browser, *site) as watched:
                status = watched.open(addresses[kind])
                loaded, shifted, broken = watched.loaded_bytes, watched.shifted, watched.policy_breaks
                foreign, complaints = [*watched.foreign], [*watched.complaints]
                violations, widths = judge(watched.page)
                visits[kind] = Visit(status, loaded, shifted, foreign, complaints, broken, violations, widths)
        return visits[kind]

    return look


def judge(page: Page) -> tuple[list[str], list[tuple[int, int]]]:
    """What axe-core finds on a desk and a phone, in light and in the dark; and widths of the page and of its screen there."""
    violations, widths = [], []
    for name, size in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        widths.append((page.evaluate("document.documentElement.scrollWidth"), size["width"]))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=RULES).response["violations"]
            violations += [f"{name} {scheme} {each['id']}: {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]
    return violations, widths


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_violates_nothing_of_wcag_in_light_and_dark_on_desk_and_phone(visit: Callable[[str], Visit], kind: str) -> None:
    assert visit(kind).violations == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_no_wider_than_its_screen(visit: Callable[[str], Visit], kind: str) -> None:
    assert [(width, screen) for width, screen in visit(kind).widths if width > screen] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_weighs_at_most_60_kb_without_pictures(visit: Callable[[str], Visit], kind: str) -> None:
    assert 2_000 < visit(kind).loaded_bytes <= MOST_BYTES


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_no_other_site_and_breaks_no_policy(visit: Callable[[str], Visit], kind: str) -> None:
    assert (visit(kind).foreign, visit(kind).policy_breaks, visit(kind).complaints) == ([], [], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_does_not_move_while_it_loads(visit: Callable[[str], Visit], kind: str) -> None:
    assert visit(kind).shifted < MOST_SHIFTED


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_the_one_that_was_asked_for(visit: Callable[[str], Visit], kind: str) -> None:
    assert visit(kind).status == {"nobody": 404, "404": 404, "wrong query": 400}.get(kind, 200)
