"""Where an article is written to."""

from elasticsearch import Elasticsearch

from services.indexer.core.history import Standing
from services.indexer.standing import StandingArticles


def test_an_article_that_is_there_is_written_where_it_is_so_that_a_rollover_meanwhile_makes_no_second_one():
    standing = StandingArticles(Elasticsearch("http://127.0.0.1:9"))

    assert standing.home(Standing("articles-000001", 1024, 0, 0)) == "articles-000001"


def test_a_new_article_goes_where_the_alias_leads():
    assert StandingArticles(Elasticsearch("http://127.0.0.1:9")).home(None) is None
