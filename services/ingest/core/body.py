"""The body of an article on a page."""

import trafilatura
from lxml.html import HtmlElement

from services.ingest.core.metadata import PageMetadata


def extract_body(tree: HtmlElement, headline: str, metadata: PageMetadata) -> str:
    text = trafilatura.extract(tree, fast=True, include_comments=False) or ""
    return "\n\n".join(line for line in text.split("\n") if line.strip())
