"""The account moves without us: fills told twice, a trade by hand, money that is taken out."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from trader247.app.drills import steps
from trader247.app.drills.drill import Account, Drill, Yard
from trader247.app.drills.ground import Ground, Story
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.money import DifferenceFound
from trader247.domain.events.orders import FillBooked
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import MINUTE
from trader247.ports import CommandKind

FOUND_MAX = 5 * MINUTE
_TENTH = Decimal("0.1")
_STOPS = (HaltName.DAILY_STOP, HaltName.WEEKLY_STOP, HaltName.DRAWDOWN)


def _doubled(yard: Yard, account: Account) -> None:
    ground = Ground(yard)
    ground.start()
    ground.play(_doubled_story(ground, account))
    ground.stop()


def _doubled_story(ground: Ground, account: Account) -> Story:
    ground.faults("doubled_fills")
    yield from steps.position(ground)
    yield from steps.minutes(ground, 4)
    told = ground.plan.told().get("doubled_fills", {})
    booked = ground.seen.recorded(FillBooked)
    ours = {event.fill.entry_id for _, event in booked}
    theirs = {each["entry_id"] for each in ground.seen.fills}
    account.claim(
        "each fill is booked once",
        bool(told) and len(booked) == len(ours) and ours == theirs,
        f"{len(booked)} booked, {len(theirs)} at the exchange, {sum(told.values())} told twice",
    )
    held = ground.portfolio.positions[ground.product].quantity.value
    there = ground.seen.held(ground.product.base)
    account.claim(
        "the position is what the exchange holds, to the last digit",
        held == there,
        f"{held} and {there}",
    )
    cash, wallet = ground.portfolio.cash, ground.seen.held(ground.policy.quote_currency)
    account.claim(
        "so is the cash",
        cash is not None and cash.value == wallet,
        f"{cash} and {wallet}",
    )
    ground.seen.show(account, booked[0][0])


def _moved(yard: Yard, account: Account, *, is_trade: bool) -> None:
    ground = Ground(yard)
    ground.start()
    ground.play(_moved_story(ground, account, is_trade=is_trade))
    ground.stop()


def _moved_story(ground: Ground, account: Account, *, is_trade: bool) -> Story:
    yield from steps.position(ground)
    yield from steps.minutes(ground, 2)
    name, currency = str(ground.product), ground.policy.quote_currency
    realised, moved = ground.portfolio.realised, ground.now
    cash = ground.seen.held(currency)
    if is_trade:
        # What an exit has on offer is the venue's to hold: whoever sells by hand cancels it first.
        ground.do("cancel", all=True)
        size = str(ground.seen.held(ground.product.base))
        terms = {"market_market_ioc": {"base_size": size}}
        ground.do("place", product_id=name, side="SELL", order_configuration=terms)
    else:
        amount = (cash * _TENTH).quantize(Decimal("0.01"))
        ground.do("withdraw", currency=currency, amount=str(amount))
    reports = len(ground.reports)
    halt = None
    for _ in range(12):
        for each in ground.feed.listings:
            ground.feed.move(each.product_id, ground.step)
        yield
        halt = ground.seen.first(
            HaltLatched, lambda each: each.name is HaltName.RECONCILIATION_BREAK
        )
        if halt is not None:
            break
    account.within(
        "it is found, and a break latches", None if halt is None else halt.time - moved, FOUND_MAX
    )
    since = ground.now
    yield from steps.wishing(ground, 3)
    sent = ground.seen.sent_entries(since)
    refused = ground.seen.refused(reports, Reason.TRADING_STATE)
    account.claim(
        "nothing is bought until a person has looked",
        sent == 0 and refused > 0,
        f"{sent} sent, {refused} wishes refused",
    )
    account.claim(
        "it is booked as no profit and no loss of ours",
        ground.portfolio.realised == realised,
        f"realised {realised} before, {ground.portfolio.realised} after",
    )
    stopped = [each.value for each in _STOPS if each in ground.portfolio.halts]
    account.claim("no loss stop takes it for a loss", not stopped, ", ".join(stopped) or "none")
    yield from _accepted(ground, account)
    ground.seen.show(account, ground.seen.first(DifferenceFound, lambda each: each.is_break), halt)


def _accepted(ground: Ground, account: Account) -> Story:
    """A person accepts what happened, and clears the halt: books and venue agree again."""
    price = ground.feed.price(str(ground.product))
    ground.ask(CommandKind.ACCEPT_MOVEMENT, reason="drill", prices=f"{ground.product}={price}")
    yield from steps.minutes(ground, 2)
    ground.ask(
        CommandKind.CLEAR_HALT, name="reconciliation_break", reason="drill", operator="drill"
    )
    yield from steps.minutes(ground, 2)
    differs = list(ground.portfolio.differences)
    is_clear = HaltName.RECONCILIATION_BREAK not in ground.portfolio.halts
    account.claim(
        "once it is accepted, books and venue agree, and the halt can be cleared",
        is_clear and not differs,
        "cleared" if is_clear and not differs else f"{ground.post.answers[-2:]}",
    )


ACCOUNT = (
    Drill(
        name="duplicate_fills",
        emergency="every fill is told twice",
        proves=("execution.overlap_minutes",),
        act=_doubled,
    ),
    Drill(
        name="foreign_trade",
        emergency="somebody sells our coins by hand, past trader247",
        proves=("execution.reconcile_seconds",),
        act=partial(_moved, is_trade=True),
    ),
    Drill(
        name="withdrawal",
        emergency="somebody takes a tenth of the money out",
        proves=("execution.reconcile_seconds",),
        act=partial(_moved, is_trade=False),
    ),
)
