"""Measures how well copies of articles are told from other articles, and at what cost: `make bench NAME=stories`.

Originals and 50,000 other articles are put together from real sentences; each original is copied in every way that is measured,
and all of them come in one after the other, mixed. The sentences are third parties' and lie beside the project; without them this
says so and measures nothing.
"""

import gc
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from services.enrich.core.fingerprint import build_fingerprint
from services.enrich.core.stories import Stories
from tests.benchmarks.recognition import DATA, read_conll, say

SEED = 11
KNOWN = 100_000
#: A sentence in western letters; what is longer is a list or a page without a full stop, and would be most of an article with it.
FORM = re.compile("[\x20-\u024f\u2000-\u206f]{1,300}")
PARAGRAPHS = (8, 12)
CHANGED_PERCENT = (0, 2, 5, 10, 20, 40)
#: Up to so many words changed a copy must be recognised.
PROMISED_PERCENT = 10
HEADERS = ("(Reuters) -", "LONDON (AP) —", "By our staff, with agencies", "PARIS, Nov 24 (AFP) —")
FOOTERS = (
    "Read more: what we know so far",
    "Reporting by Dana Example; editing by A. N. Other",
    "© 2026 Example News. All rights reserved.",
)


class Text(NamedTuple):
    """A text of the set: paragraphs, which original it copies (an unrelated one copies itself), and how."""

    paragraphs: tuple[str, ...]
    original: int
    kind: tuple[int, str]


ORIGINAL, UNRELATED = (-1, "original"), (-1, "unrelated")


class Language:
    """Sentences of one language, and the words that copies are changed with."""

    def __init__(self, sentences: Sequence[str], *, once: bool) -> None:
        """`once`: so few that articles would share them by chance; each is taken only once."""
        self._sentences = list(sentences)
        self._once = once
        has_blanks = sum(" " in sentence for sentence in sentences) > len(sentences) / 2
        self.words = [word for sentence in sentences for word in (sentence.split() if has_blanks else sentence)]

    @property
    def is_used_up(self) -> bool:
        """Whether there is not enough left for an article."""
        return len(self._sentences) < PARAGRAPHS[1]

    def compose(self, chance: random.Random) -> tuple[str, ...]:
        """Paragraphs of one to three sentences; of one, where there are few."""
        most = 1 if self._once else 3
        taken = chance.sample(self._sentences, PARAGRAPHS[1] * most)
        lengths = [chance.randint(1, most) for _ in range(chance.randint(*PARAGRAPHS))]
        if self._once:
            taken = taken[: len(lengths)]
            self._sentences = [sentence for sentence in self._sentences if sentence not in taken]
        picked = iter(taken)
        return tuple(" ".join(next(picked) for _ in range(length)) for length in lengths)


def read_languages() -> tuple[Language, list[Language]]:
    """English, of which there is much, and many others."""
    pages = json.loads((DATA / "extraction" / "ground-truth.json").read_text(encoding="utf-8")).values()
    english = [sentence for page in pages for sentence in re.split(r"(?<=[.!?])\s+", page["articleBody"])]
    english += [sentence.text for path in sorted((DATA / "entities").glob("*.conll")) for sentence in read_conll(path)]
    files = [path.read_text(encoding="utf-8").splitlines() for path in sorted((DATA / "languages").glob("*.txt"))]
    others = [Language([line for line in lines if len(line) <= 300], once=True) for lines in files]
    return Language([line for line in english if FORM.fullmatch(line) and len(line.split()) >= 5], once=False), others


def change_words(paragraph: str, percent: int, words: Sequence[str], chance: random.Random) -> str:
    """The paragraph with some of its words (characters, where there are no blanks) replaced, left out, or followed by another."""
    has_blanks = " " in paragraph
    changed = []
    for word in paragraph.split() if has_blanks else paragraph:
        if chance.random() * 100 >= percent:
            changed.append(word)
            continue
        other = chance.choice(words)
        changed += chance.choice(((other,), (other,), (), (word, other)))
    return (" " if has_blanks else "").join(changed)


