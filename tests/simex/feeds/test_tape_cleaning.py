from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.feeds.tape import Tape, TapeReport, Trouble
from trader247.simex.feeds.tape_cleaning import APART_MAX, read_tape, tape_of
from trader247.simex.feeds.tape_file import TapeUnusable, TextRows
from trader247.simex.feeds.tape_rows import rows_of_text

START = 1_767_571_200
FILE = Path("BTC-USD.csv")
Row = tuple[str, str, str, str, str, str]


def row(minute: int, price: float = 100.0, volume: str = "2.5", *, seconds: int = 60) -> Row:
    time = str(START + minute * seconds)
    return time, f"{price}", f"{price + 0.5}", f"{price - 0.5}", f"{price + 0.25}", volume


def rows(count: int, **others: Row) -> list[Row]:
    return [others.get(f"at_{minute}", row(minute)) for minute in range(count)]


def cleaned(given_rows: list[Row]) -> tuple[Tape, TapeReport]:
    lines = tuple(range(2, 2 + len(given_rows)))
    cells = tuple(zip(*given_rows, strict=True)) if given_rows else ((),) * 6
    return tape_of("BTC-USD", FILE, rows_of_text(TextRows(lines, cells, ())))


def found(report: TapeReport) -> dict[Trouble, int]:
    return {trouble: count for trouble, count in report.counts.items() if count}


