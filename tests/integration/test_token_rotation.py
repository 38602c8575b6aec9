"""Tokens are changed while ingest runs: several are valid at once, and one that is revoked is refused within five seconds."""

from unittest.mock import MagicMock

import pytest
from fastapi.testclient import TestClient

from ops.cli.tokens import hash_token
from services.ingest.api import build_ingest_app
from services.ingest.page_extractor import PageExtractors
from services.ingest.token_file import ValidTokens
from tests.command import dateline
from tests.stack import eventually

_NOTICED_SECONDS = 5.0


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tokens.json"


@pytest.fixture
def tokens(file):
    """Runs `dateline tokens …` on the file, as an operator does."""

    def run(*arguments):
        done = dateline("tokens", *arguments, DATELINE_CLI_TOKENS_FILE=str(file))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_a_publisher_changes_its_token_without_a_restart_and_without_a_gap(file, tokens):
    old = tokens("add", "--publisher", "Courier")
    app = build_ingest_app(MagicMock(), ValidTokens((), file), 1000, PageExtractors(1))
    with TestClient(app, raise_server_exceptions=False) as client:

        def is_let_in(token):
            headers = {"Authorization": f"Bearer {token}"}
            return client.post("/v1/articles", content=b"{", headers=headers).status_code != 401

        new = tokens("add", "--publisher", "Courier")
        eventually(lambda: is_let_in(new), bool, _NOTICED_SECONDS)
        assert is_let_in(old), "both are valid"

        tokens("revoke", hash_token(old)[:12])
        eventually(lambda: is_let_in(old), lambda let_in: not let_in, _NOTICED_SECONDS)
        assert is_let_in(new)
        assert not is_let_in("never given")
