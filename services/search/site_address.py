"""Where the pages of this site are found, for links that are followed from elsewhere."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request


@dataclass(frozen=True)
class SiteAddress:
    """The name of the site, and where it is: `url` without a slash at its end."""

    name: str
    url: str

    def link(self, path: str, query: str = "") -> str:
        """An absolute address on the site."""
        return f"{self.url}{path}?{query}" if query else f"{self.url}{path}"

    def article(self, article_id: str) -> str:
        """The page of an article."""
        return self.link(f"/articles/{quote(article_id, safe='')}")


def get_site_address(request: Request) -> SiteAddress:
    """As the settings say, or else as the request was addressed."""
    settings = request.app.state.settings
    return SiteAddress(settings.site_name, (settings.site_url or str(request.base_url)).rstrip("/"))


SiteAddressOf = Annotated[SiteAddress, Depends(get_site_address)]
