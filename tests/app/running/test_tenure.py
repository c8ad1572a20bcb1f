"""A book in a process's hands: what the next process is told of how this one ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.running.plan import Plan
from trader247.app.running.tenure import tenure
from trader247.app.settings.location import SHIPPED


class Bug(Exception):
    """An error that nothing handles."""


def was_clean(data: Path, *, fails: bool) -> bool:
    """Whether the process before this one ended properly; this one `fails`, or ends in order."""
    choice = Choice(SHIPPED, data, Mode.PAPER, VenueName.SIM)
    plan = Plan(speed=None, seed=7)
    with tenure(choice, plan, on_report=lambda *_: None, is_once=True) as held:
        told = held.trader.journal.was_clean
        if fails:
            raise Bug
    return told


def test_a_process_that_ends_by_an_error_has_not_ended_properly(tmp_path: Path) -> None:
    was_clean(tmp_path, fails=False)
    assert was_clean(tmp_path, fails=False)
    with pytest.raises(Bug):
        was_clean(tmp_path, fails=True)
    assert not was_clean(tmp_path, fails=False)
    assert was_clean(tmp_path, fails=False)
