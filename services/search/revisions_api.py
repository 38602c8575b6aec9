"""The revisions of an article and what changed between them, for programs and for readers."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from services.search.api import ArticleIDPath, Reader, fetch_published
from services.search.archive import Archive, ArchiveOf
from services.search.core.answers import Article
from services.search.core.revisions import RevisionsAnswer, compare_revisions, list_revisions
from services.search.pages import SiteOf
from services.search.problems import problems
from services.search.reading import Reading
from shared.articles import HIGHEST_REVISION
from shared.web import Problem

RevisionNumber = Annotated[int | None, Query(ge=1, le=HIGHEST_REVISION)]


router = APIRouter(prefix="/v1")
pages_router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get(
    "/articles/{article_id}/revisions",
    summary="Revisions of an article, and what changed",
    responses=problems(status_404="There is no such article or revision", status_410="The article was retracted"),
)
async def get_revisions(
    article_id: ArticleIDPath,
    reading: Reader,
    archive: ArchiveOf,
    older: Annotated[RevisionNumber, Query(alias="from", description="only what changed since this revision")] = None,
    newer: Annotated[RevisionNumber, Query(alias="to", description="… and until this one; the newest if absent")] = None,
) -> RevisionsAnswer:
    """All revisions that are kept, newest first, each with what changed since the one before it.

    Long parts in which nothing changed are shortened. With `from`, `to` or both: these two revisions, with texts in full.
    """
    if older is None and newer is None:
        _, answer = await _fetch_all(reading, archive, article_id)
        return answer
    current = await fetch_published(reading, article_id)
    known = {each.article.revision: each for each in list_revisions(current, await archive.fetch_superseded(article_id))}
    to = current.revision if newer is None else newer
    since = next((number for number in known if number < to), None) if older is None else older
    for number in (to, since):
        if number not in known:
            raise Problem(404, f"revision {number or f'before {to}'} of this article is not kept")
    if since is None or since >= to:
        raise Problem(422, "`from` must be an older revision than `to`", [{"field": "from", "detail": f"not older than {to}"}])
    return await asyncio.to_thread(compare_revisions, [known[to], known[since]], current, is_shortened=False)


@pages_router.api_route("/articles/{article_id}/revisions", methods=["GET", "HEAD"])
async def show_revisions(article_id: str, reading: Reader, archive: ArchiveOf, site: SiteOf) -> HTMLResponse:
    """What changed in an article, newest revision first."""
    (current, compared), overview = await asyncio.gather(_fetch_all(reading, archive, article_id), reading.fetch_overview())
    shown = {"article": current, "section": current.section, "revisions": compared.revisions}
    return site.render("revisions.html", {**shown, "sections": overview.sections})


async def _fetch_all(reading: Reading, archive: Archive, article_id: str) -> tuple[Article, RevisionsAnswer]:
    current = await fetch_published(reading, article_id)
    known = list_revisions(current, await archive.fetch_superseded(article_id))
    # A thread, for large bodies take tenths of a second, in which nobody else would be answered.
    return current, await asyncio.to_thread(compare_revisions, known, current, is_shortened=True)
