"""An article as IPTC ninjs 3.1, which newsroom systems and Dateline's own ingest read.

https://iptc.org/std/ninjs/userguide/. What ingest reads of such an item is the article again, but for two things that ninjs has no
place for: an article without a section gets its first keyword for one, and a breadcrumb is lost.
"""

from typing import Any

from services.search.core.answers import Article
from services.search.core.feeds_out import build_urn

Json = dict[str, Any]

_PLAIN = "text/plain"
_STANDARD = {"name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"}
#: Where entities stand, by their type.
_ARRAYS = {"PERSON": "people", "ORG": "organisations", "GPE": "places", "LOC": "places", "FAC": "places", "EVENT": "events"}
#: From this salience on an article is about an entity, below it mentions it.
_SALIENT = 0.5


def build_ninjs(article: Article) -> Json:
    """The item of a published article. Its `uri` is the same for all versions and wherever it is asked for."""
    item: Json = {
        "uri": build_urn(article.article_id),
        "standard": _STANDARD,
        "type": "text",
        "representationType": "partial" if article.truncated or article.paywalled else "full",
        "pubStatus": "usable",
        "version": str(article.revision),
        "firstCreated": article.date_published.isoformat() if article.date_published else None,
        "versionCreated": _version_created(article),
        "language": article.language if article.language != "und" else None,
        "altIds": _alt_ids(article),
        "headlines": [{"role": "main", "contentType": _PLAIN, "value": article.headline}],
        "descriptions": [{"role": "summary", "contentType": _PLAIN, "value": article.description}] if article.description else [],
        "bodies": [_body(article)] if article.body else [],
        "by": ", ".join(article.authors),
        "edNote": f"Correction: {article.correction}" if article.correction else None,
        "infoSources": [{"name": article.publisher, "role": "publisher"}] if article.publisher else [],
        "subjects": [{"name": name, "rel": "about"} for name in (article.section, *article.keywords) if name],
        **_entities(article),
        "associations": _associations(article),
    }
    return {name: value for name, value in item.items() if value not in (None, [], "")}


def _version_created(article: Article) -> str | None:
    created = article.date_modified or article.date_published
    return created.isoformat() if created else None


def _alt_ids(article: Article) -> list[Json]:
    page = [{"role": "canonicalUrl", "value": article.url}] if article.url else []
    return [{"role": "dateline", "value": article.article_id}, *page]


def _body(article: Article) -> Json:
    counted = {"wordCount": article.word_count} if article.word_count is not None else {}
    return {"role": "main", "contentType": _PLAIN, "charCount": len(article.body), **counted, "value": article.body}


def _entities(article: Article) -> dict[str, list[Json]]:
    arrays: dict[str, list[Json]] = {name: [] for name in dict.fromkeys(_ARRAYS.values())}
    for entity in article.entities:
        if entity.type in _ARRAYS:
            named: Json = {"name": entity.name, "rel": "about" if (entity.salience or 0) >= _SALIENT else "mentions"}
            if entity.geonames_id is not None:
                named["uri"] = f"https://sws.geonames.org/{entity.geonames_id}/"
            if entity.entity_id is not None:
                named["literal"] = entity.entity_id
            arrays[_ARRAYS[entity.type]].append(named)
    return arrays


def _associations(article: Article) -> list[Json]:
    associated: list[Json] = []
    if article.image_url:
        renditions = [{"name": "main", "href": article.image_url}]
        associated.append({"name": "main picture", "uri": article.image_url, "type": "picture", "renditions": renditions})
    for number, link in enumerate(article.related_links, start=1):
        if link.url:
            headlines = [{"role": "main", "contentType": _PLAIN, "value": link.headline}]
            associated.append({"name": f"related {number}", "uri": link.url, "type": "text", "headlines": headlines})
    return associated
