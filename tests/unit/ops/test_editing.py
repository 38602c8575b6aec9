"""Records changed by hand, and whether a service would take them then."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.cli.editing import NotEditable, compact, judge_record, pretty, set_headers, set_values
from tests.builders import NOON, a_record, an_article, value_of

ARTICLE = b'{"headline":"","authors":["Ana"],"entities":[{"name":"Rotterdam","count":1}]}'

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("headline=Harbour bridge reopens", ("headline",), "Harbour bridge reopens"),
        ("section=null", ("section",), None),
        ("entities.0.count=2", ("entities", 0, "count"), 2),
        ("authors.1=Bo", ("authors", 1), "Bo"),
        ('related={"a": [1]}', ("related",), {"a": [1]}),
        ("url=https://a.example/?q=1", ("url",), "https://a.example/?q=1"),
    ],
)
def test_a_value_is_set_at_its_path_and_read_as_json_where_it_is_json(assignment, path, value):
    changed = json.loads(set_values(ARTICLE, [assignment]))

    for step in path:
        changed = changed[step]
    assert changed == value


def test_values_are_removed():
    assert json.loads(set_values(ARTICLE, [], ["headline", "entities.0.count"])) == {
        "authors": ["Ana"],
        "entities": [{"name": "Rotterdam"}],
    }


@pytest.mark.parametrize(
    ("assignments", "removals", "why"),
    [
        (["headline"], [], "not like section=World"),
        (["a.b=1"], [], "there is no a"),
        (["authors.5=x"], [], "5 is no place there"),
        (["authors.x=1"], [], "x is no place there"),
        (["authors.²=1"], [], "is no place there"),
        (["headline.x=1"], [], "headline is neither an object nor a list"),
        ([], ["nothing"], "nothing is not there"),
        ([], ["authors.1"], "authors.1 is not there"),
    ],
)
def test_what_cannot_be_set_is_named(assignments, removals, why):
    with pytest.raises(NotEditable, match=why):
        set_values(ARTICLE, assignments, removals)


@pytest.mark.parametrize("value", [b"not json", b"", None, b"\xff"])
def test_of_a_value_that_is_no_json_only_the_whole_can_be_replaced(value):
    with pytest.raises(NotEditable, match="--value-file"):
        set_values(value, ["a=1"])


@given(json_values)
def test_what_is_edited_and_not_changed_is_the_same_json(value):
    encoded = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")

    assert json.loads(compact(pretty(encoded))) == value


def test_text_that_is_no_json_stays_as_it_is():
    assert compact(pretty(b"not json")) == b"not json"


def test_headers_are_set_and_removed():
    headers = (("ce_type", b"wrong"), ("ce_id", b"1"))

    assert set_headers(headers, ["ce_type=news.article.published.v1", "ce_id="]) == (("ce_type", b"news.article.published.v1"),)
    with pytest.raises(NotEditable, match="not like ce_type="):
        set_headers(headers, ["ce_type"])


def test_a_record_that_would_be_a_dead_letter_again_is_told_why():
    good = a_record()
    bad = a_record(value=value_of(a_record(an_article())).replace(b"Harbour bridge reopens", b""), headers=good.headers)

    assert judge_record(good, NOON) is None
    assert "headline: " in (judge_record(bad, NOON) or "")
    assert "ce_type is missing" in (judge_record(a_record(headers=()), NOON) or "")


def test_what_publishers_sent_is_judged_as_at_the_door():
    def judged(**fields):
        value = json.dumps({"headline": "Bridge", "url": "https://a.example/1", **fields}).encode()
        return judge_record(a_record(topic="articles.inbound", value=value, headers=()), NOON)

    assert judged() is None
    assert "headline" in (judged(headline="") or "")
    assert "url" in (judged(url="nonsense") or "")
    assert "date_published" in (judged(date_published=(NOON + timedelta(days=400)).isoformat()) or "date_published")
