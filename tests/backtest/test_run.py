"""The live engine over the past: what it leaves behind adds up."""

from __future__ import annotations

from dataclasses import replace

from tests.backtest.markets import WARM_UP, busy, named, setup, walk

from trader247.backtest.recorder import Recorder
from trader247.backtest.run import Backtest
from trader247.domain.events.orders import CancelRequested, IntentRecorded
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ClientOrderId, OrderId
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


def test_the_hash_of_decisions_does_not_depend_on_what_a_book_calls_its_orders() -> None:
    heard: list[AnyEvent] = []
    tapes = [named(walk(3, WARM_UP + 90), "BTC-USD")]
    run = Backtest(setup(tapes, policy=busy(), equity=1_000_000), heard=heard.append)
    run.run()
    intent = next(each.intent for each in heard if isinstance(each, IntentRecorded))
    other = replace(intent, client_order_id=ClientOrderId("another's name"))
    hashes = []
    for each in (intent, other, replace(other, leg=intent.leg + 1)):
        recorder = Recorder(run.setup.policy)
        recorder.take(IntentRecorded(each), each.created)
        before = recorder.decision_hash
        cancel = CancelRequested(each.client_order_id, OrderId("1"), "its time ended")
        recorder.take(cancel, each.created)
        assert recorder.decision_hash != before
        hashes.append(recorder.decision_hash)
    assert hashes[0] == hashes[1] != hashes[2]
