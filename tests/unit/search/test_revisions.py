"""What is told of the revisions of an article."""

from services.search.core.revisions import Known, compare_revisions, list_revisions
from tests.unit.search.builders import an_article_to_show


def body_segments(old, new, *, is_shortened):
    older, newer = (an_article_to_show(revision=n, body={"en": text}) for n, text in enumerate((old, new), start=1))
    changes = compare_revisions([Known(newer), Known(older)], newer, is_shortened=is_shortened).revisions[0].changes
    assert changes is not None
    return changes.texts[0].segments


def test_what_did_not_change_in_a_long_text_is_shortened_to_what_stands_next_to_a_change():
    kept = "".join(f"Sentence {number}. " for number in range(100))

    first, deleted, inserted, last = body_segments(f"{kept}One {kept}", f"{kept}Noon {kept}", is_shortened=True)

    assert (deleted.text, inserted.text) == ("One", "Noon")
    for segment in (first, last):
        before, after = segment.text.split("…")
        whole = kept if segment is first else f" {kept}"
        assert whole == before + whole[len(before) : len(before) + segment.omitted] + after


def test_texts_in_full_omit_nothing():
    kept = "".join(f"Sentence {number}. " for number in range(100))

    segments = body_segments(f"{kept}One", f"{kept}Noon", is_shortened=False)

    assert [(part.text, part.omitted) for part in segments] == [(kept, 0), ("One", 0), ("Noon", 0)]


def test_what_was_deleted_and_inserted_is_never_shortened():
    long = "word " * 500

    segments = body_segments("One", long, is_shortened=True)

    assert [part.text for part in segments] == ["One", long]


def test_entities_are_compared_by_their_names():
    entity = {"type": "GPE", "name": "Tyre", "count": 1, "mentions": []}
    older = an_article_to_show(revision=1, entities=[])
    newer = an_article_to_show(revision=2, entities=[entity])

    (change,) = compare_revisions([Known(newer), Known(older)], newer, is_shortened=True).revisions[0].changes.fields  # type: ignore[union-attr] # it has an older one

    assert (change.field, change.old, change.new) == ("entities", [], ["Tyre"])


def test_of_several_documents_of_one_revision_the_newest_enrichment_is_listed_and_the_current_article_above_all():
    current = an_article_to_show(revision=3, enrichment=2)
    old = [
        Known(an_article_to_show(revision=revision, enrichment=enrichment))
        for revision, enrichment in [(3, 4), (2, 0), (2, 1), (1, 0)]
    ]

    found = list_revisions(current, old)

    assert [(each.article.revision, each.article.enrichment) for each in found] == [(3, 2), (2, 1), (1, 0)]
