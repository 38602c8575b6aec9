"""Is news flowing? From accepted to searchable, with rate, lag and age of each stage."""

from ops.grafana.boards.glance import FIRING, UP
from ops.grafana.panels import Board, Figures, Lines, Rows

FLOW = Board(
    "flow",
    "flow",
    "Is news flowing? From accepted to searchable, with rate, lag and age of each stage.",
    {
        "At a glance": [
            UP,
            FIRING,
            Figures(
                "Since the last article became searchable",
                "Longer than your sources pause: see ops/runbooks/ArticlesNotSearchable.md, or NoNews.md if none is accepted.",
                "dateline:newest_searchable_article:age_seconds",
                unit="s",
                orange=3600,
                red=21600,
                width=5,
            ),
            Figures(
                "Dead letters, 15 minutes",
                "Records put aside. `dateline dead-letters list` has the reasons.",
                "sum(service_topic_code:dateline_dead_letters:increase15m) or vector(0)",
                orange=1,
                red=10,
                width=5,
            ),
        ],
        "Accepted → enriched → indexed → searchable": [
            Lines(
                "Articles a second, by stage",
                "The lines lie upon each other while news flows. One that falls below the one before: its stage is slow.",
                {
                    "1 accepted": "dateline:accepted_articles:rate5m",
                    "2 enriched": (
                        'sum(service_topic_outcome:dateline_outcomes:rate5m{service="enrich", topic="articles.published"})'
                    ),
                    "3 indexed": (
                        'sum(service_topic_outcome:dateline_outcomes:rate5m{service="indexer", topic="articles.enriched"})'
                    ),
                },
                "ops",
                width=8,
            ),
            Lines(
                "Records that wait, by stage",
                "Lag. Growing: the service cannot keep up or waits, see ops/runbooks/LagGrows.md.",
                {
                    "for enrich": 'service_topic:dateline_lag_records:sum{service="enrich", topic="articles.published"}',
                    "for indexer": 'service_topic:dateline_lag_records:sum{service="indexer", topic="articles.enriched"}',
                },
                width=8,
            ),
            Lines(
                "Age at the end of each stage",
                "Since ingest accepted the article. At the end of the indexer it is searchable a second later.",
                {
                    f"{stage}, {quantile}": (
                        f'service_topic:dateline_event_age_seconds:{record}{{service="{service}", topic="{topic}"}}'
                    )
                    for stage, service, topic in (
                        ("enriched", "enrich", "articles.published"),
                        ("indexed", "indexer", "articles.enriched"),
                    )
                    for quantile, record in (("median", "p50_5m"), ("p99", "p99_5m"))
                },
                "s",
                limit=60,
                width=8,
            ),
        ],
        "What became of records": [
            Lines(
                "Outcomes of the indexer",
                "Every record comes to one. `stale`: a newer revision was there already; that is no error.",
                {
                    "{{topic}} {{outcome}}": (
                        'sum by (topic, outcome) (service_topic_outcome:dateline_outcomes:rate5m{service="indexer"})'
                    )
                },
                "ops",
                stacked=True,
            ),
            Lines(
                "Dead letters",
                "Records put aside within 15 minutes, by topic and reason; see ops/runbooks/DeadLetters.md.",
                {"{{service}} {{topic}} {{code}}": "service_topic_code:dateline_dead_letters:increase15m"},
            ),
            Rows(
                "Alerts",
                "Those that fire now. The page of each is ops/runbooks/<alertname>.md.",
                'sum by (alertname, severity, service) (ALERTS{alertstate="firing"})',
            ),
        ],
    },
)
