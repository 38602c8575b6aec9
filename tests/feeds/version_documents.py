# ruff: noqa: E501 - a document stands in one line
"""Every version of every format, as its specification has it, with the freedoms that it allows."""

import gzip

from tests.feeds.fixtures import (
    HEADLINES,
    LONG,
    NAMESPACES,
    SITE,
    Fixture,
    atom,
    atom_entries,
    atom_entry,
    good,
    item,
    items,
    json_feed,
    json_item,
    news,
    one,
    rdf,
    rdf_items,
    refused,
    rss,
    sitemap,
    url,
)

_DTD_091 = '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.example/rss-0.91.dtd">'
_LATIN = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" '
    '"http://w3.example/xhtml-lat1.ent">%HTMLlat1;]>'
)
_ATOM_03 = "http://purl.org/atom/ns#"
_LINK = f"<link>{url(1)}</link>"
_HEAD = f"<item><title>{HEADLINES[0]}</title>"

RSS: tuple[Fixture, ...] = (
    good("RSS 2.0", rss(items())),
    *(
        good(f"RSS {version}", rss(items(), attributes=f'version="{version}"'))
        for version in ("0.91", "0.92", "0.93", "0.94", "2.0.1")
    ),
    good("RSS without a version", rss(items(), attributes="")),
    good("RSS of a version that there is not", rss(items(), attributes='version="9.7"')),
    good("RSS 0.91 of Netscape with its DTD", rss(items(), attributes='version="0.91"', declaration=_DTD_091)),
    one("RSS with a DTD that names the HTML entities", rss(item(1, "Caf&eacute; &ndash; open"), declaration=_LATIN), "Café – open"),
    one(
        "RSS with a DTD that names one character",
        rss(item(1, "A&nbsp;B"), declaration='<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>'),
        "A B",
    ),
    good("RSS in the namespace of Userland", rss(items(), attributes='version="2.0" xmlns="http://backend.userland.com/rss2"')),
    good("RSS 0.90", rdf(rdf_items(), "http://my.netscape.com/rdf/simple/0.9/")),
    good("RSS 1.0", rdf(rdf_items())),
    good("RSS 1.0 with Dublin Core", rdf(rdf_items(extra="<dc:creator>Ann Roe</dc:creator><dc:date>2026-11-24</dc:date>"))),
    good("RSS 1.1 prefix r", rdf(rdf_items()).replace("rdf:", "r:").replace("xmlns:rdf=", "xmlns:r=")),
    good("RSS with items outside of the channel", rss("").replace("</channel>", f"</channel>{items()}")),
    Fixture("RSS without items", rss("").encode(), headlines=()),
    Fixture("RSS without a channel", b'<rss version="2.0"></rss>', headlines=()),
    good("a channel without rss around it", f"<channel><title>Courier</title>{items()}</channel>"),
    one(
        "RSS with tags in capitals",
        f"<RSS><CHANNEL><TITLE>C</TITLE><ITEM><TITLE>Up</TITLE><LINK>{url(1)}</LINK></ITEM></CHANNEL></RSS>",
        "Up",
    ),
    one("a guid that is the address", rss(f'{_HEAD}<guid isPermaLink="true">{url(1)}</guid></item>'), HEADLINES[0]),
    one("a guid that is the address and does not say so", rss(f"{_HEAD}<guid>{url(1)}</guid></item>"), HEADLINES[0]),
    one(
        "a guid that is an address and says that it is none",
        rss(f'{_HEAD}<guid isPermaLink="false">{url(1)}</guid></item>'),
        HEADLINES[0],
    ),
    one("a guid that is no address, and no link", rss(f"{_HEAD}<guid>4711</guid></item>"), HEADLINES[0], None),
    one("a guid and a link", rss(f"{_HEAD}{_LINK}<guid>4711</guid></item>"), HEADLINES[0]),
    one("a link as atom:link", rss(f'{_HEAD}<atom:link href="{url(1)}" rel="alternate" type="text/html"/></item>'), HEADLINES[0]),
    one(
        "an atom:link to itself is not the link",
        rss(f'{_HEAD}{_LINK}<atom:link href="{SITE}/x.rss" rel="self"/></item>'),
        HEADLINES[0],
    ),
    one("a link in CDATA", rss(f"{_HEAD}<link><![CDATA[{url(1)}?a=1&b=2]]></link></item>"), HEADLINES[0], f"{url(1)}?a=1&b=2"),
    one("a link with blanks around", rss(f"{_HEAD}<link>\n   {url(1)}\n </link></item>"), HEADLINES[0]),
    one("a link with blanks within", rss(f"{_HEAD}<link>{SITE}/a b</link></item>"), HEADLINES[0], f"{SITE}/a%20b"),
    one("a link with letters of Greek", rss(f"{_HEAD}<link>{SITE}/νέα</link></item>"), HEADLINES[0], f"{SITE}/%CE%BD%CE%AD%CE%B1"),
    one(
        "a link of a host with umlauts",
        rss(f"{_HEAD}<link>https://zürich.example/1</link></item>"),
        HEADLINES[0],
        "https://xn--zrich-kva.example/1",
    ),
    one("a link with an ampersand", rss(f"{_HEAD}<link>{SITE}/?a=1&amp;copy=2</link></item>"), HEADLINES[0], f"{SITE}/?a=1&copy=2"),
    one(
        "a link without a scheme",
        rss(f"{_HEAD}<link>www.courier.example/1</link></item>"),
        HEADLINES[0],
        "https://www.courier.example/1",
    ),
    one("a link from the root of the site", rss(f"{_HEAD}<link>/news/1</link></item>"), HEADLINES[0]),
    one("a link under xml:base", rss(f'<item xml:base="{SITE}/news/"><title>X</title><link>1</link></item>'), "X"),
    one("two items with one guid and two links", rss(item(1, "A", "<guid>x</guid>")), "A"),
    good("one guid for all items", rss("".join(item(number, extra=f"<guid>{SITE}</guid>") for number in (1, 2, 3)))),
    one("the same item twice", rss(item(1, "A", "<guid>x</guid>") * 2), "A"),
    one(
        "media:title beside the title",
        rss(item(1, "The headline", "<media:content url='/a.jpg'><media:title>Picture</media:title></media:content>")),
        "The headline",
    ),
    one("a title in CDATA", rss(item(1, "<![CDATA[Storm & <em>flood</em>]]>")), "Storm & flood"),
    one("a title with escaped markup", rss(item(1, "&lt;b&gt;Storm&lt;/b&gt; ahead")), "Storm ahead"),
    one("a title escaped twice", rss(item(1, "Marks &amp;amp; Co")), "Marks & Co"),
    one("a title with markup as it is", rss(item(1, "<b>Storm</b> ahead")), "Storm ahead"),
    one("a title with less-than as a sign", rss(item(1, "1 &lt; 2 &amp;&amp; 3 &gt; 2")), "1 < 2 && 3 > 2"),
    one("a title over several lines", rss(item(1, "Storm\n\t   ahead\n")), "Storm ahead"),
    one("a title with quotes of windows-1252 by number", rss(item(1, "&#147;Storm&#148;")), "“Storm”"),
    one("a title with a word joiner of Persian", rss(item(1, "می\u200cخواهم")), "می\u200cخواهم"),
    one("a title in decomposed letters", rss(item(1, "Cafe\u0301")), "Café"),
    one("a title with an emoji", rss(item(1, "Storm 🌪️ ahead")), "Storm 🌪️ ahead"),
    one("a title with an emoji by number", rss(item(1, "Storm &#x1F32A;")), "Storm 🌪"),
    good("comments and instructions between items", rss(items().replace("</item>", "</item><!-- x & y --><?php echo 1 ?>"))),
    good(
        "namespaces under other prefixes",
        rss(items(), attributes=NAMESPACES.replace("xmlns:content", "xmlns:c").replace("xmlns:dc", "xmlns:d")),
    ),
    good(
        "a namespace that nobody knows",
        rss(items().replace("</item>", "<q:x><q:title>no</q:title></q:x></item>"), attributes='version="2.0" xmlns:q="urn:q"'),
    ),
    good(
        "everything a channel may have",
        rss(
            items(),
            head="<ttl>30</ttl><cloud domain='a.example' port='80' path='/' registerProcedure='' protocol='xml-rpc'/>"
            "<skipHours><hour>0</hour></skipHours><image><url>/a.png</url><title>Logo</title><link>/</link></image>"
            "<textInput><title>Search</title><description>s</description><name>q</name><link>/s</link></textInput>",
        ),
    ),
    good(
        "everything an item may have",
        rss(
            "".join(
                item(
                    number,
                    extra="<author>ann@courier.example (Ann Roe)</author><category domain='x'>Y</category>"
                    "<comments>https://courier.example/c</comments><enclosure url='https://courier.example/a.mp3' length='1' type='audio/mpeg'/>"
                    "<source url='https://courier.example/s'>Agency</source>",
                )
                for number in (1, 2, 3)
            )
        ),
    ),
    good("RSS packed with gzip", gzip.compress(rss(items()).encode(), mtime=0)),
    good("RSS behind blank lines", "\n\n  \t" + rss(items())),
    good(
        "RSS with a stylesheet", rss(items(), declaration='<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/rss.xsl"?>')
    ),
    good("RSS said to be of XML 1.1", rss(items(), declaration='<?xml version="1.1" standalone="yes"?>')),
    good("RSS in single quotes", rss(items()).replace('"', "'")),
)

