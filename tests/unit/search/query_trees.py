"""Trees of queries for property tests: all that the language can say."""

from datetime import date

from hypothesis import strategies as st

from services.search.core.query_dates import Dates
from services.search.core.query_tree import NAME_FIELDS, TEXT_FIELDS, And, Not, Or, Phrase, Query, Word

_QUOTES = '"\u201c\u201d\u201e\u201f'
_SPECIAL = f"()|:-{_QUOTES}"
_CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp"], exclude_characters=_SPECIAL)
#: Words that are no operators and no fields.
WORDS = st.text(_CHARACTERS, min_size=1, max_size=12).filter(lambda text: text not in ("AND", "OR", "NOT"))
_PHRASES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs"], exclude_characters=_QUOTES), max_size=20)
_FIELDS = st.one_of(st.none(), st.sampled_from([*TEXT_FIELDS, *NAME_FIELDS]))
_DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


@st.composite
def _ranges(draw: st.DrawFn) -> Dates:
    first, last = sorted((draw(_DAYS), draw(_DAYS)))
    return draw(st.sampled_from([Dates(first, last), Dates(first, None), Dates(None, last)]))


LEAVES: st.SearchStrategy[Query] = st.one_of(st.builds(Word, WORDS, _FIELDS), st.builds(Phrase, _PHRASES, _FIELDS), _ranges())


def _combined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        parts.filter(lambda part: not isinstance(part, Not)).map(Not),
        several.filter(lambda all_of: not any(isinstance(part, And) for part in all_of)).map(And),
        several.filter(lambda any_of: not any(isinstance(part, Or) for part in any_of)).map(Or),
    )


#: No tree has more parts than the language allows.
TREES: st.SearchStrategy[Query] = st.recursive(LEAVES, _combined, max_leaves=6)
#: Text that is nearly a query: what lexers and parsers trip over.
NEARLY = st.lists(
    st.sampled_from(
        [
            *'()|-:"\u201c\u201d*?~^/\\ \u3000\n\u0000',
            "AND",
            " OR ",
            " NOT ",
            "headline:",
            "date:",
            "x:",
            "2024-11",
            "..",
            ">=",
            "a",
            "漢",
            "é",
            "\ud800",
        ]
    ),
    max_size=40,
).map("".join)
