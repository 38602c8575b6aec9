"""What is read: views taken, counted and refused, and the lists that come of them."""

from ops.grafana.panels import Board, Figures, Lines

POPULARITY = Board(
    "popularity",
    "popularity",
    "What is read: views taken, counted and refused, and the lists that come of them.",
    {
        "At a glance": [
            Figures(
                "Views a second",
                "That readers' pages and publishers reported, and ingest accepted.",
                'sum(rate(dateline_submissions_total{kind="view", result="accepted"}[5m]))',
                unit="ops",
                width=6,
            ),
            Figures(
                "Articles with counts",
                "Held in memory; some 0.5 kB each, and more with distinct visitors.",
                "sum(dateline_articles_counted)",
                width=6,
            ),
            Figures(
                "Records that wait",
                "Views and comments that popularity has not counted yet.",
                'sum(service_topic:dateline_lag_records:sum{service="popularity"})',
                orange=1000,
                red=100000,
                width=6,
            ),
            Figures(
                "Lists published, 30 minutes",
                "None while views are counted: see ops/runbooks/ListsStale.md.",
                "sum(increase(dateline_lists_published_total[30m]))",
                width=6,
            ),
        ],
        "Counting": [
            Lines(
                "Taken and stored",
                "Records a second. Stored falls to nothing: no checkpoint is made, see ops/runbooks/CountsNotStored.md.",
                {
                    "taken {{topic}}": 'sum by (topic) (rate(dateline_records_consumed_total{service="popularity"}[5m]))',
                    "stored {{topic}}": 'sum by (topic) (service_topic_outcome:dateline_outcomes:rate5m{service="popularity"})',
                },
                "ops",
            ),
            Lines(
                "Views that are not counted",
                "By reason; see ops/runbooks/ViewsRefused.md.",
                {"{{reason}}": "sum by (reason) (rate(dateline_views_refused_total[5m]))"},
                "ops",
                stacked=True,
            ),
            Lines(
                "Time for a checkpoint",
                "Counts, lists and offsets in one transaction of Kafka. 30 s are the end (POPULARITY_TRANSACTION_SECONDS).",
                {
                    "median": (
                        'histogram_quantile(0.5, sum by (le) (rate(dateline_batch_seconds_bucket{service="popularity"}[10m])))'
                    ),
                    "p99": (
                        'histogram_quantile(0.99, sum by (le) (rate(dateline_batch_seconds_bucket{service="popularity"}[10m])))'
                    ),
                },
                "s",
                limit=30,
                width=8,
            ),
            Lines(
                "Age of views when they are counted",
                "Since ingest accepted them.",
                {
                    "{{topic}}, median": 'service_topic:dateline_event_age_seconds:p50_5m{service="popularity"}',
                    "{{topic}}, p99": 'service_topic:dateline_event_age_seconds:p99_5m{service="popularity"}',
                },
                "s",
                width=8,
            ),
            Lines(
                "Lists",
                "Published by popularity, and indexed by the indexer.",
                {
                    "published": "sum(rate(dateline_lists_published_total[5m]))",
                    "indexed": 'sum(service_topic_outcome:dateline_outcomes:rate5m{service="indexer", topic="popularity.ranked"})',
                },
                "ops",
                width=8,
            ),
        ],
    },
)
