"""What an article is about besides whom it names: its words and phrases, ranked by how they are used in it.

The features and their formula are those of YAKE (Campos and others, YAKE! Keyword extraction from single documents using multiple
local features, Information Sciences 509, 2020), which needs no corpus and nothing of a language but its stop words; candidates
are stretches between stop words as in RAKE (Rose and others, Automatic keyword extraction from individual documents, 2010). The
package yake is under the GPL and takes some ten milliseconds an article, so this is written from the paper.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import log, prod, sqrt
from operator import itemgetter
from typing import NamedTuple

from services.enrich.core.keyword_words import NAME_MARK, Spelling, Word, split_sentences, split_stretches
from services.enrich.core.spans import Field
from services.enrich.core.unspaced_keywords import find_unspaced_keywords, is_unspaced
from shared.articles import Entity

#: As many are looked for.
MOST_KEYWORDS = 10
_LONGEST_PHRASE = 3
#: The score of a phrase whose words all stand in the headline; YAKE knows no headline. Lower is better.
_HEADLINE_FACTOR = 0.5
#: Where so many words are repeated or stand in the headline, no other is looked at.
_ENOUGH_WORDS = 2 * MOST_KEYWORDS
# Two words that differ in no more than their last two letters say the same, if they have four letters in common.
_SHORTEST_STEM, _FORMS_OF_ONE_WORD = 4, 2


class Keyword(NamedTuple):
    """A keyword as it is written, its score (the lower, the better), and what tells what the score is made of."""

    name: str
    score: float
    parts: Callable[[], Mapping[str, float]]


#: The words of a stretch as they are written, with the forms they are counted under.
_Stretch = tuple[Sequence[str], Sequence[str]]
_Phrase = tuple[str, ...]


@dataclass(slots=True)
class _Counts:
    """What is counted in one article; a phrase is a tuple of forms."""

    words: dict[str, Word] = field(default_factory=dict)
    phrases: Counter[_Phrase] = field(default_factory=Counter)
    headline: frozenset[str] = frozenset()
    sentences: int = 0


def find_keywords(
    texts: Mapping[Field, str], language: str, entities: Iterable[Entity], stop_words: Collection[str]
) -> list[Keyword]:
    """Up to ten keywords of an article, best first; fewer when it is short.

    Args:
        texts: The text of each field.
        language: Its code.
        entities: Whom and what the article names: no keyword repeats these.
        stop_words: The words of the language that are no keywords, in lower case; empty where no list is known.
    """
    named = list(entities)
    masked = {field: mask_names(text, field, named) for field, text in texts.items()}
    names = {name for entity in named for name in (entity.name.lower(), *entity.name.lower().split())}
    headline, body = masked.get("headline", ""), masked.get("body", "")
    if is_unspaced(headline + body):
        found = find_unspaced_keywords(headline, body, language, stop_words, MOST_KEYWORDS)
        return [Keyword(piece.name, piece.score, partial(dict, piece.parts)) for piece in found if piece.name not in names]
    counts = _count(headline, body, Spelling(language, stop_words, has_stop_words=bool(stop_words)))
    return _rank(counts, names)


def mask_names(text: str, field: Field, entities: Iterable[Entity]) -> str:
    """The text with a mark in place of every name in it."""
    spans = sorted((m.start, m.end) for entity in entities for m in entity.mentions if m.field == field)
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        if start >= position:
            pieces += (text[position:start], NAME_MARK)
            position = end
    pieces.append(text[position:])
    return "".join(pieces)


def _count(headline: str, body: str, spelling: Spelling) -> _Counts:
    counts = _Counts()
    stretches: list[_Stretch] = []
    for number, sentence in enumerate([headline, *split_sentences(body)]):
        begins = number > 0
        for written in split_stretches(sentence):
            keys = [spelling[word] for word in written]
            stretches.append((written, keys))
            _count_words(counts.words, written, keys, number, begins=begins)
            if not spelling.has_stop_words:
                _count_neighbours(counts.words, written, keys)
            begins = False
        if number == 0:
            counts.headline = frozenset(counts.words)
    counts.sentences = number + 1
    for stretch in stretches:
        _count_phrases(counts, *stretch)
    return counts


def _count_words(words: dict[str, Word], written: Sequence[str], keys: Sequence[str], sentence: int, *, begins: bool) -> None:
    """Count each word. Capitals tell nothing where a sentence `begins`, nor in the headline, which is sentence 0."""
    for place, key in enumerate(keys):
        if not key:
            continue
        word = words.get(key)
        if word is None:
            word = words[key] = Word([sentence], [], [])
        else:
            word.sentences.append(sentence)
        form = written[place]
        if form == key:
            word.in_small_letters = True
        elif sentence and not (begins and place == 0):
            if word.forms is None:
                word.forms = {}
            word.forms[form] = word.forms.get(form, 0) + 1
            if form[0].isupper():
                word.capitals += 1


def _count_neighbours(words: Mapping[str, Word], written: Sequence[str], keys: Sequence[str]) -> None:
    """Note what stands beside each word. A word with ever other neighbours is a stop word; a list of these knows better."""
    for place, key in enumerate(keys):
        if not key:
            continue
        word = words[key]
        if place:
            word.before.append(written[place - 1])
        if place < len(keys) - 1:
            word.after.append(written[place + 1])


def _count_phrases(counts: _Counts, written: Sequence[str], keys: Sequence[str]) -> None:
    """Count phrases of two or three words that all occur twice; between two of these a stop word may stand."""
    words = counts.words
    repeated = [bool(key) and len(words[key].sentences) > 1 for key in keys]
    if sum(repeated) < 2:
        return
    for start in range(len(keys) - 1):
        if not repeated[start]:
            continue
        for end in range(start + 2, min(start + _LONGEST_PHRASE, len(keys)) + 1):
            if repeated[end - 1] and all(repeated[place] or not keys[place] for place in range(start + 1, end - 1)):
                counts.phrases[tuple(keys[place] or written[place].lower() for place in range(start, end))] += 1


def _rank(counts: _Counts, names: Collection[str]) -> list[Keyword]:
    if not counts.words:
        return []
    measure = _word_measure(counts)
    repeated = {key: word for key, word in counts.words.items() if len(word.sentences) > 1 or key in counts.headline}
    scores = {key: _score(*measure(word)) for key, word in (repeated if len(repeated) >= _ENOUGH_WORDS else counts.words).items()}
    found: list[tuple[float, _Phrase]] = []
    for key, score in scores.items():
        value = score / (len(counts.words[key].sentences) * (1 + score))
        found.append((value * _HEADLINE_FACTOR if key in counts.headline else value, (key,)))
    for phrase, count in counts.phrases.items():
        if count > 1 or (len(phrase) == 2 and counts.headline.issuperset(phrase)):
            found.append((_weigh_phrase([scores[key] for key in phrase if key in scores], count, phrase, counts), phrase))
    chosen: list[Keyword] = []
    taken: defaultdict[str, list[str]] = defaultdict(list)  # by their first letters
    for score, phrase in sorted(found, key=itemgetter(0)):  # of equals the one that stands first
        if len(chosen) == MOST_KEYWORDS:
            break
        is_repetition = _repeats(phrase, taken, names)
        for key in phrase:
            if not is_repetition or (len(phrase) > 1 and _is_part(key, phrase, counts)):
                taken[key[:_SHORTEST_STEM]].append(key)
        if not is_repetition:
            name = " ".join(_write(key, counts.words.get(key)) for key in phrase)
            chosen.append(Keyword(name, round(score, 6), partial(_parts, phrase, measure, counts)))
    return chosen


class _Features(NamedTuple):
    """The features of a word as YAKE defines them."""

    case: float
    frequency: float
    position: float
    relatedness: float
    spread: float


def _word_measure(counts: _Counts) -> Callable[[Word], _Features]:
    """What measures a word against all words of its article."""
    frequencies = [len(word.sentences) for word in counts.words.values()]
    mean = sum(frequencies) / len(frequencies)
    usual = mean + sqrt(sum((count - mean) ** 2 for count in frequencies) / len(frequencies))
    most = max(frequencies)

    def measure(word: Word) -> _Features:
        sentences, before, after = word.sentences, word.before, word.after
        count = len(sentences)
        left = len(set(before)) / len(before) if before else 0.0
        right = len(set(after)) / len(after) if after else 0.0
        capitals = word.capitals / (1 + log(count)) if word.capitals else 0.0
        position = log(log(3 + max(1, sentences[count // 2])))  # the headline is no sentence, and has a weight of its own
        return _Features(
            capitals, count / usual, position, 1 + (left + right) * count / most, len(set(sentences)) / counts.sentences
        )

    return measure


def _score(case: float, frequency: float, position: float, relatedness: float, spread: float) -> float:
    """YAKE's S(t)."""
    return relatedness * position / (case + (frequency + spread) / relatedness)


