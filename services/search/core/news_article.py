"""An article as schema.org NewsArticle in JSON-LD, which search engines and other programs read from its page or ask for.

https://schema.org/NewsArticle. What Dateline does not know is left out, not guessed.
"""

from typing import Any

import orjson

from services.search.core.answers import Article
from services.search.core.feeds_out import build_urn
from shared.articles import Entity

Json = dict[str, Any]

#: What entities are called in schema.org; all others are a Thing.
_TYPES = {
    "PERSON": "Person",
    "ORG": "Organization",
    "GPE": "Place",
    "LOC": "Place",
    "FAC": "Place",
    "EVENT": "Event",
    "PRODUCT": "Product",
    "WORK_OF_ART": "CreativeWork",
}
#: What ends a script element, or begins a comment in it, wherever it stands in HTML (HTML standard, 4.12.1.3).
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def build_news_article(article: Article, page_url: str, *, with_body: bool) -> Json:
    """The article, known by its page here; its publisher's page is what it is based on.

    Args:
        article: a published one.
        page_url: absolute address of the article's page.
        with_body: whether its text is told too, which a page has anyway.
    """
    properties: Json = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": page_url,
        "identifier": build_urn(article.article_id),
        "url": page_url,
        "mainEntityOfPage": page_url,
        "isBasedOn": article.url,
        "headline": article.headline,
        "description": article.description,
        "articleBody": article.body if with_body else None,
        "articleSection": article.section,
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "Organization", "name": article.publisher} if article.publisher else None,
        "datePublished": article.date_published.isoformat() if article.date_published else None,
        "dateModified": article.date_modified.isoformat() if article.date_modified else None,
        "image": [article.image_url] if article.image_url else None,
        "inLanguage": article.language if article.language != "und" else None,
        "keywords": list(article.keywords),
        "wordCount": article.word_count,
        "timeRequired": f"PT{article.reading_seconds}S" if article.reading_seconds else None,
        "isAccessibleForFree": not article.paywalled,
        "correction": article.correction,
        "translationOfWork": {"@type": "NewsArticle", "identifier": build_urn(article.translation_of)}
        if article.translation_of
        else None,
        "version": article.revision,
        "mentions": [_mention(entity) for entity in article.entities],
    }
    return {name: value for name, value in properties.items() if value not in (None, [], "")}


def _mention(entity: Entity) -> Json:
    mention: Json = {"@type": _TYPES.get(entity.type, "Thing"), "name": entity.name}
    if entity.geonames_id is not None:
        mention["sameAs"] = f"https://sws.geonames.org/{entity.geonames_id}/"
    if entity.role:
        mention |= {"jobTitle": entity.role} if entity.type == "PERSON" else {}
    if mention["@type"] == "Place" and entity.latitude is not None and entity.longitude is not None:
        mention["geo"] = {"@type": "GeoCoordinates", "latitude": entity.latitude, "longitude": entity.longitude}
    return mention


def build_script_text(document: Json) -> str:
    """JSON to stand inside a `script` element: the same document, with no character in it that HTML could take for markup."""
    text = orjson.dumps(document).decode()
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text
