"""What readers do on the pages: with script, and without."""

import re
import uuid

from playwright.sync_api import Browser, expect

from tests.browser.watching import watching
from tests.stack import Stack, eventually

WAIT_MS = 30_000
#: Views of what calls itself headless are not counted.
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def publish(stack: Stack, headline: str) -> str:
    article = {"url": f"https://gazette.example/{uuid.uuid4()}", "headline": headline, "body": f"{headline}.", "language": "en"}
    return str(stack.ingest.post("/v1/articles", json=article | {"section": "Science"}).raise_for_status().json()["article_id"])


def test_a_new_article_is_offered_without_a_reload_and_moves_nothing(
    browser: Browser, stack: Stack, addresses: dict[str, str], site: tuple[str, str]
) -> None:
    headline = f"Ferry {uuid.uuid4().hex[:8]} sails again"
    with watching(browser, *site) as watched:
        page = watched.page
        with page.expect_response(re.compile("/v1/stream/search"), timeout=WAIT_MS):
            watched.open(addresses["section"])
        publish(stack, headline)
        offer = page.get_by_role("button", name=re.compile("^[0-9]+ new article"))
        expect(offer).to_be_visible(timeout=WAIT_MS)

        assert page.get_by_text(headline).count() == 0
        assert watched.shifted < 0.01
        offer.click()
        expect(page.locator("#news").get_by_role("link", name=headline)).to_be_visible(timeout=WAIT_MS)
        assert (watched.foreign, watched.complaints, watched.policy_breaks) == ([], [], [])


def test_a_name_is_completed_by_keyboard(browser: Browser, addresses: dict[str, str], site: tuple[str, str]) -> None:
    with watching(browser, *site) as watched:
        watched.open("/search")
        box = watched.page.get_by_role("combobox", name="Words")
        box.press_sequentially("hayas")
        first = watched.page.get_by_role("option").first
        expect(first).to_be_visible(timeout=WAIT_MS)
        name = first.inner_text()
        box.press("ArrowDown")
        assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
        with watched.page.expect_navigation():
            box.press("Enter")

        assert watched.page.get_by_role("searchbox", name="Words").or_(box).input_value() == name
        assert watched.page.locator(".hit").count() > 0


def test_an_article_that_is_read_in_the_browser_counts_one_view(
    browser: Browser, stack: Stack, addresses: dict[str, str], site: tuple[str, str]
) -> None:
    article_id = publish(stack, f"Lantern {uuid.uuid4().hex[:8]} is lit")
    eventually(lambda: stack.search.get(f"/v1/articles/{article_id}").status_code, lambda status: status == 200)
    with watching(browser, *site, user_agent=PERSON) as watched:
        with watched.page.expect_response(re.compile("/v1/views"), timeout=WAIT_MS) as answer:
            watched.open(f"/articles/{article_id}")
        assert answer.value.ok

    def views() -> int | None:
        entries = stack.search.get("/v1/most-popular", params={"window": "1h", "size": 100}).raise_for_status().json()["entries"]
        return next((entry["count"] for entry in entries if entry["article_id"] == article_id), None)

    assert eventually(views, lambda count: count is not None) == 1


def test_without_script_readers_search_turn_pages_and_comment(
    browser: Browser, stack: Stack, addresses: dict[str, str], site: tuple[str, str]
) -> None:
    with watching(browser, *site, java_script_enabled=False) as watched:
        page = watched.page
        watched.open("/")
        page.get_by_role("searchbox", name="Search the news").fill("comet")
        page.get_by_role("button", name="Search").click()
        assert page.locator(".hit").count() > 0

        watched.open("/search")
        first = page.locator(".hit a").first.get_attribute("href")
        page.get_by_role("link", name="Next page").click()
        assert page.locator(".hit").count() > 0
        assert page.locator(f'.hit a[href="{first}"]').count() == 0

        said = f"I saw it too, {uuid.uuid4().hex}."
        watched.open(addresses["article"])
        page.get_by_label("Name").fill("Ann")
        page.get_by_label("Comment", exact=True).fill(said)
        page.get_by_role("button", name="Send comment").click()
        expect(page.get_by_text("Thank you.")).to_be_visible()
        comments = f"{addresses['article'].replace('/articles', '/v1/articles')}/comments"
        eventually(lambda: stack.search.get(comments).text, lambda text: said in text)
