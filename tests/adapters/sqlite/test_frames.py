from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.sqlite.journal_values import BTC, ETH, START, Market

from trader247.adapters.sqlite.market import bars as columns
from trader247.adapters.sqlite.market import frames
from trader247.adapters.sqlite.market.bars import WHOLE, Columns
from trader247.adapters.sqlite.market.frames import Body, unpack_windows, windows_of
from trader247.adapters.sqlite.market.packing import Packer, Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, Depth, ProductStatus, ProductView, Snapshot
from trader247.domain.money import Money, Price
from trader247.domain.time import SECOND


def pack(snapshot: Snapshot, before: Snapshot | None) -> Body:
    """As a frame right after its base."""
    return frames.pack(snapshot, base=before, before=None if before is None else windows_of(before))


def unpack(body: Body, before: Snapshot | None) -> Snapshot:
    known = None if before is None else windows_of(before)
    return frames.unpack(body.rest, unpack_windows(body.windows, body.columns, known), base=before)


def size(body: Body) -> int:
    return len(body.windows) + len(body.columns) + len(body.rest)


def changed(snapshot: Snapshot, **parts: Any) -> Snapshot:
    """The snapshot with some parts of BTC's view replaced."""
    view = replace(snapshot.views[BTC], **parts)
    return replace(snapshot, views={**snapshot.views, BTC: view})


def bars(snapshot: Snapshot) -> Bars:
    found = snapshot.views[BTC].bars
    assert found is not None
    return found


def with_bars(snapshot: Snapshot, **parts: Any) -> Snapshot:
    return changed(snapshot, bars=replace(bars(snapshot), **parts))


def both(make: Callable[[Market], tuple[Snapshot, Snapshot]]) -> tuple[Snapshot, Snapshot, Body]:
    before, after = make(Market(5, products=2, window=120))
    return before, after, pack(after, before)


def test_a_first_snapshot_comes_back_without_anything_before() -> None:
    snapshot = Market(1, products=3, window=200).snapshot()

    assert unpack(pack(snapshot, None), None) == snapshot


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), steps=st.lists(st.integers(0, 150), min_size=1, max_size=4))
def test_any_run_of_snapshots_comes_back(seed: int, steps: list[int]) -> None:
    market = Market(seed, products=2, window=100)
    before = rebuilt = market.snapshot()
    for minutes in steps:
        after = market.snapshot(minutes=minutes)
        rebuilt = unpack(pack(after, before), rebuilt)
        assert rebuilt == after
        before = after


EDGES: dict[str, Callable[[Snapshot], Snapshot]] = {
    "nothing changed": lambda s: s,
    "quote lost": lambda s: changed(s, quote=None, trouble="timed out"),
    "all lost": lambda s: replace(s, views={BTC: ProductView(None, None, None, None)}),
    "unreachable": lambda s: replace(s, unreachable="no answer", views={}, clock_skew=None),
    "negative skew": lambda s: replace(s, clock_skew=timedelta(microseconds=-1)),
    "time went back": lambda s: replace(s, time=START - SECOND),
    "order of products": lambda s: replace(s, views=dict(reversed(list(s.views.items())))),
    "product gone": lambda s: replace(s, views={ETH: s.views[ETH]}),
    "bars revised": lambda s: with_bars(s, close=array("q", [7, *bars(s).close[1:]])),
    "bars shorter": lambda s: with_bars(
        s,
        **{
            c: getattr(bars(s), c)[5:] for c in ("open", "high", "low", "close", "volume", "filled")
        },
    ),
    "bars empty": lambda s: with_bars(
        s, **{c: array("q") for c in ("open", "high", "low", "close", "volume", "filled")}
    ),
    "tick changed": lambda s: with_bars(s, tick=Price.of("0.001")),
    "end went back": lambda s: with_bars(s, end=bars(s).end - 3),
    "hours lost": lambda s: changed(s, hourly=None),
    "hours new": lambda s: changed(s, hourly=array("q", [1, 2, 3])),
    "hours empty": lambda s: changed(s, hourly=array("q")),
    "depth empty": lambda s: changed(s, depth=Depth((), ())),
    "depth uneven": lambda s: changed(
        s, depth=Depth((Money(Decimal("1E+3")), Money.of("2.50")), (Money.of("-1"),))
    ),
}


@pytest.mark.parametrize("edge", EDGES)
def test_whatever_changes_comes_back(edge: str) -> None:
    before = Market(5, products=2, window=120).snapshot()
    after = EDGES[edge](before)

    assert unpack(pack(after, before), before) == after
    assert unpack(pack(before, after), after) == before
    assert unpack(pack(after, None), None) == after


@pytest.mark.parametrize("status", list(ProductStatus))
def test_a_products_status_comes_back(status: ProductStatus) -> None:
    before = Market(5, products=1, window=10).snapshot()
    product = before.views[BTC].product
    assert product is not None
    after = changed(before, product=replace(product, status=status, volume_24h=None))

    assert unpack(pack(after, before), before) == after