def kept(tape: Tape) -> list[int]:
    return [int(minute) - START // 60 for minute in tape.minute]


def test_a_clean_tape_is_kept_whole_and_said_to_be_clean() -> None:
    tape, report = cleaned(rows(10))
    assert kept(tape) == list(range(10))
    assert report.is_clean
    assert str(report) == "BTC-USD: 10 minutes; clean"
    assert (tape.interval, tape.price_decimals, tape.base_decimals) == (1, 2, 1)
    assert (tape.open[0], tape.high[0], tape.low[0], tape.close[0], tape.volume[0]) == (
        *(10_000, 10_050, 9_950, 10_025),
        25,
    )


@pytest.mark.parametrize(
    ("bad", "trouble"),
    [
        ((str(START + 240), "nan", "1", "1", "1", "1"), Trouble.MALFORMED),
        ((str(START + 240), "", "101", "99", "100", "1"), Trouble.MALFORMED),
        (("soon", "100", "101", "99", "100", "1"), Trouble.MALFORMED),
        ((str(START + 240), "100", "101", "99", "100", "x"), Trouble.MALFORMED),
        ((str(START + 240), "0", "101", "0", "100", "1"), Trouble.ABSURD),
        ((str(START + 240), "-100", "101", "-100", "100", "1"), Trouble.ABSURD),
        ((str(START + 240), "100", "101", "99", "100", "-1"), Trouble.ABSURD),
        (("240", "100", "101", "99", "100", "1"), Trouble.ABSURD),
        ((str(START + 240), "100", "1e30", "99", "100", "1"), Trouble.ABSURD),
        ((str(START + 240), "100", "99", "101", "100", "1"), Trouble.CROSSED),
        ((str(START + 240), "102", "101", "99", "100", "1"), Trouble.CROSSED),
        ((str(START + 240), "98", "101", "99", "100", "1"), Trouble.CROSSED),
        ((str(START + 240), "100", "101", "99", "101.5", "1"), Trouble.CROSSED),
        ((str(START + 240), "100", "151", "99", "100", "1"), Trouble.ABSURD),
        ((str(START + 240), "100", "101", "49", "100", "1"), Trouble.ABSURD),
        ((str(START + 240), "1000", "1010", "990", "1000", "1"), Trouble.ABSURD),
        ((str(START + 240), "100", "100", "100", "100", "0"), Trouble.UNTRADED),
    ],
)
def test_a_row_that_is_no_bar_becomes_a_hole_and_is_said(bad: Row, trouble: Trouble) -> None:
    tape, report = cleaned(rows(10, at_4=bad))
    assert kept(tape) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert found(report) == {trouble: 1, Trouble.HOLES: 1}
    assert report.examples[trouble] == f"line 6: {','.join(bad)}"
    assert report.examples[Trouble.HOLES] == "line 5: 1 min missing after it"
    assert str(report).startswith(f"BTC-USD: 9 minutes; 1 {trouble.value} (line 6: ")


def test_what_is_dropped_does_not_set_the_increments() -> None:
    tape, _ = cleaned(rows(10, at_4=(str(START + 240), "0.00000001", "1", "1", "1", "0.12345678")))
    assert (tape.price_decimals, tape.base_decimals) == (2, 1)


def test_exactly_half_off_is_still_a_market() -> None:
    up = (str(START + 240), "100", "150.37", "99", "100", "1")
    _, report = cleaned(rows(10, at_4=up))
    assert report.is_clean


def test_rows_out_of_order_are_sorted_and_said() -> None:
    tape, report = cleaned([row(0), row(3), row(1), row(2), row(4)])
    assert kept(tape) == [0, 1, 2, 3, 4]
    assert found(report) == {Trouble.DISORDERED: 2}


def test_of_rows_of_one_instant_the_first_stays() -> None:
    tape, report = cleaned([*rows(5), row(2), row(2, 101), row(3, 102), row(2)])
    assert kept(tape) == [0, 1, 2, 3, 4]
    assert set(tape.open.tolist()) == {10_000}
    assert report.counts[Trouble.REPEATED] == 2
    assert report.counts[Trouble.CONFLICTING] == 2
    assert report.examples[Trouble.CONFLICTING].startswith("line 8: ")


@given(st.permutations(range(12)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    given_rows = [row(minute, 100 + minute / 8) for minute in range(12)]
    assert cleaned([given_rows[at] for at in order])[0].canonical() == (
        cleaned(given_rows)[0].canonical()
    )


def test_a_market_that_moves_for_good_is_believed() -> None:
    moved = rows(20) + [row(20 + minute, 300) for minute in range(20)]
    tape, report = cleaned(moved)
    assert len(tape.minute) == 40
    assert report.is_clean


@pytest.mark.parametrize("running", [1, APART_MAX])
@pytest.mark.parametrize("begin", [0, 5, 20])
def test_a_few_bars_apart_from_the_others_are_dropped(running: int, begin: int) -> None:
    given_rows = rows(20 + running)
    for minute in range(begin, begin + running):
        given_rows[minute] = row(minute, 1000)
    tape, report = cleaned(given_rows)
    assert report.counts[Trouble.ABSURD] == running
    assert len(tape.minute) == 20


def test_a_row_with_a_time_of_its_own_does_not_stretch_the_tape() -> None:
    tape, report = cleaned([*rows(10), row(1440 * 365)])
    assert kept(tape) == list(range(10))
    assert found(report) == {Trouble.ABSURD: 1}


def test_holes_are_counted_in_minutes() -> None:
    _, report = cleaned([row(minute) for minute in range(30) if minute not in {4, 5, 6, 20}])
    assert found(report) == {Trouble.HOLES: 4}


@pytest.mark.parametrize("minutes", [5, 15, 60, 1440])
def test_a_coarser_tape_knows_its_interval(minutes: int) -> None:
    tape, report = cleaned([row(at, seconds=60 * minutes) for at in range(9) if at != 4])
    assert tape.interval == minutes
    assert tape.last_minute - tape.first_minute + 1 == 9 * minutes
    assert found(report) == {Trouble.HOLES: minutes}


def test_a_bar_off_the_grid_is_dropped() -> None:
    given_rows = [row(at, seconds=300) for at in range(10)]
    given_rows[4] = (str(START + 1260), *given_rows[4][1:])
    tape, report = cleaned(given_rows)
    assert found(report) == {Trouble.OFF_GRID: 1, Trouble.HOLES: 5}
    assert len(tape.minute) == 9


@pytest.mark.parametrize("seconds", [1, 30, 90, 86_460])
def test_bars_of_no_whole_minutes_are_refused(seconds: int) -> None:
    with pytest.raises(TapeUnusable, match=r"found bars .* s apart; allowed: bars of one minute"):
        cleaned([row(minute, seconds=seconds) for minute in range(9)])


def test_bars_that_open_within_the_minute_are_refused() -> None:
    with pytest.raises(TapeUnusable, match="open 7 s past the minute"):
        cleaned([(str(START + 7 + 60 * at), *row(at)[1:]) for at in range(9)])


@pytest.mark.parametrize(
    "given_rows",
    [
        [],
        [row(0, volume="0")] * 3,
        [("x", "1", "1", "1", "1", "1")] * 6 + rows(4),
    ],
)
def test_a_file_without_enough_good_bars_is_refused(given_rows: list[Row]) -> None:
    with pytest.raises(TapeUnusable):
        cleaned(given_rows)


def test_a_refusal_names_the_file_the_first_bad_line_and_what_is_allowed() -> None:
    with pytest.raises(TapeUnusable) as refusal:
        cleaned([row(0), *[("x", "1", "1", "1", "1", "1")] * 6])
    assert (refusal.value.path, refusal.value.line) == (FILE, 3)
    assert str(refusal.value) == (
        "BTC-USD.csv, line 3: found 6 bad rows of 7 (line 3: x,1,1,1,1,1); allowed: candles with "
        "positive prices, most of them good, in the columns time,open,high,low,close,volume"
    )


def test_lines_that_lack_a_column_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "BTC-USD.csv"
    lines = [",".join(cells) for cells in rows(10)]
    lines[4] = lines[4].rsplit(",", 2)[0]
    file.write_text("\n".join(["time,open,high,low,close,volume", *lines]))
    tape, report = read_tape("BTC-USD", file)
    assert len(tape.minute) == 9
    assert report.rows == 10
    assert report.examples[Trouble.MALFORMED] == "line 6: a column is missing"


def test_an_example_is_the_first_line_of_its_kind_and_safe_to_show(tmp_path: Path) -> None:
    file = tmp_path / "BTC-USD.csv"
    lines = [",".join(cells) for cells in rows(10)]
    lines[2] = f"{START + 120},\x1b[31mred,1,1,1,1"
    lines[4] = "1"
    file.write_text("\n".join(["time,open,high,low,close,volume", *lines]))
    _, report = read_tape("BTC-USD", file)
    assert report.counts[Trouble.MALFORMED] == 2
    assert report.examples[Trouble.MALFORMED] == f"line 4: {START + 120},?[31mred,1,1,1,1"


@pytest.mark.parametrize("count", [5, 6, 8])
def test_rows_that_are_no_candles_make_no_bar_longer(count: int) -> None:
    """Their times tell how far bars are apart: of 0, 2, 4, 5 the last was taken as off the grid."""
    bad = {"at_1": row(1, -1.0), "at_3": (str(START + 180), "nan", "1", "1", "1", "1")}
    tape, report = cleaned(rows(count, **bad))
    assert tape.interval == 1
    assert kept(tape) == [minute for minute in range(count) if minute not in (1, 3)]
    assert Trouble.OFF_GRID not in found(report)
