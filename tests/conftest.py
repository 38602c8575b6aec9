"""Fixtures for every test.

Strategy: unit and contract tests need none of these. Tests that say Kafka or Elasticsearch get the real ones, started once for the
run (`engines`). Tests of the whole, in end_to_end/, get the six services as processes beside them (`stack`). Both are shared, so
a test uses articles, topics and indices of its own. What a test needs besides is built by `tests/builders.py`, in the test.
"""

import os

from hypothesis import settings

from tests.engines import engines

__all__ = ["engines"]

# No test is timed, and where it decides about a change it must say the same twice.
settings.register_profile("dateline", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("dateline")
