"""The mistakes that the proof plants can still be planted: the code has not moved from them."""

from __future__ import annotations

import re

import pytest
from scripts.plant.bug import Bug
from scripts.plant.catalogue import BUGS
from tests.architecture.source import PACKAGE

from trader247.simulation.mishaps.scenes.by_name import SCENES

DOCS = PACKAGE.parents[1] / "docs"
_ROW = re.compile(r"^\| ([a-z0-9-]+) \|", re.MULTILINE)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_what_a_planted_mistake_changes_stands_there_once(bug: Bug) -> None:
    counts = {
        change.old: (PACKAGE / change.file).read_text("utf-8").count(change.old)
        for change in bug.changes
    }

    assert set(counts.values()) == {1}, counts


def test_no_two_planted_mistakes_share_a_name() -> None:
    """By its name one is asked for, and what was found of it is kept."""
    names = [bug.name for bug in BUGS]

    assert sorted(names) == sorted(set(names))


def test_the_page_of_planted_mistakes_has_one_row_for_each() -> None:
    page = (DOCS / "planted-bugs.md").read_text("utf-8")

    assert _rows(page, "## The bugs", "bug") == sorted(bug.name for bug in BUGS)
    assert f"{len(BUGS)} bugs are planted" in page


def test_the_page_of_the_simulation_has_one_row_for_each_scene() -> None:
    page = (DOCS / "simulation.md").read_text("utf-8")

    assert _rows(page, "## Scenes", "scene") == sorted(SCENES)


def _rows(page: str, heading: str, column: str) -> list[str]:
    """What the first column of the table under a heading names, in order of the alphabet."""
    _, _, after = page.partition(f"{heading}\n")
    section, _, _ = after.partition("\n## ")
    return sorted(name for name in _ROW.findall(section) if name != column)