def _weigh_phrase(scores: Sequence[float], count: int, phrase: _Phrase, counts: _Counts) -> float:
    """YAKE's S(kw), halved where all of it stands in the headline."""
    value = prod(scores) / (count * (1 + sum(scores)))
    return value * _HEADLINE_FACTOR if counts.headline.issuperset(key for key in phrase if key in counts.words) else value


def _is_part(key: str, phrase: _Phrase, counts: _Counts) -> bool:
    """Whether a word mostly stands in this phrase, as `prime` in `prime minister`: alone it would say nothing."""
    return key in counts.words and 2 * counts.phrases[phrase] > len(counts.words[key].sentences)


def _repeats(phrase: _Phrase, taken: Mapping[str, Sequence[str]], names: Collection[str]) -> bool:
    """Whether a phrase says what was taken already, or names an entity."""
    if " ".join(phrase) in names or all(word in names for word in phrase):
        return True
    return any(_is_one_word(word, other) for word in phrase for other in taken.get(word[:_SHORTEST_STEM], ()))


def _is_one_word(one: str, other: str) -> bool:
    """Whether two words of the same first letters are forms of one: they differ in their last letters only."""
    if one == other:
        return True
    shared = max(_SHORTEST_STEM, max(len(one), len(other)) - _FORMS_OF_ONE_WORD)
    return one[:shared] == other[:shared] and min(len(one), len(other)) >= shared


_POSSESSIVE = re.compile(r"['’]s?$")  # noqa: RUF001 - the apostrophe of print


def _write(key: str, word: Word | None) -> str:
    """A word as running text writes it: in small letters if it ever does."""
    if word is None or word.in_small_letters or not word.forms:
        return key
    form = _POSSESSIVE.sub("", max(word.forms.items(), key=lambda item: (item[1], item[0]))[0])
    return form if form.lower() == key else key


def _parts(phrase: _Phrase, measure: Callable[[Word], _Features], counts: _Counts) -> dict[str, float]:
    """What the score of a keyword is made of; of a phrase the means of its words."""
    words = [counts.words[key] for key in phrase if key in counts.words]
    means = (sum(feature) / len(words) for feature in zip(*map(measure, words), strict=True))
    return {
        "count": len(words[0].sentences) if len(phrase) == 1 else counts.phrases[phrase],
        "in headline": float(counts.headline.issuperset(key for key in phrase if key in counts.words)),
        **{name: round(mean, 3) for name, mean in zip(_Features._fields, means, strict=True)},
    }
