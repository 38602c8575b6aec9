"""What an operator has chosen for the reader pages, as the templates need it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from services.search.core.picture_paths import build_picture_path
from services.search.page_keys import Purpose, page_key
from services.search.reader_page_settings import ReaderPageSettings


@dataclass(frozen=True, slots=True)
class PageOptions:
    """`picture_key` signs addresses of pictures, of which there are none without it; `theme` is the content of a stylesheet."""

    picture_key: bytes | None = None
    translator: str | None = None
    translator_languages: tuple[str, ...] = ()
    theme: bytes | None = None

    def picture(self, url: str | None) -> str | None:
        """The path of a picture on this site; None where there is none to be shown."""
        return None if url is None or self.picture_key is None else build_picture_path(self.picture_key, url)

    @property
    def theme_version(self) -> str | None:
        """Another one for each content of the theme."""
        return None if self.theme is None else hashlib.sha256(self.theme).hexdigest()[:12]


def choose_options(settings: ReaderPageSettings) -> PageOptions:
    """The options that the settings tell. The file of the theme is read once."""
    return PageOptions(
        picture_key=page_key(settings, Purpose.PICTURE) if settings.pictures else None,
        translator=settings.translator_url,
        translator_languages=settings.translator_languages,
        theme=None if settings.theme is None else Path(settings.theme).read_bytes(),
    )
