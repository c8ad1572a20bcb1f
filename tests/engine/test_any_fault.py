"""Trading through weather: whatever fails, in whatever order, the books agree once it is over."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import ACCOUNTS, BOOKS, CANCELS, FILLS, LISTING, LOOKUP, ORDERS, Body
from tests.engine.stage import BTC, ETH, SOL, Crash, Stage, kept_at_the_venue, unknowns

from trader247.domain.reasons import HaltName
from trader247.engine.startup import folded

CYCLES = 30
ALIVE = frozenset({"PENDING", "OPEN", "QUEUED", "CANCEL_QUEUED"})
SETTLED_WITHIN = 15
"""Cycles without faults after which nothing may be unknown any more."""

LINES = (ORDERS, ORDERS, ORDERS, CANCELS, LISTING, LOOKUP, FILLS, ACCOUNTS, BOOKS)


def crashes(is_delivered: bool) -> faulty.Fault:
    def fault(_: faulty.Ask, deliver: faulty.Deliver) -> Response:
        if is_delivered:
            deliver()
        raise Crash

    return fault


def nothing_listed(body: Body) -> None:
    for name in ("orders", "fills"):
        if name in body:
            body[name] = []


FAULTS = (
    faulty.request_lost,
    faulty.answer_lost,
    faulty.never_left,
    faulty.BROKEN,
    faulty.EDGE_PAGE,
    faulty.RATE_LIMITED,
    faulty.truncated,
    faulty.taken_but_answered(504, "<html>Gateway timeout</html>"),
    faulty.edited(nothing_listed),
    crashes(is_delivered=True),
    crashes(is_delivered=False),
)


def weather(stage: Stage, dice: random.Random) -> None:
    """What the market and the wire do in the next minute."""
    product = dice.choice((BTC, ETH, SOL))
    moves: tuple[Callable[[], None], ...] = (
        lambda: stage.breakout(product),
        lambda: stage.breakout(product),
        lambda: stage.dip(product),
        lambda: stage.dip(product, volume=dice.choice((50_000, 200_000, 10**9))),
        lambda: stage.fall(dice.choice(("1", "2", "3")), product),
        lambda: stage.fall("7", product),
    )
    dice.choices(moves, weights=(4, 4, 4, 4, 3, 1))[0]()
    if dice.random() < 0.3:
        stage.wire.on(dice.choice(LINES), dice.choice(FAULTS), times=dice.choice((1, 1, 2, 4)))


@pytest.mark.parametrize("seed", range(6))
def test_the_books_agree_after_any_faults(open_stage: Open, seed: int) -> None:
    stage = open_stage(kept_at_the_venue if seed % 2 else None)
    dice = random.Random(seed)
    stage.position(dice.choice((BTC, ETH, SOL)))
    for _ in range(CYCLES):
        weather(stage, dice)
        _through(stage, stage.cycle)
        stage.assert_orders_are_ours_once()
        assert_one_exit_each(stage)
        for name in (HaltName.CRASH_LOOP, HaltName.RECONCILIATION_BREAK):
            stage.unlock(name)
    stage.wire.lift()
    for _ in range(SETTLED_WITHIN):
        _through(stage, stage.cycle)

    assert not unknowns(stage.portfolio)
    assert not stage.portfolio.differences
    assert HaltName.INVARIANT not in stage.portfolio.halts
    assert stage.portfolio == folded(stage.trader.journal)
    stage.assert_books_agree()


def assert_one_exit_each(stage: Stage) -> None:
    """At the exchange at most one sale of a product lives, and it holds no more than is there."""
    selling = [each for each in stage.orders if each["side"] == "SELL" and each["status"] in ALIVE]
    products = [each["product_id"] for each in selling]
    assert len(products) == len(set(products)), "two exits for the same lots"
    for each in selling:
        (terms,) = each["order_configuration"].values()
        left = Decimal(terms["base_size"]) - Decimal(each["filled_size"])
        assert left <= stage.held(each["product_id"].partition("-")[0])


def _through(stage: Stage, act: Callable[[], object]) -> None:
    """Do it, and start again as often as the process ends on the way."""
    try:
        act()
    except Crash:
        while True:
            try:
                stage.restart()
            except Crash:
                continue
            return
