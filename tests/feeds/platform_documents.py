# ruff: noqa: E501 - a document stands in one line
"""Feeds as the systems that make most of them write them, each with its habits; names and texts are our own."""

from tests.feeds.fixtures import HEADLINES, LONG, PROSE, SITE, Fixture, atom, good, one, rss, urls

_NUMBERED = tuple(zip((1, 2, 3), HEADLINES, urls(3), strict=True))


def _each(shape: str) -> str:
    return "".join(
        shape.format(number=number, headline=headline, url=address, prose=PROSE, long=LONG)
        for number, headline, address in _NUMBERED
    )


_WORDPRESS = rss(
    _each(
        "\n<item>\n\t<title>{headline}</title>\n\t<link>{url}</link>\n\t\t<comments>{url}#respond</comments>\n"
        "\t<dc:creator><![CDATA[Ann Roe]]></dc:creator>\n\t<pubDate>Tue, 24 Nov 2026 12:00:00 +0000</pubDate>\n"
        "\t<category><![CDATA[World]]></category><category><![CDATA[Bridges]]></category>\n"
        '\t<guid isPermaLink="false">https://courier.example/?p={number}</guid>\n'
        "\t<description><![CDATA[<p>{prose} [&#8230;]</p>\n<p>The post <a href='{url}'>{headline}</a> appeared first on "
        "<a href='https://courier.example'>Courier</a>.</p>\n]]></description>\n"
        "\t<content:encoded><![CDATA[<p>{long}</p>]]></content:encoded>\n\t<slash:comments>0</slash:comments></item>"
    ),
    attributes='version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/"',
    head=f'<atom:link href="{SITE}/feed/" rel="self" type="application/rss+xml" /><language>en-GB</language>'
    "<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>\n\t2\t</sy:updateFrequency><generator>WordPress 6</generator>",
)
_BLOGGER = atom(
    _each(
        "<entry><id>tag:blogger.example,1999:blog-1.post-{number}</id><published>2026-11-24T04:00:00.000-08:00</published>"
        "<updated>2026-11-24T04:01:00.000-08:00</updated><category scheme='http://www.blogger.com/atom/ns#' term='Bridges'/>"
        "<title type='text'>{headline}</title><content type='html'>&lt;p&gt;{long}&lt;/p&gt;</content>"
        "<link rel='replies' type='application/atom+xml' href='{url}/comments'/><link rel='edit' href='https://blogger.example/{number}'/>"
        "<link rel='self' href='https://blogger.example/{number}'/><link rel='alternate' type='text/html' href='{url}' title='{headline}'/>"
        "<author><name>Ann Roe</name><email>noreply@blogger.example</email></author><thr:total>0</thr:total></entry>"
    ),
    attributes="xmlns:thr='http://purl.org/syndication/thread/1.0' xmlns:openSearch='http://a9.com/-/spec/opensearchrss/1.0/'",
    head="<openSearch:totalResults>3</openSearch:totalResults><link rel='hub' href='https://hub.example/'/>",
)
_DRUPAL = rss(
    _each(
        "<item>\n  <title>{headline}</title>\n  <link>{url}</link>\n  <description>&lt;span class=&quot;field field--name-title&quot;&gt;{headline}"
        "&lt;/span&gt;\n&lt;div&gt;&lt;p&gt;{prose}&lt;/p&gt;&lt;/div&gt;</description>\n  <pubDate>Tue, 24 Nov 2026 12:00:00 +0000</pubDate>\n"
        '    <dc:creator>ann.roe</dc:creator>\n    <guid isPermaLink="false">{number} at https://courier.example</guid>\n    </item>\n'
    ),
    attributes=f'version="2.0" xml:base="{SITE}/" xmlns:dc="http://purl.org/dc/elements/1.1/"',
)
_YOUTUBE = atom(
    _each(
        "<entry><id>yt:video:v{number}</id><yt:videoId>v{number}</yt:videoId><title>{headline}</title><link rel='alternate' href='{url}'/>"
        "<author><name>Courier TV</name><uri>https://tube.example/c</uri></author><published>2026-11-24T12:00:00+00:00</published>"
        "<media:group><media:title>{headline} (video)</media:title><media:content url='https://tube.example/v{number}' "
        "type='application/x-shockwave-flash' width='640' height='390'/><media:thumbnail url='https://i.example/{number}/hq.jpg' "
        "width='480' height='360'/><media:description>{prose}</media:description></media:group></entry>"
    ),
    attributes='xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"',
)
_FEEDBURNER = rss(
    _each(
        "<item><title>{headline}</title><link>https://feedproxy.example/~r/courier/~3/{number}/</link><guid isPermaLink='false'>{url}</guid>"
        "<description>{prose}&lt;img src='https://feeds.example/~r/courier/~4/{number}' height='1' width='1'/&gt;</description>"
        "<feedburner:origLink>{url}</feedburner:origLink></item>"
    ),
    attributes='version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:atom10="http://www.w3.org/2005/Atom"',
    head='<atom10:link rel="self" href="https://feeds.example/courier"/><atom10:link rel="hub" href="https://hub.example/"/>'
    '<feedburner:info uri="courier"/>',
)
_PODCAST = rss(
    _each(
        "<item><title>{headline}</title><itunes:title>{headline}</itunes:title><link>{url}</link><itunes:author>Ann Roe</itunes:author>"
        "<itunes:duration>31:07</itunes:duration><itunes:summary>{prose}</itunes:summary><itunes:image href='https://courier.example/c.jpg'/>"
        "<enclosure url='https://courier.example/{number}.mp3' length='1234' type='audio/mpeg'/><itunes:keywords>sea, bridge</itunes:keywords></item>"
    ),
    attributes='version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"',
    head="<itunes:owner><itunes:name>Courier</itunes:name></itunes:owner><itunes:category text='News'/>",
)
_ARXIV = (
    '<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
    f'<channel rdf:about="{SITE}/"><title>cs updates</title><link>{SITE}/</link><description rdf:parseType="Literal">Papers</description>'
    "<dc:date>2026-11-24T12:00:00-05:00</dc:date><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"
    f"<items><rdf:Seq>{''.join(f'<rdf:li rdf:resource={chr(34)}{address}{chr(34)}/>' for address in urls(3))}</rdf:Seq></items></channel>"
    + _each(
        '<item rdf:about="{url}"><title>{headline}</title><link>{url}</link><description rdf:parseType="Literal">&lt;p&gt;{prose}</description>'
        "<dc:creator> &lt;a href='https://courier.example/a/roe'&gt;Ann Roe&lt;/a&gt;</dc:creator></item>"
    )
    + "</rdf:RDF>"
)
_GITHUB = atom(
    _each(
        "<entry><id>tag:code.example,2008:Repository/1/v{number}</id><updated>2026-11-24T12:00:00Z</updated>"
        "<link rel='alternate' type='text/html' href='{url}'/><title>{headline}</title><content type='html'>&lt;p&gt;{prose}&lt;/p&gt;</content>"
        "<author><name>annroe</name></author><media:thumbnail height='30' width='30' url='https://avatars.example/u/1'/></entry>"
    ),
    attributes='xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-US"',
)
_MASTODON = rss(
    _each(
        "<item><guid isPermaLink='true'>{url}</guid><link>{url}</link><pubDate>Tue, 24 Nov 2026 12:00:00 +0000</pubDate>"
        "<description>&lt;p&gt;{prose}&lt;/p&gt;</description><media:content url='https://files.example/{number}.png' type='image/png' medium='image'>"
        "<media:rating scheme='urn:simple'>nonadult</media:rating></media:content></item>"
    ),
    head="<webfeeds:icon xmlns:webfeeds='http://webfeeds.org/rss/1.0'>https://files.example/i.png</webfeeds:icon>",
)
_AGGREGATOR = rss(
    _each(
        "<item><title>{headline} - Courier</title><link>https://aggregator.example/rss/articles/CBMi{number}?oc=5</link>"
        "<guid isPermaLink='false'>CBMi{number}</guid><description>&lt;a href='{url}'&gt;{headline}&lt;/a&gt;&amp;nbsp;&amp;nbsp;&lt;font&gt;Courier&lt;/font&gt;"
        "</description><source url='https://courier.example'>Courier</source></item>"
    )
)
_OLD_NUCLEUS = _each(
    "<item><title><![CDATA[{headline}]]></title><link>{url}</link><category>General</category><pubDate></pubDate></item>"
)
_MEDIUM = rss(
    _each(
        "<item><title><![CDATA[{headline}]]></title><link>{url}</link><guid isPermaLink='false'>https://blog.example/p/{number}</guid>"
        "<content:encoded><![CDATA[<figure><img src='x.png'/><figcaption>Caption</figcaption></figure><p>{long}</p>]]></content:encoded></item>"
    )
)
_GHOST = rss(
    _each(
        "<item><title><![CDATA[{headline}]]></title><description><![CDATA[{prose}]]></description><link>{url}</link>"
        "<guid isPermaLink='false'>6553a{number}</guid><media:content url='https://courier.example/{number}.jpg' medium='image'/>"
        "<content:encoded><![CDATA[{long}]]></content:encoded></item>"
    )
)
_BROADCASTER = rss(
    _each(
        "<item><title><![CDATA[{headline}]]></title><description><![CDATA[{prose}]]></description><link>{url}</link>"
        "<guid isPermaLink='false'>{url}#{number}</guid><pubDate>Tue, 24 Nov 2026 12:00:00 GMT</pubDate>"
        "<media:thumbnail width='240' height='135' url='https://ichef.example/{number}.jpg'/></item>"
    ),
    head="<ttl>15</ttl><copyright>Courier</copyright>",
)
_AGENCY = rss(
    _each(
        "<item><title>{headline}</title><link>{url}</link><description>{prose}</description>"
        "<media:group><media:content url='https://courier.example/s.jpg' width='140' type='image/jpeg'/>"
        "<media:content url='https://courier.example/l.jpg' width='1000' type='image/jpeg'/></media:group></item>"
    )
)
_DOTNET = rss(
    _each(
        "<item><guid isPermaLink='false'>{number}</guid><link>{url}</link><a10:author><a10:name>Ann Roe</a10:name></a10:author>"
        "<title>{headline}</title><description>{prose}</description><a10:updated>0001-01-01T00:00:00Z</a10:updated></item>"
    ),
    attributes='xmlns:a10="http://www.w3.org/2005/Atom" version="2.0"',
)

