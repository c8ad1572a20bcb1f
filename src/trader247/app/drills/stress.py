"""Twice what this trader ever had to do: cycles at double pace, and orders at twice the most.

What it had to do is read from the operator's own journals: the hour of the last 180 days in which
most orders were sent. What it takes to do twice that is measured in real time, with the simulated
exchange's own work in it: more than a real venue would cost this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from trader247.adapters.clock import SystemClock
from trader247.app.drills import steps
from trader247.app.drills.drill import Account, Drill, Unheld, Yard, span
from trader247.app.drills.ground import Ground, Story
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import ProductId
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import HOUR, SECOND, Instant
from trader247.ports import CommandKind

TIMES = 2
ORDERS_MIN = 30
"""Orders of the hour, at the least, where the journals know of none or of few."""
_SLICES = 12
"""Orders in which one holding leaves."""
_SHARE = 99
"""Of a hundred cycles so many must be done in time."""


def _act(yard: Yard, account: Account) -> None:
    usual = yard.settings.app.interval_seconds
    app = replace(yard.settings.app, interval_seconds=max(1, usual // TIMES))
    ground = Ground(Yard(replace(yard.settings, app=app), yard.folder))
    ground.start()
    ground.play(_story(ground, account, most=yard.busiest))
    ground.stop()


def _story(ground: Ground, account: Account, *, most: int) -> Story:
    wanted = max(TIMES * most, ORDERS_MIN)
    clock, took = SystemClock(), list[timedelta]()
    yield from steps.minutes(ground, 2)
    began, seq = ground.now, ground.portfolio.seq
    before = clock.monotonic()
    for _ in _hour(ground, wanted, since=seq):
        yield
        took.append(clock.monotonic() - before)
        before = clock.monotonic()
    sent = _orders(ground, seq)
    passed = max(ground.now - began, 1 * SECOND)
    an_hour = int(Decimal(len(sent)) * Decimal(HOUR // SECOND) / Decimal(passed // SECOND))
    known = f"{most} in the busiest hour of 180 days" if most else "none known of before"
    account.claim(
        f"orders are sent at {TIMES} times the pace ever seen",
        an_hour >= wanted,
        f"{an_hour} an hour of {wanted}; {known}",
    )
    slow = sorted(took)[-(-len(took) * _SHARE // 100) - 1]
    account.within(
        f"of 100 cycles {_SHARE} are done before the next, at twice their pace",
        slow,
        ground.interval,
    )
    asked = len([each for each in ground.wire.asked if each.at >= began])
    dropped = ground.seen.refused(0, Reason.NOT_SENT)
    account.claim(
        "no order was dropped for want of room among the requests",
        not dropped,
        f"{dropped} dropped, {asked} requests in {span(passed)}",
    )
    differs = list(ground.portfolio.differences)
    known_ids = {event.intent.client_order_id for _, event in sent}
    strangers = [
        each
        for each in ground.seen.orders
        if Instant.parse(each["created_time"]) >= began and each["client_order_id"] not in known_ids
    ]
    account.claim(
        "books and venue agree to the last order",
        not differs and not strangers,
        f"{len(sent)} orders, {len(strangers)} unknown, "
        f"differences: {', '.join(differs) or 'none'}",
    )
    ground.seen.show(account, *(recorded for recorded, _ in sent[:1]))


def _hour(ground: Ground, wanted: int, *, since: int) -> Story:
    """Holdings of many products that leave in slices, until there were enough orders."""
    until = ground.now + HOUR
    products = [ProductId.parse(each.product_id) for each in ground.feed.listings]
    while len(_orders(ground, since)) < wanted and ground.now < until:
        yield from _held(ground, products)
        names = " ".join(map(str, products))
        ground.ask(CommandKind.FLATTEN, products=names, reason="drill", operator="drill")
        for _ in range(4 * _SLICES):
            yield
            if not ground.portfolio.positions or len(_orders(ground, since)) >= wanted:
                break


def _held(ground: Ground, products: Sequence[ProductId]) -> Story:
    """Coins of each product, deposited and adopted: what is sold then is the operator's slices."""
    slice_ = check_in(ground.policy.checks, MaxOrder).quote_max.value
    for each in products:
        quantity = (_SLICES * slice_ / ground.feed.price(str(each))).quantize(Decimal("0.000001"))
        ground.do("deposit", currency=each.base, amount=str(quantity))
    yield from steps.minutes(ground, 4)
    ground.ask(CommandKind.ACCEPT_MOVEMENT, reason="drill")
    for each in products:
        ground.ask(
            CommandKind.ADOPT,
            product=str(each),
            price=str(ground.feed.price(str(each))),
            stop_pct="25",
            target_pct="200",
            hours="720",
            reason="drill",
            operator="drill",
        )
    yield from steps.minutes(ground, 2)
    if not ground.portfolio.positions:
        raise Unheld(f"no holding was adopted: {ground.post.answers[-1:]}")
    if HaltName.RECONCILIATION_BREAK in ground.portfolio.halts:
        ground.ask(
            CommandKind.CLEAR_HALT, name="reconciliation_break", reason="drill", operator="drill"
        )
        yield
    yield from steps.minutes(ground, 8)


def _orders(ground: Ground, since: int) -> list[tuple[Recorded, IntentRecorded]]:
    return ground.seen.recorded(IntentRecorded, since)


STRESS = Drill(
    name="stress",
    emergency="twice the orders and twice the cycles of the busiest hour",
    proves=("run.interval_seconds",),
    act=_act,
)
