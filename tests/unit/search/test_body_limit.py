"""Bodies that are too large are refused before they are taken into memory, whoever sends them."""

import pytest
from starlette.testclient import TestClient

from services.search.app import build_search_app
from services.search.body_limit import MOST_BODY_BYTES
from services.search.settings import SearchSettings


@pytest.mark.parametrize(
    "content", [b" " * (MOST_BODY_BYTES + 1), iter([b" " * MOST_BODY_BYTES, b" "])], ids=["declared", "in parts"]
)
def test_a_body_above_the_limit_is_refused(content):
    client = TestClient(build_search_app(SearchSettings()))

    answer = client.post("/v1/saved-searches", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
