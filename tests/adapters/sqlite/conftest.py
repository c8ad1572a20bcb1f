from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters.sqlite.journal_values import a_journal

from trader247.adapters.sqlite.journal import SqliteJournal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paper-sim.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    with a_journal(path) as each:
        yield each
