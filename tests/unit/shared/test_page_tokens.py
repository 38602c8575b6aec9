"""Page tokens: only who has a key makes one, it is of one article, and it is over after a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.page_tokens import LONGEST_TOKEN, PageToken, TokenFault, issue_page_token, read_page_token
from tests.builders import ARTICLE_ID

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = 1_790_000_000
PAGE = PageToken(ARTICLE_ID, NOW, NOW + 7200, "0123456789abcdef")
TOKEN = issue_page_token(KEY, PAGE)


def test_what_was_issued_is_read() -> None:
    assert read_page_token(TOKEN, [KEY], NOW) == PAGE


def test_other_sites_can_rely_on_the_form() -> None:
    """Computed with `openssl dgst -sha256 -hmac`, and not with the code that is tested."""
    assert TOKEN == f"v1.{ARTICLE_ID}.1790000000.1790007200.0123456789abcdef.HRZ17xzlPh2G_gTjSPLYEIgf1pylAYqe8mEGg7ExQHE"


@given(
    article=st.integers(0, 2**128 - 1),
    times=st.tuples(st.integers(0, 10**11), st.integers(1, 10**11)),
    nonce=st.from_regex(r"[A-Za-z0-9_-]{16,32}", fullmatch=True),
)
def test_every_token_is_read_as_it_was_issued(article: int, times: tuple[int, int], nonce: str) -> None:
    page = PageToken(f"{article:032x}", times[0], sum(times), nonce)
    token = issue_page_token(KEY, page)

    assert len(token) <= LONGEST_TOKEN
    assert read_page_token(token, [OTHER_KEY, KEY], times[0]) == page


def test_a_token_is_over_at_its_second() -> None:
    assert read_page_token(TOKEN, [KEY], PAGE.expires - 1) == PAGE
    assert read_page_token(TOKEN, [KEY], PAGE.expires) is TokenFault.EXPIRED


def test_a_token_of_another_key_is_forged_and_of_the_previous_one_is_not() -> None:
    assert read_page_token(TOKEN, [OTHER_KEY], NOW) is TokenFault.FORGED
    assert read_page_token(TOKEN, [OTHER_KEY, KEY], NOW) == PAGE
    assert read_page_token(TOKEN, [], NOW) is TokenFault.FORGED


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="ascii"))
def test_a_token_with_one_character_changed_is_forged(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]

    assert changed == TOKEN or read_page_token(changed, [KEY], NOW) is TokenFault.FORGED


@given(st.text(max_size=300))
def test_text_that_is_no_token_is_forged(text: str) -> None:
    assert read_page_token(text, [KEY], NOW) is TokenFault.FORGED


@pytest.mark.parametrize(
    "changed", [f"{TOKEN}\n", f" {TOKEN}", f"{TOKEN}=", TOKEN.replace("v1.", "v2."), TOKEN.upper(), "é" * 100, ""]
)
def test_a_token_is_taken_to_the_letter(changed: str) -> None:
    assert read_page_token(changed, [KEY], NOW) is TokenFault.FORGED
