"""An article's document → the event that has it enriched again (pure).

Before this: `redo_search`, which reads the documents. After it: enrich, which takes the event like one of ingest's, and gives what
it makes of it the number that the event asks for. The higher number wins in the index, so doing this twice does no harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from shared.articles import LAST_ENRICHMENT, ArticlePublished
from shared.events import Again, Event, why_invalid
from shared.indices import language_field

SOURCE = "dateline/cli"
#: What of a document is needed; most of what enrich found is not.
NEEDED = (*ArticlePublished.model_fields, "language_declared", "enrichment", "recogniser", "story_id", "extra")
_TEXTS = ("headline", "body", "description")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why an article is not enriched again."""

    reason: str


def build_event(document: Mapping[str, Any], now: datetime) -> Event[ArticlePublished] | Skipped:
    """The event that asks for the next enrichment of a document's article, in the revision that it has.

    The article stays in the story that it tells, since its text is the same: enrich remembers only the newest articles, and may
    not know the one that began the story. Its age counts from now on, for nobody waits for it since it was accepted first.
    """
    if document.get("extra"):
        return Skipped("it has fields of a newer version of Dateline, which would be lost: do it again with that version")
    try:
        enrichment = int(document["enrichment"]) + 1
        article = build_published(document)
    except ValidationError as error:
        return Skipped(f"its document is no article: {why_invalid(error)[1]}")
    except (KeyError, TypeError, ValueError) as error:
        return Skipped(f"its document has no usable `enrichment`: {error}")
    if enrichment > LAST_ENRICHMENT:
        return Skipped(f"it was enriched {LAST_ENRICHMENT:,} times: publish it again, for each revision counts from 0")
    own_id = f"{article.article_id}.{article.revision}.{enrichment}"
    again = Again(enrichment, document.get("story_id"))
    return Event(id=own_id, source=SOURCE, time=now, accepted=now, body=article, again=again)


def build_published(document: Mapping[str, Any]) -> ArticlePublished:
    """The article as ingest published it. Raises ValidationError when the document holds none."""
    field = language_field(document.get("language"))
    texts = {name: _text(document[name], field) for name in _TEXTS if name in document}
    return ArticlePublished.model_validate({**document, **texts, "language": document.get("language_declared")})


def _text(by_language: object, field: str) -> object:
    """A text out of the field of its language."""
    if not isinstance(by_language, Mapping):
        return by_language
    return by_language.get(field, next(iter(by_language.values()), None))
