"""The saved searches as the analyzers of one index see them: their words analysed once for each language, and filed by terms."""

import threading
from collections.abc import Sequence
from typing import Any

from elasticsearch import Elasticsearch

from services.indexer.core.candidates import Filed, find_anchor, texts_of
from services.indexer.core.conditions import Positions
from services.indexer.saved_searches import SavedSearch, SavedSearches
from services.indexer.terms import fetch_positions
from shared.indices import OTHER_LANGUAGE

_FOLDED_FIELD = "folded.headline"


class Language:
    """What is known of the saved searches for articles of one language."""

    def __init__(self, folded: dict[str, Positions]) -> None:
        """Make one; `folded` is the same for all languages."""
        self.filed = Filed()
        #: So many of the searches, in the order of learning, are filed.
        self.upto = 0
        self.own: dict[str, Positions] = {}
        self.folded = folded

    def analyse(self, text: str, is_folded: bool) -> Positions:  # noqa: FBT001 - as conditions ask
        """The terms of a text of a search, as the fields of the language have them, or the folded ones."""
        return (self.folded if is_folded else self.own).get(text)


class FiledSearches:
    """All saved searches, for as long as articles are analysed as the index `matching` of that name does. For threads."""

    def __init__(self, client: Elasticsearch, searches: SavedSearches, index: str) -> None:
        self.index = index
        self._client = client
        self._searches = searches
        self._languages: dict[str, Language] = {}
        self._folded: dict[str, Positions] = {}
        self._filing = threading.Lock()

    def language(self, field: str) -> Language:
        """That of articles with texts in this field, with every search that is known. Raises Unavailable and Misconfigured."""
        with self._filing:
            language = self._languages.setdefault(field, Language(self._folded))
            new = self._searches.learnt[language.upto :]
            if new:
                self._file(language, field, [each for own_id in new if (each := self._searches.get(own_id)) is not None])
                language.upto += len(new)
        return language

    def _file(self, language: Language, field: str, searches: Sequence[SavedSearch]) -> None:
        texts = {text for search in searches for text in texts_of(search.condition)}
        wanted_own = sorted(text for text, is_folded in texts if not is_folded and text not in language.own)
        wanted_folded = sorted(text for text, is_folded in texts if is_folded and text not in language.folded)
        language.own |= fetch_positions(self._client, self.index, f"headline.{field}", wanted_own)
        language.folded |= fetch_positions(self._client, self.index, _FOLDED_FIELD, wanted_folded)
        for search in searches:
            language.filed.file(search.search_id, find_anchor(search.condition, language.analyse))


def field_of(document: dict[str, Any]) -> str:
    """The name of the field of an article's language."""
    return next(iter(document.get("headline") or ()), OTHER_LANGUAGE)
