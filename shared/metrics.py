"""Every metric that Dateline exports, declared once. Labels come from closed sets, so the series stay few (failure-modes F44)."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)

#: Records taken from a topic. Less the outcomes, it is what is being worked on.
CONSUMED = Counter("dateline_records_consumed_total", "Records taken from Kafka", ["topic"])
#: One for every record consumed. When `dead-lettered` moves, look at `dateline dead-letters list`.
OUTCOMES = Counter("dateline_outcomes_total", "Ends that consumed records came to", ["topic", "outcome"])
#: Why records were dead-lettered.
DEAD_LETTERS = Counter("dateline_dead_letters_total", "Records dead-lettered, by reason", ["topic", "code"])
#: Records not consumed yet. Growing: start more of this service, or see why it waits.
LAG = Gauge("dateline_lag_records", "Records of a partition not consumed yet", ["topic", "partition"])
#: Age of events when they are done with, since ingest accepted them.
EVENT_AGE = Histogram("dateline_event_age_seconds", "Time from acceptance at ingest to done here", ["topic"], buckets=_SECONDS)
#: Attempts that found the other side away or busy. Moving for long: look at Kafka and Elasticsearch.
RETRIES = Counter("dateline_retries_total", "Batches tried again because the other side was not available", ["topic"])
#: Time to handle one batch, deliver its outcomes and commit.
BATCH_SECONDS = Histogram("dateline_batch_seconds", "Time for one batch, from poll to commit", buckets=_SECONDS)
#: Batches being handled now, of those that one process handles at the same time (indexer only).
IN_FLIGHT = Gauge("dateline_batches_in_flight", "Batches that are being handled now")
#: Articles written again because Elasticsearch took longer than `indexer.late_seconds`. Many: it has too much to do.
LATE_DOCUMENTS = Counter("dateline_late_documents_total", "Articles written to the index again since a bulk took too long")
#: Older revisions of articles put into `revisions`; more than the changes in the news: something is published again and again.
REVISIONS_KEPT = Counter("dateline_revisions_kept_total", "Older revisions of articles kept when newer ones came")
#: Records that Kafka acknowledged.
PRODUCED = Counter("dateline_records_produced_total", "Records acknowledged by Kafka", ["topic"])
#: HTTP requests by route (its pattern, not its path) and class of status.
HTTP_REQUESTS = Counter("dateline_http_requests_total", "HTTP requests answered", ["method", "route", "status"])
#: HTTP server time by route.
HTTP_SECONDS = Histogram("dateline_http_request_seconds", "Time to answer HTTP requests", ["route"], buckets=_SECONDS)
#: What came in at the door and what became of it.
SUBMISSIONS = Counter(
    "dateline_submissions_total", "Articles, pages, retractions, views, readings, shares and comments submitted", ["kind", "result"]
)
#: Views that are not counted, by reason: repeat (of one visitor and article, within the time that is set), robot, late, future,
#: network (of one that gave its share); and of page tokens: forged, expired, foreign (of another article), replayed; blind (none at
#: all), origin (of pages that may not send views). Many repeats or robots: look for who sends them. Many forged: see whether ingest
#: and search have the same key.
VIEWS_REFUSED = Counter("dateline_views_refused_total", "Views that are not counted, by reason", ["reason"])
#: What pages report besides views (engaged: for how long they were read, or shares) that is not counted, by reason: repeat (of one
#: visitor and article, within half an hour, or on one day), late, future, network. Of those that ingest refuses, see views.
REPORTS_REFUSED = Counter(
    "dateline_reports_refused_total", "Reports of engaged seconds or shares that are not counted, by reason", ["measure", "reason"]
)
#: Polls of feeds by result: changed, unchanged, failed, unpublished (Kafka was away), lost (the feed went to another poller).
FEED_POLLS = Counter("dateline_feed_polls_total", "Feeds polled", ["result"])
#: Entries that feeds showed, by result: new, changed, unchanged, refused. No new ones for long: look at `dateline feeds list`.
FEED_ENTRIES = Counter("dateline_feed_entries_total", "Entries of feeds, by what became of them", ["result"])
#: Time of one poll, from the request to the acknowledgement of its entries.
FEED_POLL_SECONDS = Histogram("dateline_feed_poll_seconds", "Time for one poll of a feed", buckets=_SECONDS)
#: How long after their time feeds are polled. Growing: give ingest more workers for feeds, or start more of it.
FEED_LATE = Histogram("dateline_feed_late_seconds", "Time from when a feed was due to its poll", buckets=_SECONDS)
#: Feeds of this process by condition: ok, new, paused, failing, silent, surging. `dateline feeds list` has the reasons.
FEEDS = Gauge("dateline_feeds", "Feeds that this process polls, by condition", ["condition"])
#: Of the feed that has waited longest for a poll that succeeds. Beyond the longest interval: it fails, or nobody polls.
FEED_OLDEST_SUCCESS_AGE = Gauge(
    "dateline_feed_oldest_success_age_seconds", "Time since the last success of the feed where that is longest ago"
)
#: Over all feeds of this process. Growing at a time when there is news: nothing comes in at all.
FEED_NEWEST_ARTICLE_AGE = Gauge(
    "dateline_feed_newest_article_age_seconds", "Time since any feed brought a new article; 0 before the first"
)
#: Feeds of this process that are to be polled now, and have not been. Growing: see `dateline_feed_late_seconds`.
FEEDS_DUE = Gauge("dateline_feeds_due", "Feeds of this process whose poll is due")
#: Of these, for more than five minutes. Many: nobody polls, or too few do; give ingest more workers for feeds.
FEEDS_OVERDUE = Gauge("dateline_feeds_overdue", "Feeds of this process whose poll has been due for more than five minutes")
#: Lists that popularity published.
LISTS_PUBLISHED = Counter("dateline_lists_published_total", "Ranked lists published")
#: Articles whose counts popularity holds.
ARTICLES_COUNTED = Gauge("dateline_articles_counted", "Articles whose counts are held in memory")
#: 1 while a service does less than it should (no model, for one); `/readyz` says what.
DEGRADED = Gauge("dateline_degraded", "1 while the service does less than it should")
#: 1 while `/readyz` says so, asked when Prometheus does. 0 for long: `/readyz` names what it waits for.
READY = Gauge("dateline_ready", "1 while the service can work, as /readyz says")
#: Attempts to send a match to a webhook, by how they ended: taken, refused (another answer than 2xx), gone (410), unreachable;
#: put-off are those that were not tried, since the endpoint or its host had just failed. `/readyz` does not care: the hosts of
#: strangers may be away.
WEBHOOK_DELIVERIES = Counter("dateline_webhook_deliveries_total", "Attempts to send matches to webhooks", ["result"])
#: Time for one attempt, until its answer or its failure. Long ones: endpoints that hang, see webhooks.timeout_seconds.
WEBHOOK_SECONDS = Histogram("dateline_webhook_delivery_seconds", "Time for one attempt at a webhook", buckets=_SECONDS)
#: Spans of traces by what became of them: sent, failed (the collector did not take them), dropped (more than can be sent). The
#: service goes on all the same. Failed ones: look at the collector. Many dropped: lower `traces.ratio`.
SPANS = Counter("dateline_spans_total", "Spans of traces, by what became of them", ["result"])
