"""`/theme.css`: the operator's own stylesheet, which follows those of the pages."""

from fastapi import APIRouter, Response

from services.search.pages import SiteOf
from shared.web import Problem

router = APIRouter(include_in_schema=False)


@router.api_route("/theme.css", methods=["GET", "HEAD"])
async def get_theme(site: SiteOf) -> Response:
    """The stylesheet; Problem 404 where there is none. Its address changes with it, so it is kept."""
    if site.options.theme is None:
        raise Problem(404, "there is no theme")
    return Response(site.options.theme, media_type="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"})
