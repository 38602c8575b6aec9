"""Published articles → enriched ones, as events; retractions pass through unchanged.

Before this: ingest (`news.article.published.v1`, `news.article.retracted.v1`). After it: the indexer.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from services.enrich.core.enrichment import enrich_articles
from services.enrich.core.recognisers import Recognisers
from services.enrich.time_limit import TimeLimit, TooSlow, limited_time, place_of
from shared.articles import ArticleEnriched, ArticlePublished, ArticleRetracted
from shared.events import Again, Body, Event, article_record
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome, OutcomeName, Published
from shared.topics import ENRICHED

SOURCE = "dateline/enrich"
_FIRST = Again(0)


#: The story of each of several articles; Unavailable when that cannot be known now.
TellStories = Callable[[Sequence[ArticlePublished]], Sequence[str]]


def enrich_events(
    events: Sequence[Event[Body]],
    recognisers: Recognisers,
    tell_stories: TellStories,
    now: datetime,
    limit: TimeLimit = TimeLimit(),  # noqa: B008 - it is frozen
) -> list[Outcome]:
    """One outcome for each event, in order: the record for `articles.enriched`, or why there can be none.

    Raises TooSlow when several events together pass the limit: the loop then tries each of them alone.
    """
    asked = [(event.body, event.again or _FIRST) for event in events if type(event.body) is ArticlePublished]
    articles = [article for article, _ in asked]
    told = iter(tell_stories([article for article, again in asked if again.story_id is None]))
    stories = [again.story_id or next(told) for _, again in asked]
    try:
        with limited_time(limit):
            read = enrich_articles(articles, recognisers, now)
    except TooSlow as error:
        if len(events) > 1:
            raise
        return [DeadLettered(DeadLetterCode.TOO_SLOW, f"reading it {error}, at last in {place_of(error)}")]
    enriched = iter([
        article.model_copy(update={"story_id": story, "enrichment": again.enrichment})
        for article, story, (_, again) in zip(read, stories, asked, strict=True)
    ])  # fmt: skip
    return [_outcome(event, next(enriched) if type(event.body) is ArticlePublished else None, now) for event in events]


def _outcome(event: Event[Body], enriched: ArticleEnriched | None, now: datetime) -> Outcome:
    if enriched is not None:
        own_id = f"{enriched.article_id}.{enriched.revision}.{enriched.enrichment}"
        onward = replace(event, id=own_id, source=SOURCE, time=now, body=enriched, again=None)
        return Published([article_record(onward, ENRICHED)], OutcomeName.ENRICHED)
    if isinstance(event.body, ArticleRetracted):
        return Published([article_record(event, ENRICHED)])
    return DeadLettered(DeadLetterCode.INVALID, f"a {type(event.body).__name__} has no place in this topic")
