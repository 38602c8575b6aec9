import unicodedata
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.core.keywords import MOST_KEYWORDS, find_keywords
from services.enrich.stop_words import load_stop_words
from shared.articles import Entity, Mention

STOP_WORDS = load_stop_words()
SENTENCES = Path(__file__).parents[4] / "shared" / "data" / "languages"
FLOODS = (
    "Flood defences fail along the river",
    """The flood defences along the lower river failed on Monday. Residents said the water rose within an hour.

Engineers had warned that flood defences of this age need repair. The repair was put off twice. A dam further up the river held.
Insurance companies expect high damage, and the damage may grow with the rain.""",
)


def keywords(headline: str, body: str, language: str = "en", entities: tuple[Entity, ...] = ()) -> list[str]:
    found = find_keywords({"headline": headline, "body": body}, language, entities, STOP_WORDS(language))
    return [keyword.name for keyword in found]


def test_a_phrase_that_headline_and_text_repeat_comes_first() -> None:
    assert keywords(*FLOODS)[0] == "flood defences"


def test_there_are_five_to_ten_of_an_article() -> None:
    assert 5 <= len(keywords(*FLOODS)) <= 10


def test_stop_words_and_numbers_are_none() -> None:
    assert not {"the", "and", "said", "monday", "30", "2024"} & set(keywords("The 30 and 2024", "The 30 said 30 and 30 on Monday."))


def test_the_score_grows_from_the_best_on() -> None:
    scores = [k.score for k in find_keywords({"headline": FLOODS[0], "body": FLOODS[1]}, "en", (), STOP_WORDS("en"))]
    assert scores == sorted(scores)


def test_no_keyword_repeats_an_entity() -> None:
    body = "Ada Lund spoke. Lund said that taxes fall. Taxes are low, Ada Lund said. Tax payers cheer Lund."
    lund = Entity(
        type="PERSON",
        name="Ada Lund",
        count=4,
        mentions=tuple(Mention(field="body", start=body.index(name), end=body.index(name) + len(name)) for name in ("Ada Lund",)),
    )
    found = " ".join(keywords("Taxes fall", body, entities=(lund,))).lower()
    assert "taxes" in found
    assert "lund" not in found
    assert "ada" not in found


def test_no_phrase_holds_the_name_of_an_entity() -> None:
    body = "Norse ministers met. Norse ministers left. The port is closed."
    places = [start for start in range(len(body)) if body.startswith("Norse", start)]
    mentions = tuple(Mention(field="body", start=start, end=start + 5) for start in places)
    found = keywords("Ministers meet", body, entities=(Entity(type="NORP", name="Norse", count=2, mentions=mentions),))
    assert found[0] == "ministers"


def test_what_stands_in_the_headline_comes_before_what_is_told_more_often() -> None:
    body = "Trams stop here. Trams are red. Trams are old. No ferries today. The ferries are white."
    assert keywords("Ferries wait", body)[:2] == ["ferries", "trams"]


def test_what_mostly_stands_inside_of_a_longer_chinese_word_comes_after_it() -> None:
    assert keywords("", "北京大学很大。我们去北京大学。北京很冷。北京很热。", "zh")[0] == "北京大学"


def test_no_keyword_repeats_another() -> None:
    found = [set(keyword.lower().split()) for keyword in keywords(*FLOODS)]
    assert not any(one & other for one, other in combinations(found, 2))


def test_one_and_many_are_one_word() -> None:
    found = keywords("A strike", "The strike began. Strikes spread. One more strike is planned; strikes are costly.")
    assert len({"strike", "strikes"} & set(found)) == 1


def test_a_word_is_written_as_running_text_writes_it() -> None:
    body = "A probe of the NASA left. The NASA lost its probe. Its Fuel was low. The fuel was new, and it needs fuel."
    found = keywords("NASA: Probe Runs Out Of Fuel", body)
    assert {"NASA", "fuel", "probe"} <= set(found)


def test_a_stop_word_may_stand_inside_of_a_repeated_phrase() -> None:
    body = "Se prevé una subida de precios. La subida de precios preocupa. Otra subida de precios, dicen los bancos."
    assert keywords("La economía", body, "es")[0] == "subida de precios"


