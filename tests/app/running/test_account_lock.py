"""One live trader an account: whoever cannot be sure of being the only one does not trade."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from trader247.adapters.holder import Holder
from trader247.app.running.account_lock import account_lock
from trader247.app.running.traders import registered, state_folder
from trader247.domain.errors import AlreadyRunning, StorageError

ACCOUNT = "89f282f8-6681-53f3-a30a-7f0e8f645a09"


def test_an_account_is_held_until_it_is_let_go_of() -> None:
    with account_lock(ACCOUNT):
        with pytest.raises(AlreadyRunning, match="another live trader"), account_lock(ACCOUNT):
            raise AssertionError("it is held")
        with account_lock(ACCOUNT.replace("8", "9")):
            pass
    with account_lock(ACCOUNT):
        pass


def test_whoever_has_it_is_named_and_nobody_else(tmp_path: Path) -> None:
    """The one that is refused is among this user's running traders already."""
    me = Holder.this_process(since="2026-01-05T00:00:00Z", book="live-sim")
    on_paper = replace(me, pid=os.getppid(), started=started(os.getppid()), book="paper-sim")
    with (
        account_lock(ACCOUNT),
        registered(me, tmp_path),
        registered(on_paper, tmp_path / "paper"),
        pytest.raises(AlreadyRunning) as told,
        account_lock(ACCOUNT),
    ):
        raise AssertionError("it is held")
    assert str(told.value).endswith(f"trades account {ACCOUNT}: see ps")


def started(pid: int) -> str:
    """The 22nd field of a process's line, of which the second may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def test_an_account_that_cannot_be_locked_is_not_traded() -> None:
    path = state_folder() / "accounts" / "in-the-way.lock"
    path.mkdir(parents=True, mode=0o700)
    path.parent.chmod(0o700)
    with pytest.raises(StorageError, match="cannot be locked"), account_lock("in-the-way"):
        raise AssertionError("nobody knows whether another trades it")
