"""Pages fetched politely, and the full texts of entries, against servers on the loopback address."""

import threading
import time
from ipaddress import ip_network

import pytest

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.feed_records import FullText
from services.ingest.core.html_page import extract_html_page
from services.ingest.core.submissions import ArticleSubmission
from services.ingest.full_text import PageLimits, complete_entries
from services.ingest.hosts import HostTurns, Stopping
from services.ingest.pages import PageFetcher
from services.ingest.robots import KEPT_SECONDS, MOST_HOSTS, UNREACHABLE_KEPT_SECONDS, Robots
from shared.guarded_fetch import Fetched, Fetcher, FetchFailed, FetchLimits
from tests.builders import NOON
from tests.doubles import send, serving

LOOPBACK = (ip_network("127.0.0.0/8"),)
LIMITS = FetchLimits(most_bytes=1_000_000, total_seconds=1, allowed=LOOPBACK)
FORBIDS_ALL = b"User-agent: *\nDisallow: /"
TEASER = "The bridge over the harbour reopened on Monday …"
TEXT = "The bridge over the harbour reopened on Monday, two years after it was closed. " * 6
PAGE = f"""<html lang="en"><head><title>Harbour bridge reopens</title><meta name="author" content="Ada Smith">
<meta property="article:published_time" content="2026-11-20T08:00:00Z"><meta property="og:type" content="article"></head>
<body><article><h1>Harbour bridge reopens</h1><p>{TEXT}</p></article></body></html>""".encode()
LOGIN = b"""<html><head><title>Log in</title></head><body>
<form><h1>Log in to continue</h1><input type="password"></form></body></html>"""


class Site:
    """Pages by path, each (status, content, headers), a robots.txt among them; keeps what was asked, and when."""

    def __init__(self, robots=(404, b"", {})):
        self.pages = {"/robots.txt": robots}
        self.asked = []
        self.times = []
        self.at_once = 0
        self.most_at_once = 0
        self.work_seconds = 0.0
        self._lock = threading.Lock()

    def serve(self, request):
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.asked.append(request.path)
            self.times.append(time.monotonic())
        time.sleep(self.work_seconds)  # what the answer takes
        with self._lock:
            self.at_once -= 1
        page = self.pages.get(request.path, (200, PAGE, {"Content_Type": "text/html; charset=utf-8"}))
        if callable(page):
            page(request)
        else:
            status, content, headers = page
            send(request, status, content, **headers)


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self):
        return self.now


def fetched(url, robots=None, stop=None, limits=LIMITS):
    with Fetcher("Dateline/1", limits) as fetcher:
        return PageFetcher(fetcher, HostTurns(stop or threading.Event()), robots or Robots("Dateline/1")).fetch_page(url)


def drips(request):
    request.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    for _ in range(30):
        time.sleep(0.1)  # the drip itself
        try:
            request.wfile.write(b"#")
        except OSError:
            return


@pytest.mark.parametrize(
    "robots",
    [
        (200, b"User-agent: *\nDisallow: /sport", {}),
        (200, b"", {}),
        (200, b"<html>no robots here</html>", {"Content_Type": "text/html"}),
        (404, FORBIDS_ALL, {}),
        (401, FORBIDS_ALL, {}),
        (403, FORBIDS_ALL, {}),
        (410, FORBIDS_ALL, {}),
        (200, b"# " + b"x" * 600_000 + b"\n" + FORBIDS_ALL, {}),
    ],
)
def test_a_page_is_fetched_where_no_robots_txt_forbids_it(robots):
    site = Site(robots)
    with serving(site.serve) as url:
        page = fetched(f"{url}/bridge")

    assert (page.status, page.content, page.url) == (200, PAGE, f"{url}/bridge")
    assert site.asked == ["/robots.txt", "/bridge"]


@pytest.mark.parametrize(
    ("robots", "reason"),
    [
        ((200, FORBIDS_ALL, {}), "^robots.txt forbids fetching$"),
        ((200, b"User-agent: Dateline\nDisallow: /bri", {}), "^robots.txt forbids fetching$"),
        ((200, FORBIDS_ALL + b"\n#" + b"x" * 600_000, {}), "^robots.txt forbids fetching$"),
        ((500, b"", {}), "robots.txt cannot be had, which forbids fetching for now .the server answered 500"),
        ((503, b"", {}), "the server answered 503"),
        ((429, b"", {}), "the server answered 429"),
        ((304, b"", {}), "the server answered 304"),
        ((302, b"", {"Location": "/robots.txt"}), "cannot be had.*more than 5 redirects"),
        ((302, b"", {"Location": "http://169.254.169.254/"}), "cannot be had.*not a public web server"),
        ((200, b"x" * 1_000_001, {}), "cannot be had.*larger than"),
        (drips, "cannot be had.*within 1 s"),
    ],
)
def test_no_page_is_fetched_where_robots_txt_forbids_it_or_cannot_be_had(robots, reason):
    site = Site(robots)
    with serving(site.serve) as url, pytest.raises(FetchFailed, match=reason):
        fetched(f"{url}/bridge")

    assert set(site.asked) == {"/robots.txt"}