PLATFORMS: tuple[Fixture, ...] = (
    good("WordPress", _WORDPRESS),
    good("Blogger", _BLOGGER, kind="atom"),
    good("Drupal", _DRUPAL),
    good("YouTube", _YOUTUBE, kind="atom"),
    good("FeedBurner", _FEEDBURNER),
    good("a podcast", _PODCAST),
    good("arXiv", _ARXIV),
    good("GitHub", _GITHUB, kind="atom"),
    good("Medium", _MEDIUM),
    good("Ghost", _GHOST),
    good("a broadcaster", _BROADCASTER),
    good("an agency with pictures in groups", _AGENCY),
    good("SyndicationFeed of .NET", _DOTNET),
    good("Nucleus", rss(_OLD_NUCLEUS, attributes='version="0.92"')),
    Fixture("Mastodon, whose posts have no headlines", _MASTODON.encode(), headlines=(), urls=(), broken=3),
    Fixture(
        "an aggregator that names the sources",
        _AGGREGATOR.encode(),
        headlines=tuple(f"{headline} - Courier" for headline in HEADLINES),
        urls=tuple(f"https://aggregator.example/rss/articles/CBMi{number}?oc=5" for number in (1, 2, 3)),
    ),
    one(
        "a feed of one item in one line",
        f"<rss><channel><item><title>A</title><link>{SITE}/news/1</link></item></channel></rss>",
        "A",
    ),
)
