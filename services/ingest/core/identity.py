"""Which article is this: one address for all the ways to write it, and an id that stays when the text changes."""

import hashlib
import re
import string
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote_plus, urljoin, urlsplit, urlunsplit

from courlan import extract_domain
from w3lib.url import canonicalize_url, safe_url_string

from shared.text import clean_line

#: As long as `shared.articles.WebURL` allows.
LONGEST_URL = 2048

# Parameters that say how a reader came, never what is shown. Exact names, and prefixes that campaigns have for themselves:
# a list that is too long makes two articles one, which is worse than one article twice (courlan's drops ?game_id= and ?12345).
# Sources: ClearURLs, AdGuard TrackParamFilter, Firefox query-stripping; for at_ the BBC, for cmp Guardian, for smid New York Times.
_TRACKING_PREFIX = re.compile(r"^(?:utm|mtm|pk|piwik|matomo|hsa|oly|vero|ns|at)_", re.IGNORECASE)
_TRACKING = frozenset(
    [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "ysclid",
        "twclid",
        "ttclid",
        "igshid",
        "igsh",
        "li_fat_id",
        "epik",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "mkt_tok",
        "ml_subscriber",
        "ml_subscriber_hash",
        "__s",
        "s_cid",
        "s_kwcid",
        "cmpid",
        "cmp",
        "ncid",
        "icid",
        "wt_mc",
        "wt.mc_id",
        "wtmc",
        "trk",
        "xtor",
        "smid",
        "smtyp",
        "ref_src",
        "ref_url",
        "__twitter_impression",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "rss_id",
        "ocid",
        "taid",
        "soc_src",
        "soc_trk",
        "_hsenc",
        "_hsmi",
        "amp_js_v",
        "amp_gsa",
        "usqp",
        "sharetype",
        "share_id",
        "feedtype",
        "spm",
        "scm",
        "fb_action_ids",
        "fb_action_types",
        "fb_source",
    ]
)
_HOST = re.compile(
    r"^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$|^\[[0-9a-f:.]+\]$"
)
# Most addresses are written canonically already (all but the longest of these); seeing it takes a thirtieth of making it so.
_CANONICAL = re.compile(
    r"(?=.{9,240}$)https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,9}[a-z][a-z0-9-]{0,61}[a-z0-9](?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"
)
_EMPTY_END = re.compile(r"(?:/(?:(?:index|default)\.(?:html?|php|aspx?))?)+$", re.IGNORECASE)
_ESCAPE, _STRAY_PERCENT = re.compile("%([0-9A-Fa-f]{2})"), re.compile("%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(f"{string.ascii_letters}{string.digits}-._~")  # RFC 3986, 2.3
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _is_tracking(name: str) -> bool:
    return name.lower() in _TRACKING or _TRACKING_PREFIX.match(name) is not None


def _canonical_path(path: str) -> str:
    # canonicalize_url evens out percent-encoding and resolves dots; the last slash keeps a ";" from being read as parameters.
    return _EMPTY_END.sub("", urlsplit(canonicalize_url(f"http://h{path}/")).path) or "/"


def _canonical_escape(escape: re.Match[str]) -> str:
    char = chr(int(escape[1], 16))
    return char if char in _UNRESERVED else escape[0].upper()


def _canonical_query(query: str) -> str:
    """Without tracking, in one order; a part without `=` stays as it is: `?20171105` names the article of some sites."""
    # A "%" that escapes nothing is written as it has to be, so that it makes no escape with what was one behind it.
    even = _ESCAPE.sub(_canonical_escape, _STRAY_PERCENT.sub("%25", query))
    return "&".join(sorted(part for part in even.split("&") if part and not _is_tracking(unquote_plus(part.split("=", 1)[0]))))


def canonical_url(url: str) -> str | None:
    """One way to write an address: of http(s) only, host in lower case and ASCII, no default port, user, fragment or tracking.

    Parameters are sorted. A trailing slash and an index file (`/index.html`) fall away. Applying it twice changes nothing.
    None for what is no web address, or one of more than `LONGEST_URL` characters.
    """
    if len(url) <= LONGEST_URL and _CANONICAL.fullmatch(url) and not _EMPTY_END.search(url):
        return url
    text = "".join(url.split())
    if len(text) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(safe_url_string(text))
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = f"[{ip_address(host)}]" if ":" in host else host
        if parts.scheme not in _DEFAULT_PORTS or not _HOST.match(host):
            return None
        netloc = host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
        canonical = urlunsplit((parts.scheme, netloc, _canonical_path(parts.path), _canonical_query(parts.query), ""))
    except ValueError:
        return None
    return canonical if len(canonical) <= LONGEST_URL else None


def join_url(base: str | None, address: str) -> str | None:
    """The address as a page at `base` means it; None if it cannot be read as one."""
    try:
        return urljoin(base or "", address.strip())
    except ValueError:
        return None


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one registered domain: `www.bbc.co.uk` and `news.bbc.co.uk` do; what is none is of none."""
    try:
        domain = _domain(one)
        return bool(domain) and domain == _domain(other)
    except ValueError:
        return False


def _domain(url: str) -> str:
    host = urlsplit(url).hostname or ""
    # Hosts under no public suffix, as in an intranet, are parted like those under .com; numbers are not names.
    is_number = ":" in host or host.rsplit(".", 1)[-1].isdigit()
    return extract_domain(url) or (host if is_number else ".".join(host.split(".")[-2:]))


def site_address(canonical: str) -> str:
    """The address without what does not tell articles apart: the scheme, and `www.` before the host."""
    return canonical.split("://", 1)[-1].removeprefix("www.")


def _plain_headline(headline: str) -> str:
    """The headline without what differs between copies of a page: case, width, accents' encoding, kinds of quotes and dashes."""
    folded = unicodedata.normalize("NFKC", clean_line(headline)).casefold()
    return " ".join(re.findall(r"\w+", folded)) or folded


@dataclass(frozen=True, slots=True)
class Identities:
    """The names by which one article may be known, each 16 bytes of SHA-256; None where the source gives none.

    `own` is the publisher's own id, `address` the canonical URL, `entry` the id of an entry within its feed. `headline` is there
    where nothing else is, as for scraped text without an address; then a changed headline is a new article.
    """

    own: bytes | None = None
    address: bytes | None = None
    entry: bytes | None = None
    headline: bytes | None = None

    def all(self) -> tuple[bytes, ...]:
        """Those that there are, the best first."""
        return tuple(name for name in (self.own, self.address, self.entry, self.headline) if name is not None)


def name_article(publisher: str | None, source_id: str | None, canonical: str | None, headline: str) -> Identities:
    """The identities of an article that somebody sent.

    Args:
        publisher: name of the publisher, within which `source_id` is unique. Without one the address goes before the id, since
            the ids of publishers without a name may be the same.
        source_id: the publisher's own id.
        canonical: the address, from `canonical_url`.
        headline: taken where there is nothing better.
    """
    address = address_identity(canonical) if canonical else None
    if source_id and (publisher or not canonical):
        scope = clean_line(publisher or "").casefold().replace(":", " ")
        return Identities(own=_digest(f"id:{scope}:{source_id.strip()}"), address=address)
    if address:
        return Identities(address=address)
    return Identities(headline=_digest(f"headline:{_plain_headline(headline)}"))


def name_entry(feed: str, entry_id: str | None, canonical: str | None, headline: str) -> Identities:
    """The identities of an article that was found in a feed: its address, and the id that is unique within the feed."""
    address = address_identity(canonical) if canonical else None
    entry = _digest(f"entry:{feed}:{entry_id.strip()}") if entry_id else None
    return Identities(
        address=address, entry=entry, headline=None if address or entry else _digest(f"headline:{_plain_headline(headline)}")
    )


def address_identity(canonical: str) -> bytes:
    """The identity of the article at a canonical address."""
    return _digest(f"url:{site_address(canonical)}")


def _digest(identity: str) -> bytes:
    return hashlib.sha256(identity.encode("utf-8", "replace")).digest()[:16]