def test_a_host_that_takes_no_connections_gives_no_page():
    with serving(Site().serve) as url:
        pass
    with pytest.raises(FetchFailed, match=r"robots.txt cannot be had.*does not take connections"):
        fetched(f"{url}/bridge")


def test_the_rules_of_a_redirected_robots_txt_hold_for_the_host_that_redirects():
    site = Site((301, b"", {"Location": "/rules.txt"}))
    site.pages["/rules.txt"] = (200, FORBIDS_ALL, {})
    with serving(site.serve) as url, pytest.raises(FetchFailed, match=r"robots\.txt forbids"):
        fetched(f"{url}/bridge")


def test_a_page_behind_a_redirect_is_asked_for_at_its_own_host_too():
    first, second = Site(), Site((200, FORBIDS_ALL, {}))
    with serving(first.serve) as one, serving(second.serve, host="127.9.9.9") as two:
        first.pages["/bridge"] = (302, b"", {"Location": f"{two}/bridge"})
        with pytest.raises(FetchFailed, match=r"robots\.txt forbids"):
            fetched(f"{one}/bridge")
        second.pages["/robots.txt"] = (404, b"", {})
        page = fetched(f"{one}/bridge")

    assert page.url == f"{two}/bridge"
    assert second.asked == ["/robots.txt", "/robots.txt", "/bridge"]


def test_robots_txt_is_asked_for_once_a_day_and_an_hour_of_trouble_is_not_a_day():
    site, clock = Site(), Clock()
    robots = Robots("Dateline/1", clock)
    with serving(site.serve) as url:
        for passed in (0, KEPT_SECONDS - 1, 2):
            clock.now += passed
            fetched(f"{url}/bridge", robots)
        assert site.asked.count("/robots.txt") == 2

        other = Robots("Dateline/1", clock)
        site.pages["/robots.txt"] = (500, b"", {})
        for passed in (0, UNREACHABLE_KEPT_SECONDS - 1, 2):
            clock.now += passed
            with pytest.raises(FetchFailed):
                fetched(f"{url}/bridge", other)
        assert site.asked.count("/robots.txt") == 4


def test_what_robots_txt_said_holds_on_while_it_cannot_be_had():
    site, clock = Site((200, b"User-agent: *\nDisallow: /sport", {})), Clock()
    robots = Robots("Dateline/1", clock)
    with serving(site.serve) as url:
        fetched(f"{url}/bridge", robots)
        site.pages["/robots.txt"] = (500, b"", {})
        clock.now += KEPT_SECONDS + 1

        assert fetched(f"{url}/bridge", robots).status == 200
        with pytest.raises(FetchFailed, match=r"robots\.txt forbids"):
            fetched(f"{url}/sport", robots)


def test_the_hosts_remembered_are_bounded_in_number_and_in_size():
    asked = []

    def fetch(url):
        asked.append(url)
        return Fetched(url, 200, {}, b"User-agent: *\n" + b"#" * (200_000 if "large" in url else 0))

    robots = Robots("Dateline/1", Clock())
    for number in range(MOST_HOSTS + 1):
        robots.ask(f"https://host-{number}.test/", fetch)
    robots.ask(f"https://host-{MOST_HOSTS}.test/", fetch)
    robots.ask("https://host-0.test/", fetch)
    assert len(asked) == MOST_HOSTS + 2

    for number in range(50):
        robots.ask(f"https://large-{number}.test/", fetch)
    robots.ask("https://large-0.test/", fetch)
    assert asked.count("https://large-0.test/robots.txt") == 2


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ((404, PAGE, {"Content_Type": "text/html"}), "the server answered 404"),
        ((403, PAGE, {"Content_Type": "text/html"}), "the server answered 403"),
        ((206, PAGE, {"Content_Type": "text/html"}), "the server answered 206"),
        ((200, b"%PDF", {"Content_Type": "application/pdf"}), "not a web page but application/pdf"),
        ((200, PAGE, {}), "not a web page but of no stated type"),
        ((200, b"x" * 1_000_001, {"Content_Type": "text/html"}), "larger than 1000000 bytes"),
        ((302, b"", {"Location": "/bridge"}), "more than 5 redirects"),
        ((302, b"", {"Location": "http://[::ffff:7f00:1"}), "no web address"),
        ((302, b"", {"Location": "javascript:alert(1)"}), "not an address of the web"),
        ((302, b"", {"Location": "http://169.254.169.254/latest/meta-data"}), "169.254.169.254, which is not a public web server"),
    ],
)
def test_only_a_whole_web_page_of_status_200_is_a_page(page, reason):
    site = Site()
    site.pages["/bridge"] = page
    with serving(site.serve) as url, pytest.raises(FetchFailed, match=reason):
        fetched(f"{url}/bridge")


