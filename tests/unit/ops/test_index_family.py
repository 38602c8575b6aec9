"""What stands behind an alias, as `GET <alias>-0*` describes it."""

import pytest

from ops.cli.index_family import build_family
from shared.failures import Misconfigured


def described(*, read=True, written=None, blocked=False, **mark):
    alias = {} if written is None else {"is_write_index": written}
    return {
        "aliases": {"articles": alias} if read else {},
        "mappings": {"_meta": {"dateline": mark}, "properties": {"article_id": {}, "headline": {}}},
        "settings": {"index": {"blocks": {"write": "true"}} if blocked else {}},
    }


def test_the_only_index_is_read_and_written_whatever_the_alias_says():
    family = build_family("articles", {"articles-000001": described()})

    assert family.written.name == "articles-000001"
    assert family.read == (family.written,)
    assert family.written.fields == {"article_id", "headline"}


def test_of_several_indices_one_is_written_and_all_are_read():
    family = build_family(
        "articles", {"articles-000002": described(written=True), "articles-000001": described(written=False, blocked=True)}
    )

    assert [index.name for index in family.read] == ["articles-000001", "articles-000002"]
    assert family.written.name == "articles-000002"
    assert family.named("articles-000001").is_blocked


def test_a_new_name_is_above_all_numbers_also_of_indices_that_serve_no_more():
    family = build_family("articles", {"articles-000001": described(), "articles-000011": described(read=False, building=True)})

    assert family.next_name == "articles-000012"
    assert family.named("articles-000011").is_building


def test_a_replaced_index_says_what_took_its_place():
    old = described(read=False, blocked=True, replaced_by="articles-000002", replaced_at=17)
    family = build_family("articles", {"articles-000001": old, "articles-000002": described(written=True)})

    assert (family.named("articles-000001").replaced_by, family.named("articles-000001").replaced_at) == ("articles-000002", 17)


def test_what_a_rebuild_replaced_last_is_the_one_to_put_back():
    old = {f"articles-00000{n}": described(read=False, replaced_by=f"articles-00000{n + 1}") for n in (1, 2)}
    family = build_family("articles", {**old, "articles-000003": described(written=True)})

    assert family.last_replaced.name == "articles-000002"


def test_where_nothing_was_replaced_there_is_nothing_to_put_back():
    with pytest.raises(Misconfigured, match="nothing to put back"):
        _ = build_family("articles", {"articles-000001": described()}).last_replaced


def test_without_an_index_that_takes_new_documents_set_up_is_asked_for():
    family = build_family("articles", {name: described(written=False) for name in ("articles-000001", "articles-000002")})

    with pytest.raises(Misconfigured, match="dateline setup"):
        _ = family.written


def test_an_unknown_index_is_named_with_those_that_there_are():
    with pytest.raises(Misconfigured, match="articles-000009; there are articles-000001"):
        build_family("articles", {"articles-000001": described()}).named("articles-000009")
