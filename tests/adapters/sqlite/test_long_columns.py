from __future__ import annotations

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.sqlite.journal_values import Market

from trader247.adapters.sqlite.market import bars as columns
from trader247.adapters.sqlite.market.bars import Columns
from trader247.adapters.sqlite.market.packing import Packer, Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.market import Bars
from trader247.domain.money import Price

_NEVER = 1_000_000
FAR = 1 << 62


def packed(bars: Bars, before: Bars | None, long_min: int) -> tuple[bytes, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "LONG_MIN", long_min)
        out, data = Packer(), bytearray()
        columns.pack(out, data, bars, before)
        return out.data, bytes(data)


def unpacked(told: tuple[bytes, bytes], before: Bars | None, long_min: int) -> Bars | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "LONG_MIN", long_min)
        return columns.unpack(Unpacker(told[0]), Columns(told[1]), before)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(
        st.tuples(*[st.one_of(st.integers(0, 300), st.integers(-FAR, FAR))] * 5, st.integers(0, 1)),
        min_size=1,
        max_size=8,
    )
)
def test_long_windows_are_told_and_read_as_short_ones_are(rows: list[tuple[int, ...]]) -> None:
    bars = Bars(Price.of("0.01"), 1, *(array("q", column) for column in zip(*rows, strict=True)))

    told = packed(bars, None, _NEVER)

    assert packed(bars, None, 1) == told
    assert unpacked(told, None, _NEVER) == unpacked(told, None, 1) == bars


@pytest.mark.parametrize("minutes", [30, 300])
def test_what_was_added_to_a_window_is_told_alike_too(minutes: int) -> None:
    market = Market(3, products=1, window=400)
    (before,) = (view.bars for view in market.snapshot().views.values())
    (after,) = (view.bars for view in market.snapshot(minutes=minutes).views.values())
    assert before is not None
    assert after is not None

    told = packed(after, before, _NEVER)

    assert packed(after, before, 1) == told
    assert unpacked(told, before, 1) == unpacked(told, before, _NEVER) == after


def test_columns_of_a_long_window_that_end_early_are_refused() -> None:
    (bars,) = (view.bars for view in Market(3, products=1, window=400).snapshot().views.values())
    assert bars is not None
    told, data = packed(bars, None, 1)

    with pytest.raises(StorageError, match="end early"):
        unpacked((told, data[:-1]), None, 1)


def test_a_long_step_that_leaves_64_bits_is_refused_as_a_short_one_is() -> None:
    rows = [(5, 5, 5, FAR, 0, 0), (5, 5, 5, -FAR, 0, 0)]
    bars = Bars(Price.of("0.01"), 1, *(array("q", column) for column in zip(*rows, strict=True)))
    told, data = packed(bars, None, 1)
    broken = data.replace((-2 * FAR).to_bytes(8, "little", signed=True), b"\xff" * 7 + b"\x7f")
    assert broken != data

    for long_min in (1, _NEVER):
        with pytest.raises(StorageError, match="no place"):
            unpacked((told, broken), None, long_min)
