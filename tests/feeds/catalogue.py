"""All the fixtures."""

from tests.feeds.broken_documents import BROKEN, REFUSED
from tests.feeds.encoded_documents import DATED, ENCODED
from tests.feeds.fixtures import Fixture
from tests.feeds.platform_documents import PLATFORMS
from tests.feeds.version_documents import ATOM, JSON, RSS, SITEMAPS

FIXTURES: tuple[Fixture, ...] = (*RSS, *ATOM, *JSON, *SITEMAPS, *ENCODED, *DATED, *PLATFORMS, *BROKEN, *REFUSED)
