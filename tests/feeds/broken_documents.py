"""Documents that are not what they should be: what can be saved of them is saved; and those that attack."""

import gzip

from tests.feeds.fixtures import (
    HEADLINES,
    SITE,
    Fixture,
    atom,
    atom_entries,
    atom_entry,
    good,
    item,
    items,
    one,
    refused,
    rss,
    url,
    urls,
)

_PAGE = "<!DOCTYPE html><html><head><title>News</title></head><body><p>Hello</p></body></html>"
_LONG_NAME = "x" * 3_000
BROKEN: tuple[Fixture, ...] = (
    one("a bare ampersand", rss(item(1, "AT&T & Marks & Co")), "AT&T & Marks & Co"),
    one("a bare ampersand in a link", rss(f"<item><title>A</title><link>{url(1)}?a=1&b=2</link></item>"), "A", f"{url(1)}?a=1&b=2"),
    one("a bare less-than", rss(item(1, "1 < 2")), "1 < 2"),
    one("a heart", rss(item(1, "We <3 bridges")), "We <3 bridges"),
    one("entities of HTML that XML has not", rss(item(1, "Caf&eacute;&nbsp;&mdash; &euro;5")), "Café — €5"),
    one("entities that nobody has", rss(item(1, "A &nosuch; B")), "A &nosuch; B"),
    one("an unclosed br in the text", rss(item(1).replace("<description>", "<description>one<br>two<img src=x>")), HEADLINES[0]),
    good("unclosed tags in every text", rss(items().replace("<description>", "<description><p>one<br>two<b>three"))),
    good("end tags without a start", rss(items().replace("</title>", "</b></title></p>"))),
    good("items that do not end", rss(items().replace("</item>", ""))),
    Fixture(
        "150 items that do not end",
        rss("".join(f"<item><title>H{number}</title><link>{SITE}/{number}</link>" for number in range(150))).encode(),
        headlines=tuple(f"H{number}" for number in range(150)),
    ),
    good(
        "titles that do not end",
        rss(
            "".join(
                f"<item><link>{address}</link><title>{headline}</item>"
                for headline, address in zip(HEADLINES, urls(3), strict=True)
            )
        ),
    ),
    good("cut behind the last item", rss(items())[: -len("</channel></rss>")]),
    Fixture(
        "cut within the third link",
        rss(items())[: rss(items()).rfind("/news/3</link>")].encode(),
        headlines=HEADLINES[:2],
        broken=1,
    ),
    Fixture(
        "cut within the second title", rss(items())[: rss(items()).find("on tram")].encode(), headlines=HEADLINES[:1], broken=1
    ),
    good("cut within CDATA", rss(items(2) + item(3).replace("<description>", "<description><![CDATA[<p>The mount"))[:-60]),
    good("cut within a comment", rss(items())[:-16] + "<!-- cached by"),
    Fixture("cut within the head", rss(items())[:320].encode(), headlines=()),
    good("attributes without quotes", rss(items(), head="<image width=88 height=31/>")),
    good("an attribute twice", rss(items(), head='<category domain="a" domain="b">x</category>')),
    good(
        "prefixes that are not declared",
        rss(items().replace("</item>", "<dc:creator>Ann</dc:creator><foo:bar foo:x='1'/></item>"), attributes='version="2.0"'),
    ),
    good("a text that ends CDATA twice", rss(items().replace("</description>", "]]></description>"))),
    good("CDATA within CDATA", rss(items().replace("<description>", "<description><![CDATA[a<![CDATA[b]]>"))),
    good("a comment with dashes", rss("<!-- a -- b --->" + items())),
    good("a comment that does not end", rss(items()).replace("<channel>", "<channel><!-- ")),
    good("blanks before the declaration", "  \n" + rss(items())),
    good(
        "warnings before the declaration",
        "<br />\n<b>Warning</b>:  include(): failed in <b>feed.php</b> on line <b>7</b><br />\n" + rss(items()),
    ),
    good("words before the declaration", "Notice: undefined index\n" + rss(items())),
    good("the declaration twice", '<?xml version="1.0"?>' + rss(items())),
    good("no declaration", rss(items(), declaration="")),
    good("words behind the end", rss(items()) + "\nGenerated in 0.2 s"),
    good("a page behind the end", rss(items()) + _PAGE),
    good("the feed twice", rss(items()) + rss(items())),
    good("NUL between the letters", rss(items()).replace("<item>", "\0<item>\0")),
    good("control characters", rss(items()).replace("<item>", "\x01\x0b<item>\x1f")),
    one("NUL in a title", rss(item(1, "Sto\0rm")), "Storm"),
    one("NUL by number", rss(item(1, "Sto&#0;rm&#x0;")), "Storm"),
    one("a lone surrogate by number", rss(item(1, "Sto&#xD800;rm&#57343;")), "Storm"),
    one("a lone surrogate in bytes", rss(item(1, "Sto@rm")).encode().replace(b"@", b"\xed\xa0\x80"), "Sto\ufffdrm"),
    one("a number beyond Unicode", rss(item(1, "Sto&#x110000;&#99999999;rm")), "Storm"),
    one("right-to-left overrides", rss(item(1, "\u202eStorm\u202c \u2066ahead\u2069")), "Storm ahead"),
    one("overrides by number", rss(item(1, "&#x202e;Storm")), "Storm"),
    one("a byte-order mark in a title", rss(item(1, "\ufeffStorm")), "Storm"),
    one("line separators in a title", rss(item(1, "Storm\u2028ahead\u2029now")), "Storm ahead now"),
    Fixture("items without a title", rss(items(2) + item(3, "")).encode(), headlines=HEADLINES[:2], urls=urls(2), broken=1),
    Fixture(
        "an item with a title of blanks",
        rss(items(2) + item(3, " &#160; ")).encode(),
        headlines=HEADLINES[:2],
        urls=urls(2),
        broken=1,
    ),
    Fixture("an item with nothing", rss(items(2) + "<item/>").encode(), headlines=HEADLINES[:2], urls=urls(2), broken=1),
    Fixture(
        "an item without link and guid",
        rss(items(2) + "<item><title>X</title></item>").encode(),
        headlines=HEADLINES[:2],
        urls=urls(2),
        broken=1,
    ),
    Fixture(
        "a headline of 100 kB", rss(items(2) + item(3, "x" * 100_000)).encode(), headlines=HEADLINES[:2], urls=urls(2), broken=1
    ),
    Fixture(
        "an item whose link runs a script",
        rss(items(2) + "<item><title>X</title><link>javascript:alert(1)</link></item>").encode(),
        headlines=HEADLINES[:2],
        urls=urls(2),
        broken=1,
    ),
    Fixture(
        "links that are no web addresses",
        rss(
            "".join(
                f"<item><title>{scheme}</title><guid isPermaLink='false'>{scheme}</guid><link>{scheme}:x</link></item>"
                for scheme in ("ftp", "file", "data", "urn", "mailto")
            )
        ).encode(),
        headlines=("ftp", "file", "data", "urn", "mailto"),
        urls=(None,) * 5,
    ),
    one(
        "a link with an address that is none",
        rss("<item><title>A</title><guid isPermaLink='false'>1</guid><link>http://[::1/x</link></item>"),
        "A",
        None,
    ),
    one(
        "a link that is too long",
        rss(f"<item><title>A</title><guid isPermaLink='false'>1</guid><link>{SITE}/{_LONG_NAME}</link></item>"),
        "A",
        None,
    ),
    one("a guid that is too long", rss(item(1, "A", f"<guid isPermaLink='false'>{_LONG_NAME}</guid>")), "A"),
    one("a section that is too long", rss(item(1, "A", f"<category>{_LONG_NAME}</category>")), "A"),
    one("a language that is none", rss(item(1, "A"), head="<language>English (UK)</language>"), "A"),
    one("a text of 100,000 open tags", rss(item(1, "A", text="<div>" * 100_000)), "A"),
    good(
        "a ttl that is no number",
        rss(
            items(),
            head="<ttl>soon</ttl><sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>often</sy:updatePeriod>",
        ),
    ),
    good("Atom with a bare ampersand", atom(atom_entries(2) + atom_entry(3).replace("The bridge", "Q&A")), kind="atom"),
    good("Atom with links that do not end", atom(atom_entries().replace('"/>', '">')), kind="atom"),
    good("Atom cut short", atom(atom_entries())[:-7], kind="atom"),
    one("Atom with markup in a title of text", atom(atom_entry(1, "A <b>bold</b> title")), "A bold title", kind="atom"),
    Fixture(
        "50,000 items",
        rss("".join(f"<item><title>H{number}</title><link>{SITE}/{number}</link></item>" for number in range(50_000))).encode(),
        headlines=tuple(f"H{number}" for number in range(500)),
    ),
    Fixture("a text of 8 MB", rss(item(1) + item(2, text="x" * 8_000_000)).encode(), headlines=HEADLINES[:2], urls=urls(2)),
    Fixture(
        "a text of 8 MB in CDATA",
        rss(item(1) + item(2).replace("<description>", f"<description><![CDATA[{'y' * 8_000_000}]]>")).encode(),
        headlines=HEADLINES[:2],
        urls=urls(2),
    ),
    Fixture("200,000 open tags", ("<rss version='2.0'>" + "<a>" * 200_000).encode(), headlines=()),
)

_BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(letter)} "{f"&{chr(letter - 1)};" * 10}">' for letter in range(ord("b"), ord("k"))
)
_FEED = "<rss version='2.0'><channel><title>&j;</title></channel></rss>"
REFUSED: tuple[Fixture, ...] = (
    refused("nothing", b"", "empty"),
    refused("blanks", b" \r\n\t ", "empty"),
    refused("NUL only", b"\0" * 100, "empty"),
    refused("a byte-order mark only", b"\xef\xbb\xbf", "empty"),
    refused("words", b"not found", "neither RSS nor Atom"),
    refused("noise", bytes(range(256)) * 20, "neither RSS nor Atom"),
    refused("a picture", b"\x89PNG\r\n\x1a\n" + bytes(500), "neither RSS nor Atom"),
    refused("a web page", _PAGE, "web page"),
    refused("a web page without a DOCTYPE", "<html><body>404</body></html>", "web page"),
    refused("a web page in XHTML", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "web page"),
    refused("a web page in capitals", "<HTML><BODY>404</BODY></HTML>", "web page"),
    refused(
        "a web page that names a feed",
        "<html><head><link rel='alternate' type='application/rss+xml' href='/feed'></head></html>",
        "web page",
    ),
    refused("a web page that shows a feed", f"<html><body><pre>{rss(items())}</pre></body></html>", "web page"),
    refused("a web page behind a comment", f"<!-- served by cache 7 -->\n{_PAGE}", "web page"),
    refused("a piece of a page", "<div><p>Please wait</p></div>", "root element is <div>"),
    refused(
        "a list of feeds",
        "<opml version='2.0'><body><outline xmlUrl='https://a.example/f'/></body></opml>",
        "root element is <opml>",
    ),
    refused("other XML", "<?xml version='1.0'?><catalogue><book/></catalogue>", "root element is <catalogue>"),
    refused("another XML with the root feed", "<feed><product>1</product></feed>", "neither RSS nor Atom"),
    refused(
        "an envelope of SOAP", "<soap:Envelope xmlns:soap='urn:s'><soap:Body/></soap:Envelope>", "root element is <soap:Envelope>"
    ),
    refused("a billion laughs", f"{_BOMB}]>{_FEED}", "DOCTYPE"),
    refused("a billion laughs in UTF-16", f"{_BOMB}]>{_FEED}".encode("utf-16"), "DOCTYPE"),
    refused("a billion laughs behind 100 kB of comment", f"<!--{'x' * 100_000}-->{_BOMB[21:]}]>{_FEED}", "DOCTYPE"),
    refused("an entity of quadratic size", f"<!DOCTYPE x [<!ENTITY j '{'a' * 50_000}'>]>{_FEED}", "DOCTYPE"),
    refused("an entity of a file", f"<!DOCTYPE x [<!ENTITY j SYSTEM 'file:///etc/passwd'>]>{_FEED}", "DOCTYPE"),
    refused("an entity of an address", f"<!DOCTYPE x [<!ENTITY j PUBLIC 'a' 'http://169.254.169.254/'>]>{_FEED}", "DOCTYPE"),
    refused(
        "a parameter entity of an address", f"<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://a.example/p.dtd'> %p;]>{_FEED}", "DOCTYPE"
    ),
    refused("a DOCTYPE that does not end", "<!DOCTYPE rss [<!ENTITY" + _FEED, "DOCTYPE"),
    refused("a DOCTYPE twice", f"<!DOCTYPE rss><!DOCTYPE rss>{_FEED}", "DOCTYPE"),
    refused(
        "an attribute of 8 MB",
        f'<rss version="2.0"><channel><title x="{"a" * 8_000_000}">T</title></channel></rss>',
        "more than 1,000,000 characters",
    ),
    refused(
        "100,000 attributes",
        "<rss " + " ".join(f'a{number}="1"' for number in range(100_000)) + "/>",
        "more than 1,000,000 characters",
    ),
    refused("a tag that does not end", "<rss version='2.0'><channel " + "a" * 2_000_000, "more than 1,000,000 characters"),
    refused("11 MB", rss(items() + " " * 11_000_000), "more than 10,000,000 bytes"),
    refused("gzip 1000:1", gzip.compress(b" " * 9_000_000, mtime=0), "inflates to more than"),
    refused("gzip cut short", gzip.compress(rss(items()).encode(), mtime=0)[:-20], "end too early"),
    refused("gzip that is none", b"\x1f\x8b\x08\x00not gzip at all", "not gzip"),
)
