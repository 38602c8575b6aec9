"""What a fixture is, and the pieces that the documents are built of."""

import json
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

SITE = "https://courier.example"
HEADLINES = ("Harbour bridge reopens", "Council votes on tram line", "Storm closes mountain pass")
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
PROSE = "The bridge was closed for two years, and its towers were painted while nobody was allowed to cross it. "
LONG = (PROSE * 20).strip()


@dataclass(frozen=True)
class Fixture:
    """A document and what it must give: entries by headline and address, or why it is no feed."""

    name: str
    document: bytes
    format: str = "rss"
    headlines: tuple[str, ...] | None = None
    urls: tuple[str | None, ...] | None = None
    broken: int = 0
    dates: tuple[datetime | None, ...] | None = None
    reason: str | None = None


def url(number: int) -> str:
    return f"{SITE}/news/{number}"


def urls(count: int) -> tuple[str, ...]:
    return tuple(url(number) for number in range(1, count + 1))


def item(number: int, headline: str | None = None, extra: str = "", *, text: str = PROSE) -> str:
    """An item of RSS; `headline` is markup."""
    headline = HEADLINES[number - 1] if headline is None else headline
    return f"<item><title>{headline}</title><link>{url(number)}</link><description>{escape(text)}</description>{extra}</item>"


def items(count: int = 3) -> str:
    return "".join(item(number) for number in range(1, count + 1))


def rss(
    content: str, *, attributes: str = f'version="2.0" {NAMESPACES}', head: str = "", declaration: str = '<?xml version="1.0"?>'
) -> str:
    return (
        f"{declaration}<rss {attributes}><channel><title>Courier</title><link>{SITE}/</link>"
        f"<description>News</description>{head}{content}</channel></rss>"
    )


def atom_entry(number: int, headline: str | None = None, extra: str = "") -> str:
    headline = HEADLINES[number - 1] if headline is None else headline
    return (
        f'<entry><title>{headline}</title><id>tag:courier.example,2026:{number}</id><link href="{url(number)}"/>'
        f"<updated>2026-11-24T12:00:00Z</updated><summary>{PROSE}</summary>{extra}</entry>"
    )


def atom(content: str, *, namespace: str = "http://www.w3.org/2005/Atom", head: str = "", attributes: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns={quoteattr(namespace)} {attributes}><title>Courier</title>'
        f"<id>{SITE}/</id><updated>2026-11-24T12:00:00Z</updated>{head}{content}</feed>"
    )


def atom_entries(count: int = 3) -> str:
    return "".join(atom_entry(number) for number in range(1, count + 1))


def rdf(content: str, namespace: str = "http://purl.org/rss/1.0/") -> str:
    return (
        f'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns={quoteattr(namespace)} '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="{SITE}/"><title>Courier</title><link>{SITE}/</link>'
        f"<description>News</description></channel>{content}</rdf:RDF>"
    )


def rdf_items(count: int = 3, extra: str = "") -> str:
    return "".join(
        f'<item rdf:about="{url(number)}"><title>{HEADLINES[number - 1]}</title><link>{url(number)}</link>{extra}</item>'
        for number in range(1, count + 1)
    )


def json_item(number: int, **fields: object) -> dict[str, object]:
    return {"id": str(number), "url": url(number), "title": HEADLINES[number - 1], "content_text": PROSE, **fields}


def json_feed(*entries: object, **fields: object) -> str:
    top = {"version": "https://jsonfeed.org/version/1.1", "title": "Courier", "items": entries, **fields}
    return json.dumps({name: value for name, value in top.items() if value is not None})


def news(number: int, headline: str | None = None, extra: str = "") -> str:
    headline = HEADLINES[number - 1] if headline is None else headline
    return (
        f"<url><loc>{url(number)}</loc><news:news><news:publication><news:name>Courier</news:name><news:language>en</news:language>"
        f"</news:publication><news:publication_date>2026-11-24T12:00:00Z</news:publication_date><news:title>{headline}</news:title>"
        f"</news:news>{extra}</url>"
    )


def sitemap(content: str, attributes: str = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"') -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {attributes} '
        f'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{content}</urlset>'
    )


def good(name: str, document: str | bytes, count: int = 3, kind: str = "rss", broken: int = 0) -> Fixture:
    """A document with the first `count` headlines and their addresses."""
    content = document.encode() if isinstance(document, str) else document
    return Fixture(name, content, kind, HEADLINES[:count], urls(count), broken)


def one(name: str, document: str | bytes, headline: str, address: str | None = url(1), kind: str = "rss") -> Fixture:
    """A document with one entry."""
    content = document.encode() if isinstance(document, str) else document
    return Fixture(name, content, kind, (headline,), (address,))


def refused(name: str, document: str | bytes, reason: str) -> Fixture:
    """A document that is no feed, with words of the reason."""
    return Fixture(name, document.encode() if isinstance(document, str) else document, reason=reason)
