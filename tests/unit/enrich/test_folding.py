from services.enrich.core.folding import NamedMention, fold_mentions, full_name


def named(*names: tuple[str, str]) -> list[NamedMention]:
    return [NamedMention("body", position, position + len(name), name, kind) for position, (name, kind) in enumerate(names)]


def folded(*names: tuple[str, str]) -> list[tuple[str, str, int]]:
    return [(kind, full_name(group), len(group)) for kind, group in fold_mentions(named(*names))]


def test_a_surname_means_the_only_person_with_it() -> None:
    assert folded(("Muhammad Javad Zarif", "PERSON"), ("Zarif", "PERSON")) == [("PERSON", "Muhammad Javad Zarif", 2)]


def test_a_first_name_means_the_only_person_with_it() -> None:
    assert folded(("Imran", "PERSON"), ("Imran Khan", "PERSON")) == [("PERSON", "Imran Khan", 2)]


def test_a_surname_of_two_persons_stays_alone() -> None:
    assert folded(("Bill Clinton", "PERSON"), ("Hillary Clinton", "PERSON"), ("Clinton", "PERSON")) == [
        ("PERSON", "Bill Clinton", 1),
        ("PERSON", "Hillary Clinton", 1),
        ("PERSON", "Clinton", 1),
    ]


def test_a_longer_form_of_the_same_person_does_not_make_two_of_them() -> None:
    assert folded(("Javad Zarif", "PERSON"), ("Muhammad Javad Zarif", "PERSON"), ("Zarif", "PERSON")) == [
        ("PERSON", "Muhammad Javad Zarif", 3)
    ]


def test_an_organisation_that_is_a_persons_surname_was_the_person() -> None:
    assert folded(("Shah Mehmood Qureshi", "PERSON"), ("Qureshi", "ORG")) == [("PERSON", "Shah Mehmood Qureshi", 2)]


def test_a_place_stays_a_place_beside_a_namesake() -> None:
    assert folded(("Michael Jordan", "PERSON"), ("Jordan", "GPE")) == [
        ("PERSON", "Michael Jordan", 1),
        ("GPE", "Jordan", 1),
    ]


def test_one_name_has_the_type_that_most_mentions_have() -> None:
    assert folded(("Reuters", "ORG"), ("Reuters", "ORG"), ("Reuters", "GPE")) == [("ORG", "Reuters", 3)]
