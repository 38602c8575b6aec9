"""Texts that want to be script stay texts, in every field of an article, in comments, names and searches, on every page.

Articles are written to Elasticsearch as the indexer writes them, so that nothing before the pages can have cleaned them. Several
payloads share an article, and each field of it has them all. `FAULTS=release` takes every payload in many forms.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from services.indexer.core.derived import derive
from tests.browser.payloads import PAYLOADS, build_variants
from tests.browser.watching import Watched, watching
from tests.faults.tier import TIER
from tests.indexed import Newsroom, open_newsroom
from tests.stack import Stack

HOSTILE = build_variants() if TIER == "release" else PAYLOADS
#: Elements and attributes of which our templates have none, or none like this.
INTRUDERS = """
() => {
  const strange = `[data-hostile], iframe, object, embed, svg, math, base, style, video, template, frame, meta[http-equiv],
    [srcdoc], [formaction], [style], script:not([src^="/static/"]):not([type="application/ld+json"]),
    link:not([href^="/"]):not([rel="canonical"])`;
  const addresses = (element) => ["href", "src", "action"].map((name) => element.getAttribute(name) ?? "");
  const leads = (element) => addresses(element).some((address) => /^\\s*(javascript|data|vbscript):/i.test(address));
  const acts = (element) => element.getAttributeNames().some((name) => name.startsWith("on"));
  const found = [...document.querySelectorAll("*")].filter((each) => each.matches(strange) || leads(each) || acts(each));
  return found.map((each) => each.outerHTML.slice(0, 200));
}
"""


@dataclass
class Written:
    """Articles that have payloads in all of their texts."""

    newsroom: Newsroom
    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def written(stack: Stack, addresses: dict[str, str]) -> Iterator[Written]:
    """Payloads in articles and comments, five an article."""
    with open_newsroom(stack.engines.elasticsearch_url) as newsroom:
        written = Written(newsroom)
        for number, payloads in enumerate(HOSTILE[start : start + 5] for start in range(0, len(HOSTILE), 5)):
            document = a_document(newsroom, number, payloads)
            newsroom.write(document)
            written.ids[str(document["article_id"])] = payloads
            for place, payload in enumerate(payloads):
                name = newsroom.id_of(f"comment {number} {place}")
                said = {"article_id": document["article_id"], "revision": 1, "author": payload[:200], "text": payload}
                newsroom.write_document("comments", name, said | {"comment_id": name, "time": document["date"]})
        yield written


def a_document(newsroom: Newsroom, number: int, payloads: tuple[str, ...]) -> dict[str, object]:
    """An article of which every text is these payloads, and every address one of them."""
    texts, first = " ".join(payloads), payloads[number % len(payloads)]
    own = {"type": "PERSON", "count": 1, "entity_id": f"person:{newsroom.mark[:20]}{number}"}
    entities = [own | {"name": f"Quill{number} {payload}", "role": payload} for payload in payloads]
    written = newsroom.a_document(
        f"hostile {number}",
        number,
        headline={"en": f"Quill {texts}"},
        description={"en": texts},
        body={"en": "\n\n".join(("Quill", *payloads))},
        authors=list(payloads),
        publisher=first,
        section=newsroom.section,
        breadcrumb=list(payloads),
        keywords=list(payloads),
        keywords_found=list(payloads),
        correction=texts,
        url=first,
        image_url=first,
        entities=entities,
        entity_names=[entity["name"] for entity in entities],
    )
    return written | derive({"headline": texts}, [(str(entity["name"]), 0.5) for entity in entities], list(payloads))


def assert_only_text(watched: Watched, place: str) -> None:
    """Nothing of what is on the page came from a payload, but as text."""
    assert (place, watched.page.evaluate(INTRUDERS)) == (place, [])
    assert (place, watched.dialogs, watched.policy_breaks, watched.foreign, watched.complaints) == (place, [], [], [], [])


def test_an_article_shows_them_in_all_its_texts_and_comments(browser: Browser, written: Written, site: tuple[str, str]) -> None:
    with watching(browser, *site) as watched:
        for article_id, payloads in written.ids.items():
            assert watched.open(f"/articles/{article_id}") == 200
            assert_only_text(watched, article_id)
            assert watched.page.locator("h1").text_content() == f"Quill {' '.join(payloads)}"
            assert set(watched.page.locator("#comments .said").all_text_contents()) == set(payloads)
            data = watched.page.locator('script[type="application/ld+json"]')
            assert json.loads(data.text_content() or "")["headline"].startswith("Quill")


def test_lists_show_them_in_headlines_sections_publishers_and_what_was_marked(
    browser: Browser, written: Written, site: tuple[str, str]
) -> None:
    section = quote(written.newsroom.section)
    with watching(browser, *site) as watched:
        searches = (f"/search?q=quill&section={section}&size=100", f"/search?section={section}&sort=date")
        for address in (f"/sections/{section}", *searches, "/"):
            assert watched.open(address) == 200
            assert watched.page.get_by_text("alert").count() > 0
            assert_only_text(watched, address)


def test_the_page_of_a_name_shows_it(browser: Browser, written: Written, site: tuple[str, str]) -> None:
    with watching(browser, *site) as watched:
        for number in range(len(written.ids)):
            assert watched.open(f"/entities/person:{written.newsroom.mark[:20]}{number}") == 200
            assert_only_text(watched, f"entity {number}")


def test_names_that_are_offered_are_texts(browser: Browser, written: Written, site: tuple[str, str]) -> None:
    with watching(browser, *site) as watched:
        watched.open("/search")
        watched.page.locator("#q").press_sequentially("quill")
        offered = watched.page.get_by_role("listbox").get_by_role("option")
        expect(offered.first).to_contain_text("uill", timeout=30_000)
        assert_only_text(watched, "completions")
        assert any("<" in text for text in offered.all_inner_texts())


def test_a_search_says_what_was_searched_for_and_what_is_wrong_with_it(
    browser: Browser, written: Written, site: tuple[str, str]
) -> None:
    with watching(browser, *site) as watched:
        for payload in HOSTILE:
            assert watched.open(f"/search?q={quote(payload)}") in (200, 400)
            assert watched.page.locator("#q").input_value() == payload
            assert_only_text(watched, payload)


def test_what_is_not_here_is_named_as_a_text(browser: Browser, written: Written, site: tuple[str, str]) -> None:
    places = ("/articles/{}", "/sections/{}", "/entities/{}", "/stories/{}", "/saved/{}", "/search?from={}", "/saved?q={}", "/{}")
    with watching(browser, *site) as watched:
        for number, payload in enumerate(HOSTILE):
            address = places[number % len(places)].format(quote(payload, safe=""))
            assert watched.open(address) in (200, 400, 404, 422)
            assert_only_text(watched, address)
