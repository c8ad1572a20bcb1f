from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from trader247.simex.feeds.feed import MinuteBar
from trader247.simex.history import DAY, History, Packing, kept_from

PRICES = st.integers(1, 10**9)


@st.composite
def bars(draw: st.DrawFn) -> MinuteBar | None:
    if draw(st.booleans()):
        return None
    four = [draw(PRICES) for _ in range(4)]
    high, low = max(four), min(four)
    return MinuteBar(four[0], high, low, four[1], draw(st.integers(0, 10**6)), 1, 5)


@given(st.lists(st.tuples(bars(), bars()), max_size=30))
def test_a_row_unpacks_to_what_was_packed(rows: list[tuple[MinuteBar | None, ...]]) -> None:
    packing = Packing(2)
    assert [packing.unpack(packing.pack(row)) for row in rows] == [list(row) for row in rows]


@given(st.lists(st.tuples(bars(), bars()), max_size=40), st.integers(0, 40), st.integers(1, 40))
def test_folding_is_what_one_would_do_bar_by_bar(
    rows: list[tuple[MinuteBar | None, ...]], first: int, count: int
) -> None:
    packing = Packing(2)
    history = History(products=2, first=100, rows=map(packing.pack, rows))
    there = [row[1] for row in rows[first : first + count] if row[1] is not None]
    candle = history.fold(1, 100 + first, 100 + first + count)
    if not sum(bar.volume for bar in there):
        assert candle is None
        return
    assert candle == (
        there[0].open,
        max(bar.high for bar in there),
        min(bar.low for bar in there),
        there[-1].close,
        sum(bar.volume for bar in there),
    )


@settings(max_examples=5, deadline=None)
@given(st.integers(0, DAY - 1), st.integers(1, 97))
def test_what_grew_minute_by_minute_equals_what_is_loaded(offset: int, factor: int) -> None:
    """Also across the days' rolls: a restart must not change an answer."""
    packing = Packing(1)

    def bar(minute: int) -> MinuteBar | None:
        if minute % 11 == 3:
            return None
        price = 1000 + minute * factor % 101
        return MinuteBar(price, price + 5, price - 5, price + 1, minute * factor % 1000, 1, 1)

    start = 20 * DAY + offset
    end = start + 11 * DAY
    grown = History(products=1, first=start)
    for minute in range(start, end):
        grown.append([bar(minute)])
    first = kept_from(end)
    loaded = History(
        products=1, first=first, rows=[packing.pack([bar(m)]) for m in range(first, end)]
    )
    assert (grown.first, grown.end) == (loaded.first, loaded.end)
    for column in ("open", "high", "low", "close", "volume", "volume_day", "before", "turnover"):
        assert getattr(grown.columns[0], column) == getattr(loaded.columns[0], column)
