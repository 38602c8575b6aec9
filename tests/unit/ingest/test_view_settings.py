"""Settings of views: what would make them count wrongly is refused as ingest starts."""

import stat

import pytest
from pydantic import ValidationError

from ops.local.services import plan_services
from ops.local.settings import LocalGroup
from services.ingest.settings import DoorSettings

HASH = "0" * 64


@pytest.mark.parametrize(
    "origin", ["https://news.example", "http://127.0.0.1:8000", "https://xn--nws-9la.example", "http://[::1]:8000"]
)
def test_an_origin_is_a_scheme_a_host_and_perhaps_a_port(origin):
    assert DoorSettings(token_hashes=HASH, view_origins=origin).view_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    ["news.example", "https://news.example/", "https://News.example", "*", "null", "ftp://news.example", "https://a@b.example"],
)
def test_what_no_browser_sends_as_its_origin_is_refused(origin):
    with pytest.raises(ValidationError, match="is no origin"):
        DoorSettings(token_hashes=HASH, view_origins=origin)


def test_ingest_and_search_of_this_machine_have_one_key_that_stays_and_that_others_cannot_read(tmp_path):
    first, again = (plan_services(LocalGroup(home=tmp_path), "127.0.0.1:9092", "http://127.0.0.1:9200", HASH) for _ in range(2))

    keys = {plan.environment["DATELINE_PAGE_TOKEN_KEY"] for plan in (*first, *again)}
    assert [len(key) for key in keys] == [64]
    assert stat.S_IMODE((tmp_path / "page-token-key").stat().st_mode) == 0o600
