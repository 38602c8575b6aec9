# ruff: noqa: RUF001 - dashes, arrows and full stops of many scripts are what is looked for
"""Pages that come as scraped text: what was read off a news site, crumb, headline, article and widgets run together."""

import re
from dataclasses import dataclass
from datetime import datetime

from services.ingest.core.boilerplate import (
    ends_sentence,
    fold_line,
    is_closing_heading,
    is_control,
    is_copyright,
    is_inset_heading,
    is_promotion,
    is_prose,
)
from services.ingest.core.bylines import parse_authors
from services.ingest.core.dates import judge_date, parse_day_line, parse_timestamp
from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.identity import canonical_url
from services.ingest.core.no_article import ERROR_PAGE, LOGIN_PAGE
from shared.text import clean_text

#: Lines among which date, crumb and headline are looked for.
_HEAD_LINES = 15
#: Lines that a notice ("Page not found") has at most.
_NOTICE_LINES = 3
_FULL_STOPS = (".", "。", "۔", "।")
_LONGEST_HEADLINE = 300
_HOME = "Home|Homepage|Main|Front Page|Accueil|Startseite|Inicio|Início|Anasayfa|Ana Sayfa|الرئيسية|Главная"
_CRUMB = re.compile(rf"^(?:you are here:?\s*)?(?P<home>{_HOME})(?![a-z])\s*(?P<rest>.*)$", re.IGNORECASE)
_CRUMB_RUN_TOGETHER = re.compile(rf"^(?P<home>{_HOME})(?P<rest>[^\W\d_a-z].*)$")
_CRUMB_SEPARATOR = re.compile(r"\s*[›»>/|•→·\\]\s*|\s+[-–]\s+")
_WORDS_RUN_TOGETHER = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_SITE_SUFFIX = re.compile(r"^\s*[-–—|»:·]\s*\S.{0,60}$")
_BYLINE = re.compile(r"^(?:by|written by|par|von|por|di)\s+(?P<names>\S.{1,80}?)(?:\s*[-–—|,]\s*[^-–—|]*\d{4}.*)?$", re.IGNORECASE)
_LABELLED_DATE = re.compile(
    r"^(?P<label>published|posted|first published|updated|last updated|modified)(?:\s+on)?\s*:?\s+(?P<date>.{6,60})$",
    re.IGNORECASE,
)
# A line with a day in it is a byline or a stamp; headlines say "on Tuesday".
_STAMP = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[•·*◦▪©]")
_TAGS = re.compile(r"^(?:tags|keywords|topics|related topics)\s*:\s*(?P<tags>.+)$", re.IGNORECASE)


