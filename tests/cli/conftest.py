"""Fixtures that the tests of the commands share."""

from __future__ import annotations

from tests.app.conftest import traded

__all__ = ["traded"]
