"""Says of one bare text what enrich would say of an article with it: for trying out, and for the command line."""

from typing import Any

from services.enrich.core.enrichment import read_texts
from services.enrich.core.recognisers import Recognisers


def recognise(text: str, recognisers: Recognisers, language: str | None = None) -> dict[str, Any]:
    """The language of a text and the entities in it, ready for JSON.

    Args:
        text: Plain text; all offsets count its code points as they are given.
        recognisers: From `services.enrich.models.load_recognisers`.
        language: What the source says it is, for texts too short to tell.

    Returns:
        `language`, `confidence`, `recogniser`, `degraded` and `entities`: type, name, count, country, geonames_id, and
        `mentions` with start and end (exclusive).
    """
    reading = read_texts([{"body": text}], recognisers, [language])[0]
    return {
        "language": reading.language.code,
        "confidence": round(reading.language.confidence, 4),
        "entities": [
            {
                **entity.model_dump(exclude={"mentions"}, exclude_none=True),
                "mentions": [{"start": mention.start, "end": mention.end} for mention in entity.mentions],
            }
            for entity in reading.entities
        ],
        "recogniser": recognisers.versions,
        "degraded": recognisers.degraded,
    }
