"""Fixtures for every test.

Strategy: unit and contract tests need none of these. Tests that say Kafka or Elasticsearch get the real ones, started once for the
run (`engines`). Tests of the whole, in end_to_end/, get the five services as processes beside them (`stack`). Both are shared, so
a test uses articles, topics and indices of its own. What a test needs besides is built by `tests/builders.py`, in the test.
"""

from tests.engines import engines

__all__ = ["engines"]
