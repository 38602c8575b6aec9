"""Every endpoint of every service, asked without a token, with a wrong one, with one of another scope, and with the right one.

An endpoint that is not in the table fails here: whoever adds one says who may use it.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from unittest.mock import MagicMock

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ops.cli.settings import CLISettings, ConsoleGroup
from ops.cli.tokens import hash_token
from ops.console.app import build_console
from services.ingest.api import build_ingest_app
from services.ingest.core.tokens import Scope, TokenList
from services.ingest.core.websub import Callback
from services.ingest.feeds_api import feeds_router
from services.ingest.page_extractor import PageExtractors
from services.ingest.token_file import ValidTokens
from services.ingest.websub import websub_router
from services.search.app import build_search_app
from services.search.settings import ReadingSettings, SearchSettings

#: Whoever asks is answered: readers, hubs with a signature of their own, other sites' pages before they send a view.
PUBLIC = "public"
#: Forms of the reader pages: taken from a page of the same site only, see the tests of each.
FORM = "form"
#: A token of DATELINE_SEARCH_SAVING_TOKEN_HASHES.
SAVER = "saver"

INGEST: dict[str, str] = {
    "POST /v1/articles": Scope.PUBLISH,
    "POST /v1/pages": Scope.PUBLISH,
    "DELETE /v1/articles/{article_id}": Scope.RETRACT,
    "POST /v1/views": Scope.ENGAGE,
    "POST /v1/shares": Scope.ENGAGE,
    "POST /v1/comments": Scope.ENGAGE,
    "GET /v1/feeds": Scope.ADMIN,
    "POST /v1/feeds": Scope.ADMIN,
    "GET /v1/feeds.opml": Scope.ADMIN,
    "POST /v1/feeds.opml": Scope.ADMIN,
    "POST /v1/feeds/check": Scope.ADMIN,
    "GET /v1/feeds/{feed_id}": Scope.ADMIN,
    "PATCH /v1/feeds/{feed_id}": Scope.ADMIN,
    "DELETE /v1/feeds/{feed_id}": Scope.ADMIN,
    "OPTIONS /v1/views": PUBLIC,
    "GET /websub/{feed_id}": PUBLIC,
    "POST /websub/{feed_id}": PUBLIC,
}
SEARCH: dict[str, str] = {
    "POST /v1/saved-searches": SAVER,
    "DELETE /v1/saved-searches/{search_id}": SAVER,
    "POST /articles/{article_id}/comments": FORM,
    "POST /saved": FORM,
    **dict.fromkeys(
        (
            "GET /",
            "GET /articles/{article_id}",
            "GET /articles/{article_id}/comments",
            "GET /articles/{article_id}/revisions",
            "GET /entities/{entity_id}",
            "GET /feeds/most-popular.{form}",
            "GET /feeds/saved/{search_id}.{form}",
            "GET /feeds/search.{form}",
            "GET /images/{signature}/{address}",
            "GET /saved",
            "GET /saved/{search_id}",
            "GET /search",
            "GET /sections/{name:path}",
            "GET /stories/{story_id}",
            "GET /theme.css",
            "GET /v1/articles/{article_id}",
            "GET /v1/articles/{article_id}/comments",
            "GET /v1/articles/{article_id}/jsonld",
            "GET /v1/articles/{article_id}/ninjs",
            "GET /v1/articles/{article_id}/related",
            "GET /v1/articles/{article_id}/revisions",
            "GET /v1/changes",
            "GET /v1/comments/recent",
            "GET /v1/complete",
            "GET /v1/export",
            "GET /v1/most-popular",
            "GET /v1/saved-searches/{search_id}",
            "GET /v1/saved-searches/{search_id}/matches",
            "GET /v1/search",
            "GET /v1/stream/most-popular",
            "GET /v1/stream/saved/{search_id}",
            "GET /v1/stream/search",
        ),
        PUBLIC,
    ),
}
#: Every application has them.
_DOCUMENTATION = {"GET /openapi.json", "GET /docs", "GET /docs/oauth2-redirect", "GET /redoc"}

TOKENS = {scope: f"token of {scope}" for scope in Scope}
SAVER_TOKEN = "token of a saver"


@cache
def ingest() -> FastAPI:
    """The whole of ingest before a door that takes nothing: what is asked here is who gets to it."""
    own = [{"sha256": hash_token(token), "scopes": [scope]} for scope, token in TOKENS.items()]
    tokens = MagicMock(spec=ValidTokens)
    tokens.now.return_value = TokenList.model_validate({"tokens": own}).tokens
    hub: Any = MagicMock()
    hubs = websub_router(Callback("https://dateline.example", "k" * 32), hub, hub, hub, 1000)
    feeds = feeds_router(MagicMock(), tokens)
    return build_ingest_app(MagicMock(), tokens, 1000, PageExtractors(1), (feeds, hubs))


@cache
def search() -> FastAPI:
    """The whole of search, not connected to anything."""
    return build_search_app(SearchSettings(search=ReadingSettings(saving_token_hashes=(hash_token(SAVER_TOKEN),))))


def routes_of(app: FastAPI) -> set[str]:
    """Every method and path that the application answers, those too that its OpenAPI document leaves out."""

    def walk(routes: Iterable[Any], prefix: str) -> Iterator[str]:
        for route in routes:
            if hasattr(route, "original_router"):
                yield from walk(route.original_router.routes, prefix + route.include_context.prefix)
            elif hasattr(route, "methods"):
                yield from (f"{method} {prefix}{route.path}" for method in route.methods - {"HEAD"})

    documented = {f"{method.upper()} {path}" for path, how in app.openapi()["paths"].items() for method in how}
    return (set(walk(app.routes, "")) | documented) - _DOCUMENTATION


@pytest.mark.parametrize(("app", "table"), [(ingest, INGEST), (search, SEARCH)], ids=["ingest", "search"])
def test_the_table_has_every_endpoint_and_no_other(app, table):
    assert routes_of(app()) == set(table)


def ask(app: FastAPI, endpoint: str, token: str | None) -> int:
    method, path = endpoint.split()
    headers = {} if token is None else {b"Authorization": f"Bearer {token}".encode()}
    with_values = path.replace("{article_id}", "a" * 32).replace("{feed_id}", "0" * 16).replace("{search_id}", "0" * 32)
    with TestClient(app, raise_server_exceptions=False) as client:
        return client.request(method, with_values, headers=headers).status_code


GUARDED = [endpoint for endpoint, who in INGEST.items() if who is not PUBLIC]
SAVING = [endpoint for endpoint, who in SEARCH.items() if who is SAVER]


@pytest.mark.parametrize("token", [None, "wrong", "", SAVER_TOKEN, "tokén"], ids=["none", "wrong", "empty", "of search", "odd"])
@pytest.mark.parametrize("endpoint", GUARDED)
def test_ingest_answers_nobody_without_a_token_that_it_knows(endpoint, token):
    assert ask(ingest(), endpoint, token) == 401


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("endpoint", GUARDED)
def test_ingest_lets_a_token_do_what_its_scope_says_and_nothing_else(endpoint, scope):
    status = ask(ingest(), endpoint, TOKENS[scope])

    if scope in (INGEST[endpoint], Scope.ADMIN):
        assert status not in (401, 403)
    else:
        assert status == 403


@pytest.mark.parametrize("token", [None, "wrong", "", *TOKENS.values()])
@pytest.mark.parametrize("endpoint", SAVING)
def test_search_lets_nobody_save_without_a_token_for_it(endpoint, token):
    assert ask(search(), endpoint, token) == 401


@pytest.mark.parametrize("endpoint", SAVING)
def test_search_lets_nobody_save_where_it_is_switched_off(endpoint):
    assert ask(build_search_app(SearchSettings()), endpoint, SAVER_TOKEN) == 403


@pytest.mark.parametrize("endpoint", SAVING)
def test_search_lets_whoever_has_the_token_save(endpoint):
    assert ask(search(), endpoint, SAVER_TOKEN) not in (401, 403)


@pytest.mark.parametrize("endpoint", [endpoint for endpoint, who in SEARCH.items() if who is FORM])
def test_a_form_is_not_taken_from_another_site(endpoint):
    method, path = endpoint.split()
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    with TestClient(search()) as client:
        answer = client.request(method, path.replace("{article_id}", "a"), headers=headers)

    assert answer.status_code == 403


#: What the operators' page answers to who has not entered: how it is, and the door.
CONSOLE_PUBLIC = {"GET /healthz", "GET /readyz", "GET /login", "POST /login"}
CONSOLE = build_console(CLISettings(console=ConsoleGroup(token_hashes=(hash_token("of an operator"),))))


@pytest.mark.parametrize("endpoint", sorted(routes_of(CONSOLE) - CONSOLE_PUBLIC))
def test_the_operators_page_shows_and_does_nothing_for_who_has_not_entered(endpoint):
    method, path = endpoint.split()
    with TestClient(CONSOLE, follow_redirects=False) as client:
        answer = client.request(method, path.replace("{place}", "articles.inbound-0-1"), headers={"Origin": "http://testserver"})

    is_led_to_the_door = answer.status_code == 303 and answer.headers["location"].startswith("/login")
    assert is_led_to_the_door or answer.status_code in (401, 403), answer.status_code
