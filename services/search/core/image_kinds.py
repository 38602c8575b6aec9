"""What kind of picture some bytes are, by how they begin: what their server calls them is not believed.

Signatures: WHATWG MIME Sniffing 6.1; AVIF: ISO/IEC 23000-22, 'ftyp' with one of its brands. SVG is none of them: it is a document
that may bring scripts.
"""

_AVIF_BRANDS = (b"avif", b"avis")
#: `ftyp` boxes are short; brands further behind are not looked for.
_MOST_FTYP_BYTES = 256


def sniff_picture(content: bytes) -> str | None:
    """The media type of a JPEG, PNG, GIF, WebP or AVIF; None for all else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:14] == b"WEBPVP":
        return "image/webp"
    return "image/avif" if _is_avif(content) else None


def _is_avif(content: bytes) -> bool:
    size = int.from_bytes(content[:4], "big")
    if content[4:8] != b"ftyp" or not 16 <= size <= _MOST_FTYP_BYTES:
        return False
    brands = [content[8:12], *(content[place : place + 4] for place in range(16, size, 4))]
    return any(brand in _AVIF_BRANDS for brand in brands)
