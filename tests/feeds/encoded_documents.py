"""The same news in the encodings of the web, declared rightly, wrongly, and not at all; and times in all spellings."""

from datetime import UTC, datetime

from tests.feeds.fixtures import Fixture, atom, item, one, rss, url

_TEXTS = {
    "utf-8": "Žluťoučký kůň — naïve 橋 мост",
    "windows-1252": "L’été à la plage — “café” déjà",
    "iso-8859-1": "Prämie für Äpfel, élève, señor",
    "iso-8859-2": "Žluťoučký kůň příšerně úpěl ďábelské ódy",
    "iso-8859-9": "İstanbul'da köprü yeniden açıldı, ışık ve güneş",
    "windows-1250": "Łódź: most źle oświetlony, żółć „gęś”",
    "windows-1251": "Мост через реку открыли после двух лет ремонта",
    "koi8-r": "Мост через реку открыли после двух лет ремонта",
    "windows-1253": "Η γέφυρα άνοιξε ξανά μετά από δύο χρόνια",
    "windows-1255": "הגשר נפתח מחדש אחרי שנתיים של שיפוצים",
    "windows-1256": "أعيد فتح الجسر بعد عامين من الإصلاح في المدينة",
    "shift_jis": "港の橋が二年ぶりに再開したと市が発表した",
    "euc-jp": "港の橋が二年ぶりに再開したと市が発表した",
    "gb2312": "港口大桥两年后重新开放，市政府宣布",
    "gb18030": "港口大桥两年后重新开放，市政府宣布，游客们㐀",
    "big5": "港口大橋兩年後重新開放，市政府宣布",
    "euc-kr": "다리가 2년 만에 다시 열렸다고 시가 발표했다",
    "windows-874": "สะพานเปิดอีกครั้งหลังจากสองปี",
}
_UNDECLARED = (
    "windows-1252",
    "windows-1251",
    "koi8-r",
    "windows-1253",
    "windows-1256",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
)


def _written(text: str, declared: str | None) -> str:
    declaration = '<?xml version="1.0"?>' if declared is None else f'<?xml version="1.0" encoding="{declared}"?>'
    return rss(item(1, text, text=f"{text}. " * 8), declaration=declaration)


def _named(name: str) -> str:
    return "cp874" if name == "windows-874" else name


