"""Pages without an article: lists of articles, forms to log in, errors. To take one for an article is worse than to miss one."""

import re

from lxml.html import HtmlElement

from services.ingest.core.boilerplate import is_prose
from services.ingest.core.extracted import NoArticle
from services.ingest.core.metadata import PageMetadata

#: Characters of prose that make an article of a page which does not say that it is one; of others, any do.
_LEAST_PROSE = 250
#: Prose that any article has at least beside a form to log in, as many pages have it in their head.
_LEAST_PROSE_OF_ANY = 80
#: Prose that an error or login page has at most.
_MOST_NOTICE = 600
#: Characters of a link that may be a headline, and such links that make a list of articles.
_HEADLINE_LINK, _LEAST_LIST = 25, 5

ERROR_PAGE = re.compile(
    r"^\W*(?:error\W*)?(?:404|403|410|500|502|503)\b"
    r"|\b(?:page|file|article|story) (?:can(?:not|'t) be found|(?:was |is )?not found|no longer exists)\b"
    r"|^\W*(?:access denied|forbidden|service unavailable|bad gateway|not found|just a moment|are you a (?:robot|human))",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(r"\W*(?:log ?in|sign ?in|subscribe|register)\b", re.IGNORECASE)
LOGIN_PAGE = re.compile(
    r"\b(?:forgot(?:ten)? (?:your )?password|(?:log|sign) ?in to (?:your|continue)|remember me)\b",
    re.IGNORECASE,
)


def judge_missing(tree: HtmlElement, headline: str | None, body: str, metadata: PageMetadata) -> NoArticle | None:
    """Why the page has no article in it, or None if it has one."""
    paragraphs = [line for line in body.split("\n\n") if is_prose(line)]
    prose = sum(map(len, paragraphs))
    title = headline or tree.findtext(".//title") or ""
    if prose <= _MOST_NOTICE and ERROR_PAGE.search(title):
        return NoArticle("error page")
    asks_password = tree.find('.//input[@type="password"]') is not None
    if asks_password and (prose < _LEAST_PROSE_OF_ANY or (prose <= _MOST_NOTICE and _LOGIN_TITLE.match(title))):
        return NoArticle("login page")
    if headline is None:
        return NoArticle("no headline")
    if prose >= _LEAST_PROSE or (metadata.declared and prose):
        return None
    headline_links = tree.xpath(f".//a[string-length(normalize-space()) >= {_HEADLINE_LINK}]")
    return NoArticle("index page" if len(headline_links) >= _LEAST_LIST else "empty page")
