"""Steps of a drill's story: each lasts some cycles of the real loop, until it has come about."""

from __future__ import annotations

from decimal import Decimal

from trader247.app.drills.drill import Unheld, span
from trader247.app.drills.ground import Ground, Story
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.domain.time import MINUTE
from trader247.ports import CommandKind

_TRIES = 45
"""Cycles in which an entry must have come about: a rise of a quarter of the price."""
_SLICES_MAX = 16
"""Orders that a holding leaves in, where it is to be sold."""


def minutes(ground: Ground, count: int) -> Story:
    """Cycles, until so many minutes of the exchange have passed."""
    until = ground.now + count * MINUTE
    while ground.now < until:
        yield


def entry(ground: Ground) -> Story:
    """Let the market rise until the operator's rules buy: a buy rests when this is over.

    The rise is gentle enough for no breaker to see a crash in it.

    Raises:
        Unheld: nothing was bought.
    """
    for _ in range(_TRIES):
        if ground.seen.buys:
            return
        ground.feed.move(str(ground.product), ground.step)
        yield
    raise Unheld(
        f"no entry in {ground.product} came about under this configuration, however it rose: "
        f"{ground.seen.reasons(_TRIES)}{_pace(ground)}"
    )


def _pace(ground: Ground) -> str:
    """What a long interval has to do with it; nothing where cycles are a minute apart."""
    if ground.interval <= MINUTE:
        return ""
    return f"; cycles are {span(ground.interval)} apart (run.interval_seconds)"


def wishing(ground: Ground, cycles: int) -> Story:
    """Cycles in which every product rises, so that the rules want to buy."""
    for _ in range(cycles):
        for each in ground.feed.listings:
            ground.feed.move(each.product_id, ground.step)
        yield


def position(ground: Ground) -> Story:
    """An entry, filled.

    Raises:
        Unheld: nothing was bought.
    """
    yield from entry(ground)
    for _ in range(5):
        # The way down and back of one minute fills what rests at the bid.
        ground.feed.move(str(ground.product), Decimal(0), low_pct=-2 * ground.step)
        yield
        if ground.product in ground.portfolio.positions:
            return
    raise Unheld(f"the entry in {ground.product} did not fill")


def withdrawn(ground: Ground, amount: Decimal) -> Story:
    """Its owner takes money out, and says so."""
    if amount > 0:
        ground.do("withdraw", currency=ground.policy.quote_currency, amount=str(amount))
        yield from minutes(ground, 4)
        ground.ask(CommandKind.ACCEPT_MOVEMENT, reason="drill")
        yield
        ground.ask(
            CommandKind.CLEAR_HALT,
            name="reconciliation_break",
            reason="drill",
            operator="drill",
        )
        yield


def holding(ground: Ground, worth: Decimal) -> Story:
    """Make coins a position that is worth so much: deposited, then adopted.

    So a price can move equity by any figure, whatever the operator's sizes are.

    Raises:
        Unheld: it was not taken.
    """
    before = ground.portfolio.positions.get(ground.product)
    held = Decimal(0) if before is None else before.quantity.value
    price = ground.feed.price(str(ground.product))
    quantity = (worth / price).quantize(Decimal("0.000001"))
    ground.do("deposit", currency=ground.product.base, amount=str(quantity))
    yield from minutes(ground, 4)
    ground.ask(CommandKind.ACCEPT_MOVEMENT, reason="drill")
    ground.ask(
        CommandKind.ADOPT,
        product=str(ground.product),
        price=str(price),
        stop_pct="25",
        target_pct="200",
        hours="720",
        reason="drill",
        operator="drill",
    )
    yield from minutes(ground, 2)
    now = ground.portfolio.positions.get(ground.product)
    if now is None or now.quantity.value <= held:
        told = "".join(f": {text}" for _, text in ground.post.answers[-1:])
        raise Unheld(f"coins could not be made a position{told}{_pace(ground)}")
    ground.ask(
        CommandKind.CLEAR_HALT, name="reconciliation_break", reason="drill", operator="drill"
    )
    yield


def sold(ground: Ground) -> Story:
    """A person has all of the product sold, once the price has stood still for a while.

    Raises:
        Unheld: it did not leave.
    """
    yield from minutes(ground, 8)
    ground.ask(CommandKind.FLATTEN, products=str(ground.product), reason="drill", operator="drill")
    for _ in range(4 * _SLICES_MAX):
        yield
        if ground.product not in ground.portfolio.positions:
            return
    ending = ground.reports[-1].endings[ground.product]
    raise Unheld(f"{ground.product} could not be sold: {ending.reason.value}, {ending.detail}")


def sellable(ground: Ground) -> Decimal:
    """What can leave in a bounded number of orders."""
    largest = check_in(ground.policy.checks, MaxOrder).quote_max.value
    return min(2 * ground.paper_equity, _SLICES_MAX * largest)
