"""Tests of security share one pair of secured engines, and the services on them."""

from tests.secured_engines import secured
from tests.secured_stack import stack

__all__ = ["secured", "stack"]
