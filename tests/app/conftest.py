"""One small book for all tests that only look."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.small_books import trade


@pytest.fixture(scope="session")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a book with a few cycles and a position. Never change it: copy it."""
    data = tmp_path_factory.mktemp("book") / "data"
    trade(data, 3)
    return data
