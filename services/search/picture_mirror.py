"""A folder with pictures of publishers, by host and path of their addresses, as `wget --mirror` leaves them."""

import re
from pathlib import Path
from urllib.parse import urlsplit

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


def read_mirrored(folder: Path, url: str, most_bytes: int) -> bytes | None:
    """The picture of an address; None when it is not in the folder, or is larger than that.

    Addresses with a query or a port, and names with other than plain characters, are never looked for.
    """
    parts = urlsplit(url)
    names = [parts.netloc, *parts.path.strip("/").split("/")]
    if parts.query or not all(_NAME.fullmatch(name) for name in names):
        return None
    file = folder.joinpath(*names)
    try:
        return file.read_bytes() if file.is_file() and file.stat().st_size <= most_bytes else None
    except OSError:
        return None
