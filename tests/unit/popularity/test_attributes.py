"""What is taken from an article for the lists, and what is passed over."""

from datetime import timedelta
from typing import Any

import pytest

from services.popularity.core.attributes import Attributes, decode_attributes, encode_attributes, read_attributes
from shared.articles import index_version
from tests.builders import ARTICLE_ID, NOON, a_record, a_retraction, an_enriched_article

MINUTE = int(NOON.timestamp() // 60)


def test_an_article_has_a_section_a_language_a_publisher_and_a_date() -> None:
    article = an_enriched_article(revision=7, enrichment=2, section="World", language="fr", publisher="Courier")

    assert read_attributes(a_record(article)) == (
        ARTICLE_ID.encode(),
        Attributes(index_version(7, 2), "World", "fr", "Courier", MINUTE),
    )


def test_an_article_without_a_date_is_as_old_as_it_was_retrieved() -> None:
    article = an_enriched_article(date_published=None, date_retrieved=NOON - timedelta(hours=1))

    assert known(article).minute == MINUTE - 60


def test_an_unknown_language_is_none() -> None:
    assert known(an_enriched_article(language="und")).language is None


def test_a_retraction_is_newer_than_every_enrichment_of_its_revision() -> None:
    retracted = known(a_retraction(revision=7))

    assert retracted.retracted
    assert retracted.version > known(an_enriched_article(revision=7, enrichment=1022)).version


@pytest.mark.parametrize(
    "fields",
    [
        {"value": b"{"},
        {"value": b"[]"},
        {"value": b"{}"},
        {"value": None},
        {"value": b'{"article_id":"no id","revision":1,"enrichment":0}'},
        {"value": b'{"article_id":"%s","revision":true,"enrichment":0}' % (b"a" * 32)},
        {"value": b'{"article_id":"%s","revision":1,"enrichment":1024}' % (b"a" * 32)},
        {"headers": ()},
        {"headers": (("ce_type", b"news.comment.posted.v1"),)},
    ],
)
def test_what_is_no_article_is_passed_over(fields: dict[str, Any]) -> None:
    assert read_attributes(a_record(an_enriched_article(), **fields)) is None


def test_odd_fields_of_an_article_are_as_if_they_were_not_there() -> None:
    value = b'{"article_id":"%s","revision":1,"enrichment":0,"section":7,"language":null,"date_published":"soon"}' % (b"a" * 32)

    assert read_attributes(a_record(an_enriched_article(), value=value)) == (b"a" * 32, Attributes(index_version(1, 0)))


@pytest.mark.parametrize("attributes", [Attributes(5, "Wörld", "en", None, 9), Attributes(2**62, retracted=True)])
def test_attributes_survive_being_stored(attributes: Attributes) -> None:
    assert decode_attributes(encode_attributes(attributes)) == attributes


def test_what_another_version_stored_is_refused() -> None:
    with pytest.raises(ValueError, match="values"):
        decode_attributes(b"[1,false]")


def known(body: object) -> Attributes:
    found = read_attributes(a_record(body))  # type: ignore[arg-type]  # whatever body
    assert found is not None
    return found[1]
