"""Published articles → enriched ones, as events; retractions pass through unchanged.

Before this: ingest (`news.article.published.v1`, `news.article.retracted.v1`). After it: the indexer.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.enrich.core.enrichment import enrich_articles
from services.enrich.core.recognisers import Recognisers
from shared.articles import ArticleEnriched, ArticlePublished, ArticleRetracted
from shared.events import Body, Event, article_record
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome, OutcomeName, Published
from shared.topics import ENRICHED

SOURCE = "dateline/enrich"


def enrich_events(events: Sequence[Event[Body]], recognisers: Recognisers, now: datetime) -> list[Outcome]:
    """One outcome for each event, in order: the record for `articles.enriched`, or why there can be none."""
    articles = [event.body for event in events if type(event.body) is ArticlePublished]
    enriched = iter(enrich_articles(articles, recognisers, now))
    return [_outcome(event, next(enriched) if type(event.body) is ArticlePublished else None, now) for event in events]


def _outcome(event: Event[Body], enriched: ArticleEnriched | None, now: datetime) -> Outcome:
    if enriched is not None:
        own_id = f"{enriched.article_id}.{enriched.revision}.{enriched.enrichment}"
        onward = replace(event, id=own_id, source=SOURCE, time=now, body=enriched)
        return Published([article_record(onward, ENRICHED)], OutcomeName.ENRICHED)
    if isinstance(event.body, ArticleRetracted):
        return Published([article_record(event, ENRICHED)])
    return DeadLettered(DeadLetterCode.INVALID, f"a {type(event.body).__name__} has no place in this topic")
