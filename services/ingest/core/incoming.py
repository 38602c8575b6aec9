"""A document that somebody sent, in Dateline's own form or as IPTC ninjs → what is made of it.

Before it: `judging` (HTTP) and `inbound` (Kafka). After it: `core.acceptance`.
"""

from datetime import datetime

from services.ingest.core.acceptance import accept_article, accept_retraction
from services.ingest.core.identity import canonical_url, name_article
from services.ingest.core.judgements import Judged, Origin, Refused, Retraction
from services.ingest.core.memory import Look, recognise
from services.ingest.core.ninjs import NinjsRetraction, holds_ninjs, parse_ninjs
from services.ingest.core.submissions import ArticleSubmission

Incoming = ArticleSubmission | NinjsRetraction


def parse_incoming(document: bytes, now: datetime) -> Incoming | Refused:
    """What one JSON document says; pydantic's ValidationError for one in Dateline's own form that is wrong."""
    if holds_ninjs(document):
        return parse_ninjs(document, now)
    return ArticleSubmission.model_validate_json(document)


def judge_incoming(incoming: Incoming, origin: Origin, look: Look, now: datetime) -> Judged | Retraction:
    """An article as `accept_article` judges it, or the retraction of the article that a canceled item names."""
    if isinstance(incoming, ArticleSubmission):
        return accept_article(incoming, origin, look, now)
    if not origin.may_retract:
        return Refused((("pubstatus", "is canceled, and this token lacks the scope retract"),))
    canonical = canonical_url(incoming.url) if incoming.url is not None else None
    identities = name_article(incoming.publisher or origin.publisher, incoming.id, canonical, "")
    known = recognise(identities, look)
    own_id = known.article_id if known is not None else identities.all()[0]
    return accept_retraction(own_id.hex(), incoming.revision, incoming.reason, origin, look, now)
