"""What was found of one article → its way in order of time, and where it is now (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from services.popularity.core.counting import ArticleCounts, total
from shared.articles import ArticleEnriched, ArticlePublished, ArticleRetracted
from shared.comments import CommentPosted
from shared.dead_letters import DeadLetter
from shared.events import Event, Record, decode_event
from shared.indices import RETRACTED
from shared.outcomes import DeadLettered
from shared.popularity import PopularitySignalled
from shared.topics import ENRICHED, PUBLISHED


@dataclass(frozen=True, slots=True)
class Step:
    """One record about the article. `facts` are for people and programs, in the order in which they are told."""

    time: datetime
    stage: str
    place: str
    offset: int
    revision: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Looked:
    """How far a partition's log was looked through: offsets, `end` not included; `begins` is where the log begins."""

    topic: str
    partition: int
    begins: int
    start: int
    end: int
    is_complete: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the log was left out."""
        return self.is_complete and self.start <= self.begins


@dataclass(frozen=True, slots=True)
class InIndex:
    """What the index has of the article; `lists` are those that it stands in, with its place and its count."""

    document: Mapping[str, Any] | None
    older_revisions: int = 0
    comments: int = 0
    matches: Sequence[str] = ()
    told_alike: int = 0
    lists: Sequence[tuple[str, int, int]] = ()


@dataclass(frozen=True, slots=True)
class InLog:
    """What Kafka has: records about the article, how far they were looked for, and up to where each service has read.

    `committed` is by service and topic, of the article's partition. `counts` are those of popularity, if it counted anything.
    """

    records: Sequence[Record] = ()
    looked: Sequence[Looked] = ()
    committed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    counts: ArticleCounts | None = None
    letters: Sequence[DeadLetter] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """All that was found of an article; an engine that did not answer is told as `failures`."""

    article_id: str
    log: InLog
    index: InIndex
    failures: Mapping[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> list[Step]:
        """Its way, oldest first."""
        steps = [step for record in self.log.records if (step := build_step(record)) is not None]
        return sorted(steps, key=lambda step: (step.time, step.place))


class State(StrEnum):
    """Where an article can be."""

    SEARCHABLE = "searchable"
    RETRACTED = "retracted"
    WAITS = "waits"
    REFUSED = "refused"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where it is now, why, and what to do, where something is to be done."""

    state: State
    why: str
    do: str = ""


def build_step(record: Record) -> Step | None:
    """What a record tells of the article; None for a kind that is no step of its way."""
    event = decode_event(record)
    written = datetime.fromtimestamp(max(record.timestamp_ms, 0) / 1000, UTC)
    if isinstance(event, DeadLettered):
        return Step(written, f"unreadable record in {record.topic}", record.place, record.offset, None, {"why": event.detail})
    told = _tell(event, record)
    if told is None:
        return None
    stage, revision, facts = told
    put_back = {"put back": f"by {record.header('replay_by')}"} if record.header("replay_count") else {}
    return Step(written, stage, record.place, record.offset, revision, {**facts, **put_back})


def _tell(event: Event[Any], record: Record) -> tuple[str, int | None, dict[str, Any]] | None:
    body = event.body
    if isinstance(body, ArticleEnriched):
        facts = {
            "language": f"{body.language} ({body.language_confidence:.0%})",
            "entities": len(body.entities),
            "story": body.story_id,
            "enrichment": body.enrichment,
            "model": body.recogniser,
        }
        return "enriched", body.revision, facts
    if isinstance(body, ArticlePublished):
        again = {"again": f"enrichment {event.again.enrichment}"} if event.again is not None else {}
        facts = {"headline": body.headline, "publisher": body.publisher, "url": body.url, "body": f"{len(body.body):,} characters"}
        return "asked for again" if again else "accepted", body.revision, facts | again | {"from": event.source}
    if isinstance(body, ArticleRetracted):
        stage = "retracted" if record.topic == PUBLISHED else "retraction passed on"
        return stage, body.revision, {"reason": body.reason, "from": event.source}
    if isinstance(body, CommentPosted):
        return "comment", None, {"author": body.author, "comment": body.comment_id}
    if isinstance(body, PopularitySignalled):
        return "counted", None, {"views": body.views, "comments": body.comments}
    return None


