"""Traces one article through Kafka and Elasticsearch; an engine that does not answer is told, and the other is still asked."""

from ops.cli.settings import CLISettings
from ops.trace.index_search import find_by_address, search_index
from ops.trace.journey import InIndex, InLog, Journey
from ops.trace.log_search import Bounds, search_log
from ops.trace.naming import Named
from shared.failures import Misconfigured, Unavailable


def trace_article(settings: CLISettings, named: Named, bounds: Bounds) -> Journey:
    """All that is known of an article."""
    failures: dict[str, str] = {}
    article_id = named.article_id
    index, log = InIndex(None), InLog()
    try:
        if named.url is not None:
            article_id = find_by_address(settings.elasticsearch, named.url) or article_id
        index = search_index(settings.elasticsearch, article_id)
    except (Unavailable, Misconfigured) as error:
        failures["elasticsearch"] = str(error)
    try:
        url = named.url or (index.document or {}).get("url")
        log = search_log(settings.kafka, article_id, url, bounds)
    except (Unavailable, Misconfigured) as error:
        failures["kafka"] = str(error)
    return Journey(article_id, log, index, failures)
