"""Text of an XML document → text that an XML parser may be given: no DTD, no long tokens, none of the usual faults.

What it guards against, and why here: failure-modes F33. Everything is judged on decoded text, so that no encoding hides anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import entities

from services.ingest.core.feed_document import NoFeed

#: A token, that is a tag with its attributes, may not be longer; the text of an element is cut there.
#: Expat before 2.6 needs time in the square of a token's length: 7 s for 8 MB.
MOST_TOKEN_CHARACTERS = 1_000_000
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_OPENING = re.compile(r"<!--|<!\[CDATA\[|<\?|<!DOCTYPE", re.IGNORECASE)
_CLOSING = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^\[>"']|"[^"]*"|'[^']*')*+(?:\[((?:[^\]"']|"[^"]*"|'[^']*')*+)\]\s*)?>""", re.IGNORECASE)
# What a DTD inside of a feed honestly does: name the HTML entities, by the W3C's files or one by one as characters.
_HARMLESS_DECLARATION = re.compile(
    r"""\s+|%[\w.-]+;|<!ENTITY\s+%\s+[\w.-]+\s+PUBLIC\s+["']-//W3C//ENTITIES [^"']*["']\s+["'][^"']*["']\s*>"""
    r"""|<!ENTITY\s+[\w.-]+\s+["'](?:&\#\w{1,8};|[^&%"'<]{1,8})["']\s*>""",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&(?:#(x[0-9a-f]{1,8}|[0-9]{1,8});|([a-z][a-z0-9]{1,40});)?", re.IGNORECASE)
_NO_TAG = re.compile(r"<(?![A-Za-z_/])")
_OF_XML = ("amp", "lt", "gt", "quot", "apos")
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TAG = re.compile(r"<((?:[\w.-]+:)?([\w.-]+))(?=[\s/>])")
#: How far into a document its root may come behind warnings of the software that made it.
_MOST_JUNK = 65_536


@dataclass(frozen=True, slots=True)
class GuardedXML:
    """A document from its root element's start to its end, and the root's local name in lower case."""

    text: str
    root: str

    def encoded(self) -> bytes:
        """The document as UTF-8, and said to be that."""
        return b'<?xml version="1.0" encoding="utf-8"?>\n' + self.text.encode()


def guard_xml(text: str, roots: frozenset[str]) -> GuardedXML | NoFeed:
    """The document with one of the `roots`, made safe and repaired; or why a parser is not to see it.

    Comments, processing instructions and the DTD are left out, texts cut at MOST_TOKEN_CHARACTERS, characters that XML does not
    allow dropped, references that it does not know resolved as HTML has them, and junk before and behind the root removed.
    """
    parts = []
    for part in _parts(_ILLEGAL.sub("", text)):
        if isinstance(part, NoFeed):
            return part
        parts.append(part)
    return _rooted("".join(parts), roots)


def _parts(text: str) -> Iterator[str | NoFeed]:
    position = 0
    doctypes = 0
    unclosed: set[str] = set()  # what is not closed once is not looked for again: that would take the square of the length
    while found := _OPENING.search(text, position):
        yield _markup(text[position : found.start()])
        opening = found[0].upper()
        if opening == "<!DOCTYPE":
            doctypes += 1
            doctype = _DOCTYPE.match(text, found.start())
            if doctypes > 1 or doctype is None or _HARMLESS_DECLARATION.sub("", doctype[1] or ""):
                yield NoFeed(reason="its DOCTYPE declares entities of its own, which feeds do not need and attacks do")
                return
            position = doctype.end()
            continue
        end = -1 if opening in unclosed else text.find(_CLOSING[opening], found.end())
        if end < 0:
            unclosed.add(opening)
        if opening == "<![CDATA[":
            end = len(text) if end < 0 else end
            yield f"<![CDATA[{text[found.end() : min(end, found.end() + MOST_TOKEN_CHARACTERS)]}]]>"
            position = end + len("]]>")
        else:
            position = found.end() if end < 0 else end + len(_CLOSING[opening])
    yield _markup(text[position:])


def _markup(part: str) -> str | NoFeed:
    """A part without comments or CDATA: its references made those of XML, its long texts cut."""
    part = _NO_TAG.sub("&lt;", part)
    if len(part) > MOST_TOKEN_CHARACTERS:
        pieces = part.split("<")
        for number, piece in enumerate(pieces):
            if len(piece) > MOST_TOKEN_CHARACTERS:
                if piece.find(">", 0, MOST_TOKEN_CHARACTERS) < 0 and number > 0:
                    return NoFeed(reason=f"it has a tag or an attribute of more than {MOST_TOKEN_CHARACTERS:,} characters")
                cut = piece[:MOST_TOKEN_CHARACTERS]
                ampersand = cut.find("&", MOST_TOKEN_CHARACTERS - 50)
                pieces[number] = cut if ampersand < 0 else cut[:ampersand]
        part = "<".join(pieces)
    return _REFERENCE.sub(_xml_reference, part) if "&" in part else part


def _xml_reference(found: re.Match[str]) -> str:
    number, name = found[1], found[2]
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        is_legal = code in (9, 10, 13) or (
            0x20 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)
        )
        return found[0].lower() if is_legal else ""
    if not name:
        return "&amp;"
    if name in _OF_XML:
        return found[0]
    meant = entities.html5.get(f"{name};")
    return "".join(_ESCAPED.get(character, character) for character in meant) if meant else f"&amp;{name};"


def _rooted(text: str, roots: frozenset[str]) -> GuardedXML | NoFeed:
    first = _TAG.search(text)
    if first is None:
        return NoFeed(reason="this is neither RSS nor Atom, nor any other XML")
    root = first
    if first[2].lower() not in roots:
        if first[2].lower() == "html":
            return NoFeed(reason="this is neither RSS nor Atom, it looks like a web page")
        later = (tag for tag in _TAG.finditer(text, first.start(), _MOST_JUNK) if tag[2].lower() in roots | {"html"})
        found = next(later, None)
        if found is None or found[2].lower() == "html":
            seen = "it looks like a web page" if found else f"its root element is <{first[1][:50]}>"
            return NoFeed(reason=f"this is neither RSS nor Atom, {seen}")
        root = found
    closing = f"</{root[1]}>"
    end = text.rfind(closing)
    return GuardedXML(text[root.start() : end + len(closing)] if end > root.start() else text[root.start() :], root[2].lower())