def test_an_xhtml_page_is_a_page():
    site = Site()
    site.pages["/bridge"] = (200, PAGE, {"Content_Type": "Application/XHTML+xml; charset=utf-8"})
    with serving(site.serve) as url:
        assert fetched(f"{url}/bridge").content == PAGE


def test_one_request_at_a_time_goes_to_a_host_whoever_asks():
    site, turns, robots = Site(), HostTurns(threading.Event()), Robots("Dateline/1")
    site.work_seconds = 0.01

    def work(url):
        with Fetcher("Dateline/1", FetchLimits(allowed=LOOPBACK)) as fetcher:
            for number in range(5):
                PageFetcher(fetcher, turns, robots).fetch_page(f"{url}/{number}")

    with serving(site.serve) as url:
        threads = [threading.Thread(target=work, args=(url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert (len(site.asked), site.asked.count("/robots.txt"), site.most_at_once) == (21, 1, 1)


def test_pages_of_a_host_are_as_far_apart_as_its_crawl_delay():
    site = Site((200, b"User-agent: *\nCrawl-delay: 0.4", {}))
    turns, robots = HostTurns(threading.Event()), Robots("Dateline/1")
    with serving(site.serve) as url, Fetcher("Dateline/1", LIMITS) as fetcher:
        for number in range(3):
            PageFetcher(fetcher, turns, robots).fetch_page(f"{url}/{number}")

    _, first, second, third = site.times
    assert second - first >= 0.4
    assert third - second >= 0.4


def test_a_worker_in_the_turn_of_its_feed_s_host_may_fetch_its_pages():
    turns = HostTurns(threading.Event())
    with serving(Site().serve) as url, Fetcher("Dateline/1", LIMITS) as fetcher, turns.turn("127.0.0.1"):
        assert PageFetcher(fetcher, turns, Robots("Dateline/1")).fetch_page(f"{url}/bridge").status == 200


def test_stop_ends_the_wait_for_a_crawl_delay():
    stop = threading.Event()
    site = Site((200, b"User-agent: *\nCrawl-delay: 60", {}))
    turns, robots = HostTurns(stop), Robots("Dateline/1")
    with serving(site.serve) as url, Fetcher("Dateline/1", LIMITS) as fetcher:
        pages = PageFetcher(fetcher, turns, robots)
        pages.fetch_page(f"{url}/1")
        threading.Timer(0.2, stop.set).start()
        began = time.monotonic()
        with pytest.raises(Stopping):
            pages.fetch_page(f"{url}/2")
    assert time.monotonic() - began < 30


def an_entry(url, **fields):
    own = {"headline": "Harbour bridge reopens", "body": TEASER, "url": url, "publisher": "Courier", "date_published": NOON}
    return ArticleSubmission(**own | fields)


def completed(entries, teasers=None, full_text=FullText.TEASER, limits=None, fetch_limits=LIMITS):
    teasers = frozenset(entry.url for entry in entries) if teasers is None else teasers
    with Fetcher("Dateline/1", fetch_limits) as fetcher:
        pages = PageFetcher(fetcher, HostTurns(threading.Event()), Robots("Dateline/1"))
        return complete_entries(entries, teasers, full_text, pages.fetch_page, extract_html_page, NOON, limits or PageLimits())


def test_a_teaser_gets_the_text_of_its_page_and_keeps_the_date_of_its_feed():
    with serving(Site().serve) as url:
        (article,), notes = completed([an_entry(f"{url}/bridge")])

    assert (article.body, article.date_published) == (TEXT.strip(), NOON)
    assert (article.authors, article.language, article.description) == (("Ada Smith",), "en", TEASER)
    assert notes == ()


@pytest.mark.parametrize(("full_text", "asked"), [(FullText.TEASER, ["/2"]), (FullText.ALWAYS, ["/1", "/2"]), (FullText.NEVER, [])])
def test_the_pages_of_teasers_are_fetched_or_all_or_none_as_the_feed_s_definition_says(full_text, asked):
    site = Site()
    with serving(site.serve) as url:
        entries = [an_entry(f"{url}/1"), an_entry(f"{url}/2"), an_entry(None, id="guid")]
        articles, _ = completed(entries, frozenset({f"{url}/2"}), full_text)

    assert [path for path in site.asked if path != "/robots.txt"] == asked
    assert [article.body != TEASER for article in articles] == [f"/{number}" in asked for number in (1, 2, 3)]


def test_a_page_that_cannot_be_had_keeps_the_teaser_and_is_told_once_with_a_count():
    site = Site()
    site.pages["/robots.txt"] = (200, b"User-agent: *\nDisallow: /secret", {})
    site.pages["/login"] = (200, LOGIN, {"Content_Type": "text/html"})
    site.pages["/gone"] = (404, b"", {})
    paths = ["/secret/1", "/bridge", "/secret/2", "/login", "/secret/3", "/gone"]
    with serving(site.serve) as url:
        articles, notes = completed([an_entry(f"{url}{path}") for path in paths])

    assert [article.body == TEASER for article in articles] == [path != "/bridge" for path in paths]
    assert notes == (
        "3 pages not taken: robots.txt forbids fetching",
        "1 page not taken: login page",
        "1 page not taken: the server answered 404",
    )


def test_a_page_on_a_private_address_is_not_fetched():
    site = Site()
    with serving(site.serve) as url:
        (article,), (note,) = completed([an_entry(f"{url}/bridge")], fetch_limits=FetchLimits(total_seconds=1))

    assert article.body == TEASER
    assert note.startswith("1 page not taken: robots.txt cannot be had")
    assert "127.0.0.1, which is not a public web server" in note
    assert site.asked == []


def test_a_page_with_another_text_than_the_feed_announces_is_not_taken():
    with serving(Site().serve) as url:
        (article,), notes = completed(
            [an_entry(f"{url}/x", headline="Minister resigns after inquiry", body="Budget talks failed.")]
        )

    assert article.body == "Budget talks failed."
    assert notes == ("1 page not taken: it shows another text than the feed announces",)


def test_beyond_the_most_pages_of_a_poll_teasers_are_kept():
    site = Site()
    with serving(site.serve) as url:
        articles, notes = completed([an_entry(f"{url}/{number}") for number in range(5)], limits=PageLimits(most_pages=3))

    assert [article.body == TEASER for article in articles] == [False, False, False, True, True]
    assert notes == ("2 pages not taken: at most 3 are fetched in one poll",)


def test_pages_end_with_the_time_of_a_poll():
    site = Site((200, b"User-agent: *\nCrawl-delay: 0.3", {}))
    with serving(site.serve) as url:
        articles, (note,) = completed([an_entry(f"{url}/{number}") for number in range(9)], limits=PageLimits(50, 0.5))

    taken = sum(article.body != TEASER for article in articles)
    assert 1 <= taken <= 3
    assert note == f"{9 - taken} pages not taken: those before them took 0.5 s, the most in one poll"


def test_many_reasons_are_told_in_few_notes():
    site = Site()
    site.pages |= {f"/{status}": (status, b"", {}) for status in range(400, 410)}
    with serving(site.serve) as url:
        _, notes = completed([an_entry(f"{url}/{status}") for status in range(400, 410)])

    assert len(notes) == 6
    assert notes[-1] == "5 pages not taken for other reasons"


def test_what_is_extracted_is_given_the_address_to_which_the_page_was_redirected():
    site = Site()
    site.pages["/short"] = (301, b"", {"Location": "/world/bridge"})
    given = []

    def extract(page, url, now):
        given.append((page, url, now))
        return ExtractedArticle(headline="Harbour bridge reopens", body=TEXT)

    with serving(site.serve) as url, Fetcher("Dateline/1", LIMITS) as fetcher:
        pages = PageFetcher(fetcher, HostTurns(threading.Event()), Robots("Dateline/1"))
        entries = [an_entry(f"{url}/short")]
        complete_entries(entries, {f"{url}/short"}, FullText.TEASER, pages.fetch_page, extract, NOON)

    assert [(address, now) for _, address, now in given] == [(f"{url}/world/bridge", NOON)]
