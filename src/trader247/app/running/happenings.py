"""What a cycle changed, for a person: orders, fills with what they made, stops that latched."""

from __future__ import annotations

from decimal import Decimal

from trader247.app.killing.standing_stops import StandingStop, ban_in_words, in_words
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import CONTEXT, NO_MONEY, ZERO, Money, Price, total
from trader247.domain.orders import Side
from trader247.domain.portfolio import Breaker, Portfolio
from trader247.domain.position import Position
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import BreakerName
from trader247.domain.reports import CycleReport


@dataclass(frozen=True, slots=True)
class OrderTold:
    """An order of this cycle and how it ended: taken by the venue, or not.

    For an exit, `bid` is what was seen and `level` the stop or target that it passed; None where
    another cause made the position leave, and for an entry.
    """

    intent: RecordedIntent
    outcome: Outcome
    bid: Price | None
    level: Price | None


@dataclass(frozen=True, slots=True)
class FillTold:
    """All fills of one side of a product in one cycle, as one.

    `realised` is what a sale made after all fees; None for a buy, and where the fills alone
    do not tell. `stop` is where the stop that rested at the venue was, when that is what sold.
    """

    product: ProductId
    side: Side
    fills: tuple[Fill, ...]
    realised: Money | None
    stop: Price | None = None

    @property
    def notional(self) -> Money:
        return total([fill.notional for fill in self.fills])

    @property
    def fee(self) -> Money:
        return total([fill.fee for fill in self.fills])

    @property
    def liquidity(self) -> Liquidity | None:
        """What all of them were; None where they differ."""
        kinds = {fill.liquidity for fill in self.fills}
        return kinds.pop() if len(kinds) == 1 else None


@dataclass(frozen=True, slots=True)
class Happenings:
    """What is worth a line each; refusals are in the report's endings."""

    orders: tuple[OrderTold, ...]
    fills: tuple[FillTold, ...]
    stops: tuple[StandingStop, ...]
    opened: tuple[Breaker, ...]
    closed: tuple[BreakerName, ...]
    aside: tuple[Position, ...]
    """What is dust since then."""
    back: tuple[Position, ...]
    """What was dust, and is a position again."""


def happenings(before: Portfolio, report: CycleReport) -> Happenings:
    """What happened between `before`, the book as it was last told of, and a cycle's end."""
    after = report.portfolio
    known = {**after.settled, **after.working}
    return Happenings(
        orders=tuple(
            _order(each.intent, before, report)
            for each in known.values()
            if each.intent.cycle == report.cycle and each.intent.product in report.endings
        ),
        fills=_fills(before, report),
        stops=(
            *(in_words(halt) for name, halt in after.halts.items() if name not in before.halts),
            *(ban_in_words(ban) for key, ban in after.bans.items() if key not in before.bans),
        ),
        opened=tuple(each for name, each in after.breakers.items() if name not in before.breakers),
        closed=tuple(name for name in before.breakers if name not in after.breakers),
        aside=tuple(each for key, each in after.dust.items() if key not in before.dust),
        back=tuple(
            each
            for key, each in after.positions.items()
            if key in before.dust and before.dust[key].decision_id == each.decision_id
        ),
    )


def _order(intent: RecordedIntent, before: Portfolio, report: CycleReport) -> OrderTold:
    product, level = intent.product, None
    position = before.positions.get(product)
    if position is not None:
        if intent.exit_cause in (ExitCause.STOP, ExitCause.TRAILING_STOP):
            level = position.stop
        elif intent.exit_cause is ExitCause.TARGET:
            level = position.target
    bid = None if level is None else report.portfolio.marks.get(product)
    return OrderTold(intent, report.endings[product], bid, level)


def _fills(before: Portfolio, report: CycleReport) -> tuple[FillTold, ...]:
    grouped: dict[tuple[ProductId, Side], list[Fill]] = {}
    for fill in report.collected.booked:
        grouped.setdefault((fill.product, fill.side), []).append(fill)
    return tuple(
        FillTold(
            product,
            side,
            tuple(fills),
            _realised(product, before, report) if side is Side.SELL else None,
            _stop_that_sold(fills, report.portfolio),
        )
        for (product, side), fills in grouped.items()
    )


def _stop_that_sold(fills: list[Fill], after: Portfolio) -> Price | None:
    sold = {fill.order_id for fill in fills}
    found = (
        each.intent.stop_price
        for each in (*after.working.values(), *after.settled.values())
        if each.order_id in sold and each.intent.stop_price is not None
    )
    return next(found, None)


def _realised(product: ProductId, before: Portfolio, report: CycleReport) -> Money | None:
    """What the sales of a cycle brought, less their fees and the cost of what they sold.

    None where these fills alone do not explain what is held: some were booked between cycles.
    """
    old, new = before.holdings.get(product), report.portfolio.holdings.get(product)
    made = _cost(new) - _cost(old)
    held = _held(old)
    for fill in report.collected.booked:
        if fill.product != product:
            continue
        is_sale = fill.side is Side.SELL
        held = CONTEXT.add(held, -fill.quantity.value if is_sale else fill.quantity.value)
        made = made + (fill.notional if is_sale else -fill.notional) - fill.fee
    return made if held == _held(new) else None


def _cost(position: Position | None) -> Money:
    return NO_MONEY if position is None else position.cost


def _held(position: Position | None) -> Decimal:
    return ZERO if position is None else position.quantity.value
