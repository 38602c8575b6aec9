"""What readers, programs and publishers are answered: how much, how fast, how many errors."""

from ops.grafana.panels import Board, Figures, Lines

SEARCH = Board(
    "search",
    "search",
    "What readers, programs and publishers are answered: how much, how fast, how many errors.",
    {
        "At a glance": [
            Figures(
                "Answers a second",
                "Of reader pages and the JSON API, and of ingest.",
                "service:dateline_http_requests:rate5m",
                "{{service}}",
                "reqps",
                width=6,
            ),
            Figures(
                "Errors, 1 hour",
                "Share of answers that are the server's fault; 0.1 % is tolerated.",
                "service:dateline_http_errors:ratio_rate1h",
                "{{service}}",
                "percentunit",
                orange=0.001,
                red=0.0144,
                width=6,
            ),
            Figures(
                "Errors, 3 days",
                "Above 0.1 %: the errors of a month will not do, see ops/runbooks/ErrorBudgetBurnsSlowly.md.",
                "service:dateline_http_errors:ratio_rate3d",
                "{{service}}",
                "percentunit",
                orange=0.0005,
                red=0.001,
                width=6,
            ),
            Figures(
                "p99 of the time to answer",
                "Above a second: see ops/runbooks/AnswersSlow.md.",
                "service:dateline_http_request_seconds:p99_5m",
                "{{service}}",
                "s",
                orange=0.25,
                red=1,
                width=6,
            ),
        ],
        "Readers": [
            Lines(
                "Answers by route",
                "Of search.",
                {"{{method}} {{route}}": 'sum by (method, route) (rate(dateline_http_requests_total{service="search"}[5m]))'},
                "reqps",
                stacked=True,
            ),
            Lines(
                "Time to answer, p99",
                "Of search, by route. A value is at most the bucket that it lies in.",
                {
                    "{{route}}": (
                        "histogram_quantile(0.99, sum by (route, le) "
                        '(rate(dateline_http_request_seconds_bucket{service="search"}[5m])))'
                    )
                },
                "s",
            ),
            Lines(
                "Answers by class",
                "Of search. 4xx are the asker's fault, 5xx ours.",
                {"{{status}}": 'sum by (status) (rate(dateline_http_requests_total{service="search"}[5m]))'},
                "reqps",
                stacked=True,
            ),
            Lines(
                "Errors by route",
                "5xx of search. 503: Elasticsearch is away or slow.",
                {
                    "{{method}} {{route}}": (
                        'sum by (method, route) (rate(dateline_http_requests_total{service="search", status="5xx"}[5m]))'
                    )
                },
                "reqps",
            ),
        ],
        "Publishers": [
            Lines(
                "Answers of ingest by route",
                "Each is given when Kafka has what was sent.",
                {"{{method}} {{route}}": 'sum by (method, route) (rate(dateline_http_requests_total{service="ingest"}[5m]))'},
                "reqps",
                stacked=True,
            ),
            Lines(
                "Answers of ingest by class",
                "4xx: a publisher sends what is refused. 503: Kafka is away.",
                {"{{status}}": 'sum by (status) (rate(dateline_http_requests_total{service="ingest"}[5m]))'},
                "reqps",
                stacked=True,
            ),
        ],
        "Webhooks": [
            Lines(
                "Attempts by result",
                "Of matches to webhooks. `put-off`: not tried, as its host had just failed; see ops/runbooks/WebhooksFailing.md.",
                {"{{result}}": "sum by (result) (rate(dateline_webhook_deliveries_total[5m]))"},
                "ops",
                stacked=True,
                width=8,
            ),
            Lines(
                "Time of an attempt",
                "Until the answer of the endpoint, or its failure.",
                {
                    "median": "histogram_quantile(0.5, sum by (le) (rate(dateline_webhook_delivery_seconds_bucket[5m])))",
                    "p99": "histogram_quantile(0.99, sum by (le) (rate(dateline_webhook_delivery_seconds_bucket[5m])))",
                },
                "s",
                width=8,
            ),
            Lines(
                "Matches that wait",
                "To be sent for the first time, and to be sent again.",
                {"{{topic}}": 'sum by (topic) (service_topic:dateline_lag_records:sum{service="webhooks"})'},
                width=8,
            ),
        ],
        "How fast the tolerated errors are spent": [
            Lines(
                "Share of errors over windows",
                "The line is where they are spent in two days; see ops/runbooks/ErrorBudgetBurnsFast.md.",
                {
                    "{{service}}, 5 minutes": "service:dateline_http_errors:ratio_rate5m",
                    "{{service}}, 1 hour": "service:dateline_http_errors:ratio_rate1h",
                    "{{service}}, 6 hours": "service:dateline_http_errors:ratio_rate6h",
                },
                "percentunit",
                limit=0.0144,
                width=24,
            ),
        ],
    },
)