@pytest.mark.parametrize(
    ("headline", "body", "language", "expected"),
    [
        ("Hochwasser im Tal", "Das Hochwasser stieg. Die Deiche waren alt, das Hochwasser hoch.", "de", "Hochwasser"),
        ("L'inflation recule", "L'inflation baisse encore. Les prix baissent, l'inflation aussi.", "fr", "inflation"),
        ("Наводнение на юге", "Наводнение началось ночью. Из-за наводнение закрыты школы.", "ru", "наводнение"),
        ("انتخابات جديدة", "بدأت انتخابات جديدة اليوم. قال المتحدث إن انتخابات جديدة مهمة.", "ar", "انتخابات جديدة"),
        ("선거가 시작됐다", "선거는 오늘. 시민들은 선거를 기다렸다.", "ko", "선거"),
        ("人工智能的未来", "人工智能正在改变世界。专家认为人工智能很重要。", "zh", "人工智能"),
        ("経済政策を発表", "政府は経済政策を発表した。経済政策は重要だ。", "ja", "経済政策"),
        ("रेल हादसा", "रेल हादसा सुबह हुआ। इस रेल हादसा में कई घायल हैं।", "hi", "रेल हादसा"),
    ],
)  # fmt: skip
def test_every_script_has_its_keywords(headline: str, body: str, language: str, expected: str) -> None:
    assert keywords(headline, body, language)[0] == expected


def test_thai_pieces_between_stop_words_are_keywords() -> None:
    body = "รัฐบาล และ เศรษฐกิจ ของ ประเทศ รัฐบาล กล่าวว่า เศรษฐกิจ ดีขึ้น"
    assert {"รัฐบาล", "เศรษฐกิจ"} <= set(keywords("รัฐบาล", body, "th"))


def test_without_a_list_of_stop_words_short_words_are_taken_for_such() -> None:
    body = "Eka ten lomibro. Ten lomibro eka. Lomibro ten."
    assert keywords("", body, "xx")[0] == "lomibro"


def test_the_parts_of_a_score_can_be_told() -> None:
    best = find_keywords({"headline": FLOODS[0], "body": FLOODS[1]}, "en", (), STOP_WORDS("en"))[0]
    assert (best.parts()["count"], best.parts()["in headline"]) == (3, 1.0)


@pytest.mark.parametrize(
    "body", ["", "one", "x" * 500_000, "-" * 500_000, "' " * 100_000, "😀 \u200f", "字" * 100_000, "\u0e40" * 50_000]
)
def test_bad_input_gives_few_keywords_and_no_error(body: str) -> None:
    assert len(keywords("", body)) <= MOST_KEYWORDS


WORDS = st.sampled_from(
    ["the", "river", "Rivers", "flood", "NASA", "L'eau", "2024", "北京", "東京タワー", "ประเทศ", "선거를", "-", "'", ".", "\n"]
)


@settings(deadline=None)
@given(st.lists(WORDS), st.lists(WORDS), st.sampled_from(["en", "fr", "ko", "zh", "ja", "th", "und"]))
def test_whatever_the_text_keywords_are_different_words_of_it(headline: list[str], body: list[str], language: str) -> None:
    text = f"{' '.join(headline)} {' '.join(body)}".lower()
    found = keywords(" ".join(headline), " ".join(body), language)
    assert len(found) == len(set(found)) <= MOST_KEYWORDS
    assert all(word in text for keyword in found for word in keyword.lower().split())


THAI = (
    "น้ำท่วมหนักในกรุงเทพฯ",
    (
        "สถานการณ์น้ำท่วมในกรุงเทพมหานครยังคงรุนแรง หลังจากฝนตกหนักติดต่อกันหลายวัน ผู้ว่าราชการกรุงเทพมหานครกล่าวว่าระดับน้ำในแม่น้ำเจ้าพระยา"
        "สูงขึ้นอย่างต่อเนื่อง ประชาชนในพื้นที่น้ำท่วมต้องอพยพไปยังศูนย์พักพิงชั่วคราว รัฐบาลได้ส่งทหารเข้าช่วยเหลือประชาชน นายกรัฐมนตรีเดินทาง"
        "ไปตรวจสถานการณ์น้ำท่วมและให้กำลังใจประชาชน กรมอุตุนิยมวิทยาคาดว่าฝนจะตกหนักต่อไปอีกสองวัน โรงเรียนหลายแห่งปิดการเรียนการสอน "
        "ระดับน้ำในแม่น้ำเจ้าพระยาอาจสูงขึ้นอีก ศูนย์พักพิงชั่วคราวมีประชาชนกว่าสองพันคน"
    ),
    "th",
)


