"""On the real venue no two processes may give the same names, whatever was copied back by hand."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.small_books import NoPost, NoStop, Told

from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.keys.files import KeySource
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.live import Timing, live
from trader247.simex.door.key_files import new_keys

ORGANIZATION = "00000000-0000-4000-8000-000000000000"
ID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def key(tmp_path: Path) -> KeySource:
    made = new_keys(ORGANIZATION, (ID, ID, ID, ID))[1]
    path = tmp_path / "keys" / "key.json"
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(made.content)
    return KeySource(path, "test")


def opened(data: Path, key: KeySource) -> Trader:
    """A trader on Coinbase that has opened its journal, and asked nobody anything."""
    return live(
        load_settings(SHIPPED),
        Places(data, Mode.LIVE, VenueName.COINBASE),
        Surroundings(NoStop(), NoPost(), Told(), lambda *_: None, lambda is_clear, kept: None),
        Timing(timedelta(seconds=60)),
        key=key,
        grant=None,
    )


def epoch_of(data: Path, key: KeySource) -> int:
    """That of a process which takes the journal, and lets go of it."""
    trader = opened(data, key)
    trader.close(is_clean=False)
    return trader.journal.epoch


def test_a_folder_that_was_copied_back_meets_no_epoch_that_was_used(
    tmp_path: Path, key: KeySource
) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    data.mkdir(mode=0o700)
    first = epoch_of(data, key)
    shutil.copytree(data, kept)
    used = [epoch_of(data, key) for _ in range(20)]
    assert [first, *used] == sorted({first, *used}), "each is later than those before it"
    shutil.rmtree(data)
    shutil.copytree(kept, data)
    after = [epoch_of(data, key) for _ in range(20)]
    assert after == sorted(set(after))
    assert after[0] > first
    assert not {*used} & {*after}
