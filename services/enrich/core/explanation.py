"""Tells for a person why an article was understood as it was: its language, names, places, keywords and fingerprint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.enrich.core.capitals import title_capitals
from services.enrich.core.enrichment import choose_recogniser, find_raw_spans
from services.enrich.core.entities import describe_entities, find_names, locate_places
from services.enrich.core.fingerprint import Fingerprint, build_fingerprint
from services.enrich.core.keywords import Keyword, find_keywords
from services.enrich.core.language import DetectedLanguage, LanguageIdentifier, detect_language
from services.enrich.core.name_customs import CUSTOMS
from services.enrich.core.name_origins import Origin, trace_dropped, trace_names
from services.enrich.core.places import Place, countries_of, find_possible_places
from services.enrich.core.reading_time import ReadingTime, measure_reading_time
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.spans import Field
from shared.articles import Entity


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a language identifier said: codes with probabilities, likeliest first."""

    identifier: str
    said: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """The places that are called alike, the likeliest first, the one that was taken, and why."""

    name: str
    candidates: Sequence[Place]
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it. `read_as` is the language whose model was asked for names, `countries` what tells places apart."""

    language: DetectedLanguage
    declared: str | None
    opinions: Sequence[Opinion]
    identifiers: int
    read_as: str | None
    names: Sequence[Origin]
    dropped: Sequence[Origin]
    entities: Sequence[Entity]
    countries: Sequence[str]
    places: Sequence[PlaceChoice]
    keywords: Sequence[Keyword]
    time: ReadingTime
    fingerprint: Fingerprint | None


def explain_article(headline: str, body: str, declared: str | None, recognisers: Recognisers) -> Explanation:
    """Read an article once more, step by step, with the very functions that enrich reads it with."""
    texts: dict[Field, str] = {"headline": headline, "body": body}
    language, opinions = _ask(headline, body, recognisers.identify_language)
    read_as = choose_recogniser(language, declared, body, recognisers)
    customs = CUSTOMS.get(read_as or "")
    (raw,) = find_raw_spans([texts], [read_as], recognisers)
    located = locate_places(texts, recognisers.gazetteer, customs)
    final = find_names(texts, raw, located, customs)
    entities = describe_entities(texts, final, located, customs)
    countries, places = _explain_places(texts, entities, recognisers)
    return Explanation(
        language=language,
        declared=declared,
        opinions=opinions,
        identifiers=len(recognisers.identify_language),
        read_as=read_as,
        names=trace_names(texts, raw, located, final, customs),
        dropped=trace_dropped(texts, raw, located, final, customs),
        entities=entities,
        countries=countries,
        places=places,
        keywords=find_keywords(texts, language.code, entities, recognisers.stop_words(language.code)),
        time=measure_reading_time(body, language.code),
        fingerprint=build_fingerprint(headline, body),
    )


def _ask(headline: str, body: str, identifiers: Sequence[LanguageIdentifier]) -> tuple[DetectedLanguage, list[Opinion]]:
    """The language, and the opinion of every identifier that had to be asked for it."""
    opinions: list[Opinion] = []

    def listening(identify: LanguageIdentifier) -> LanguageIdentifier:
        def ask(text: str) -> Sequence[tuple[str, float]]:
            said = identify(text)
            opinions.append(Opinion(getattr(identify, "__name__", "identifier").removeprefix("ask_"), tuple(said)))
            return said

        return ask

    return detect_language(headline, body, [listening(identify) for identify in identifiers]), opinions


def _explain_places(
    texts: Mapping[Field, str], entities: Sequence[Entity], recognisers: Recognisers
) -> tuple[list[str], list[PlaceChoice]]:
    """The countries that the article names, and for each place of several of its name why it is this one."""
    possible = {field: find_possible_places(title_capitals(text), recognisers.gazetteer) for field, text in texts.items()}
    countries = sorted(frozenset[str]().union(*(countries_of(found) for found in possible.values())))
    candidates = {(field, name.start, name.end): name.candidates for field in texts for name in possible[field]}
    choices = []
    for entity in entities:
        if entity.geonames_id is None:
            continue
        mentions = [(mention.field, mention.start, mention.end) for mention in entity.mentions]
        called_so = next((candidates[mention] for mention in mentions if mention in candidates), ())
        if len(called_so) == 1:
            reason = "the only place of this name"
        elif entity.country in countries:
            reason = f"the article names its country, {entity.country}"
        elif called_so and called_so[0].geonames_id != entity.geonames_id:
            reason = f"the name of a part of {entity.country} follows it"
        else:
            reason = "the article names the country of none of them, so it is the first: a country before a city, the largest city"
        choices.append(PlaceChoice(entity.name, called_so, reason))
    return countries, choices
