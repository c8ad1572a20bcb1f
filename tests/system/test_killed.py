"""Killed at any touch of the disk and at any moment, on one data folder, again and again."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from tests import starting
from tests.system import outsider
from tests.system.conftest import Judged
from tests.system.crashing import Countdown, install
from tests.system.program import begun, environment, trader247

pytestmark = pytest.mark.slow

SEED = 496


def killed_at(touch: int, *arguments: object) -> bool:
    """Run a command that kills itself at that touch of the disk; whether it came to that."""
    done = starting.run(
        arguments,
        environ=environment(),
        before=lambda: install(Countdown(touch)),
        seconds_max=120,
    )
    assert done.returncode in (0, -9), done.stderr[-2000:]
    return done.returncode == -9


def test_a_book_killed_while_it_is_made_is_made_again(tmp_path: Path, judged: Judged) -> None:
    data = tmp_path / "data"
    run = ("run", "--data", data, "--seed", 3, "--speed", "max", "--cycles", 1)
    for touch in (40, 11_600):
        assert killed_at(touch, *run)
    # Without a seed now: the book knows its own, or none was begun.
    assert trader247("run", "--data", data, "--speed", "max", "--cycles", 30, "--seed", 3).code == 0
    judged(data)


def test_kills_at_every_kind_of_touch_lose_nothing_and_double_nothing(
    book: Path, judged: Judged
) -> None:
    random = Random(1)
    run = ("run", "--data", book, "--speed", "max", "--interval", 30, "--cycles", 60)
    kills = 0
    while kills < 6:
        kills += killed_at(int(10 ** random.uniform(0.5, 3.2)), *run)
        assert outsider.disagreements(book, is_settled=False) == []
    assert trader247(*run[:-1], 2).code == 0
    judged(book)


def test_kills_at_random_moments_lose_nothing_and_double_nothing(
    book: Path, judged: Judged
) -> None:
    random = Random(2)
    for _ in range(4):
        process = begun("run", "--data", book, "--speed", "max", "--interval", 30)
        time.sleep(random.uniform(0.2, 2.0))
        process.kill()
        said = process.communicate()[1]
        assert "Traceback" not in said
    assert trader247("run", "--data", book, "--speed", "max", "--cycles", 2).code == 0
    judged(book)
    assert (
        trader247("run", "--data", book, "--seed", SEED, "--speed", "max", "--cycles", 1).code == 0
    )