@dataclass(frozen=True)
class _Head:
    """The lines above the text: the headline, where the text starts, and what was read on the way."""

    headline: str
    start: int
    breadcrumb: tuple[str, ...] = ()
    retrieved: datetime | None = None


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines are one paragraph, broken to fit a width: all full but the last, and that one ends a sentence."""
    lengths = [len(line) for line in lines[:-1]]
    full = bool(lengths) and min(lengths) >= 45 and max(lengths) - min(lengths) <= 25 and len(lines[-1]) <= max(lengths) + 5
    return full and ends_sentence(lines[-1]) and not all(map(ends_sentence, lines))


def _parse_lines(text: str) -> list[str]:
    """Lines of the page, one a paragraph; what is broken to fit a width, or goes on in lower case, is put together."""
    lines: list[str] = []
    for block in clean_text(text).split("\n\n"):
        parts = [line for line in block.split("\n") if line]
        if _is_wrapped(parts):
            lines.append(" ".join(parts))
            continue
        paragraphs: list[list[str]] = []
        for line in parts:
            if paragraphs and line[:1].islower() and not is_control(line):
                paragraphs[-1].append(line)
            else:
                paragraphs.append([line])
        lines.extend(map(" ".join, paragraphs))
    return lines


def _parse_crumb(line: str, headline: str) -> tuple[str, ...] | None:
    """The breadcrumb in "HomeIranIran Vows …" or "Home > Iran > Iran Vows …", without the headline; None if the line is none."""
    match = _CRUMB_RUN_TOGETHER.match(line) or _CRUMB.match(line)
    if not match:
        return None
    trail = match["rest"].strip()
    if headline and trail.casefold().endswith(headline.casefold()):
        trail = trail[: len(trail) - len(headline)].strip()
    elif headline:
        # Long crumbs are cut by the site: "Home > Iran > Iran Vows to Bui…"
        pieces = _CRUMB_SEPARATOR.split(trail)
        start = pieces[-1].rstrip(" .…")
        if len(pieces) < 2 or not headline.casefold().startswith(start.casefold()):
            return None
        trail = trail[: trail.rindex(pieces[-1])]
    separated = [piece for piece in _CRUMB_SEPARATOR.split(trail) if piece]
    crumbs = separated if len(separated) > 1 else [piece for part in separated for piece in _WORDS_RUN_TOGETHER.split(part)]
    return (match["home"], *(crumb.strip() for crumb in crumbs if crumb.strip()))


def _is_same_headline(line: str, headline: str) -> bool:
    """Whether the line says the headline once more, perhaps with the name of the site behind it."""
    folded, of = fold_line(line), fold_line(headline)
    return folded == of or (folded.startswith(of) and bool(_SITE_SUFFIX.match(folded[len(of) :])))


def _can_be_headline(line: str) -> bool:
    noise = is_control(line) or is_closing_heading(line) or is_inset_heading(line) or is_promotion(line)
    about = parse_day_line(line) or any(pattern.search(line) for pattern in (_BYLINE, _LABELLED_DATE, _STAMP, _BULLET))
    return not noise and not about and 2 < len(line) <= _LONGEST_HEADLINE and any(char.isalpha() for char in line)


def _pick_headline(lines: list[str]) -> tuple[str, int] | None:
    """The headline and the place of its last repetition.

    In this order: a line that the crumb above it ends with, a line that is repeated, the last fitting line before the first prose.
    """
    head = lines[:_HEAD_LINES]
    fitting = [(place, line) for place, line in enumerate(head) if _can_be_headline(line)]
    for place, line in fitting:
        under_crumb = any(_parse_crumb(above, line) is not None and above != line for above in head[:place])
        repetitions = [later for later, other in enumerate(head) if later != place and _is_same_headline(other, line)]
        if (under_crumb and len(line) >= 8) or (repetitions and len(line) >= 15):
            return line, max([place, *repetitions])
    first_prose = next((place for place, line in enumerate(lines) if place and is_prose(line)), 0)
    before = [
        (place, line)
        for place, line in fitting
        if place < first_prose
        and not _CRUMB.match(line)
        and not (is_prose(line) and line.endswith(_FULL_STOPS) and len(line) > 120)
    ]
    if not before:
        return None
    place, line = max(
        before, key=lambda candidate: (not candidate[1].endswith(_FULL_STOPS), min(len(candidate[1]), 25), -candidate[0])
    )
    return line, place


def _parse_head(lines: list[str], now: datetime) -> _Head | None:
    picked = _pick_headline(lines)
    if picked is None:
        return None
    headline, place = picked
    above = lines[:place]
    days = (judge_date(parse_day_line(line), now) for line in above)
    crumbs = (_parse_crumb(line, headline) for line in above)
    return _Head(
        headline=headline,
        start=place + 1,
        breadcrumb=next((crumb for crumb in crumbs if crumb), ()),
        retrieved=next((day for day in days if day), None),
    )


def _prose_goes_on(lines: list[str]) -> bool:
    """Whether a paragraph follows before the article is over."""
    for line in lines:
        if is_closing_heading(line):
            return False
        if is_prose(line) and not is_promotion(line):
            return True
    return False


def _article_lines(lines: list[str], headline: str) -> list[str]:
    """The paragraphs and sub-headings of the article, up to where the widgets begin."""
    kept: list[str] = []
    in_inset = False
    for place, line in enumerate(lines):
        if is_closing_heading(line):
            break
        if is_inset_heading(line):
            if not _prose_goes_on(lines[place + 1 :]):
                break
            in_inset = True
        elif in_inset and not is_prose(line):
            continue
        elif not (is_control(line) or is_promotion(line) or is_copyright(line) or _is_same_headline(line, headline)):
            in_inset = False
            kept.append(line)
    return kept


def _parse_furniture(lines: list[str], now: datetime) -> tuple[list[str], dict[str, object]]:
    """The lines without byline, labelled dates and tags, and what these say in fields of `ExtractedArticle`."""
    kept: list[str] = []
    found: dict[str, object] = {}
    for place, line in enumerate(lines):
        before_text = not any(is_prose(other) for other in kept)
        byline, dated, tags = _BYLINE.match(line), _LABELLED_DATE.match(line), _TAGS.match(line)
        if before_text and byline and not is_prose(line):
            found.setdefault("authors", parse_authors(byline["names"]))
        elif before_text and dated and (time := parse_timestamp(dated["date"])):
            field = "date_modified" if dated["label"].lower() in ("updated", "last updated", "modified") else "date_published"
            found.setdefault(field, judge_date(time, now))
        elif tags and place >= len(lines) - 3:
            found["keywords"] = tuple(tag.strip() for tag in re.split(r"[,;#]", tags["tags"]) if tag.strip())
        elif not (before_text and parse_day_line(line)):
            kept.append(line)
    return kept, found


def _judge_notice(lines: list[str]) -> NoArticle | None:
    """Whether the page is a notice to its reader, and which."""
    if any(ERROR_PAGE.search(line) for line in lines[:_HEAD_LINES]):
        return NoArticle("error page")
    if any(LOGIN_PAGE.search(line) for line in lines):
        return NoArticle("login page")
    return None


def _judge_missing(lines: list[str]) -> NoArticle:
    if not lines:
        return NoArticle("empty page")
    return _judge_notice(lines) or NoArticle("no headline" if sum(map(is_prose, lines)) > len(lines) / 2 else "index page")


def extract_text_page(text: str, url: str | None, now: datetime) -> ExtractedArticle | NoArticle:
    """The article in the text of a scraped page.

    A day that stands above the headline is the day of the visit, not of publication: it is returned as `date_retrieved`.
    The breadcrumb is as shown, from Home on, without the headline; its last part is the section. Widgets leave nothing behind.
    """
    lines = _parse_lines(text)
    head = _parse_head(lines, now)
    if head is None:
        return _judge_missing(lines)
    paragraphs, furniture = _parse_furniture(_article_lines(lines[head.start :], head.headline), now)
    if not any(map(is_prose, paragraphs)):
        return _judge_missing(lines)
    if len(paragraphs) <= _NOTICE_LINES and (notice := _judge_notice(lines)):
        return notice
    return ExtractedArticle(
        headline=head.headline,
        body="\n\n".join(paragraphs),
        url=canonical_url(url) if url else None,
        section=head.breadcrumb[-1] if len(head.breadcrumb) > 1 else None,
        breadcrumb=head.breadcrumb,
        date_retrieved=head.retrieved,
        **furniture,
    )