_FRENCH, _RUSSIAN = _TEXTS["windows-1252"], _TEXTS["windows-1251"]
ENCODED: tuple[Fixture, ...] = (
    *(one(f"declared {name}", _written(text, name).encode(_named(name)), text) for name, text in _TEXTS.items()),
    *(one(f"{name}, declared UTF-8", _written(_TEXTS[name], "utf-8").encode(_named(name)), _TEXTS[name]) for name in _UNDECLARED),
    *(one(f"{name}, undeclared", _written(_TEXTS[name], None).encode(_named(name)), _TEXTS[name]) for name in _UNDECLARED),
    *(
        one(f"UTF-8, declared {name}", _written(_TEXTS["utf-8"], name).encode(), _TEXTS["utf-8"])
        for name in ("iso-8859-1", "windows-1251", "gb2312", "us-ascii", "utf-16", "x-nonsense", "")
    ),
    one("UTF-8, undeclared", _written(_TEXTS["utf-8"], None).encode(), _TEXTS["utf-8"]),
    one("UTF-8 with a byte-order mark", _written(_RUSSIAN, "utf-8").encode("utf-8-sig"), _RUSSIAN),
    one("UTF-8 with two byte-order marks", b"\xef\xbb\xbf" + _written(_RUSSIAN, "utf-8").encode("utf-8-sig"), _RUSSIAN),
    one("a byte-order mark of UTF-8 against what is declared", _written(_FRENCH, "windows-1252").encode("utf-8-sig"), _FRENCH),
    one("UTF-16 with a mark, little end first", b"\xff\xfe" + _written(_RUSSIAN, "utf-16").encode("utf-16-le"), _RUSSIAN),
    one("UTF-16 with a mark, big end first", b"\xfe\xff" + _written(_RUSSIAN, "utf-16").encode("utf-16-be"), _RUSSIAN),
    one("UTF-16 without a mark, little end first", _written(_RUSSIAN, "utf-16").encode("utf-16-le"), _RUSSIAN),
    one("UTF-16 without a mark, big end first", _written(_RUSSIAN, "utf-16").encode("utf-16-be"), _RUSSIAN),
    one("UTF-16 declared UTF-8", _written(_RUSSIAN, "utf-8").encode("utf-16"), _RUSSIAN),
    one("UTF-32 with a mark", _written(_RUSSIAN, "utf-32").encode("utf-32"), _RUSSIAN),
    one("UTF-32 without a mark", _written(_RUSSIAN, "utf-32").encode("utf-32-be"), _RUSSIAN),
    one("windows-1252, declared iso-8859-1", _written(_FRENCH, "iso-8859-1").encode("windows-1252"), _FRENCH),
    one(
        "an encoding in single quotes and capitals",
        _written(_RUSSIAN, "WINDOWS-1251").replace('"WINDOWS-1251"', "'WINDOWS-1251'").encode("windows-1251"),
        _RUSSIAN,
    ),
    one(
        "UTF-8 with one broken byte",
        _written(_RUSSIAN, "utf-8").encode().replace("ремонта.".encode(), "ремонта.".encode() + b"\xd0", 1),
        _RUSSIAN,
    ),
    one(
        "UTF-8 cut within a letter",
        _written(_RUSSIAN, "utf-8").encode()[: -len("</description></item></channel></rss>") - 4] + b"\xd0",
        _RUSSIAN,
    ),
    one("UTF-8 read as latin and written as UTF-8 again", _written("été", "utf-8").encode().decode("latin-1").encode(), "été"),
    one("all letters by number", _written("".join(f"&#{ord(letter)};" for letter in _RUSSIAN), None).encode(), _RUSSIAN),
    one(
        "Atom in windows-1251",
        atom(f'<entry><title>{_RUSSIAN}</title><link href="{url(1)}"/></entry>')
        .replace("utf-8", "windows-1251")
        .encode("windows-1251"),
        _RUSSIAN,
        kind="atom",
    ),
)

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_DAY = datetime(2026, 11, 24, tzinfo=UTC)
_TIMES: dict[str, datetime | None] = {
    "Tue, 24 Nov 2026 12:00:00 GMT": _NOON,
    "Tue, 24 Nov 2026 12:00:00 +0000": _NOON,
    "Tue, 24 Nov 2026 13:00:00 +0100": _NOON,
    "Tue, 24 Nov 2026 07:00:00 EST": _NOON,
    "Tue, 24 Nov 2026 04:00:00 PST": _NOON,
    "Tue, 24 Nov 2026 13:00:00 CET": _NOON,
    "Tue, 24 Nov 2026 15:00:00 MSK": _NOON,
    "Tue, 24 Nov 2026 21:00:00 JST": _NOON,
    "Tue, 24 Nov 2026 12:00 UT": _NOON,
    "24 Nov 26 12:00:00 Z": _NOON,
    "Tue, 24 Nov 2026 12:00:00 XYZ": _NOON,
    "Tue, 24 Nov 2026 12:00:00": _NOON,
    "Tue,24 Nov 2026 17:30:00 +05:30": _NOON,
    "Tuesday, 24 November 2026 12:00:00 GMT": _NOON,
    "Tue, 24-Nov-2026 12:00:00 GMT": _NOON,
    "Mon, 24 Nov 2026 12:00:00 GMT": _NOON,
    "Tue Nov 24 12:00:00 2026": _NOON,
    "Tue Nov 24 12:00:00 UTC 2026": _NOON,
    "Nov 24, 2026 12:00 PM": _NOON,
    "November 24, 2026": _DAY,
    "2026-11-24T12:00:00Z": _NOON,
    "2026-11-24T12:00:00.123Z": _NOON,
    "2026-11-24T14:00:00+02:00": _NOON,
    "2026-11-24T14:00:00+0200": _NOON,
    "2026-11-24T12:00Z": _NOON,
    "2026-11-24 12:00:00": _NOON,
    "2026-11-24": _DAY,
    "20261124T120000Z": _NOON,
    "Di, 24 Nov 2026 13:00:00 +0100": _NOON,
    "mar., 24 nov. 2026 13:00:00 +0100": _NOON,
    "24 de noviembre de 2026 12:00": _NOON,
    "Вт, 24 ноя 2026 15:00:00 +0300": _NOON,
    "2026年11月24日 12:00": _NOON,
    "2026년 11월 24일": _DAY,
    "Tue, 24 Nov 2026 11:59:60 GMT": datetime(2026, 11, 24, 11, 59, 59, tzinfo=UTC),
    "Thu, 24 Nov 2203 12:00:00 GMT": datetime(2203, 11, 24, 12, tzinfo=UTC),
    "Thu, 01 Jan 1970 00:00:00 GMT": None,
    "0001-01-01T00:00:00Z": None,
    "1601-01-01T00:00:00Z": None,
    "Tue, 31 Feb 2026 12:00:00 GMT": None,
    "Tue, 24 Nov 2026 12:00:00 +9900": None,
    "01/02/2026": None,
    "2026": None,
    "2026-11": None,
    "1764000000": None,
    "99999999999999999999": None,
    "9999-12-31T23:59:59-12:00": None,
    "yesterday": None,
    "%a, %d %b %Y": None,
    "": None,
}
DATED: tuple[Fixture, ...] = tuple(
    Fixture(f"dated {text!r}", rss(item(1, extra=f"<pubDate>{text}</pubDate>")).encode(), urls=(url(1),), dates=(time,))
    for text, time in _TIMES.items()
)
