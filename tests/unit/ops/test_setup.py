"""What `dateline setup` says of the indices."""

from ops.cli.analysis import Analysis
from ops.cli.setup import IndicesSetUp


def test_what_was_created_and_how_texts_are_analysed_is_said() -> None:
    done = IndicesSetUp(["articles-000001"], Analysis("hunspell"), [])

    assert str(done) == "Indices created: articles-000001.\nAnalysis: hunspell."


def test_languages_without_a_dictionary_are_named() -> None:
    done = IndicesSetUp([], Analysis("hunspell", frozenset({"tr", "ar"})), [])

    assert "Analysis: hunspell, without a dictionary for ar, tr." in str(done)


def test_an_index_with_another_analysis_is_named_with_what_brings_this_one() -> None:
    said = str(IndicesSetUp([], Analysis("hunspell"), ["articles-000001"]))

    assert "articles-000001: made with another analysis" in said
    assert "dateline index rebuild" in said
