"""Spellings of one word made equal."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.folding import fold

#: Letters of all the scripts that fold in one way or another, and some that do not.
LETTERS = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("aeéèßæøłıİđñçőơứ́̈ЁёйїѝάςΏأإآىیكکةہۀۂ\u064b\u0640\u200c\u200d\u00adｶﾞﾊﾟＡ１ﬁﬃǆﷲﻻ٣۴२’ʼ'sשׁקָ한ᄒ가が\u3099नी"),
    )
)


@given(LETTERS)
@example("\u1112\u200c\u1161")
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_stays_as_it_is(text):
    assert fold(text) == text


@given(LETTERS)
def test_accents_fold_alike_whether_they_are_part_of_the_letter_or_stand_beside_it(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F)))
def test_letters_of_european_languages_become_ascii(text):
    assert fold(text).replace("·", "").replace("μ", "").isascii()  # the micro sign is Greek


@given(st.lists(LETTERS, max_size=4))
def test_a_text_folds_word_by_word(words):
    """So that a word of a query, which is folded alone, is a word of the folded text."""
    assert fold(" ".join(words)) == " ".join(map(fold, words))


@given(st.text(alphabet=[chr(code) for code in range(0xC0, 0x180)] + ["a", " "], min_size=100))
def test_many_different_letters_fold_as_few_do(text):
    assert fold(text) == "".join(map(fold, text))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zelenský à Besançon", "Zelensky a Besancon"),
        ("Größe STRAẞE Œuvre Ærø", "Grosse STRASSE OEuvre AEro"),
        ("Łódź Đoković Þingvellir Sør", "Lodz Dokovic THingvellir Sor"),
        ("İstanbul’da ışık, Nguyễn Văn Đức", "Istanbul'da isik, Nguyen Van Duc"),
        ("Ильин идёт ещё, мой, її", "Ильин идет еще, мой, її"),
        ("о́зеро", "озеро"),
        ("Ελλάδα και λόγος", "Ελλαδα και λογοσ"),
        ("Ｎａｔｏ ﬁnance ２０２６", "Nato finance 2026"),
        ("ｶﾞｻﾞ ﾊﾟﾘ ｶﾅ", "ガザ パリ カナ"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_letters_of_news_languages_fold_as_readers_type_them(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("القَاهِرَة", "القاهره"),  # vowel signs, teh marbuta
        ("أحمد إلى آل", "احمد الي ال"),  # alef with hamza and madda, yeh without dots
        ("ایران کشور", "ايران كشور"),  # Persian yeh and kaf
        ("مي\u200cروم", "ميروم"),  # non-joiner
        ("بنـــك", "بنك"),  # long stroke
        ("ہے", "هي"),  # Urdu heh and yeh
        ("ﻻﻋﺐ", "لاعب"),  # forms of letters as old systems write them
        ("١٢ ۴۵", "12 45"),
    ],
)
def test_variants_of_arabic_letters_are_one(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "text", ["한국어 뉴스", "がぎぐ と かきく", "中国国家主席", "हिन्दी समाचार", "ข่าวไทย", "it’s, don’t, we’ll", "“x” – y…"]
)
def test_letters_that_make_another_word_stay_and_so_does_punctuation(text):
    assert fold(text) == text


@pytest.mark.parametrize(
    ("text", "folded"), [("O’Neill", "O'Neill"), ("l’avenir", "l'avenir"), ("п’ять", "п'ять"), ("Xiʼan’s", "Xi'an’s")]
)
def test_an_apostrophe_inside_of_a_name_is_the_one_of_keyboards(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’élection", "L election"),
        ("jusqu'à l’été", "jusqu a l ete"),
        ("dell’università", "dell universita"),
        ("O’Briéné", "O'Briene"),
    ],
)
def test_an_article_that_is_written_together_with_an_accented_word_is_parted_from_it(text, folded):
    assert fold(text) == folded
