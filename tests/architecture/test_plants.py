"""The mistakes that the proof plants can still be planted: the code has not moved from them."""

from __future__ import annotations

import pytest
from scripts.plant.bug import Bug
from scripts.plant.catalogue import BUGS
from tests.architecture.source import PACKAGE


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_what_a_planted_mistake_changes_stands_there_once(bug: Bug) -> None:
    counts = {
        change.old: (PACKAGE / change.file).read_text("utf-8").count(change.old)
        for change in bug.changes
    }

    assert set(counts.values()) == {1}, counts
