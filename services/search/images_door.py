"""`/images/…`: the pictures of publishers, handed on from here, so that readers' browsers ask nobody else."""

from fastapi import APIRouter, Request, Response

from services.search.core.picture_paths import read_picture_path
from services.search.page_keys import Purpose, page_key
from services.search.pictures import Missing, Pictures
from shared.web import Problem

_KEPT_SECONDS = 7 * 24 * 3600
_MISSING_SECONDS = 300
#: Pictures are nothing but pictures, also when somebody opens one by itself.
_HEADERS = {
    "Cache-Control": f"public, max-age={_KEPT_SECONDS}, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}

router = APIRouter(include_in_schema=False)


@router.api_route("/images/{signature}/{address}", methods=["GET", "HEAD"])
async def get_picture(signature: str, address: str, request: Request) -> Response:
    """A picture of an article; Problem 404 when it cannot be had, or nobody here signed its address."""
    pictures: Pictures | None = request.app.state.pictures
    key = page_key(request.app.state.settings, Purpose.PICTURE)
    url = None if pictures is None or key is None else read_picture_path(key, signature, address)
    if pictures is None or url is None:
        raise Problem(404, "there is no such picture")
    found = await pictures.fetch(url)
    if isinstance(found, Missing):
        gone = {"Cache-Control": f"public, max-age={_MISSING_SECONDS}"}
        raise Problem(404, "the picture cannot be had", headers=gone)  # why is logged: it may tell of the inside of a network
    return Response(found.content, media_type=found.media_type, headers=_HEADERS)
