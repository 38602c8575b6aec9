"""An article as schema.org NewsArticle and as IPTC ninjs."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.ingest.core.ninjs import is_ninjs, parse_ninjs
from services.ingest.core.submissions import ArticleSubmission
from services.search.core.feeds_out import build_urn
from services.search.core.news_article import build_news_article, build_script_text
from services.search.core.ninjs_out import build_ninjs
from tests.builders import ARTICLE_ID
from tests.unit.search.builders import HOSTILE, an_article_to_show

PAGE = f"https://news.example/articles/{ARTICLE_ID}"
LATER = datetime(2027, 1, 1, tzinfo=UTC)

TYRE = {"type": "GPE", "name": "Tyre", "count": 2, "mentions": [], "geonames_id": 267008, "latitude": 33.27, "longitude": 35.2}
ADA = {
    "type": "PERSON",
    "name": "Ada Lund",
    "count": 1,
    "mentions": [],
    "role": "minister",
    "salience": 0.9,
    "entity_id": "person:1",
}
FULL = {
    "description": {"en": "After two years."},
    "authors": ["Ada Smith", "Bo Lee"],
    "publisher": "Courier",
    "keywords": ["bridges", "harbours"],
    "image_url": "https://courier.example/bridge.jpg",
    "date_modified": "2026-11-24T15:30:00Z",
    "correction": "It was Monday.",
    "word_count": 12,
    "reading_seconds": 4,
    "paywalled": True,
    "entities": [TYRE, ADA, {"type": "NORP", "name": "Phoenicians", "count": 1, "mentions": []}],
    "related_links": [{"headline": "Bridge closes", "url": "https://courier.example/closes"}],
    "translation_of": "f" * 32,
}


def test_a_news_article_says_all_that_is_known_in_the_words_of_schema_org():
    assert build_news_article(an_article_to_show(**FULL), PAGE, with_body=True) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": PAGE,
        "identifier": build_urn(ARTICLE_ID),
        "url": PAGE,
        "mainEntityOfPage": PAGE,
        "isBasedOn": "https://courier.example/bridge",
        "headline": "Harbour bridge reopens",
        "description": "After two years.",
        "articleBody": "The bridge over the harbour reopened on Monday.\n\nTraffic was light.",
        "articleSection": "World",
        "author": [{"@type": "Person", "name": "Ada Smith"}, {"@type": "Person", "name": "Bo Lee"}],
        "publisher": {"@type": "Organization", "name": "Courier"},
        "datePublished": "2026-11-24T12:00:00+00:00",
        "dateModified": "2026-11-24T15:30:00+00:00",
        "image": ["https://courier.example/bridge.jpg"],
        "inLanguage": "en",
        "keywords": ["bridges", "harbours"],
        "wordCount": 12,
        "timeRequired": "PT4S",
        "isAccessibleForFree": False,
        "correction": "It was Monday.",
        "translationOfWork": {"@type": "NewsArticle", "identifier": build_urn("f" * 32)},
        "version": 1_700_000_000_000,
        "mentions": [
            {
                "@type": "Place",
                "name": "Tyre",
                "sameAs": "https://sws.geonames.org/267008/",
                "geo": {"@type": "GeoCoordinates", "latitude": 33.27, "longitude": 35.2},
            },
            {"@type": "Person", "name": "Ada Lund", "jobTitle": "minister"},
            {"@type": "Thing", "name": "Phoenicians"},
        ],
    }


def test_what_is_not_known_of_an_article_is_not_said():
    bare = an_article_to_show(url=None, section=None, date_published=None, language="und")

    said = build_news_article(bare, PAGE, with_body=False)

    assert set(said) == {
        *("@context", "@type", "@id", "identifier", "url", "mainEntityOfPage", "headline", "isAccessibleForFree", "version")
    }


class _Scripts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = [], []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - the parser's own signature
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


@given(st.text() | st.sampled_from([HOSTILE, "</script>", "<!--<script>", "]]>", "\u2028"]))
def test_no_text_ends_the_script_element_that_holds_it(text):
    document = build_news_article(an_article_to_show(headline={"en": text or "x"}), PAGE, with_body=False)
    page = _Scripts()
    page.feed(f'<script type="application/ld+json">{build_script_text(document)}</script><p>after</p>')

    assert page.tags == ["script", "p"]
    assert json.loads(page.texts[0]) == document
    assert not re.search("[<>&]", page.texts[0])


_TEXT = {"type": "string"}
_ARRAY_OF = lambda required, **properties: {  # noqa: E731 - a word for what the schema repeats
    "type": "array",
    "items": {"type": "object", "required": required, "properties": properties, "additionalProperties": False},
}
_WORDINGS = _ARRAY_OF(["value"], role=_TEXT, contentType=_TEXT, value=_TEXT)
_NAMED = _ARRAY_OF([], name=_TEXT, rel=_TEXT, uri={"type": "string", "format": "uri"}, literal=_TEXT)
_TIME = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
#: The rules of IPTC's ninjs-schema_3.1.json for the properties that are used here; it allows no others.
NINJS = {
    "type": "object",
    "required": ["uri"],
    "additionalProperties": False,
    "properties": {
        "uri": {"type": "string", "format": "uri"},
        "standard": {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys(("name", "version", "schema"), _TEXT),
        },
        "type": {"enum": ["text", "audio", "video", "picture", "graphic", "composite", "component", "event", "planning"]},
        "representationType": {"enum": ["full", "partial"]},
        "pubStatus": {"enum": ["usable", "withheld", "canceled"]},
        "version": _TEXT,
        "firstCreated": _TIME,
        "versionCreated": _TIME,
        "language": _TEXT,
        "altIds": _ARRAY_OF([], role=_TEXT, value=_TEXT),
        "headlines": _WORDINGS,
        "descriptions": _WORDINGS,
        "bodies": _ARRAY_OF(
            ["value"], role=_TEXT, contentType=_TEXT, value=_TEXT, charCount={"type": "integer"}, wordCount={"type": "integer"}
        ),
        "by": _TEXT,
        "edNote": _TEXT,
        "infoSources": _ARRAY_OF([], name=_TEXT, role=_TEXT),
        "subjects": _ARRAY_OF([], name=_TEXT, rel=_TEXT),
        "people": _NAMED,
        "organisations": _NAMED,
        "places": _NAMED,
        "events": _NAMED,
        "associations": _ARRAY_OF(
            ["name", "uri"],
            name=_TEXT,
            uri=_TEXT,
            type={"enum": ["text", "picture"]},
            headlines=_WORDINGS,
            renditions=_ARRAY_OF(["name"], name=_TEXT, href=_TEXT),
        ),
    },
}


@pytest.mark.parametrize(
    "fields", [FULL, {}, {"url": None, "section": None, "date_published": None, "language": "und", "body": {}}]
)
def test_an_item_keeps_the_rules_of_ninjs(fields):
    item = json.loads(orjson.dumps(build_ninjs(an_article_to_show(**fields))))

    assert [error.message for error in Draft202012Validator(NINJS).iter_errors(item)] == []
    assert is_ninjs(item)


def test_an_item_tells_entities_apart_and_what_the_article_is_about():
    item = build_ninjs(an_article_to_show(**FULL))

    assert item["places"] == [{"name": "Tyre", "rel": "mentions", "uri": "https://sws.geonames.org/267008/"}]
    assert item["people"] == [{"name": "Ada Lund", "rel": "about", "literal": "person:1"}]
    assert "organisations" not in item
    assert item["representationType"] == "partial"


def read_again(article):
    submission = parse_ninjs(orjson.dumps(build_ninjs(article)), LATER)
    assert isinstance(submission, ArticleSubmission), submission
    return submission


def test_ingest_reads_the_same_article_from_the_item():
    article = an_article_to_show(**FULL)
    again = read_again(article)

    for name in ArticleSubmission.model_fields:
        if name not in ("id", "breadcrumb", "translation_of", "correction", "related_links"):
            assert getattr(again, name) == getattr(article, name), name
    assert [(link.headline, link.url) for link in again.related_links] == [("Bridge closes", "https://courier.example/closes")]
    assert again.id == build_urn(ARTICLE_ID)


_words = st.text(alphabet=st.sampled_from("abc dé<&>\"'ش中\n"), min_size=1, max_size=30).map(str.strip).filter(bool)
_lines = _words.map(lambda text: " ".join(text.split())).filter(bool)


@given(headline=_lines, body=st.lists(_lines, max_size=3).map("\n\n".join), description=_lines | st.none(), section=_lines)
def test_texts_come_back_as_they_were(headline, body, description, section):
    body = f"Begins.\n\n{body}".strip()
    texts = {"headline": {"en": headline}, "body": {"en": body}, "description": {"en": description} if description else None}
    again = read_again(an_article_to_show(section=section, **{name: text for name, text in texts.items() if text}))

    assert (again.headline, again.body, again.description, again.section) == (headline, body, description, section)
