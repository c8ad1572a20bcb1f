"""The live engine over the past: what it leaves behind adds up."""

from __future__ import annotations

from tests.backtest.markets import WARM_UP, named, setup, walk

from trader247.backtest.run import Backtest
from trader247.domain.money import Money, total


def test_a_run_books_what_it_trades_and_every_minute_has_its_cycle() -> None:
    minutes = WARM_UP + 240
    tapes = [named(walk(seed, minutes), name) for seed, name in ((3, "BTC-USD"), (4, "ETH-USD"))]
    run = Backtest(setup(tapes))
    run.run()
    book, recorder = run.ledger.portfolio, run.recorder
    assert recorder.fills, "a market without a trade shows nothing"
    assert book.fees_paid == total([each.fee for each in recorder.fills])
    bought = total([each.bought for each in recorder.trades])
    sold = total([each.sold for each in recorder.trades])
    assert book.cash == Money.of(10_000) - bought + sold - book.fees_paid
    assert run.columns.cycles.tolist() == [1] * 240
    counts = run.columns.refusals()
    assert sum(sum(day.values()) for day in counts.values()) == 240 * len(run.columns.products)
    assert not book.halts
    assert not book.differences