def test_thai_words_are_found_inside_of_running_text() -> None:
    found = keywords(*THAI)
    assert set(found[:2]) == {"ประชาชน", "น้ำท่วม"}
    assert {"กรุงเทพมหานคร", "แม่น้ำเจ้าพระยา", "ระดับน้ำ", "ตกหนัก"} <= set(found)


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    [
        (
            "lo",
            (
                "ລັດຖະບານລາວໄດ້ປະກາດແຜນພັດທະນາເສດຖະກິດ ໃໝ່. ແຜນພັດທະນາເສດຖະກິດຈະສ້າງວຽກເຮັດງານທຳ. ລັດຖະບານລາວຮຽກຮ້ອງໃຫ້ນັກລົງທຶນ"
                "ຕ່າງປະເທດເຂົ້າຮ່ວມ. ນັກລົງທຶນສົນໃຈພະລັງງານໄຟຟ້າ. ພະລັງງານໄຟຟ້າສົ່ງອອກໄປໄທ"
            ),
            {"ລັດຖະບານລາວ", "ນັກລົງທຶນ", "ພະລັງງານໄຟຟ້າ"},
        ),
        (
            "km",
            (
                "រដ្ឋាភិបាលកម្ពុជាបានប្រកាសផែនការសេដ្ឋកិច្ចថ្មី។ ផែនការសេដ្ឋកិច្ចនេះនឹងបង្កើតការងារ។ រដ្ឋាភិបាលកម្ពុជាអំពាវនាវដល់អ្នកវិនិយោគបរទេស។ "
                "អ្នកវិនិយោគចាប់អារម្មណ៍លើវិស័យទេសចរណ៍។ វិស័យទេសចរណ៍កំពុងងើបឡើងវិញ"
            ),
            {"រដ្ឋាភិបាលកម្ពុជា", "សេដ្ឋកិច្ច", "អ្នកវិនិយោគ", "វិស័យទេសចរណ៍"},
        ),
        (
            "my",
            (
                "မြန်မာအစိုးရသည် စီးပွားရေးစီမံကိန်းအသစ်ကို ကြေညာခဲ့သည်။ စီးပွားရေးစီမံကိန်းသည် အလုပ်အကိုင်များ ဖန်တီးမည်။ မြန်မာအစိုးရက "
                "ရင်းနှီးမြှုပ်နှံသူများကို ဖိတ်ခေါ်ခဲ့သည်။ ရင်းနှီးမြှုပ်နှံသူများသည် စွမ်းအင်ကဏ္ဍကို စိတ်ဝင်စားသည်။ စွမ်းအင်ကဏ္ဍ"
            ),
            {"မြန်မာအစိုးရ", "စီးပွားရေးစီမံကိန်း", "ရင်းနှီးမြှုပ်နှံသူ"},
        ),
    ],
)
def test_words_of_other_scripts_without_blanks_are_found_inside_of_running_text(
    language: str, body: str, expected: set[str]
) -> None:
    assert expected <= set(keywords("", body, language))


def test_a_string_that_always_stands_beside_the_same_syllable_is_a_part_of_a_word() -> None:
    found = keywords("", "人工智能正在改变世界。专家认为人工智能很重要。政府发布人工智能规划,大模型很大。企业研究大模型。", "zh")
    assert {"人工智能", "大模型"} <= set(found)
    assert not {"人工", "智能", "工智能", "模型"} & set(found)


@pytest.mark.skipif(not SENTENCES.exists(), reason=f"no data in {SENTENCES}")
@pytest.mark.parametrize("language", ["th", "zh", "ja"])
def test_of_real_sentences_no_keyword_begins_or_ends_inside_of_a_syllable_or_is_said_once(language: str) -> None:
    body = (SENTENCES / f"{language}.txt").read_text(encoding="utf-8")
    found = keywords("", body, language)
    assert len(found) == MOST_KEYWORDS
    assert all(body.lower().count(word) > 1 for word in found)
    assert not any(unicodedata.combining(word[0]) or word[0] in "ะาำๆ์่้" or word[-1] in "เแโใไ" for word in found)
