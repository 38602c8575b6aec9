"""Tokens, scopes and publishers at the door; without Kafka, so that what passes ends in a door that does not open."""

import json
from typing import cast

import pytest
from fastapi.testclient import TestClient

from ops.cli.tokens import add_token, hash_token, read_tokens, revoke_tokens
from services.ingest import token_file
from services.ingest.api import build_ingest_app
from services.ingest.core.tokens import Scope, Token, find_token, parse_tokens
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from services.ingest.token_file import ValidTokens
from shared.failures import Misconfigured, Unavailable
from shared.producing import Producer
from tests.builders import ARTICLE_ID

ARTICLE = {"headline": "H", "url": "https://a.example/1"}
REQUESTS = {
    ("POST", "/v1/articles"): Scope.PUBLISH,
    ("POST", "/v1/pages"): Scope.PUBLISH,
    ("DELETE", f"/v1/articles/{ARTICLE_ID}"): Scope.RETRACT,
    ("POST", "/v1/views"): Scope.ENGAGE,
    ("POST", "/v1/comments"): Scope.ENGAGE,
}


class ClosedOutbox:
    """An outbox for which nobody acknowledges."""

    async def send(self, _records):
        raise Unavailable("closed for the test")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tokens.json"


@pytest.fixture
def ask(file, tmp_path, monkeypatch):
    """Sends a request with a token to an ingest that reads the file, which it looks at each time."""
    monkeypatch.setattr(token_file, "NOTICE_SECONDS", -1.0)
    file.write_text('{"tokens": []}')
    outbox = cast("Outbox", ClosedOutbox())
    door = Door(cast("Producer", None), outbox, DailySalt(tmp_path / "salt"), 4, Remembering(1000))
    client = TestClient(build_ingest_app(door, ValidTokens((), file), 10_000, PageExtractors(1)))

    def ask(method, path, token, content=None):
        return client.request(method, path, headers={"Authorization": f"Bearer {token}"}, json=content)

    return ask


@pytest.mark.parametrize(("method", "path"), REQUESTS)
@pytest.mark.parametrize("scope", list(Scope))
def test_every_endpoint_asks_for_its_scope(ask, file, method, path, scope):
    token = add_token(file, None, [scope])

    answer = ask(method, path, token)

    allowed = scope in (REQUESTS[method, path], Scope.ADMIN)
    assert (answer.status_code not in (401, 403)) == allowed, answer.text
    if not allowed:
        assert answer.status_code == 403
        assert REQUESTS[method, path] in answer.headers["WWW-Authenticate"]


def test_a_revoked_token_is_refused_without_a_restart_and_the_other_of_its_publisher_goes_on(ask, file):
    old, new = (add_token(file, "Courier", [Scope.PUBLISH]) for _ in range(2))
    assert ask("POST", "/v1/articles", old, ARTICLE).status_code == 503

    assert revoke_tokens(file, hash_token(old)[:12]) == 1

    assert ask("POST", "/v1/articles", old, ARTICLE).status_code == 401
    assert ask("POST", "/v1/articles", new, ARTICLE).status_code == 503


def test_a_publisher_s_token_publishes_for_that_publisher_only(ask, file):
    token = add_token(file, "Courier", [Scope.PUBLISH])

    answer = ask("POST", "/v1/articles", token, ARTICLE | {"publisher": "Gazette"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "publisher", "detail": "this token publishes for Courier only"}]
    assert ask("POST", "/v1/articles", token, ARTICLE | {"publisher": "courier"}).status_code == 503


def test_a_file_that_becomes_unusable_leaves_the_tokens_before_it_valid(ask, file):
    token = add_token(file, None, [Scope.ADMIN])
    assert ask("POST", "/v1/articles", token, ARTICLE).status_code == 503

    file.write_text("{ half a file")

    assert ask("POST", "/v1/articles", token, ARTICLE).status_code == 503


def test_a_publisher_has_two_tokens_at_most(file):
    for _ in range(2):
        add_token(file, "Courier", [Scope.PUBLISH])

    with pytest.raises(Misconfigured, match="Courier has 3 tokens"):
        add_token(file, "Courier", [Scope.PUBLISH])

    assert len(read_tokens(file).tokens) == 2


def test_the_file_holds_hashes_and_only_its_owner_reads_it(file):
    token = add_token(file, "Courier", [Scope.PUBLISH])

    assert token not in file.read_text()
    assert hash_token(token) in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "tokens"),
        (json.dumps({"tokens": [{"sha256": "short", "scopes": ["publish"]}]}).encode(), "tokens.0.sha256"),
        (json.dumps({"tokens": [{"sha256": "0" * 64, "scopes": ["fly"]}]}).encode(), "tokens.0.scopes"),
        (json.dumps({"tokens": [{"sha256": "0" * 64, "scopes": []}]}).encode(), "tokens.0.scopes"),
        (json.dumps({"tokens": [{"sha256": "0" * 64, "scopes": ["admin"], "colour": 1}]}).encode(), "tokens.0.colour"),
    ],
)
def test_a_file_that_is_wrong_says_where(content, said):
    with pytest.raises(ValueError, match=said):
        parse_tokens(content)


def test_a_file_that_is_not_there_is_an_operator_s_error(file):
    with pytest.raises(Misconfigured, match="DATELINE_INGEST_TOKENS_FILE"):
        ValidTokens((), file)


def test_nothing_presented_finds_no_token():
    assert find_token("", (Token(sha256=hash_token("x"), scopes=frozenset({Scope.ADMIN})),)) is None
