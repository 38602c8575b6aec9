"""The page of an article."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse

from services.search.api import Reader, fetch_published
from services.search.archive import ArchiveOf
from services.search.beside import IN_LISTS, BesideOf, fetch_lists
from services.search.comment_posting import CommentPostingOf
from services.search.core.answers import Article
from services.search.core.comment_form import FormToShow
from services.search.core.linked_body import build_linked_body
from services.search.core.news_article import build_news_article, build_script_text
from services.search.core.parameters import CursorText
from services.search.core.translating import build_handovers
from services.search.pages import SiteOf
from services.search.site_address import SiteAddressOf

_COMMENTS = 20


@dataclass(frozen=True)
class Filled:
    """What the page shows of a comment being written: a form, and whether one was just sent."""

    form: FormToShow | None = None
    is_sent: bool = False
    cursor: str | None = None


class ArticlePage:
    """Makes the page of an article, for whoever reads it and for whoever comments on it."""

    def __init__(
        self, reading: Reader, archive: ArchiveOf, address: SiteAddressOf, site: SiteOf, beside: BesideOf, posting: CommentPostingOf
    ) -> None:
        self._reading = reading
        self._archive = archive
        self._address = address
        self._site = site
        self._beside = beside
        self._posting = posting

    async def render(self, article_id: str, filled: Filled, status: int = 200) -> HTMLResponse:
        """The article, what is related to it, and what readers wrote under it; Problem 404 or 410 where there is none."""
        article = await fetch_published(self._reading, article_id)
        related, others, has_revisions, comments, lists = await asyncio.gather(
            self._reading.fetch_related(article, IN_LISTS),
            self._reading.fetch_other_versions(article),
            self._archive.has_superseded(article_id),
            self._reading.fetch_comments(article_id, _COMMENTS, filled.cursor),
            fetch_lists(self._reading, self._beside),
        )
        shown = {
            "related": related,
            "others": others,
            "has_revisions": has_revisions,
            "comments": comments,
            "form": filled.form or self._posting.build_form(article_id),
            "is_sent": filled.is_sent,
        }
        return self._site.render("article.html", {**self._article(article), **shown, **lists}, status)

    def _article(self, article: Article) -> dict[str, Any]:
        """What the page makes of the article itself."""
        page_url, options = self._address.article(article.article_id), self._site.options
        picture = options.picture(article.image_url)
        return {
            "article": article,
            "section": article.section,
            "paragraphs": build_linked_body(article.body, article.entities),
            "page_url": page_url,
            "picture_url": None if picture is None else self._address.link(picture),
            "handovers": build_handovers(options.translator, page_url, article.language, options.translator_languages),
            "news_article": build_script_text(build_news_article(article, page_url, with_body=False)),
            "beacon": self._site.beacon.tag(article.article_id),
        }


ArticlePageOf = Annotated[ArticlePage, Depends(ArticlePage)]
router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.api_route("/articles/{article_id}", methods=["GET", "HEAD"])
async def show_article(
    article_id: str,
    page: ArticlePageOf,
    comments: Annotated[CursorText | None, Query()] = None,
    sent: Annotated[str | None, Query()] = None,
) -> HTMLResponse:
    """An article. `comments` leads to older ones, `sent` thanks for one."""
    return await page.render(article_id, Filled(is_sent=sent is not None, cursor=comments or None))
