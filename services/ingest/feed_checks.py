"""Tries an address as a feed: fetched by the guarded fetch, read in a child that may be killed, nothing published.

Before it: `feeds_api`. It takes the same way as `polling`, so that what it shows is what would be taken.
"""

from collections.abc import Callable

from services.ingest.core.feed_links import NamedFeed, parse_feed_links
from services.ingest.core.feeds import Feed, NoFeed
from services.ingest.feed_parser import FeedParser
from shared.guarded_fetch import Fetched, Fetcher, FetchFailed

#: Makes a fetcher for one check.
OpenFetcher = Callable[[], Fetcher]
Checked = Feed | NoFeed | tuple[NamedFeed, ...]


def check_feed(url: str, open_fetcher: OpenFetcher) -> tuple[str, Checked]:
    """Where the address leads, and the feed there, or the feeds that the web page there names, or why there is none.

    Blocking, for some 30 seconds at the most: a time for the fetch and one for reading.
    """
    with open_fetcher() as fetcher:
        try:
            fetched = fetcher.fetch(url)
        except FetchFailed as error:
            return url, NoFeed(reason=str(error))
    return fetched.url, _judge(fetched)


def _judge(fetched: Fetched) -> Checked:
    if fetched.status != 200:
        return NoFeed(reason=f"the server answered {fetched.status}")
    with FeedParser() as parser:
        parsed = parser.parse(fetched.content, fetched.url)
    if isinstance(parsed, Feed):
        return parsed
    return parse_feed_links(fetched.content, fetched.url) or parsed
