"""One book, traded once, for every test that copies it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.made_for_all import made_for_all
from tests.system.program import trader247

SEED = 496


@pytest.fixture(scope="session")
def traded() -> Path:
    """A data folder whose market has passed some hours: positions are held in it."""
    return made_for_all("traded", _fill)


def _fill(data: Path) -> None:
    ended = trader247("run", "--data", data, "--seed", SEED, "--speed", "max", "--cycles", 60)
    assert ended.code == 0, ended.err


@pytest.fixture
def book(traded: Path, tmp_path: Path) -> Path:
    """A copy of it, to break."""
    return Path(shutil.copytree(traded, tmp_path / "data"))


Judged = Callable[[Path], None]


@pytest.fixture
def judged() -> Judged:
    """What every book must stand up to, whatever happened to it: books, chain and recount agree."""

    def judge(data: Path) -> None:
        from tests.system.outsider import disagreements, pnl_disagreements

        reconciled = trader247("reconcile", "--data", data, "--json")
        assert (reconciled.code, reconciled.body["breaks"]) == (0, []), reconciled.out
        verified = trader247("state", "verify", "--data", data)
        assert verified.code == 0, verified.out + verified.err
        assert disagreements(data) == []
        shown = trader247("state", "show", "pnl", "--data", data, "--json")
        assert pnl_disagreements(data, shown.body) == []

    return judge
