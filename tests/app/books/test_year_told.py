"""A journal that was told again and again is as whole as the run that it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts.bench.year import make
from tests.app.small_books import trade

from trader247.app.books.choice import Choice
from trader247.app.books.verifying import verified
from trader247.app.settings.location import SHIPPED


@pytest.mark.slow
def test_what_is_told_twice_verifies(tmp_path: Path) -> None:
    trade(tmp_path / "run", 110)
    told = make(tmp_path / "run", tmp_path / "told", cycles=150)
    found = verified(Choice(SHIPPED, tmp_path / "told"))
    assert found.cycles == told >= 150
    assert found.problems == ()
