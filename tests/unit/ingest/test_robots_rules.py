import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.robots_rules import MOST_BYTES, parse_robots, product_token

PAGE = "https://courier.example/world/bridge?page=2"


def why_not(robots: str | bytes, url: str = PAGE) -> str | None:
    content = robots if isinstance(robots, bytes) else robots.encode()
    return parse_robots(content, "Dateline").why_not(url, "Dateline")


@pytest.mark.parametrize(
    "robots",
    [
        "",
        "User-agent: *\nDisallow:",
        "User-agent: *\nDisallow: /sport",
        "User-agent: *\nDisallow: /\nAllow: /world/",
        "User-agent: *\nDisallow: /\n\nUser-agent: Dateline\nDisallow: /sport",
        "User-agent: *\nDisallow: /\n\nUser-agent: dateline/2.0\nAllow: /",
        "User-agent: Date\nDisallow: /",
        "User-agent: DatelineImages\nDisallow: /",
        "User-agent: Googlebot\nDisallow: /",
        "Disallow: /",
        "<!DOCTYPE html><html><body>Not found</body></html>",
        b"\xff\xfe\x00\x01",
    ],
)
def test_what_no_rule_forbids_may_be_fetched(robots: str | bytes) -> None:
    assert why_not(robots) is None


@pytest.mark.parametrize(
    "robots",
    [
        "User-agent: *\nDisallow: /",
        "User-agent: *\nDisallow: /world",
        "user-agent:*\ndisallow:/world",
        "\ufeffUser-agent: *\r\nDisallow: /world\r\n",
        "User-agent: *\nDisallow: /*?page=",
        "User-agent: *\nAllow: /\nDisallow: /world/bridge",
        "User-agent: Googlebot\nUser-agent: DATELINE\nDisallow: /  # nothing\n\nUser-agent: *\nAllow: /",
        "User-agent: Dateline/0.1\nDisallow: /",
        "User-agent Dateline\nDisallow: /",
    ],
)
def test_what_a_rule_forbids_is_forbidden(robots: str) -> None:
    assert why_not(robots) == "robots.txt forbids fetching"


def test_the_longest_rule_decides_and_allowing_wins_a_tie() -> None:
    robots = "User-agent: *\nDisallow: /world/\nAllow: /world/\nDisallow: /sport/\nAllow: /sport"
    assert why_not(robots) is None
    assert why_not(robots, "https://courier.example/sport/x") is not None


def test_rules_after_the_size_limit_are_not_read_and_none_is_read_in_part() -> None:
    head = "User-agent: *\n" + "# blank\n" * (MOST_BYTES // 8)
    assert why_not(head[: MOST_BYTES - 12] + "\nDisallow: /wor-and-more\n") is None
    assert why_not(head + "Disallow: /\n") is None


def test_a_hostile_file_costs_little() -> None:
    names = "".join(f"user-agent: a{number}\n" for number in range(15_000))
    rules = "".join(f"allow: /{number}\n" for number in range(25_000))
    began = time.process_time()
    assert why_not(names + rules) is None
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("stated", "seconds"), [("7", 7.0), ("0.5", 0.5), ("86400", 60.0), ("-1", 0.0), ("nan", 0.0), ("inf", 0.0), ("soon", 0.0)]
)
def test_the_crawl_delay_is_at_most_a_minute(stated: str, seconds: float) -> None:
    rules = parse_robots(f"User-agent: *\nCrawl-delay: {stated}".encode(), "Dateline")
    assert rules.delay_seconds("Dateline") == seconds


@pytest.mark.parametrize(
    ("user_agent", "token"), [("Courier-Reader/1.0 (a@b.example)", "Courier-Reader"), ("Dateline", "Dateline"), ("1/2", "Dateline")]
)
def test_the_product_token_stands_before_the_version(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


@given(
    st.lists(
        st.sampled_from(
            ["User-agent: *", "User-agent: Dateline", "useragent x", "Allow: /", "Disallow: /a*$", "Crawl-delay: 1", ":"]
        )
        | st.text(),
        max_size=20,
    ),
    st.text(),
)
def test_any_file_and_any_address_get_an_answer(lines: list[str], path: str) -> None:
    rules = parse_robots("\n".join(lines).encode("utf-8", "replace"), "Dateline")
    rules.why_not(f"https://courier.example/{path}", "Dateline")
    assert 0 <= rules.delay_seconds("Dateline") <= 60
