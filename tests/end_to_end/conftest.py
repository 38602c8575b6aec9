"""Tests of the whole share one running stack."""

from tests.stack import stack

__all__ = ["stack"]
