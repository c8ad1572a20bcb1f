"""Entries of the venue's ledger that are no plain fills, and orders that nobody recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import ACCOUNTS, FILLS, LISTING, LOOKUP, ORDERS, Ask, Body, Deliver, Fault
from tests.engine.stage import BTC, ETH, Stage

from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import (
    FillBooked,
    FillQuarantined,
    ForeignOrdersSeen,
    IntentRecorded,
)
from trader247.domain.money import Money
from trader247.domain.reasons import HaltName, Reason, Severity, TradingState
from trader247.domain.verdicts import Verdict

Row = dict[str, Any]


def rewritten(rows: Callable[[Row], list[Row]]) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        body["fills"] = [row for each in body["fills"] for row in rows(each)]

    return change


@pytest.mark.parametrize("kind", ["REVERSAL", "CORRECTION", "SYNTHETIC"])
def test_what_is_no_execution_is_kept_aside_and_stops_buying(stage: Stage, kind: str) -> None:
    stage.position()
    before = stage.portfolio

    def with_another(row: Row) -> list[Row]:
        return [row, {**row, "entry_id": f"{row['entry_id']}-{kind}", "trade_type": kind}]

    stage.wire.on(FILLS, faulty.edited(rewritten(with_another)))
    stage.cycle(2)

    (kept,) = stage.recorded(FillQuarantined)
    assert kind in kept.cause
    assert kind in stage.portfolio.halts[HaltName.RECONCILIATION_BREAK].cause
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert stage.portfolio.fills_booked == before.fills_booked
    assert stage.portfolio.cash == before.cash
    assert stage.portfolio.positions[BTC].lots == before.positions[BTC].lots
    assert stage.told.codes.count("fill_quarantined") == 1


def test_a_fill_of_a_kind_that_nobody_knows_waits_for_a_reading_that_tells_it(
    stage: Stage,
) -> None:
    """A word that one answer garbles is no ground to lose what was bought."""
    is_garbled = True

    def garbled(row: Row) -> list[Row]:
        return [{**row, "trade_type": "NEVER_HEARD_OF"} if is_garbled else row]

    stage.wire.on(FILLS, faulty.edited(rewritten(garbled)))
    stage.entry()
    stage.dip()
    report = stage.cycle()
    assert not stage.recorded(FillQuarantined)
    assert not stage.recorded(FillBooked)
    assert "a fill that the venue has not told whole yet" in report.unreachable

    is_garbled = False
    stage.cycle()
    assert len(stage.recorded(FillBooked)) == 1
    assert BTC in stage.portfolio.positions
    assert not stage.portfolio.halts


def test_a_fill_that_goes_on_to_be_of_a_kind_that_nobody_knows_is_set_aside(stage: Stage) -> None:
    stage.position()

    def with_another(row: Row) -> list[Row]:
        return [row, {**row, "entry_id": f"{row['entry_id']}-x", "trade_type": "SOMETHING_NEW"}]

    stage.wire.on(FILLS, faulty.edited(rewritten(with_another)))
    stage.cycle(9)
    assert not stage.recorded(FillQuarantined)
    stage.cycle(2)
    (kept,) = stage.recorded(FillQuarantined)
    assert "SOMETHING_NEW" in kept.cause
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts


@pytest.mark.parametrize(
    "answer", [faulty.request_lost, faulty.NOT_FOUND], ids=["no answer", "not known"]
)
def test_a_reversal_of_an_order_that_cannot_be_looked_up_may_be_ours_and_stops_buying(
    stage: Stage, answer: Fault
) -> None:
    stage.position()
    before = stage.portfolio
    order_id = str(UUID(int=247))

    def with_a_reversal(row: Row) -> list[Row]:
        undone = {"entry_id": "undone", "order_id": order_id, "trade_type": "REVERSAL"}
        return [row, {**row, **undone}]

    stage.wire.on(FILLS, faulty.edited(rewritten(with_a_reversal)))
    stage.wire.on(LOOKUP, answer)
    stage.cycle(2)

    assert stage.wire.lines(f"GET /orders/historical/{order_id}")
    (kept,) = stage.recorded(FillQuarantined)
    assert kept.fill.entry_id == "undone"
    assert order_id in stage.portfolio.halts[HaltName.RECONCILIATION_BREAK].cause
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert stage.portfolio.cash == before.cash


def test_a_fill_that_the_venue_tells_otherwise_later_stops_buying_and_changes_nothing(
    stage: Stage,
) -> None:
    stage.position()
    cash = stage.portfolio.cash
    stage.wire.on(FILLS, faulty.edited(rewritten(lambda row: [{**row, "commission": "9.99"}])))
    stage.cycle(2)

    assert "otherwise than it was booked" in (
        stage.portfolio.halts[HaltName.RECONCILIATION_BREAK].cause
    )
    assert stage.portfolio.cash == cash
    assert stage.portfolio.fills_booked == 1


def test_a_fill_that_was_read_often_and_is_told_otherwise_then_stops_buying(stage: Stage) -> None:
    stage.position()
    stage.cycle(3)
    assert not stage.portfolio.halts
    stage.wire.on(FILLS, faulty.edited(rewritten(lambda row: [{**row, "commission": "9.99"}])))
    stage.cycle(1)
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    assert stage.portfolio.fills_booked == 1


def test_equal_figures_in_other_words_are_no_contradiction(stage: Stage) -> None:
    stage.position()
    stage.wire.on(
        FILLS, faulty.edited(rewritten(lambda row: [{**row, "size": f"{row['size']}00"}]))
    )
    stage.cycle(2)
    assert not stage.portfolio.halts


def test_two_entries_of_one_trade_are_two_fills_and_are_told_of(stage: Stage) -> None:
    def halves(row: Row) -> list[Row]:
        size = int(row["size"].replace("0.", "").ljust(8, "0"))
        first = size // 2
        parts = ((row["entry_id"], first), (f"{row['entry_id']}-2", size - first))
        commission = "0.01"
        return [
            {**row, "entry_id": entry, "size": f"0.{part:08}", "commission": commission}
            for entry, part in parts
        ]

    def counted(body: Body) -> None:
        for order in body["orders"]:
            order["number_of_fills"] = str(2 * int(order["number_of_fills"]))

    stage.wire.on(FILLS, faulty.edited(rewritten(halves)))
    stage.wire.on(LISTING, faulty.edited(counted))
    stage.entry()
    stage.dip()
    stage.cycle(2)

    first, second = (each.fill for each in stage.recorded(FillBooked))
    assert first.trade_id == second.trade_id
    assert not stage.portfolio.working, "both together are the order"
    (alert,) = [each for each in stage.told.alerts if each.code == "trade_repeated"]
    assert alert.severity is Severity.WARNING


def test_an_order_that_left_and_that_nobody_recorded_halts_everything(stage: Stage) -> None:
    stage.cycle()
    guard = stage.trader.venue._client._guard  # type: ignore[attr-defined] # what counts on the wire
    guard._orders_sent += 1
    stage.cycle(2)

    assert len(stage.recorded(HaltLatched)) == 1, "it stands, and is not said each minute"
    assert "1 orders left by the wire's count" in stage.portfolio.halts[HaltName.INVARIANT].cause
    assert stage.portfolio.trading_state is TradingState.HALTED


def test_an_order_too_many_keeps_the_next_one_of_the_same_cycle_from_leaving(stage: Stage) -> None:
    stage.position(BTC)
    stage.position(ETH)
    guard = stage.trader.venue._client._guard  # type: ignore[attr-defined]
    before = len(stage.recorded(IntentRecorded))

    def twice(_: Ask, deliver: Deliver) -> Response:
        guard._orders_sent += 1
        return deliver()

    stage.wire.on(ORDERS, twice, times=1)
    stage.board.move(str(BTC), "-7")
    stage.fall("7", ETH)
    for _ in range(4):
        stage.cycle()

    assert len(stage.recorded(IntentRecorded)) == before + 1
    assert "left by the wire's count" in stage.portfolio.halts[HaltName.INVARIANT].cause


def test_a_recorded_order_that_the_wire_never_saw_halts_everything(stage: Stage) -> None:
    stage.entry()
    stage.trader.venue._client._guard._orders_sent -= 1  # type: ignore[attr-defined]
    stage.cycle()
    assert HaltName.INVARIANT in stage.portfolio.halts


def test_orders_that_never_left_are_not_counted(stage: Stage) -> None:
    stage.wire.on(faulty.ORDERS, faulty.never_left, times=1)
    stage.breakout()
    stage.cycle(3)
    assert not stage.portfolio.halts


def test_a_ledger_that_breaks_its_own_rules_halts_everything(stage: Stage) -> None:
    stage.position()
    book = stage.portfolio
    assert book.cash is not None
    stage.trader.ledger._portfolio = replace(book, cash=book.cash + Money.of("0.01"))
    stage.cycle()
    assert HaltName.INVARIANT in stage.portfolio.halts
    assert "cash is" in stage.portfolio.halts[HaltName.INVARIANT].cause
    assert stage.portfolio.trading_state is TradingState.HALTED


@pytest.mark.parametrize(("check", "is_bug"), [("buying_power", True), ("trading_state", False)])
def test_what_the_ledger_does_not_allow_at_sending_is_not_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, check: str, is_bug: bool
) -> None:
    def refuse(*_: object) -> Verdict:
        return Verdict.of(check, False, "nothing is free")

    monkeypatch.setattr("trader247.engine.execution.refusal_at_sending", refuse)
    stage.breakout()
    stage.cycle()
    assert not stage.wire.lines(ORDERS)
    assert (HaltName.INVARIANT in stage.portfolio.halts) is is_bug
    assert stage.ending().reason is Reason.NOT_SENT


def test_names_of_others_that_are_no_text_are_kept_as_far_as_they_are(stage: Stage) -> None:
    """JSON may hold half of a pair of characters, which no database takes."""
    stage.entry()

    def with_another_order(body: Body) -> None:
        odd = {"order_id": "odd\ud800", "client_order_id": "their\ud800s"}
        body["orders"].append({**body["orders"][0], **odd})

    def with_another_coin(body: Body) -> None:
        body["accounts"].append({**body["accounts"][0], "currency": "Q\ud800Q", "uuid": "odd"})

    stage.wire.on(LISTING, faulty.edited(with_another_order))
    stage.wire.on(ACCOUNTS, faulty.edited(with_another_coin))
    collected = stage.cycle().collected
    assert [each.key for each in collected.pending] == ["base:Q?Q"]
    (seen,) = stage.recorded(ForeignOrdersSeen)
    assert seen.count == 1
    assert stage.restart() is not None