def test_new_minutes_alone_are_told() -> None:
    _, _, moved = both(lambda market: (market.snapshot(), market.snapshot()))
    _, _, whole = both(lambda market: (market.snapshot(), market.snapshot(minutes=500)))

    assert size(moved) < 300
    assert size(whole) > 2_000


def test_the_same_snapshots_give_the_same_bytes() -> None:
    first, second = (Market(9, products=3, window=50) for _ in range(2))
    before, same = first.snapshot(), second.snapshot()

    assert pack(before, None) == pack(same, None)
    assert pack(first.snapshot(), before) == pack(second.snapshot(), same)


def test_bytes_that_tell_no_snapshot_are_an_error_and_nothing_else() -> None:
    snapshot = Market(2, products=1, window=20).snapshot()
    data = pack(snapshot, None)

    for part in ("windows", "columns", "rest"):
        told: bytes = getattr(data, part)
        for cut in range(0, len(told), 1 + len(told) // 200):
            with pytest.raises(StorageError):
                unpack(replace(data, **{part: told[:cut]}), None)
        with pytest.raises(StorageError):
            unpack(replace(data, **{part: told + b"\0"}), None)
    with pytest.raises(StorageError):
        unpack(pack(snapshot, snapshot), None)


@settings(deadline=None)
@given(noise=st.binary(max_size=200), windows=st.binary(max_size=60), columns=st.binary())
def test_noise_is_a_storage_error_or_a_snapshot(
    noise: bytes, windows: bytes, columns: bytes
) -> None:
    before = Market(2, products=1, window=3).snapshot()
    with suppress(StorageError):
        assert isinstance(unpack(Body(b"\0" + windows, columns, b"\2" + noise), before), Snapshot)


def test_what_is_told_from_a_base_needs_nothing_between_but_the_windows() -> None:
    market = Market(3, products=2, window=90)
    base, between, after = (market.snapshot() for _ in range(3))
    body = frames.pack(after, base=base, before=windows_of(between))

    windows = unpack_windows(body.windows, body.columns, windows_of(between))

    assert frames.unpack(body.rest, windows, base=base) == after


@pytest.mark.parametrize("minutes", [1, 3, 4, 60])
def test_minutes_come_back_whether_told_one_by_one_or_as_columns(minutes: int) -> None:
    before, after, data = both(lambda market: (market.snapshot(), market.snapshot(minutes=minutes)))

    assert unpack(data, before) == after
    assert bool(data.columns) == (minutes > 3)


@pytest.mark.parametrize("price", [100, 40_000, 3_000_000_000, (1 << 63) - 1, -(1 << 63)])
def test_numbers_of_any_width_come_back(price: int) -> None:
    snapshot = Market(5, products=1, window=20).snapshot()
    wild = with_bars(snapshot, high=array("q", [price, *bars(snapshot).high[1:]]))
    extremes = array("q", [(1 << 63) - 1, -(1 << 63)] * 10)
    wilder = with_bars(snapshot, close=extremes, open=array("q", reversed(extremes)))

    assert unpack(pack(wild, None), None) == wild
    assert unpack(pack(wilder, None), None) == wilder


def test_steps_that_lead_beyond_any_price_are_a_storage_error() -> None:
    steps = array("q", [(1 << 63) - 1] * 2)
    told = Packer()
    told.natural(WHOLE)
    told.decimals([Decimal(1)])
    told.whole(START.minute)
    told.natural(2)
    told.natural(4)  # of the six columns the first has eight bytes for each minute, others none

    with pytest.raises(StorageError, match="has no place"):
        columns.unpack(Unpacker(told.data), Columns(steps.tobytes()), None)


@pytest.mark.parametrize("skew", [None, timedelta(milliseconds=-3)])
@pytest.mark.parametrize("is_exits_only", [False, True])
@pytest.mark.parametrize("owes_reading", [False, True])
@pytest.mark.parametrize(
    ("is_unread", "cannot_follow"), [(False, False), (True, False), (True, True)]
)
@pytest.mark.parametrize("unfollowed", [(), ("ETH-USD",), ("ETH-USD", "BTC-USD")])
def test_a_frame_says_whether_exits_alone_were_judged_and_the_account_was_read(
    skew: timedelta | None,
    *,
    is_exits_only: bool,
    owes_reading: bool,
    is_unread: bool,
    cannot_follow: bool,
    unfollowed: tuple[str, ...],
) -> None:
    def make(market: Market) -> tuple[Snapshot, Snapshot]:
        before = market.snapshot()
        return before, replace(
            before,
            cycle=before.cycle + 1,
            clock_skew=skew,
            is_exits_only=is_exits_only,
            owes_reading=owes_reading,
            is_unread=is_unread,
            cannot_follow=cannot_follow,
            unfollowed=frozenset(map(ProductId.parse, unfollowed)),
        )

    before, after, data = both(make)
    assert unpack(data, before) == after