ATOM: tuple[Fixture, ...] = (
    good("Atom 1.0", atom(atom_entries()), kind="atom"),
    good(
        "Atom 0.3",
        atom(atom_entries().replace("updated>", "modified>"), namespace=_ATOM_03, attributes='version="0.3"'),
        kind="atom",
    ),
    good(
        "Atom 0.3 of a draft",
        atom(atom_entries(), namespace="http://example.com/newformat#", attributes='version="0.1"'),
        kind="atom",
    ),
    good(
        "Atom with a prefix",
        atom(atom_entries()).replace("<", "<a:").replace("<a:/", "</a:").replace("<a:?", "<?").replace("xmlns=", "xmlns:a="),
        kind="atom",
    ),
    good("Atom without a namespace", atom(atom_entries()).replace('xmlns="http://www.w3.org/2005/Atom"', ""), kind="atom"),
    Fixture("Atom without entries", atom("").encode(), "atom", ()),
    one(
        "an Atom title in HTML",
        atom(atom_entry(1).replace(f"<title>{HEADLINES[0]}", '<title type="html">&lt;i&gt;Storm&lt;/i&gt; &amp;amp; flood')),
        "Storm & flood",
        kind="atom",
    ),
    one(
        "an Atom title in XHTML",
        atom(
            atom_entry(1).replace(
                f"<title>{HEADLINES[0]}", '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><i>Storm</i> ahead</div>'
            )
        ),
        "Storm ahead",
        kind="atom",
    ),
    one("an Atom title of text about markup", atom(atom_entry(1, "How to use &lt;b&gt;")), "How to use <b>", kind="atom"),
    one("an Atom id that is the address", atom(f"<entry><title>A</title><id>{url(1)}</id></entry>"), "A", kind="atom"),
    one(
        "an Atom entry without a link",
        atom("<entry><title>A</title><id>urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6</id></entry>"),
        "A",
        None,
        "atom",
    ),
    one(
        "the alternate link among others",
        atom(
            f'<entry><title>A</title><id>1</id><link rel="replies" href="/r"/><link rel="enclosure" href="/e.mp3"/><link rel="edit" href="/d"/>'
            f'<link rel="alternate" type="text/html" href="{url(1)}"/><link rel="related" href="/x"/></entry>'
        ),
        "A",
        kind="atom",
    ),
    one(
        "an Atom link under xml:base",
        atom('<entry><title>A</title><id>1</id><link href="news/1"/></entry>', attributes=f'xml:base="{SITE}/"'),
        "A",
        kind="atom",
    ),
    one(
        "Atom content in XHTML",
        atom(atom_entry(1, extra=f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LONG}</p></div></content>')),
        HEADLINES[0],
        kind="atom",
    ),
    one(
        "Atom content elsewhere",
        atom(atom_entry(1, extra='<content type="application/pdf" src="/a.pdf"/>')),
        HEADLINES[0],
        kind="atom",
    ),
    one(
        "Atom content in base64",
        atom(atom_entry(1, extra='<content type="application/octet-stream">AAAA</content>')),
        HEADLINES[0],
        kind="atom",
    ),
    good(
        "Atom with the source of its entries",
        atom(atom_entries().replace("</entry>", "<source><title>Other</title><id>x</id></source></entry>")),
        kind="atom",
    ),
    good(
        "Atom archived by pages",
        atom(atom_entries(), head=f'<link rel="prev-archive" href="{SITE}/2"/><link rel="next" href="/3"/>'),
        kind="atom",
    ),
    good("Atom packed with gzip", gzip.compress(atom(atom_entries()).encode(), mtime=0), kind="atom"),
    good(
        "Atom with Media RSS",
        atom(
            atom_entries().replace("</entry>", '<m:thumbnail url="/t.jpg"/></entry>'),
            attributes='xmlns:m="http://search.yahoo.com/mrss/"',
        ),
        kind="atom",
    ),
)

_JSON = tuple(json_item(number) for number in (1, 2, 3))
JSON: tuple[Fixture, ...] = (
    good("JSON Feed 1.1", json_feed(*_JSON), kind="json"),
    good("JSON Feed 1.0", json_feed(*_JSON, version="https://jsonfeed.org/version/1", author={"name": "Ann"}), kind="json"),
    good("JSON Feed without a version", json_feed(*_JSON, version=None), kind="json"),
    good("JSON Feed of a version to come", json_feed(*_JSON, version="https://jsonfeed.org/version/2"), kind="json"),
    good("JSON Feed without a title", json_feed(*_JSON, title=None), kind="json"),
    Fixture("JSON Feed without items in its list", json_feed().encode(), "json", ()),
    good("JSON Feed with numbers for ids", json_feed(*(json_item(number, id=number) for number in (1, 2, 3))), kind="json"),
    good(
        "JSON Feed with extensions", json_feed(*(json_item(number, _x={"a": [1, {}]}) for number in (1, 2, 3)), _y=1), kind="json"
    ),
    good(
        "JSON Feed with null everywhere",
        json_feed(*(json_item(number, image=None, tags=None, authors=None, summary=None) for number in (1, 2, 3))),
        kind="json",
    ),
    good(
        "JSON Feed with wrong types",
        json_feed(*(json_item(number, image=7, tags="x", authors={}, summary=[], language=3) for number in (1, 2, 3)), hubs={}),
        kind="json",
    ),
    good("JSON Feed with items that are none", json_feed(*_JSON, 7, None, "x"), kind="json", broken=3),
    good(
        "JSON Feed with microblog posts between",
        json_feed(*_JSON, {"id": "4", "url": url(4), "content_text": "hm"}),
        kind="json",
        broken=1,
    ),
    one("a JSON item whose id is its address", json_feed({"id": url(1), "title": "A", "content_html": "<p>x"}), "A", kind="json"),
    one("a JSON item that links elsewhere", json_feed({"id": "1", "title": "A", "external_url": url(1)}), "A", kind="json"),
    one("a JSON item without an address", json_feed({"id": "1", "title": "A"}), "A", None, "json"),
    one(
        "a JSON item with a relative address",
        json_feed(json_item(1, url="/news/1"), home_page_url=f"{SITE}/"),
        HEADLINES[0],
        kind="json",
    ),
    one(
        "a JSON item with HTML",
        json_feed(json_item(1, content_html=f"<p>{LONG}</p><script>x()</script>")),
        HEADLINES[0],
        kind="json",
    ),
    good("JSON Feed with a byte-order mark", b"\xef\xbb\xbf" + json_feed(*_JSON).encode(), kind="json"),
    good("JSON Feed in UTF-16", json_feed(*_JSON).encode("utf-16"), kind="json"),
    good("JSON Feed in UTF-16 without a mark", json_feed(*_JSON).encode("utf-16-le"), kind="json"),
    good("JSON Feed packed with gzip", gzip.compress(json_feed(*_JSON).encode(), mtime=0), kind="json"),
    good("JSON Feed behind blank lines", "\n\n " + json_feed(*_JSON), kind="json"),
    one(
        "JSON with lone surrogates",
        r'{"items":[{"id":"1","url":"https://courier.example/news/1","title":"A\ud800B"}]}',
        "AB",
        kind="json",
    ),
    one("JSON with NUL", r'{"items":[{"id":"1","url":"https://courier.example/news/1","title":"A\u0000B"}]}', "AB", kind="json"),
    one(
        "JSON with raw line breaks in strings",
        '{"items":[{"id":"1","url":"https://courier.example/news/1","title":"A\nB"}]}',
        "A B",
        kind="json",
    ),
    one("JSON with NaN", '{"x":NaN,"items":[{"id":"1","url":"https://courier.example/news/1","title":"A"}]}', "A", kind="json"),
    refused("JSON that is no feed", '{"error": "not found"}', "no JSON Feed"),
    refused("a JSON list", "[1, 2]", "no JSON Feed"),
    refused("JSON cut short", json_feed(*_JSON)[:-20], "begins like JSON"),
    refused("JSON with text behind", json_feed(*_JSON) + "<!-- cached -->", "begins like JSON"),
    refused("JSON nested deeply", '{"items":' + "[" * 100_000, "begins like JSON"),
    refused("JSON whose items are no list", '{"version":"https://jsonfeed.org/version/1.1","items":{}}', "no JSON Feed"),
)

_NEWS = "".join(news(number) for number in (1, 2, 3))
SITEMAPS: tuple[Fixture, ...] = (
    good("a news sitemap", sitemap(_NEWS), kind="sitemap"),
    good(
        "a news sitemap with pictures",
        sitemap(
            "".join(
                news(number, extra="<image:image><image:loc>https://courier.example/p.jpg</image:loc></image:image>")
                for number in (1, 2, 3)
            )
        ),
        kind="sitemap",
    ),
    good("a news sitemap packed with gzip", gzip.compress(sitemap(_NEWS).encode(), mtime=0), kind="sitemap"),
    good(
        "a news sitemap under another prefix",
        sitemap(_NEWS.replace("news:", "n:"), 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'),
        kind="sitemap",
    ),
    good("a news sitemap without the namespace", sitemap(_NEWS, ""), kind="sitemap"),
    good("a news sitemap in a namespace misspelt", sitemap(_NEWS, 'xmlns:news="https://google.com/sitemap-news/"'), kind="sitemap"),
    good("a news sitemap with other pages", sitemap(f"<url><loc>{SITE}/about</loc></url>{_NEWS}"), kind="sitemap"),
    good(
        "a news sitemap with genres and access",
        sitemap(
            _NEWS.replace("<news:title>", "<news:access>Subscription</news:access><news:genres>Blog</news:genres><news:title>")
        ),
        kind="sitemap",
    ),
    good(
        "a news sitemap in CDATA",
        sitemap("".join(news(number, f"<![CDATA[{HEADLINES[number - 1]}]]>") for number in (1, 2, 3))),
        kind="sitemap",
    ),
    good("a news sitemap with one without a headline", sitemap(_NEWS + news(3, "")), kind="sitemap", broken=1),
    good("a news sitemap cut short", sitemap(_NEWS)[:-12], kind="sitemap"),
    good("a news sitemap with a bare ampersand", sitemap(_NEWS.replace("Courier", "Courier & Post")), kind="sitemap"),
    good("a news sitemap in UTF-16", sitemap(_NEWS).encode("utf-16"), kind="sitemap"),
    Fixture("a news sitemap without news today", sitemap("").encode(), "sitemap", ()),
    Fixture("a sitemap index", f"<sitemapindex><sitemap><loc>{SITE}/s.xml</loc></sitemap></sitemapindex>".encode(), "sitemap", ()),
    refused("a sitemap of pages", sitemap(f"<url><loc>{SITE}/about</loc><lastmod>2026-11-24</lastmod></url>"), "without news"),
    refused("a sitemap of nothing", "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>", "without news"),
)
