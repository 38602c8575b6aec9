"""IPTC ninjs of all versions -> submissions, retractions, refusals. The documents are in the folder ninjs/."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.judgements import Refused
from services.ingest.core.ninjs import NinjsRetraction, holds_ninjs, is_ninjs, parse_ninjs
from services.ingest.core.submissions import ArticleSubmission
from shared.text import clean_line, clean_text
from tests.builders import NOON

DOCUMENTS = Path(__file__).parent / "ninjs"
SAMPLE = Path(__file__).parents[3] / "ops" / "sample"


def document(name):
    return (DOCUMENTS / f"{name}.json").read_bytes()


def article(name):
    parsed = parse_ninjs(document(name), NOON)
    assert isinstance(parsed, ArticleSubmission), parsed
    return parsed


def item(**properties):
    """A document that is accepted but for these properties."""
    return json.dumps({"uri": "urn:x:1", "headlines": [{"value": "Bridge reopens"}], **properties}).encode()


def accepted(**properties):
    parsed = parse_ninjs(item(**properties), NOON)
    assert isinstance(parsed, ArticleSubmission), parsed
    return parsed


def test_a_text_of_version_1_is_read_whole():
    seen = article("v1_text")

    assert seen == ArticleSubmission.model_validate({
        "headline": "Harbour bridge reopens",
        "body": "The bridge reopened on Monday.\n\nTraffic was light.",
        "id": "http://news.agency.example/items/harbour-1",
        "url": "http://news.agency.example/items/harbour-1",
        "revision": 3,
        "description": "After two years.",
        "authors": ["Ada Lund", "Per Ek"],
        "publisher": "Harbour Agency",
        "section": "Transport",
        "keywords": ["Bridges", "Current"],
        "language": "en",
        "image_url": "https://img.agency.example/b.jpg",
        "date_published": datetime(2026, 11, 23, 18, 0, tzinfo=UTC),
        "date_modified": datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
        "related_links": [{"headline": "Bridge closes for two years", "url": "http://news.agency.example/items/harbour-0"}],
    })  # fmt: skip


def test_a_text_of_version_2_is_read_whole():
    seen = article("v2_text")

    assert seen.headline == "Hafenbrücke wieder offen"
    assert seen.body == "Die Brücke ist seit Montag offen.\n\nDer Verkehr war gering."
    assert (seen.id, seen.url, seen.revision) == ("urn:newsml:agency.example:20261124:4711", None, 2)
    assert (seen.authors, seen.publisher, seen.language) == (("Ada Lund",), "agentur", "de")
    assert (seen.date_published, seen.date_modified) == (datetime(2026, 11, 24, 8, 30, tzinfo=UTC), None)


def test_an_item_of_version_3_with_pictures_is_read_whole():
    seen = article("v3_composite")

    assert seen.headline == "Bridge reopens & traffic returns"
    assert seen.body == "The bridge\n\nreopened."
    assert seen.url == "https://www.courier.example/world/bridge?id=900"
    assert (seen.publisher, seen.authors, seen.revision) == ("Courier Wire", ("Ada Lund",), 12)
    assert seen.image_url == "https://img.courier.example/a.jpg?sig=1&b=2"


def test_an_item_without_a_body_is_its_headline_and_description():
    seen = article("v2_no_body")

    assert (seen.headline, seen.description, seen.body) == ("Ny bro åpnet", "Broen er åpen.", "")
    assert (seen.language, seen.section, seen.keywords) == ("nb-NO", "Innenriks", ("Samferdsel",))


def test_the_least_that_is_an_article_is_a_uri_and_a_headline():
    assert article("v3_minimal") == ArticleSubmission(id="urn:x:1", headline="One line of news")


def test_a_canceled_item_retracts_its_article_from_its_version_on():
    assert parse_ninjs(document("v3_canceled"), NOON) == NinjsRetraction(
        id="https://courier.example/items/900",
        url="https://courier.example/items/900",
        publisher="Courier",
        revision=13,
        reason="Kill: the bridge is still closed.",
    )


def test_a_canceled_item_without_a_version_retracts_for_good():
    parsed = parse_ninjs(document("v2_canceled_for_good"), NOON)

    assert isinstance(parsed, NinjsRetraction)
    assert (parsed.revision, parsed.reason) == (None, "canceled by the publisher")


def test_an_embargo_that_is_over_holds_nothing_up():
    assert article("v2_embargo_over").headline == "Prize for a bridge"


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("v2_withheld", "pubstatus", "withheld"),
        ("v3_embargoed", "embargoedUntil", "2026-12-01T00:00:00+00:00"),
        ("v2_picture", "type", "'picture'"),
        ("v2_no_headline", "headlines", "needs a headline"),
        ("v3_body_without_value", "bodies.0.value", "required"),
        ("v2_only_nitf", "bodies", "application/nitf+xml"),
        ("v3_dates_wrong", "firstCreated", "2203"),
        ("v2_date_no_date", "versioncreated", "'yesterday'"),
        ("v2_version_zero", "version", "count from 1"),
        ("v3_language_wrong", "language", "match pattern"),
        ("v3_status_unknown", "pubStatus", "'cancelled'"),
        ("v2_no_uri", "uri", "required"),
    ],
)
def test_what_is_wrong_is_said_by_the_name_that_the_document_uses(name, wrong, said):
    refused = parse_ninjs(document(name), NOON)

    assert isinstance(refused, Refused), refused
    ((field, detail),) = refused.errors
    assert field == wrong
    assert said in detail


@pytest.mark.parametrize("bad", [b"", b"{", b"[]", b"null", b'"uri"', b'{"uri": "\\ud800"}', b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(bad):
    refused = parse_ninjs(bad, NOON)

    assert isinstance(refused, Refused)
    assert refused.errors[0][0] == "body"


@pytest.mark.parametrize(
    ("properties", "wrong"),
    [
        ({"uri": 5}, "uri"),
        ({"uri": "x" * 501}, "uri"),
        ({"headlines": "Bridge"}, "headlines"),
        ({"headlines": [{"value": "x" * 1001}]}, "headlines"),
        ({"associations": 7}, "associations"),
        ({"associations": {"a": {"renditions": [{"width": "wide"}]}}}, "associations.0.renditions.0.width"),
        ({"version": 10**20}, "version"),
        ({"version": [1]}, "version"),
        ({"versionCreated": 1700000000}, "versionCreated"),
        ({"embargoed": "soon"}, "embargoed"),
        ({"body_text": ["a"]}, "body_text.0.value"),
        ({"subject": [{"name": 4}]}, "subject.0.name"),
    ],
)
def test_a_property_of_the_wrong_kind_is_named(properties, wrong):
    refused = parse_ninjs(item(**properties), NOON)

    assert isinstance(refused, Refused), refused
    assert [field for field, _ in refused.errors] == [wrong]


def test_properties_that_dateline_does_not_read_may_be_anything():
    assert accepted(places=5, people="all", eventDetails=[None], signals={"x": [1]}).id == "urn:x:1"


@pytest.mark.parametrize("version", [None, "1.2", "2026-11-24", "", "v3", "-1"])
def test_a_version_that_is_no_number_leaves_the_revision_to_the_time_of_acceptance(version):
    assert accepted(version=version).revision is None


def test_a_number_may_be_a_version_as_well_as_a_text():
    assert (accepted(version=7).revision, accepted(version="7").revision) == (7, 7)


def test_markup_is_read_for_its_paragraphs_unless_it_is_only_a_part_of_the_text():
    whole = {"contentType": "text/plain", "value": "One paragraph. " * 20}
    teaser = {"contentType": "text/html", "value": "<p>One paragraph.</p>"}

    assert accepted(bodies=[whole, teaser]).body == ("One paragraph. " * 20).strip()
    assert accepted(bodies=[whole, {"contentType": "text/html", "value": "<p>One paragraph.</p>" * 20}]).body.count("\n\n") == 19


def test_a_body_without_a_media_type_is_html_if_it_looks_like_it():
    assert accepted(bodies=[{"value": "<p>One</p><p>Two</p>"}]).body == "One\n\nTwo"
    assert accepted(bodies=[{"value": "3 < 4 & 5 > 4"}]).body == "3 < 4 & 5 > 4"


@pytest.mark.parametrize("value", ["<p>Bridge reopens</p><p>One.</p>", "Bridge reopens\nOne."])
def test_the_headline_on_top_of_the_body_is_left_out(value):
    assert accepted(bodies=[{"value": value}]).body == "One."


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("https://courier.example/a", "https://courier.example/a"),
        ("urn:x:1", None),
        ("tag:courier.example,2026:1", None),
        ("http://", None),
        ("https://courier.example/a b", None),
        ("javascript:alert(1)", None),
    ],
)
def test_only_a_uri_that_is_a_web_address_is_the_url(uri, url):
    assert accepted(uri=uri).url == url


def test_a_rendition_in_html_is_where_readers_find_the_article():
    page = {"name": "web", "contentType": "text/html; charset=utf-8", "href": "https://courier.example/page"}

    assert accepted(uri="https://courier.example/items/1", renditions=[page]).url == "https://courier.example/page"


@pytest.mark.parametrize("name", sorted(path.stem for path in DOCUMENTS.glob("*.json") if path.stem != "v2_no_uri"))
def test_a_document_is_recognised_without_being_told(name):
    assert is_ninjs(json.loads(document(name)))
    assert holds_ninjs(document(name))


@pytest.mark.parametrize(
    "native",
    [
        {"headline": "h", "url": "https://a.example/1"},
        {"headline": "h", "id": "1", "body": "b"},
        {"headline": "h", "uri": "urn:x:1", "id": "1"},
        {"headline": "h", "uri": "urn:x:1", "url": "https://a.example/1", "bodies": []},
        {"uri": "urn:x:1"},
        {"headline": 'says "uri"', "url": "https://a.example/1"},
        {},
        [],
        "uri",
        None,
    ],
)
def test_what_may_be_datelines_own_form_is(native):
    assert not is_ninjs(native)
    assert not holds_ninjs(orjson.dumps(native))


def test_every_line_that_ships_is_datelines_own_form():
    assert not any(holds_ninjs(line) for line in (SAMPLE / "articles.ndjson").read_bytes().splitlines())


def test_bytes_that_are_no_json_are_no_ninjs():
    assert not holds_ninjs(b'{"uri": "urn:x:1", "headlines": [')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        """uri type version pubStatus pubstatus firstcreated versionCreated embargoed language headline headlines headline_x by
        byline descriptions bodies body_text body_xhtml subjects subject genres infosources altids renditions associations value
        role contenttype href width name title""",
    )
)
NINJS_LIKE = st.recursive(
    JSON | st.text(alphabet="<p>/&;az\u202e\0 \n", max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


@given(st.dictionaries(NAMES, NINJS_LIKE, max_size=12))
def test_no_document_is_too_strange_to_be_judged(strange):
    document = json.dumps({"uri": "urn:x:1", "headlines": [{"value": "h"}]} | strange).encode()
    parsed = parse_ninjs(document, NOON)

    assert isinstance(parsed, ArticleSubmission | NinjsRetraction | Refused)
    assert not isinstance(parsed, Refused) or all(field and detail for field, detail in parsed.errors)


@given(st.text(), st.text(), st.booleans())
def test_texts_are_clean_whatever_the_document_holds(headline, body, markup):
    kind = "text/html" if markup else "text/plain"
    properties = {"headlines": [{"value": f"h{headline}"[:500]}], "bodies": [{"contentType": kind, "value": body}]}
    document = json.dumps({"uri": "urn:x:1", **properties}, ensure_ascii=True).encode()
    parsed = parse_ninjs(document, NOON)

    if isinstance(parsed, Refused):
        assert parsed.errors[0][0] == "body"  # a lone surrogate is not JSON that anybody may send
    else:
        assert isinstance(parsed, ArticleSubmission)
        assert (parsed.headline, parsed.body) == (clean_line(parsed.headline), clean_text(parsed.body))
