"""What an article's page carries so that its views count, and that it carries nothing while page tokens are off."""

import re

import pytest
from pydantic import ValidationError

from services.search.app import STATIC, build_search_app
from services.search.beacon import Beacon
from services.search.pages import Site
from services.search.settings import ReadingSettings, SearchSettings
from shared.page_tokens import PageToken, read_page_token
from shared.settings import PageSettings
from tests.builders import ARTICLE_ID
from tests.unit.search.test_pages import Page, article_context

KEY = "k" * 32
ENDPOINT = "https://ingest.example:8443/v1/views?from=pages"
BEACON = Beacon(ENDPOINT, KEY.encode(), 7200)
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"


def article_page(beacon):
    context = article_context() | {"beacon": beacon.tag(ARTICLE_ID)}
    return Page(bytes(Site("Dateline", STATIC, beacon).render("article.html", context).body).decode())


def metas(page):
    return {meta["name"]: meta["content"] for meta in page.all("meta") if meta.get("name", "").startswith("dateline-")}


def test_an_article_s_page_carries_a_token_of_this_article_that_ingest_takes():
    carried = metas(article_page(BEACON))

    assert (carried["dateline-article-id"], carried["dateline-view-endpoint"]) == (ARTICLE_ID, ENDPOINT)
    page = read_page_token(carried["dateline-page-token"], (KEY.encode(),), 0)
    assert isinstance(page, PageToken)
    assert (page.article_id, page.expires - page.issued) == (ARTICLE_ID, 7200)


def test_no_two_pages_carry_the_same_token():
    assert len({metas(article_page(BEACON))["dateline-page-token"] for _ in range(20)}) == 20


def test_the_script_comes_from_here_and_none_stands_in_the_page():
    scripts = article_page(BEACON).all("script")

    assert [src for script in scripts if re.fullmatch(r"/static/beacon\.js\?v=[0-9a-f]{12}", src := script.get("src", ""))]
    assert (STATIC / "beacon.js").exists()


@pytest.mark.parametrize("off", [Beacon(), Beacon(ENDPOINT, None, 7200), Beacon(None, KEY.encode(), 7200)])
def test_without_a_key_and_an_endpoint_pages_carry_no_token_and_do_not_report(off):
    page = article_page(off)

    assert metas(page) == {}
    assert not [script for script in page.all("script") if "beacon" in script.get("src", "")]
    assert off.allow_in(POLICY) == POLICY


def test_scripts_of_here_may_send_to_the_origin_of_the_endpoint_and_nowhere_else():
    assert BEACON.allow_in(POLICY) == "default-src 'none'; script-src 'self'; connect-src 'self' https://ingest.example:8443"


def test_the_app_takes_key_and_endpoint_from_its_settings():
    settings = SearchSettings(page=PageSettings(token_key=KEY, token_seconds=60), search=ReadingSettings(view_endpoint=ENDPOINT))

    assert build_search_app(settings).state.site.beacon == Beacon(ENDPOINT, KEY.encode(), 60)
    assert build_search_app(SearchSettings()).state.site.beacon.tag(ARTICLE_ID) is None


@pytest.mark.parametrize("fields", [{"token_key": "short"}, {"previous_token_key": KEY}, {"token_seconds": 0}])
def test_a_key_that_may_be_guessed_and_a_previous_one_alone_are_refused(fields):
    with pytest.raises(ValidationError):
        PageSettings(**fields)


def test_a_key_that_is_empty_is_none_and_the_first_of_two_signs():
    assert PageSettings(token_key="").keys == ()
    assert PageSettings(token_key=KEY, previous_token_key="p" * 32).keys == (KEY.encode(), b"p" * 32)
