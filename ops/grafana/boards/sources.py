"""Where news comes from: feeds, pages, publishers."""

from ops.grafana.panels import Board, Figures, Lines

SOURCES = Board(
    "sources",
    "sources",
    "Where news comes from: feeds, pages, publishers. `dateline feeds list` names the single feeds.",
    {
        "Feeds": [
            Figures(
                "Feeds by condition",
                "`dateline feeds list --condition failing` says why.",
                "condition:dateline_feeds:sum",
                "{{condition}}",
                width=12,
            ),
            Figures(
                "Failing",
                "Share of the feeds that are polled; above 10 % see ops/runbooks/FeedsFailing.md.",
                'sum(condition:dateline_feeds:sum{condition="failing"}) / (dateline:feeds_polled:sum > 0)',
                unit="percentunit",
                orange=0.05,
                red=0.1,
            ),
            Figures(
                "Silent",
                "Read well, but nothing new for long; see ops/runbooks/FeedsSilent.md.",
                'sum(condition:dateline_feeds:sum{condition="silent"})',
                orange=1,
            ),
            Figures(
                "Since a feed brought news",
                "Any feed. Hours at a time when there is news: nothing comes in.",
                "min(dateline_feed_newest_article_age_seconds > 0)",
                unit="s",
                orange=7200,
                red=21600,
            ),
            Lines(
                "Polls",
                "By result. `failed`: see `dateline feeds list`; `unpublished`: Kafka was away; `lost`: another took it.",
                {"{{result}}": "sum by (result) (rate(dateline_feed_polls_total[5m]))"},
                "ops",
                stacked=True,
            ),
            Lines(
                "Entries",
                "What feeds showed. Most are unchanged.",
                {"{{result}}": 'sum by (result) (rate(dateline_feed_entries_total{result!="unchanged"}[5m]))'},
                "ops",
                stacked=True,
            ),
            Lines(
                "Polled late by",
                "Time from when a feed was due. Above 5 minutes see ops/runbooks/FeedsLate.md.",
                {
                    "median": "histogram_quantile(0.5, sum by (le) (rate(dateline_feed_late_seconds_bucket[15m])))",
                    "p90": "histogram_quantile(0.9, sum by (le) (rate(dateline_feed_late_seconds_bucket[15m])))",
                },
                "s",
                limit=300,
                width=8,
            ),
            Lines(
                "Time of a poll",
                "From the request until Kafka has what was new.",
                {
                    "median": "histogram_quantile(0.5, sum by (le) (rate(dateline_feed_poll_seconds_bucket[15m])))",
                    "p90": "histogram_quantile(0.9, sum by (le) (rate(dateline_feed_poll_seconds_bucket[15m])))",
                },
                "s",
                width=8,
            ),
            Lines(
                "The feed that waits longest",
                "Since it was read. Above 2 days see ops/runbooks/FeedUnread.md.",
                {"last success": "max(dateline_feed_oldest_success_age_seconds)"},
                "s",
                limit=172800,
                width=8,
            ),
            Lines(
                "Feeds that are due",
                "Overdue: for more than 5 minutes. Many: see ops/runbooks/FeedsOverdue.md.",
                {"due": "sum(dateline_feeds_due)", "overdue": "sum(dateline_feeds_overdue)"},
                width=24,
            ),
        ],
        "Every way in": [
            Lines(
                "Accepted",
                "By kind: article, page, entry (of feeds), inbound (Kafka), retraction, comment.",
                {"{{kind}}": 'sum by (kind) (rate(dateline_submissions_total{result="accepted", kind!="view"}[5m]))'},
                "ops",
                stacked=True,
                width=8,
            ),
            Lines(
                "Refused",
                "Whoever sent it was told which fields are wrong; see ops/runbooks/SubmissionsRefused.md.",
                {"{{kind}}": 'sum by (kind) (rate(dateline_submissions_total{result="refused", kind!="view"}[5m]))'},
                "ops",
                stacked=True,
                width=8,
            ),
            Lines(
                "Time to extract a page",
                "Above 5 s see ops/runbooks/ExtractionSlow.md.",
                {
                    "median": (
                        "histogram_quantile(0.5, sum by (le) "
                        '(rate(dateline_http_request_seconds_bucket{service="ingest", route="/v1/pages"}[10m])))'
                    ),
                    "p90": (
                        "histogram_quantile(0.9, sum by (le) "
                        '(rate(dateline_http_request_seconds_bucket{service="ingest", route="/v1/pages"}[10m])))'
                    ),
                },
                "s",
                limit=5,
                width=8,
            ),
        ],
    },
    since="now-6h",
)
