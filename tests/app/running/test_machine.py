"""What is said of the machine at the start."""

from __future__ import annotations

import pytest

from trader247.app.books.modes import Mode
from trader247.app.running.machine import remarks_on_machine
from trader247.domain.errors import NotAllowed


def test_an_ordinary_user_on_linux_or_macos_is_told_nothing() -> None:
    assert remarks_on_machine(Mode.PAPER, platform="linux", user=1000) == ()
    assert remarks_on_machine(Mode.PAPER, platform="darwin", user=501) == ()


def test_root_is_warned() -> None:
    (remark,) = remarks_on_machine(Mode.PAPER, platform="linux", user=0)
    assert "root" in remark


def test_other_systems_have_paper_and_no_live() -> None:
    (remark,) = remarks_on_machine(Mode.PAPER, platform="win32")
    assert "win32" in remark
    with pytest.raises(NotAllowed, match="Linux and macOS"):
        remarks_on_machine(Mode.LIVE, platform="win32")
