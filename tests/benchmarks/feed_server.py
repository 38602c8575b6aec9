"""Serves as many feeds as are asked for, with ETags, cheaply: a process of its own for `feeds`, on every loopback address.

`python -m tests.benchmarks.feed_server PORT` answers `/N` with feed N of 50 entries, each with a text of its own.
"""

import asyncio
import sys

ITEMS = 50
_SENTENCE = "The bridge over the harbour reopened on Monday, said the mayor, after two years of work that cost more than planned. "
_ITEM = (
    "<item><title>Report {n} of courier @F@: the harbour bridge reopens</title>"
    "<link>http://f@F@.courier.example/world/report-{n}</link><guid isPermaLink='false'>courier-@F@-{n}</guid>"
    "<pubDate>Tue, 24 Nov 2026 {h:02}:{m:02}:00 GMT</pubDate><dc:creator>Ann Author</dc:creator><category>World</category>"
    "<description>{teaser}</description><content:encoded><![CDATA[{text}]]></content:encoded></item>"
)
_FEED = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Courier @F@</title><link>http://f@F@.courier.example/</link>'
    "<description>News</description><language>en</language>{items}</channel></rss>"
)


def build_template() -> bytes:
    """A feed's document, with `@F@` where its number stands."""
    items = [
        _ITEM.format(
            n=n, h=11 - n // 10, m=n % 10, teaser=_SENTENCE, text=f"<p>{n}: " + "</p><p>".join([_SENTENCE * 4] * 3) + "</p>"
        )
        for n in range(ITEMS)
    ]
    return _FEED.format(items="".join(items)).encode()


class _Connection(asyncio.Protocol):
    def __init__(self, template: bytes) -> None:
        self._template = template
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            request, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            number = request.split(b" ", 2)[1][1:]
            etag = b'ETag: "%s"\r\n' % number
            if b"If-None-Match" in request:
                self._transport.write(b"HTTP/1.1 304 Not Modified\r\n" + etag + b"\r\n")
                continue
            document = self._template.replace(b"@F@", number)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n" % len(document)
            self._transport.write(head + etag + b"\r\n" + document)


async def _serve(port: int) -> None:
    template = build_template()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(template), "0.0.0.0", port, backlog=1000)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
