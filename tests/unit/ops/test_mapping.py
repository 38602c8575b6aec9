"""Mappings compared."""

from ops.cli.mapping import is_mapped_otherwise, new_fields

WORDS = {"type": "text", "analyzer": "text_en"}


def test_only_fields_that_are_missing_are_added():
    wanted = {"body": {"properties": {"en": WORDS, "fr": WORDS}}, "views": {"type": "integer"}, "url": {"type": "keyword"}}

    assert new_fields(wanted, {"body": {"properties": {"en": {"type": "text"}}}, "url": {"type": "keyword"}}) == {
        "body": {"properties": {"fr": WORDS}},
        "views": {"type": "integer"},
    }


def test_a_nested_field_keeps_its_kind_when_something_is_added_below_it():
    wanted = {"entities": {"type": "nested", "properties": {"name": {"type": "keyword"}, "role": {"type": "keyword"}}}}
    there = {"entities": {"type": "nested", "properties": {"name": {"type": "keyword"}}}}

    assert new_fields(wanted, there) == {"entities": {"type": "nested", "properties": {"role": {"type": "keyword"}}}}


def test_where_nothing_is_missing_nothing_is_added():
    assert new_fields({"url": {"type": "keyword"}}, {"url": {"type": "keyword"}, "own": {"type": "long"}}) == {}


def test_a_field_that_is_indexed_in_another_way_differs():
    there = {"body": {"properties": {"en": WORDS}}}

    assert not is_mapped_otherwise(there, there)
    assert not is_mapped_otherwise({**there, "views": {"type": "integer"}}, there)
    assert is_mapped_otherwise({"body": {"properties": {"en": {**WORDS, "index_options": "offsets"}}}}, there)
    assert is_mapped_otherwise({"body": {"properties": {"en": {**WORDS, "analyzer": "text_other"}}}}, there)
