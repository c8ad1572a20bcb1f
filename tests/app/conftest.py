"""One small book for all tests that only look."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from tests.app.small_books import trade
from tests.made_for_all import made_for_all


@pytest.fixture(scope="session")
def traded() -> Path:
    """The data folder of a book with a few cycles and a position. Never change it: copy it."""
    return _small_book()


@cache
def _small_book() -> Path:
    # The tests of the commands have the fixture too, and it would be another one there.
    return made_for_all("book", lambda data: trade(data, 3))
