"""Kafka and Elasticsearch as the services see them, and the processes of the services themselves."""

from ops.grafana.boards.glance import FIRING, UP
from ops.grafana.panels import Board, Figures, Lines

ENGINES = Board(
    "engines",
    "engines",
    "Kafka and Elasticsearch as the services see them, and the processes of the services themselves.",
    {
        "At a glance": [
            UP,
            Figures(
                "Degraded",
                "1 where a service does less than it should; its /readyz says what. See ops/runbooks/ServiceDegraded.md.",
                "max by (service) (dateline_degraded)",
                "{{service}}",
                orange=1,
                width=5,
            ),
            Figures(
                "Ready",
                "1 where a service can work. 0: its /readyz says why; see ops/runbooks/ServiceNotReady.md.",
                "min by (service) (dateline_ready)",
                "{{service}}",
                orange=1,
                red=0.5,
                width=5,
            ),
            FIRING,
        ],
        "Engines": [
            Lines(
                "Attempts in vain",
                "Batches tried again because Kafka or Elasticsearch was away or busy; see ops/runbooks/EngineAway.md.",
                {"{{service}} {{topic}}": "sum by (service, topic) (rate(dateline_retries_total[2m]))"},
                "ops",
            ),
            Lines(
                "Time for a batch, p99",
                "From Kafka and back. After 5 minutes a service loses its partitions; see ops/runbooks/BatchesSlow.md.",
                {"{{service}}": "histogram_quantile(0.99, sum by (service, le) (rate(dateline_batch_seconds_bucket[10m])))"},
                "s",
                limit=60,
            ),
            Lines(
                "Records that Kafka acknowledged",
                "By topic.",
                {"{{topic}}": "sum by (topic) (rate(dateline_records_produced_total[5m]))"},
                "ops",
                stacked=True,
            ),
            Lines(
                "Records that wait",
                "By service and topic.",
                {"{{service}} {{topic}}": "service_topic:dateline_lag_records:sum"},
            ),
        ],
        "Writing the index": [
            Lines(
                "Bulk requests under way",
                "Of the indexer.",
                {"{{instance}}": 'dateline_batches_in_flight{service="indexer"}'},
                width=8,
            ),
            Lines(
                "Articles written again",
                "Because a bulk request took too long. Many: Elasticsearch has too much to do.",
                {"articles": "sum(rate(dateline_late_documents_total[5m]))"},
                "ops",
                width=8,
            ),
            Lines(
                "Older revisions kept",
                "More than there are corrections in the news: something is published again and again.",
                {"revisions": "sum(rate(dateline_revisions_kept_total[5m]))"},
                "ops",
                width=8,
            ),
        ],
        "Processes": [
            Lines(
                "Memory",
                "Resident.",
                {"{{service}} {{instance}}": 'process_resident_memory_bytes{job="dateline"}'},
                "bytes",
                width=8,
            ),
            Lines(
                "Processors",
                "1 is one processor. Children that extract pages are not in it.",
                {"{{service}} {{instance}}": 'rate(process_cpu_seconds_total{job="dateline"}[5m])'},
                width=8,
            ),
            Lines(
                "Time since the start",
                "Falls to nothing at each start; more than two in half an hour: see ops/runbooks/ServiceRestarts.md.",
                {"{{service}} {{instance}}": 'time() - process_start_time_seconds{job="dateline"}'},
                "s",
                width=8,
            ),
        ],
    },
)
