"""The fold of the topic `stories.fingerprints`: what makes a story, and that all who read the topic say the same."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.enrich.core.fingerprint import Fingerprint, build_fingerprint
from services.enrich.core.likeness import is_same_text
from services.enrich.core.stories import Stories
from services.enrich.core.story_records import StoryRecord, pack_key, pack_value, unpack
from services.enrich.core.story_table import StoryID
from tests.unit.enrich.texts import a_chance, a_text, changed

HEADLINE = "Harbour bridge reopens"


def fingerprint(text: str) -> Fingerprint:
    found = build_fingerprint(HEADLINE, text)
    assert found is not None
    return found


def build_families(families: int, variants: int) -> list[list[Fingerprint]]:
    """Texts of which each is nearly the one before it, and no longer the one before that."""
    chance = a_chance()
    texts = [[a_text(chance, 200)] for _ in range(families)]
    for family in texts:
        while len(family) < variants:
            family.append(changed(family[-1], 18, chance))
    return [[fingerprint(text) for text in family] for family in texts]


FAMILIES = build_families(3, 4)
(A, A2, A3, *_), (B, *_), _ = FAMILIES


def article(number: int) -> StoryID:
    return bytes([number]) * 16


def reader(most: int = 100) -> Stories:
    stories = Stories(most)
    stories.finish_reading()
    return stories


def test_the_texts_of_these_tests_are_what_they_should_be() -> None:
    for family in FAMILIES:
        assert all(is_same_text(one, next_one) for one, next_one in pairwise(family))
        assert not is_same_text(family[0], family[2])
    assert not is_same_text(A, B)


def test_the_first_article_that_tells_a_text_begins_its_story_and_the_others_follow() -> None:
    stories = reader()
    assert [stories.claim(article(n), 1, mark, n) for n, mark in enumerate([A, B, A2, A])] == [article(n) for n in (0, 1, 0, 0)]


def test_an_article_that_is_claimed_again_keeps_its_story() -> None:
    stories = reader()
    stories.claim(article(1), 1, A, 0)
    stories.claim(article(2), 1, A2, 1)
    assert [stories.claim(article(n), 1, mark, n + 2) for n, mark in [(2, A2), (1, A)]] == [article(1)] * 2


def test_of_two_claims_of_one_text_before_the_verdict_the_first_counts() -> None:
    """As when its partition moves to another worker meanwhile."""
    stories = reader()
    stories.claim(article(1), 1, A, 0)
    stories.claim(article(1), 1, A, 1)
    told = stories.look(article(1))
    assert told is not None
    assert told.place == 0


def test_what_an_article_told_before_is_forgotten() -> None:
    stories = reader()
    stories.claim(article(1), 1, A, 0)
    stories.claim(article(1), 2, B, 1)
    assert stories.claim(article(2), 1, A, 2) == article(2)


def test_an_article_whose_text_becomes_another_leaves_its_story() -> None:
    stories = reader()
    stories.claim(article(1), 1, A, 0)
    stories.claim(article(2), 1, A, 1)
    assert stories.claim(article(2), 2, B, 2) == article(2)


def test_a_story_goes_on_when_the_article_that_began_it_tells_something_else() -> None:
    stories = reader()
    stories.claim(article(1), 1, A, 0)
    stories.claim(article(2), 1, A, 1)
    stories.claim(article(1), 2, B, 2)
    assert stories.claim(article(3), 1, A, 3) == article(1)


def test_a_verdict_counts_whatever_the_reader_thought() -> None:
    stories = reader()
    stories.claim(article(1), 1, A, 0)
    stories.settle(article(1), 1, A, article(9), 0)
    assert stories.claim(article(2), 1, A, 2) == article(9)


def test_the_oldest_articles_are_forgotten() -> None:
    stories = reader(most=2)
    for number in range(3):
        stories.claim(article(number), 1, FAMILIES[number][0], number)
    assert len(stories) == 2
    assert stories.look(article(0)) is None
    assert stories.claim(article(7), 1, FAMILIES[0][0], 3) == article(7)


def test_a_claim_without_a_verdict_is_decided_as_of_its_place_though_compaction_moved_what_stood_before_it() -> None:
    stories = Stories(100)
    stories.claim(article(2), 1, A2, 1)
    stories.settle(article(1), 1, A, article(1), 0)
    stories.finish_reading()
    told = stories.look(article(2))
    assert told is not None
    assert told.story == article(1)


def test_a_claim_without_a_verdict_does_not_follow_what_came_after_it() -> None:
    live, new = reader(), Stories(100)
    for one in (live, new):
        one.claim(article(1), 1, A, 0)
        one.claim(article(2), 1, A3, 1)
        one.claim(article(3), 1, A2, 2)  # is nearly the text of both
        one.settle(article(1), 1, A, article(1), 0)
        one.settle(article(3), 1, A2, article(1), 2)
    new.finish_reading()
    told = [one.look(article(2)) for one in (live, new)]
    assert [None if one is None else one.story for one in told] == [article(2)] * 2


@pytest.mark.parametrize("record", [StoryRecord(article(1), 2**53 - 1, A), StoryRecord(article(1), 3, A, article(2), 77)])
def test_a_record_comes_back_as_it_was_written(record: StoryRecord) -> None:
    read = unpack(pack_key(record.article), pack_value(record))
    assert replace(read, fingerprint=A) == replace(record, fingerprint=A)
    assert read.fingerprint.is_equal(record.fingerprint)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"00", pack_value(StoryRecord(article(1), 1, A))),
        (b"zz" * 16, pack_value(StoryRecord(article(1), 1, A))),
        (None, b""),
        (pack_key(article(1)), None),
        (pack_key(article(1)), b"\x02" + pack_value(StoryRecord(article(1), 1, A))[1:]),
    ],
)
def test_what_is_no_record_of_this_form_is_refused(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"it is no record of form 1|key|hexadecimal"):
        unpack(key, value)


class Topic(RuleBasedStateMachine):
    """The topic as several workers write it, crash before a verdict, start anew, and compaction cleans it.

    `live` has read it from its beginning. Compaction leaves claims alone that have no verdict yet: it waits an hour.
    """

    def __init__(self) -> None:
        super().__init__()
        self.written: list[tuple[int, StoryRecord]] = []
        self.offset = 0
        self.live = reader()
        self.readers = [self.live]

    def write(self, record: StoryRecord) -> None:
        self.written.append((self.offset, record))
        for one in self.readers:
            learn(one, self.offset, record)
        self.offset += 1

    def unsettled(self) -> bool:
        return any(told is not None and not told.is_final for told in map(self.live.look, map(article, range(6))))

    @rule(number=st.integers(0, 5), family=st.integers(0, 2), variant=st.integers(0, 3))
    def claim_a_new_article(self, number: int, family: int, variant: int) -> None:
        if self.live.look(article(number)) is None:
            self.write(StoryRecord(article(number), 1, FAMILIES[family][variant]))

    @rule(number=st.integers(0, 5))
    def claim_again_before_the_verdict(self, number: int) -> None:
        told = self.live.look(article(number))
        if told is not None and not told.is_final:
            self.write(StoryRecord(article(number), told.revision, told.fingerprint))

    @rule(number=st.integers(0, 5), who=st.integers(0, 9))
    def decide(self, number: int, who: int) -> None:
        told = self.readers[who % len(self.readers)].look(article(number))
        if told is not None:
            self.write(StoryRecord(article(number), told.revision, told.fingerprint, told.story, told.place))

    @precondition(lambda self: not self.unsettled())
    @rule(number=st.integers(0, 5), family=st.integers(0, 2), variant=st.integers(0, 3), who=st.integers(0, 9))
    def change_a_text(self, number: int, family: int, variant: int, who: int) -> None:
        told = self.readers[who % len(self.readers)].look(article(number))
        mark = FAMILIES[family][variant]
        if told is None:
            return
        if is_same_text(mark, told.fingerprint):
            self.write(StoryRecord(article(number), told.revision + 1, mark, told.story, told.place))
        else:
            self.write(StoryRecord(article(number), told.revision + 1, mark))

    @rule()
    def compact(self) -> None:
        last = {record.article: offset for offset, record in self.written}
        is_open = {record.article: record.story is None for _, record in self.written}
        self.written = [
            (offset, record) for offset, record in self.written if offset == last[record.article] or is_open[record.article]
        ]

    @rule()
    def start_a_worker(self) -> None:
        new = Stories(100)
        for offset, record in self.written:
            learn(new, offset, record)
        new.finish_reading()
        self.readers.append(new)

    @invariant()
    def all_say_the_same(self) -> None:
        for number in range(6):
            told = [one.look(article(number)) for one in self.readers]
            assert len({None if one is None else (one.story, one.revision, one.is_final) for one in told}) == 1


def learn(stories: Stories, offset: int, record: StoryRecord) -> None:
    if record.story is None:
        stories.claim(record.article, record.revision, record.fingerprint, offset)
    else:
        stories.settle(record.article, record.revision, record.fingerprint, record.story, record.place)


TestTheTopic = Topic.TestCase
TestTheTopic.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
