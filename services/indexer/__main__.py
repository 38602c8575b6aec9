"""The indexer: articles, comments, lists, saved searches and their matches → Elasticsearch. The only writer of the index.

Signals of popularity change the counts in articles. It also compares articles with saved searches, as it writes them.
"""

import sys
import threading

from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action
from services.indexer.core.signals import Signal, read_record
from services.indexer.counting import CountedWriter, SignalWriter
from services.indexer.late_matching import LateMatches
from services.indexer.matched_writing import MatchedWriter
from services.indexer.matching import Matcher
from services.indexer.saved_searches import SavedSearches
from services.indexer.settings import IndexerSettings
from shared import topics
from shared.consuming import Subscription, consume
from shared.elastic import check_elastic, connect_elastic
from shared.failures import Unavailable
from shared.health import Health, connecting
from shared.producing import Producer
from shared.service import run_service, wait_until_available
from shared.tailing import Tail
from shared.tracing import traced

_CATCHING_UP_SECONDS = 5.0


@traced("indexer")
def serve(settings: IndexerSettings, health: Health, stop: threading.Event) -> None:
    """Index until stopped."""
    health.checks["kafka"] = connecting
    client = connect_elastic(settings.elasticsearch)
    health.checks["elasticsearch"] = lambda: check_elastic(client)
    searches = SavedSearches()
    tail = Tail(settings.kafka, topics.SEARCHES, searches.learn)
    threading.Thread(target=tail.run, args=(stop,), name="saved searches", daemon=True).start()
    bulk = BulkWriter(client, settings.indexer.kept_revisions, settings.indexer.late_seconds)
    matched = MatchedWriter(bulk.write, searches, Matcher(client, searches), LateMatches(client, searches), bulk.standing)
    subscription = Subscription[Action | Signal](
        service="indexer",
        topics=(topics.ENRICHED, topics.COMMENTS, topics.RANKED, topics.SIGNALS, topics.SEARCHES, topics.MATCHES),
        decode=read_record,
        handle=CountedWriter(matched.write, SignalWriter(client, bulk.turns, bulk.standing).write).write,
        batch_records=settings.indexer.batch_records,
        in_flight=settings.indexer.in_flight,
    )
    wait_until_available(lambda: _caught_up(tail), stop)
    with wait_until_available(lambda: Producer(settings.kafka, "dateline-indexer"), stop) as producer:
        consume(subscription, settings.kafka, producer, health, stop)


def _caught_up(tail: Tail) -> None:
    """Nothing is indexed before all saved searches are known: it would not be compared with them."""
    if not tail.caught_up.wait(_CATCHING_UP_SECONDS):
        raise Unavailable(f"the saved searches in {topics.SEARCHES} are not all read yet")


if __name__ == "__main__":
    sys.exit(run_service("indexer", IndexerSettings, serve))