def judge_where(journey: Journey) -> Verdict:
    """Where the article is now."""
    steps, document = journey.steps, journey.index.document
    published = _newest(steps, PUBLISHED)
    if published is None and document is None:
        return _unseen(journey)
    wanted = published.revision or 0 if published is not None else 0
    if document is not None and int(document["revision"]) >= wanted:
        if document["status"] == RETRACTED:
            return Verdict(State.RETRACTED, f"it was retracted at {document.get('date_retracted')}, and is in no answer")
        return Verdict(State.SEARCHABLE, f"revision {document['revision']} is in the index since {document.get('date_indexed')}")
    if published is None:  # the document is older than nothing
        raise AssertionError("a document without a published record is as new as is known")
    before = "the revision before it stands in the index" if document is not None else "it is not in the index"
    return _judge_open(journey, published, before)


def _judge_open(journey: Journey, published: Step, before: str) -> Verdict:
    """Where the newest revision is, which is not in the index."""
    refused = _letter_at(journey, {published.place})
    if refused is not None:
        return _refused(refused, before)
    waiting = _waiting(journey, "enrich", PUBLISHED, published)
    if waiting is not None:
        return Verdict(State.WAITS, f"it waits for enrich, {waiting}; {before}", "see `dateline status`: does enrich run?")
    enriched = [s for s in journey.steps if s.place.startswith(f"{ENRICHED}-") and s.revision == published.revision]
    refused = _letter_at(journey, {step.place for step in enriched})
    if refused is not None:
        return _refused(refused, before)
    if not enriched:
        why = f"enrich has read it, and what it made of it is not in what was looked through of {ENRICHED}; {before}"
        return Verdict(State.MISSING, why, "look further back (--newest, --since); else at the log of enrich")
    waiting = _waiting(journey, "indexer", ENRICHED, enriched[-1])
    if waiting is not None:
        return Verdict(
            State.WAITS, f"it waits for the indexer, {waiting}; {before}", "see `dateline status`: does the indexer run?"
        )
    why = f"the indexer has read it, and {before}"
    return Verdict(State.MISSING, why, "it may be searchable in a second; else `dateline index verify`, and the log of the indexer")


def _unseen(journey: Journey) -> Verdict:
    if journey.log.letters:
        return _refused(journey.log.letters[-1], "it is not in the index")
    if journey.failures:
        return Verdict(State.UNKNOWN, "it was not found, and not everything could be asked", "see what does not answer")
    whole = all(looked.is_whole for looked in journey.log.looked)
    why = "nothing is known of it: no record, no document, no dead letter"
    further = "" if whole else "look further back (--newest, --since); "
    return Verdict(
        State.UNKNOWN, why, f"{further}was it refused at the door? Its sender was told why (`dateline publish`, feeds list)"
    )


def _newest(steps: Sequence[Step], topic: str) -> Step | None:
    """Of the highest revision; of several of these, the last, as it was asked for again."""
    found = [step for step in steps if step.place.startswith(f"{topic}-") and step.revision is not None]
    return max(found, key=lambda step: (step.revision or 0, step.offset), default=None)


def _letter_at(journey: Journey, places: set[str]) -> DeadLetter | None:
    return next((letter for letter in reversed(journey.log.letters) if letter.record.place in places), None)


def _refused(letter: DeadLetter, before: str) -> Verdict:
    why = f"{letter.service} put {letter.record.place} aside: {letter.code}, {letter.detail}; {before}"
    return Verdict(State.REFUSED, why, f"dateline dead-letters edit {letter.record.place}, or replay it once the cause is mended")


def _waiting(journey: Journey, service: str, topic: str, step: Step) -> str | None:
    """How many records are before it; None when the service has read it."""
    done = journey.log.committed.get((service, topic))
    if done is not None and step.offset < done:
        return None
    return "which has read nothing yet" if done is None else f"with {step.offset - done:,} records before it"


def build_counts(counts: ArticleCounts) -> dict[str, int]:
    """What popularity counted of all time."""
    return {
        "views": total(counts.views),
        "comments": total(counts.comments) if counts.comments is not None else 0,
        "visitors": total(counts.visitors) if counts.visitors is not None else 0,
    }
