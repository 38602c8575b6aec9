"""`dateline enrich --explain`: why enrich made of an article what it makes of it, for a person to read. Needs nothing running."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from ops.cli.live_stories import FindTold
from ops.cli.trying import load_chosen, read_inputs
from services.enrich.core.explanation import Explanation, Opinion, PlaceChoice, explain_article
from services.enrich.core.fingerprint import Fingerprint
from services.enrich.core.language import SURE, THRESHOLD
from services.enrich.core.likeness import is_same_text
from services.enrich.core.name_origins import Origin
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.story_table import Entry
from services.ingest.core.extracted import NoArticle
from services.ingest.page_extractor import PageExtractor
from shared.articles import Entity
from shared.failures import Misconfigured

_ENDINGS = (".txt", ".json", ".html", ".htm", ".txt.gz", ".json.gz", ".html.gz", ".htm.gz")
#: The first line of a text is its headline when it is no longer than this and an empty line follows.
_LONGEST_HEADLINE = 300
_MOST_NAMED = 5
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)


class Readable(NamedTuple):
    """What enrich reads of an article."""

    headline: str
    body: str
    language: str | None = None


def explain_inputs(names: list[str], find_told: FindTold | None = None) -> Iterator[str]:
    """The lines that explain each input: a page, an article in JSON, or a text with its headline in the first line.

    Args:
        names: Files, folders, `-`.
        find_told: What the running services know of stories; None where they are not asked.
    """
    recognisers: Recognisers | None = None
    told: list[tuple[str, Fingerprint]] = []
    for name, content in read_inputs(names, _ENDINGS):
        article = read_article(name, content)
        recognisers = recognisers or load_chosen()
        explanation = explain_article(article.headline, article.body, article.language, recognisers)
        yield f"# {name}: {article.headline or '(no headline)'}"
        if recognisers.degraded:
            yield f"Degraded: {recognisers.degraded}"
        yield from describe(explanation)
        if find_told and explanation.fingerprint:
            yield from _describe_told(find_told(explanation.fingerprint))
        yield from _same_text(explanation.fingerprint, told)
        if explanation.fingerprint:
            told.append((name, explanation.fingerprint))
        yield ""


def read_article(name: str, content: bytes) -> Readable:
    """The headline, text and declared language of an article.

    Raises:
        Misconfigured: It is a page without an article, or JSON that is none.
    """
    if _PAGE.match(content):
        with PageExtractor() as extractor:
            found = extractor.extract_html(content, None, datetime.now(UTC))
        if isinstance(found, NoArticle):
            raise Misconfigured(f"{name}: there is no article in this page: {found.reason}")
        return Readable(found.headline, found.body, found.language)
    text = content.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        return _read_json(name, text)
    first, _, rest = text.lstrip().partition("\n")
    if len(first) <= _LONGEST_HEADLINE and rest.startswith(("\n", "\r\n")) and rest.strip():
        return Readable(first.strip(), rest.strip())
    return Readable("", text)


def _read_json(name: str, text: str) -> Readable:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Misconfigured(f"{name}: begins like JSON but is none: {error}") from None
    value = fields.get("value", fields)  # an event as `dateline dead-letters show` prints it, too
    if not isinstance(value, Mapping) or not isinstance(value.get("headline"), str):
        raise Misconfigured(f"{name}: this JSON has no headline; an article has headline, body, language")
    body, language = value.get("body"), value.get("language_declared", value.get("language"))
    return Readable(value["headline"], body if isinstance(body, str) else "", language if isinstance(language, str) else None)


def describe(explanation: Explanation) -> Iterator[str]:
    """An explanation in lines."""
    yield from _describe_language(explanation)
    yield ""
    yield "Entities, with salience and id"
    for entity in explanation.entities:
        role = f", {entity.role}" if entity.role else ""
        yield f"  {entity.type:8} {entity.name}{role}  x{entity.count}  {entity.salience}  {entity.entity_id}"
        mentions = {(mention.field, mention.start, mention.end) for mention in entity.mentions}
        yield from _describe_names([_with_merging(o, entity) for o in explanation.names if (o.field, o.start, o.end) in mentions])
    yield ""
    yield "Seen, and no names"
    yield from _describe_names(explanation.dropped) if explanation.dropped else ("      none",)
    yield ""
    yield f"Places; countries named: {', '.join(explanation.countries) or 'none'}"
    for choice in explanation.places:
        yield from _describe_choice(choice)
    yield ""
    yield "Keywords, best first; the lower the score, the better"
    for keyword in explanation.keywords:
        parts = ", ".join(f"{name} {value:g}" for name, value in keyword.parts().items())
        yield f"  {keyword.name}  {keyword.score:g}  ({parts})"
    yield ""
    yield f"Length: {explanation.time.words} words, {explanation.time.seconds} s to read"
    yield _describe_fingerprint(explanation.fingerprint)


def _describe_language(explanation: Explanation) -> Iterator[str]:
    language = explanation.language
    yield f"Language: {language.code}, confidence {language.confidence:.3f}; declared: {explanation.declared or 'none'}"
    for opinion in explanation.opinions:
        yield f"  {_describe_opinion(opinion)}"
    asked, all_of_them = len(explanation.opinions), explanation.identifiers
    if asked < all_of_them:
        yield f"  {all_of_them - asked} more not asked: those agree and are on average at least {SURE} sure"
    yield f"  the confidence is the mean over those asked; below {THRESHOLD} the language would be und"
    yield f"  names by the recogniser of: {explanation.read_as or 'no language, places only'}"


def _describe_opinion(opinion: Opinion) -> str:
    said = ", ".join(f"{code} {probability:.3f}" for code, probability in opinion.said) or "nothing"
    return f"{opinion.identifier} says {said}"


def _with_merging(origin: Origin, entity: Entity) -> Origin:
    """The origin of a mention, which also says why another form of a name is of this entity."""
    if origin.text == entity.name:
        return origin
    if entity.type == "PERSON":
        cause = "it begins or ends the name of this person, and of nobody else in the article"
    elif entity.geonames_id:
        cause = "the gazetteer knows the same place by both names"
    else:
        cause = "these are the same words"
    return replace(origin, reason=f"{origin.reason}; merged: {cause}")


def _describe_names(origins: Sequence[Origin]) -> Iterator[str]:
    """Each form once with each reason, and how often."""
    times: dict[tuple[str, str], list[Origin]] = {}
    for origin in origins:
        times.setdefault((origin.text, origin.reason), []).append(origin)
    for (text, reason), found in times.items():
        places = ", ".join(f"{origin.field} {origin.start}" for origin in found[:5]) + (", …" if len(found) > 5 else "")
        yield f"      {' '.join(text.split())!r} at {places}: {reason}"


def _describe_choice(choice: PlaceChoice) -> Iterator[str]:
    yield f"  {choice.name}: {choice.reason}"
    if len(choice.candidates) > 1:
        others = ", ".join(f"{place.kind} in {place.country} ({place.geonames_id})" for place in choice.candidates[:6])
        yield f"      called so: {others}"


def _describe_fingerprint(fingerprint: Fingerprint | None) -> str:
    if fingerprint is None:
        return "Story: too few words for a fingerprint; the article is a story of its own"
    return (
        f"Story: fingerprint of {fingerprint.words} words in {fingerprint.features} different pairs,"
        f" {fingerprint.signature[:8].tobytes().hex()}…; which story that is, the running services know (--live)"
    )


def _describe_told(told: Sequence[Entry]) -> Iterator[str]:
    """What the running services know of a text."""
    if not told:
        yield "  now nobody tells this text: it would begin a story of its own"
        return
    first, others = told[0], len(told) - 1
    yield f"  now it would be of the story {first.story.hex()}, as article {first.article.hex()} is, the first with this text"
    if others:
        named = ", ".join(entry.article.hex() for entry in told[1 : _MOST_NAMED + 1])
        yield f"  {others} more: {named}{', …' if others > _MOST_NAMED else ''}"


def _same_text(fingerprint: Fingerprint | None, told: Sequence[tuple[str, Fingerprint]]) -> Iterator[str]:
    """Which of the inputs before this one tell the same text."""
    for name, other in told:
        if fingerprint and is_same_text(fingerprint, other):
            yield f"  the same story as {name}"
