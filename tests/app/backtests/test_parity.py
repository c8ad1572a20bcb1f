"""Parity is proved: one tape through PAPER, LIVE and the backtest, zero differences."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from tests.backtest.markets import WARM_UP, busy, named, walk

from trader247.app.backtests.parity import parity
from trader247.app.candles.store import Source, read, write
from trader247.backtest.reach import Reach
from trader247.domain.errors import UsageError
from trader247.simex.feeds.tape import Tape


@pytest.fixture(autouse=True)
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals go where syncing costs nothing: what a disk keeps is proved elsewhere."""
    memory = Path("/dev/shm")
    if memory.is_dir():
        monkeypatch.setattr(tempfile, "tempdir", str(memory))


def written(folder: Path, tapes: list[Tape]) -> Path:
    """Tapes as candle files."""
    folder.mkdir()
    for tape in tapes:
        lines = ["time,open,high,low,close,volume"]
        columns = (tape.minute, tape.open, tape.high, tape.low, tape.close, tape.volume)
        for minute, *prices, lots in zip(*(each.tolist() for each in columns), strict=True):
            texts = [f"{price // 100}.{price % 100:02d}" for price in prices]
            volume = f"{lots // 100_000}.{lots % 100_000:05d}"
            lines.append(",".join([str(minute * 60), *texts, volume]))
        (folder / f"{tape.product_id}.csv").write_text("\n".join(lines))
    return folder


def test_two_thousand_cycles_come_out_the_same(tmp_path: Path) -> None:
    cycles = 2000
    tape = written(tmp_path / "tape", [named(walk(5, WARM_UP + cycles + 60), "BTC-USD")])
    found = parity(tape, cycles, policy=busy(), is_fast_alone=True, is_live_too=False)
    assert found.differences == ()
    assert found.cycles >= cycles
    assert found.trades > 10
    assert found.fills >= 2 * found.trades - 1


def test_words_and_stops_at_the_venue_are_the_same_too(tmp_path: Path) -> None:
    tapes = [named(walk(at, WARM_UP + 120), name) for at, name in ((3, "BTC-USD"), (4, "ETH-USD"))]
    found = parity(written(tmp_path / "tape", tapes), 60, policy=busy(keeps_stops=True))
    assert found.differences == ()
    assert found.orders > found.trades > 0
    assert list(found.hashes) == ["PAPER", "LIVE", "backtest", "backtest --slow"]
    assert len(set(found.hashes.values())) == 1


def test_a_difference_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(_: Reach, __: object, ___: int, most: int, *, is_renewed: bool) -> int:
        return most

    monkeypatch.setattr(Reach, "order_until", blind)
    tape = written(tmp_path / "tape", [named(walk(5, WARM_UP + 200), "BTC-USD")])
    found = parity(tape, 120, policy=busy(), is_fast_alone=True, is_live_too=False)
    assert not found.is_same


def test_a_tape_too_short_is_refused(tmp_path: Path) -> None:
    tape = written(tmp_path / "tape", [named(walk(5, WARM_UP + 100), "BTC-USD")])
    with pytest.raises(UsageError, match="100 minutes to trade, 101 cycles"):
        parity(tape, 101)


@pytest.mark.parametrize("is_one_file", [True, False])
def test_the_candles_of_a_data_folder_are_a_tape_too(is_one_file: bool, tmp_path: Path) -> None:
    # Parquet was "found 0 candle files", though it is what `data download` leaves.
    text = written(tmp_path / "tape", [named(walk(5, WARM_UP + 60), "BTC-USD")])
    write(tmp_path / "candles", read(text / "BTC-USD.csv"), Source("coinbase"))
    kept = tmp_path / "candles" / ("BTC-USD.parquet" if is_one_file else "")
    before = sorted(each.name for each in (tmp_path / "candles").glob("*.*"))
    found = parity(kept, 30, is_fast_alone=True, is_live_too=False)
    assert (found.cycles, found.differences) == (30, ())
    same = parity(text, 30, is_fast_alone=True, is_live_too=False)
    assert found.hashes == same.hashes
    assert sorted(e.name for e in (tmp_path / "candles").glob("*.*") if e.name != ".cache") == [
        each for each in before if each != ".cache"
    ]
