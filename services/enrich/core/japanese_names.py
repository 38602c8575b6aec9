"""Names in Japanese: of what a recogniser saw where they begin and end, what they are, and the office behind a person's name.

The recogniser's types are those of Sekine's Extended Named Entity Hierarchy, version 7.1 (Sekine and Nobata, Definition,
dictionaries and tagger for Extended Named Entity Hierarchy, 2004), of which GiNZA knows 189. The table begins with GiNZA's own
(`ginza/ene_ontonotes_mapper.py`, MIT licence); it differs where that counts organisations as something else: parties and
international bodies (NORP there), ministries, schools and institutes (FAC there), newspapers (WORK_OF_ART there). Events, laws and
products are common nouns too often, so only those types of them are taken that are names.
"""

import re
from collections.abc import Mapping, Sequence

from services.enrich.core.places import NamedPlace
from services.enrich.core.reading_limits import LONGEST_NAME
from services.enrich.core.spans import PLACE_TYPES, Span

_TYPES_OF = {
    "PERSON": ["Person"],
    "NORP": ["Ethnic_Group_Other", "Nationality", "Religion"],
    "GPE": ["GPE_Other", "City", "County", "Province", "Country", "Location_Other"],
    "LOC": [
        "Region_Other", "Continental_Region", "Domestic_Region", "Geological_Region_Other", "Mountain", "Island", "River", "Lake",
        "Sea", "Bay",
    ],
    "FAC": [
        "Facility_Other", "Archaeological_Place_Other", "Tumulus", "Park", "Sports_Facility", "Museum", "Zoo", "Amusement_Park",
        "Theater", "Worship_Place", "Car_Stop", "Station", "Airport", "Port", "Line_Other", "Railroad", "Road", "Canal",
        "Water_Route", "Tunnel", "Bridge", "GOE_Other",
    ],
    "ORG": [
        "International_Organization", "Political_Organization_Other", "Political_Party", "Organization_Other", "Show_Organization",
        "Sports_Organization_Other", "Pro_Sports_Organization", "Sports_League", "Corporation_Other", "Company", "Company_Group",
        "Government", "Cabinet", "Military", "Public_Institution", "School", "Research_Institute", "Newspaper",
    ],
    "EVENT": ["War", "Earthquake", "Conference", "Religious_Festival"],
    "PRODUCT": ["Car", "Train", "Aircraft", "Spaceship", "Ship"],
    "WORK_OF_ART": ["Broadcast_Program", "Movie", "Music", "Book", "Magazine"],
    "LAW": ["Treaty", "Law"],
}  # fmt: skip
#: By the recogniser's type; what is not in it names nothing that a reader searches for.
TYPES = {label: kind for kind, labels in _TYPES_OF.items() for label in labels}

_OUTER = " \u3000\t\n「」『』（）()【】〈〉《》[]、。，．・\"'"  # noqa: RUF001 - these very characters
_NAMING = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u30a1-\u30fa\u30fcA-Za-zＡ-Ｚａ-ｚ]")  # noqa: RUF001
# How a name is read may stand in brackets behind it; the dictionary takes that for a part of it.
_READING = re.compile(r"[（(].*$", re.DOTALL)  # noqa: RUF001
_ADDRESS = re.compile("(?:さん|さま|ちゃん|くん|[氏様君])$")
_INSIDE = re.compile("(?<=.)(?:[都道府県市区町村国州島])?(内|市内|郊外|近郊|周辺|沖)$")
_ENDS_OF_ORGANISATIONS = re.compile(
    "(?:基金|機構|機関|会社|銀行|日銀|大学|大|党|省|庁|協会|連盟|委員会|委|新聞|新聞社|通信|通信社|放送|グループ|研究所|"
    "組合|財団|学会|裁判所|地裁|高裁|警察|県警|府警|道警|警視庁|議会|連合|ホールディングス|製作所|重工業|電力|航空|証券|生命|"
    "自動車|電鉄|鉄道|商事|物産|建設|製薬|理事会|総会|国連)$"
)
_ENDS_OF_FACILITIES = re.compile("(?:空港|駅|港|球場|競技場|美術館|博物館|図書館|公園|原発|発電所|神社|寺|城|橋|ダム|病院)$")
# Of which GeoNames keeps the city: 札幌市 is 札幌, and 東京都 is 東京.
_CITY_SUFFIX = frozenset("市都")
_IDEOGRAPH = re.compile("[\u3005\u4e00-\u9fff]")
_GOES_ON = re.compile("(?![市都府県州側発行着内産])[\u3005\u4e00-\u9fff]")
_NO_SUFFIX_BEFORE = frozenset("民場況販議街営立心庁")

