"""What the Elasticsearch indices are called, and in which language's field a text stands."""

#: The aliases that everybody reads and the indexer writes; the index behind one is `<alias>-000001`, `-000002` …
ARTICLES = "articles"
COMMENTS = "comments"
MOST_POPULAR = "most-popular"
#: Older revisions of articles, which newer ones took the place of.
REVISIONS = "revisions"
#: Searches that somebody saved, and articles that fit them.
SAVED_SEARCHES = "saved-searches"
MATCHES = "matches"
ALIASES = (ARTICLES, COMMENTS, MOST_POPULAR, REVISIONS, SAVED_SEARCHES, MATCHES)
#: The indexer's own: articles of the batches that it compares with saved searches this moment. Nobody else reads or makes it.
MATCHING = "matching"

#: Languages that have an analyzer, and so a field, of their own: `headline.en`, `body.fr` …; all others share `headline.other`.
ANALYSED_LANGUAGES = (
    *("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl", "hi", "hu", "hy", "id"),
    *("it", "ja", "ko", "lt", "lv", "nl", "no", "pt", "ro", "ru", "sr", "sv", "th", "tr", "zh"),
)
OTHER_LANGUAGE = "other"

PUBLISHED = "published"
RETRACTED = "retracted"


def language_field(language: str | None) -> str:
    """The name of the field, below `headline` or `body`, that holds text of a language (BCP 47)."""
    primary = (language or "und").split("-")[0]
    if primary in ("nb", "nn"):
        primary = "no"
    return primary if primary in ANALYSED_LANGUAGES else OTHER_LANGUAGE


def first_index(alias: str) -> str:
    """The name of the first index behind an alias."""
    return f"{alias}-000001"
