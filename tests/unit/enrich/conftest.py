"""The real models, loaded once: nothing about names can be shown with a fake of them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.enrich.core.recognisers import Recognisers
from services.enrich.models import load_recognisers
from services.enrich.name_recognisers import load_others
from shared.articles import ArticlePublished

NOW = datetime(2024, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def recognisers() -> Recognisers:
    return load_recognisers()


@pytest.fixture(scope="session")
def all_recognisers(recognisers: Recognisers) -> Recognisers:
    """With those of French and Japanese, which a service has where its settings choose them."""
    others, missing = load_others(("fr", "ja"))
    assert missing == []
    return replace(recognisers, others=others)


def an_article(headline: str, body: str = "", language: str | None = None) -> ArticlePublished:
    return ArticlePublished(article_id="0" * 32, revision=3, headline=headline, body=body, language=language, date_retrieved=NOW)