_HAN = "\u3005\u4e00-\u9fff"
_ROLE = re.compile(
    f"(?:[前元副新現故]|次期|名誉|筆頭)?(?:[{_HAN}ァ-ヺー]{{0,6}}?)"
    "(?:首相|総理大臣|大臣|大統領|国家主席|主席|総書記|書記長|長官|[外財法農務水産労交衛境科当]相|報道官|総裁|会長|社長|頭取|理事長|"
    "事務総長|事務局長|議長|委員長|幹事長|政調会長|党首|代表|知事|市長|区長|町長|村長|議員|監督|選手|投手|コーチ|教授|准教授|研究員|"
    "博士|医師|弁護士|判事|検事|容疑者|被告|死刑囚|大使|司令官|将軍|大佐|少佐|国王|女王|王子|王女|皇太子|法王|教皇|天皇|学長|校長|所長|"
    "院長|館長|部長|課長|局長|署長|支配人|作家|俳優|歌手|記者|氏|さん|様|君)"
)


def correct_japanese(text: str, seen: Span, known: Mapping[tuple[int, int], NamedPlace]) -> Span | None:
    """The name in what a recogniser saw, without brackets and forms of address, with one of our types; None if there is none."""
    kind = TYPES.get(seen.type)
    if kind is None:
        return None
    start, end = _tighten(text, seen, kind)
    if not start < end <= start + LONGEST_NAME or not _NAMING.search(text, start, end) or "\n" in text[start:end]:
        return None
    named = known.get((start, end))
    if named is None:
        return Span(start, end, _type_by_last_characters(text[start:end], kind))
    if named.place.kind == "people":
        return Span(start, end, kind)
    return Span(start, end, "GPE" if kind in PLACE_TYPES or named.place.is_country else kind)


def _tighten(text: str, seen: Span, kind: str) -> tuple[int, int]:
    start, end = seen.start, seen.end
    while start < end and text[start] in _OUTER:
        start += 1
    if reading := _READING.search(text, start + 1, end):
        end = reading.start()
    while start < end and text[end - 1] in _OUTER:
        end -= 1
    if kind == "PERSON" and (address := _ADDRESS.search(text[start:end])) and address.start() > 0:
        end = start + address.start()
    if kind in ("GPE", "LOC") and (inside := _INSIDE.search(text[start:end])) and inside.start(1) > 1:
        end = start + inside.start(1)
    return start, end


def _type_by_last_characters(name: str, kind: str) -> str:
    """Of a name that the gazetteer does not know: Japanese puts what a thing is last."""
    if len(name) > 2 and kind in ("PERSON", "GPE", "LOC", "FAC", "PRODUCT", "WORK_OF_ART"):
        if _ENDS_OF_ORGANISATIONS.search(name):
            return "ORG"
        if _ENDS_OF_FACILITIES.search(name) and kind != "PERSON":
            return "FAC"
    return kind


def japanese_role(text: str, _start: int, end: int) -> str | None:
    """The office or form of address behind a name: `前大統領`, `財務相`, `氏`; None without one."""
    found = _ROLE.match(text, end)
    return found[0] if found else None


def widen_japanese(text: str, places: Sequence[NamedPlace]) -> list[NamedPlace]:
    """Places with the word for a city that is written behind their names: 札幌市 for 札幌."""
    return [
        named._replace(end=named.end + 1)
        if named.place.kind == "city" and text[named.end : named.end + 1] in _CITY_SUFFIX and _ends_behind_suffix(text, named)
        else named
        for named in places
    ]


def stands_alone(text: str, named: NamedPlace) -> bool:
    """Whether a place that no recogniser saw is more than a part of a longer word, as 民主 is of 立憲民主党."""
    if named.place.is_country:
        return True
    return not _IDEOGRAPH.match(text[named.start - 1 : named.start]) and not _GOES_ON.match(text, named.end)


def _ends_behind_suffix(text: str, named: NamedPlace) -> bool:
    """Whether the suffix does not begin a longer word, as it does in 市場, 市民 and 都心."""
    return text[named.end + 1 : named.end + 2] not in _NO_SUFFIX_BEFORE
