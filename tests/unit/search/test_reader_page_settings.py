"""Settings of the reader pages that go together, and those that are refused."""

import pytest
from pydantic import ValidationError

from services.search.page_keys import Purpose, page_key
from services.search.page_options import PageOptions, choose_options
from services.search.reader_page_settings import ReaderPageSettings

KEY = "k" * 32
ENDPOINT = "http://ingest.example/v1/comments"


@pytest.mark.parametrize(
    "wrong",
    [
        {"pages_key": "short"},
        {"comment_endpoint": ENDPOINT},
        {"comment_token": "t"},
        {"comment_endpoint": ENDPOINT, "comment_token": "t"},
        {"translator_url": "https://translate.example/"},
        {"translator_languages": "en klingon"},
        {"picture_allowed_networks": "10.0.0.0/33"},
        {"theme": "no-such-file.css"},
    ],
)
def test_what_cannot_work_is_refused(wrong):
    with pytest.raises(ValidationError):
        ReaderPageSettings(**wrong)


def test_what_is_empty_is_not_set():
    empty = dict.fromkeys(("pages_key", "comment_endpoint", "comment_token", "translator_url"), "")

    assert ReaderPageSettings(**empty) == ReaderPageSettings()


def test_no_key_is_good_for_two_purposes_and_without_a_secret_there_is_none():
    settings = ReaderPageSettings(pages_key=KEY)

    assert page_key(settings, Purpose.PICTURE) != page_key(settings, Purpose.COMMENT)
    assert page_key(ReaderPageSettings(), Purpose.PICTURE) is None


def test_pictures_are_shown_with_a_key_unless_they_are_switched_off(tmp_path):
    theme = tmp_path / "theme.css"
    theme.write_text("a { color: red }")

    chosen = choose_options(ReaderPageSettings(pages_key=KEY, theme=str(theme)))

    assert (chosen.picture("https://a.example/b.jpg") or "").startswith("/images/")
    assert chosen.picture(None) is None
    assert (chosen.theme, len(chosen.theme_version or "")) == (b"a { color: red }", 12)
    assert choose_options(ReaderPageSettings(pages_key=KEY, pictures=False)).picture("https://a.example/b.jpg") is None
    assert PageOptions().theme_version is None
