import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.fingerprint import FEW_WORDS, FEWEST_WORDS, Fingerprint, build_fingerprint, split_words
from services.enrich.core.likeness import SHORT_WORDS, Shelf, is_same_text
from tests.unit.enrich.texts import a_chance, a_text, changed

LONG = a_text(a_chance(), 300)


@pytest.fixture
def chance() -> random.Random:
    return a_chance(6)


def fingerprint(body: str, headline: str = "Harbour bridge reopens") -> Fingerprint:
    found = build_fingerprint(headline, body)
    assert found is not None
    return found


def same(one: str, other: str, headline: str = "Harbour bridge reopens", other_headline: str = "Harbour bridge reopens") -> bool:
    return is_same_text(fingerprint(one, headline), fingerprint(other, other_headline))


@pytest.mark.parametrize("percent", [0, 2, 5, 10])
def test_a_copy_with_up_to_a_tenth_of_its_words_changed_is_the_same_text(percent: int, chance: random.Random) -> None:
    assert same(LONG, changed(LONG, percent, chance))


def test_with_four_words_in_ten_changed_it_is_another(chance: random.Random) -> None:
    assert not same(LONG, changed(LONG, 40, chance))


def test_two_texts_that_share_a_third_are_not_the_same(chance: random.Random) -> None:
    words = LONG.split()
    assert not same(LONG, " ".join(words[:100]) + " " + a_text(chance, 200))


def test_what_an_agency_and_a_publisher_put_around_a_text_does_not_matter() -> None:
    around = (
        f"LONDON, Nov 24 (Reuters) – {LONG}\n\nRead more: what we know so far\n\nReporting by Dana Example; editing by A. N. Other"
    )
    assert same(LONG, around)


def test_a_text_without_a_fifth_of_its_paragraphs_is_the_same() -> None:
    words = LONG.split()
    assert same(LONG, " ".join(words[:120] + words[180:]))


def test_an_excerpt_is_not_the_text() -> None:
    assert not same(LONG, " ".join(LONG.split()[:100]))


def test_capitals_punctuation_and_the_form_of_quotes_do_not_matter() -> None:
    text = 'The minister said: "We don\'t know." ' * 3 + LONG
    assert same(text, text.upper().replace('"', "”").replace("'", "’").replace(".", " …"))


def test_a_long_text_may_have_another_headline() -> None:
    assert same(LONG, LONG, other_headline="Nobody expected this")


@pytest.mark.parametrize(
    ("other_headline", "expected"), [("Bridge over harbour opens again", True), ("Zebra escapes from circus", False)]
)
def test_a_short_text_is_the_same_only_below_a_headline_like_it(other_headline: str, *, expected: bool) -> None:
    """Or else all that a publisher hides behind `subscribe to read on` would be one story."""
    notice = " ".join(LONG.split()[: SHORT_WORDS - 20])
    assert same(notice, notice, "The harbour bridge reopens", other_headline) is expected


def test_next_to_no_words_have_no_fingerprint() -> None:
    assert build_fingerprint("Weather", "Sunny and warm, as ever") is None
    assert build_fingerprint("", "") is None
    assert build_fingerprint(" ".join(["word"] * FEWEST_WORDS), "") is not None


def test_few_words_are_told_again_only_by_the_very_same_words() -> None:
    flash = "Shares close up 0.4 % on Monday as banks gain"
    assert is_same_text(fingerprint("", flash), fingerprint("", flash.upper()))
    assert not is_same_text(fingerprint("", flash), fingerprint("", flash.replace("0.4", "0.5")))


def test_few_words_are_not_the_long_text_that_begins_with_them() -> None:
    assert not same(" ".join(LONG.split()[: FEW_WORDS - 5]), LONG)


CHINESE = (
    "香港海港大橋週一重新開放，交通順暢。市長表示，維修工程比原定計劃提早兩個月完成，費用也低於預算。"
    "當地居民歡迎這項消息，認為可以節省上班時間。運輸部門將繼續監察橋樑狀況，並於下月公佈報告。"
)
THAI = (
    "สะพานท่าเรือเปิดให้บริการอีกครั้งในวันจันทร์ การจราจรคล่องตัว "
    "นายกเทศมนตรีกล่าวว่างานซ่อมแซมเสร็จเร็วกว่ากำหนดสองเดือนและใช้งบประมาณน้อยกว่าที่คาดไว้ "
    "ชาวบ้านยินดีกับข่าวนี้เพราะช่วยประหยัดเวลาเดินทางไปทำงาน"
)
HINDI = (
    "बंदरगाह का पुल सोमवार को फिर से खुल गया। यातायात सुचारु रहा। "
    "महापौर ने कहा कि मरम्मत का काम तय समय से दो महीने पहले पूरा हुआ और खर्च भी बजट से कम रहा। "
    "स्थानीय लोगों ने इस खबर का स्वागत किया और कहा कि समय बचेगा।"
)


@pytest.mark.parametrize("text", [CHINESE, THAI, HINDI])
def test_a_text_of_any_script_is_known_again_with_a_sentence_added_and_told_from_its_half(text: str) -> None:
    half = text[: len(text) // 3]
    assert fingerprint(text).features > FEW_WORDS
    assert same(text, text + text[5:20])
    assert not same(text, half)


def test_vowel_signs_do_not_part_words() -> None:
    assert split_words("हिन्दी में") == (["हिन्दी".encode(), "में".encode()], 2)


def test_scripts_without_blanks_give_overlapping_pieces_and_count_as_words() -> None:
    assert split_words("北京市2026年 news") == ([w.encode() for w in ("北京", "京市", "2026", "年", "news")], 5)


def test_a_word_is_the_same_whatever_else_is_in_its_text() -> None:
    assert split_words("Café")[0] == split_words("Café Łódź")[0][:1]


def test_a_join_that_is_not_seen_does_not_matter() -> None:
    assert split_words("می‌خواهم")[0] == split_words("میخواهم")[0]


@pytest.mark.parametrize("body", ["x" * 1_000_000, "word " * 200_000, "\u0301" * 100_000, "字" * 300_000], ids=len)
def test_a_huge_text_is_read_within_bounds(body: str) -> None:
    started = time.process_time()
    build_fingerprint("A headline with some more than eight words in it, really", body)
    assert time.process_time() - started < 2


@given(st.text(max_size=400), st.text(max_size=2000))
def test_whatever_the_text_it_has_a_fingerprint_or_none_and_is_the_same_as_itself(headline: str, body: str) -> None:
    found = build_fingerprint(headline, body)
    again = build_fingerprint(headline, body)
    assert (found is None) == (again is None)
    if found is not None and again is not None:
        assert found.is_equal(again)
        assert is_same_text(found, again)


def test_a_shelf_forgets_the_oldest(chance: random.Random) -> None:
    shelf = Shelf(8)
    marks = [fingerprint(a_text(chance, 100)) for _ in range(20)]
    places = [shelf.add(mark) for mark in marks]
    assert [shelf.find(mark) for mark in marks[:12]] == [[]] * 12
    assert [shelf.find(mark) for mark in marks[12:]] == [[place] for place in places[12:]]


def test_a_shelf_finds_one_of_very_many_copies() -> None:
    shelf = Shelf(200)
    mark = fingerprint(LONG)
    for _ in range(150):
        shelf.add(mark)
    assert shelf.find(mark)


def test_what_stands_on_a_shelf_is_what_was_put_there() -> None:
    shelf = Shelf(4)
    mark = fingerprint(LONG)
    assert shelf.at(shelf.add(mark)).is_equal(mark)
    assert mark.signature.dtype == np.uint8