def drop_paragraph(paragraphs: tuple[str, ...], chance: random.Random) -> tuple[str, ...]:
    """Without one in five, but not without the first."""
    dropped = chance.sample(range(1, len(paragraphs)), max(1, len(paragraphs) // 5))
    return tuple(paragraph for number, paragraph in enumerate(paragraphs) if number not in dropped)


def add_header(paragraphs: tuple[str, ...], chance: random.Random) -> tuple[str, ...]:
    """With what an agency writes before a text, and a publisher behind it."""
    return (f"{chance.choice(HEADERS)} {paragraphs[0]}", *paragraphs[1:], chance.choice(FOOTERS))


Edit = Callable[[tuple[str, ...], random.Random], tuple[str, ...]]
EDITS: dict[str, tuple[Edit, ...]] = {
    "words only": (),
    "headers added": (add_header,),
    "paragraphs dropped": (drop_paragraph,),
    "both": (drop_paragraph, add_header),
}


def copies_of(text: Text, words: Sequence[str], chance: random.Random) -> Iterator[Text]:
    """A copy in every way."""
    for percent in CHANGED_PERCENT:
        for name, edits in EDITS.items():
            paragraphs = tuple(change_words(paragraph, percent, words, chance) for paragraph in text.paragraphs)
            for edit in edits:
                paragraphs = edit(paragraphs, chance)
            yield Text(paragraphs, text.original, (percent, name))


def build_set(originals: int, unrelated: int, chance: random.Random) -> list[Text]:
    """The whole set in the order in which it comes in: an original stands before its copies, anywhere."""
    english, others = read_languages()
    placed: list[tuple[float, Text]] = []
    for number in range(originals + unrelated):
        is_original = number < originals
        language = chance.choice(others) if number % (2 if is_original else 50) == 0 else english
        language = english if language.is_used_up else language
        start = chance.random()
        text = Text(language.compose(chance), number, ORIGINAL if is_original else UNRELATED)
        placed.append((start, text))
        if is_original:
            placed += [(chance.uniform(start, 1), copy) for copy in copies_of(text, language.words, chance)]
    return [text for _, text in sorted(placed, key=lambda pair: pair[0])]


class Tally(NamedTuple):
    """How many copies of each kind there were and how many got their original's story; of articles in others' stories, how many."""

    seen: Counter[tuple[int, str]]
    recognised: Counter[tuple[int, str]]
    joined: int
    joined_wrongly: int


def tell_all(texts: Sequence[Text], stories: Stories) -> Tally:
    """Let all come in."""
    leads: dict[bytes, int] = {}  # by story, the original that its first article copies
    story_of: dict[int, bytes] = {}  # by original, its story
    seen: Counter[tuple[int, str]] = Counter()
    recognised: Counter[tuple[int, str]] = Counter()
    joined = wrongly = 0
    for place, text in enumerate(texts):
        article = place.to_bytes(16, "big")
        headline = " ".join(text.paragraphs[0].split()[:9])
        mark = build_fingerprint(headline, "\n\n".join(text.paragraphs))
        story = article if mark is None else stories.claim(article, 1, mark, place)
        assert story is not None
        if story == article:
            leads[story] = text.original
        else:
            joined += 1
            wrongly += leads[story] != text.original
        if text.kind == ORIGINAL:
            story_of[text.original] = story
        elif text.kind != UNRELATED:
            seen[text.kind] += 1
            recognised[text.kind] += story == story_of[text.original]
    return Tally(seen, recognised, joined, wrongly)


def resident_mb() -> float:
    """The memory of this process now; 0 on systems that do not say."""
    status = Path("/proc/self/status")
    return int(re.findall(r"VmRSS:\s+(\d+)", status.read_text(encoding="utf-8"))[0]) / 1024 if status.exists() else 0.0


def run(*, quick: bool) -> dict[str, float]:
    """Print tables; the figures: duplicate_recall (up to 10 % of words changed), _20, _40, duplicate_precision, and the cost."""
    if not DATA.exists():
        say(f"skipped: no data in {DATA}")
        return {}
    texts = build_set(100 if quick else 500, 5_000 if quick else 50_000, random.Random(SEED))  # noqa: S311 - the same set every time
    gc.collect()
    before = resident_mb()
    stories = Stories(KNOWN)
    stories.finish_reading()
    started = time.process_time()
    tally = tell_all(texts, stories)
    cost_ms = (time.process_time() - started) * 1000 / len(texts)
    say(f"{'recall, by words changed':42}", *(f"{percent} %" for percent in CHANGED_PERCENT))
    for name in EDITS:
        say(f"  {name:40}", *(f"{_recall(tally, [(percent, name)]):.4f}" for percent in CHANGED_PERCENT))
    figures = {
        "duplicate_recall": _recall(tally, [kind for kind in tally.seen if kind[0] <= PROMISED_PERCENT]),
        "duplicate_recall_20": _recall(tally, [kind for kind in tally.seen if kind[0] == 20]),
        "duplicate_recall_40": _recall(tally, [kind for kind in tally.seen if kind[0] == 40]),
        "duplicate_precision": 1 - tally.joined_wrongly / max(1, tally.joined),
        "story_ms_per_article": cost_ms,
        "story_memory_mb": resident_mb() - before,
    }
    say(f"{f'precision, {len(texts)} articles':42}", f"{figures['duplicate_precision']:.5f}", f"{tally.joined_wrongly} wrong")
    say(f"{'processor time for an article, ms':42}", f"{cost_ms:.3f}")
    say(f"{'memory for them, MB':42}", f"{figures['story_memory_mb']:.0f}")
    return {name: round(figure, 5) for name, figure in figures.items()}


def _recall(tally: Tally, kinds: Sequence[tuple[int, str]]) -> float:
    return sum(tally.recognised[kind] for kind in kinds) / sum(tally.seen[kind] for kind in kinds)
