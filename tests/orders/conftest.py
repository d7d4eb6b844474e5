"""Tests of the order desk work at headquarters, in the browser of its tests."""

from tests.hq.conftest import back_office

__all__ = ["back_office"]
