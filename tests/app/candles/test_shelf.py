"""What was worked out of candles is found again, whole, or worked out anew: never another thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.backtest.markets import WARM_UP, busy, named, setup, walk

from trader247.app.candles import shelf as shelves
from trader247.app.candles.shelf import ReadingsShelf
from trader247.app.settings.canonical import sealed
from trader247.backtest import outlook, prospect
from trader247.backtest.fast import FastBacktest
from trader247.backtest.history import BOOK, HARSH, BookModel, ProductHistory
from trader247.backtest.kept import Kept
from trader247.backtest.run import Setup
from trader247.domain.money import Percent

NAMES = ("BTC-USD", "ETH-USD")


def asked(folder: Path, *, checksum: str = "a", pct: str = "0.2", model: BookModel = BOOK) -> Setup:
    tapes = [named(walk(at, WARM_UP + 90), name) for at, name in enumerate(NAMES)]
    policy = busy()
    policy = sealed(
        replace(policy, triggers=replace(policy.triggers, missing_pct_max=Percent.of(pct)))
    )
    made = setup(tapes, policy=policy, equity=1_000_000, model=model)
    checksums = {name: f"{name} {checksum}" for name in NAMES}
    return replace(made, kept=Kept(ReadingsShelf(folder), checksums))


def ended(run: FastBacktest) -> tuple[object, ...]:
    run.run()
    return run.recorder.decision_hash, run.columns.reasons.tobytes(), run.columns.cents.tobytes()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The products that were measured, as they are."""
    found: list[str] = []
    really = outlook.readings_of

    def heard(history: ProductHistory, *given: Any, **named: Any) -> Any:
        found.append(history.product_id)
        return really(history, *given, **named)

    monkeypatch.setattr(prospect, "readings_of", heard)
    return found


def test_what_is_found_again_gives_the_same_run(tmp_path: Path, measured: list[str]) -> None:
    bare = ended(FastBacktest(replace(asked(tmp_path), kept=None)))
    first = FastBacktest(asked(tmp_path))
    assert measured == [*NAMES, *NAMES]
    assert ended(first) == bare
    again = FastBacktest(asked(tmp_path))
    assert measured == [*NAMES, *NAMES], "nothing was measured once more"
    assert ended(again) == bare
    # How the book is taken to have been says nothing of what was measured.
    FastBacktest(asked(tmp_path, model=HARSH))
    assert len(measured) == 4


def test_other_candles_or_another_policy_are_measured(tmp_path: Path, measured: list[str]) -> None:
    FastBacktest(asked(tmp_path))
    FastBacktest(asked(tmp_path, checksum="b"))
    FastBacktest(asked(tmp_path, pct="0.3"))
    FastBacktest(replace(asked(tmp_path), end=asked(tmp_path).end - 1))
    assert len(measured) == 8


def test_another_code_measures(
    tmp_path: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    FastBacktest(asked(tmp_path))
    monkeypatch.setattr(shelves, "_code", lambda: "changed")
    FastBacktest(asked(tmp_path))
    assert len(measured) == 4


def test_a_file_that_is_cut_short_or_changed_is_made_anew(
    tmp_path: Path, measured: list[str]
) -> None:
    FastBacktest(asked(tmp_path))
    one, two = sorted((tmp_path / ".cache" / "readings").iterdir())
    one.write_bytes(one.read_bytes()[:-9])
    content = bytearray(two.read_bytes())
    content[len(content) // 2] ^= 1
    two.write_bytes(content)
    FastBacktest(asked(tmp_path))
    assert len(measured) == 4
    FastBacktest(asked(tmp_path))
    assert len(measured) == 4, "they are whole again"


def test_no_more_is_kept_than_there_is_room_for_and_nothing_where_there_is_no_leave_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, column = ReadingsShelf(tmp_path), {"codes": np.arange(9)}
    shelf.put("a", column)
    (file,) = (tmp_path / ".cache" / "readings").iterdir()
    monkeypatch.setattr(shelves, "BYTES_MAX", 3 * file.stat().st_size + 9)
    for name in "bcde":
        shelf.put(name, column)
    assert len(list((tmp_path / ".cache" / "readings").iterdir())) == 3
    assert shelf.take("a") is None
    found = shelf.take("e")
    assert found is not None
    assert found["codes"].tolist() == list(range(9))
    (tmp_path / "file").write_text("")
    nowhere = ReadingsShelf(tmp_path / "file")
    nowhere.put("a", column)
    assert nowhere.take("a") is None
