"""What is held of a product from its first fill on, and the trade that it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from trader247.backtest.result import FillRow, Trade
from trader247.core.book.lots import sold as taken
from trader247.core.policy import Policy
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import CONTEXT, NOTHING, ONE, Money, Quantity, total
from trader247.domain.orders import Side
from trader247.domain.position import Lot
from trader247.domain.time import Instant


@dataclass(slots=True)
class Held:
    """A position while it lasts, or its dust; `lots` were there before its first fill."""

    entry: RecordedIntent
    regime: str
    lots: tuple[Lot, ...] = ()
    fills: list[FillRow] = field(default_factory=list)
    exits: list[RecordedIntent] = field(default_factory=list)

    @property
    def sales(self) -> list[FillRow]:
        """What of it was sold, oldest first."""
        return [each for each in self.fills if each.side is Side.SELL]

    @property
    def bought(self) -> tuple[Lot, ...]:
        """Every lot of it, as it was when it came."""
        buys = [each for each in self.fills if each.side is Side.BUY]
        return (*self.lots, *[Lot(each.quantity, each.price, each.fee, each.time) for each in buys])

    @property
    def left(self) -> tuple[Lot, ...]:
        """What is still held of it, first in first out."""
        return taken(self.bought, quantity_of(self.sales)).left

    def trade(self, policy: Policy, time: Instant | None) -> Trade:
        """It as a trade; `time` is when it was closed, None where it is not.

        What is left of one that was closed is dust, and no part of the trade.
        """
        entry, plan = self.entry, self.entry.plan
        assert plan is not None, "an entry has its plan"
        sales = self.sales
        lots, rest = self.bought, () if time is None else self.left
        own = lots[len(self.lots) :] or lots
        gone = quantity_of(sales)
        quantity = gone if rest else quantity_of(lots)
        bought = _cost(lots) - _cost(rest)
        sold = total([each.price * each.quantity for each in sales])
        price = _cost(own).per(quantity_of(own))
        entry_fee = total([each.fee for each in lots]) - total([each.fee for each in rest])
        exit_fee = total([each.fee for each in sales])
        realised = sold - exit_fee - taken(lots, gone).cost
        cluster = policy.universe.cluster_of(entry.product)
        tier = policy.universe.tier_of(entry.product)
        return Trade(
            number=0,
            product=entry.product,
            cluster="" if cluster is None else cluster.name,
            tier="" if tier is None else tier.name,
            strategy=entry.strategy,
            rule=entry.rule,
            decision_id=entry.decision_id,
            decided=entry.created,
            opened=own[0].opened,
            closed=None if time is None else sales[-1].time,
            cause=self.exits[-1].exit_cause if self.exits and time is not None else None,
            regime=self.regime,
            quantity=quantity,
            entry_price=price,
            exit_price=None if gone.is_zero else sold.per(gone),
            stop=price * CONTEXT.subtract(ONE, plan.stop_fraction),
            target=price * CONTEXT.add(ONE, plan.target_fraction),
            leaves_at=own[0].opened + plan.longest_hold,
            bought=bought,
            sold=sold,
            entry_fee=entry_fee,
            exit_fee=exit_fee,
            realised=realised,
            slippage=total([each.slippage for each in self.fills]),
            fills=tuple(self.fills),
        )


def quantity_of(parts: Iterable[FillRow] | Iterable[Lot]) -> Quantity:
    """How much fills or lots are together."""
    found = NOTHING
    for each in parts:
        found = found + each.quantity
    return found


def _cost(lots: Sequence[Lot]) -> Money:
    """What lots were bought for, fees apart."""
    return total([each.price * each.quantity for each in lots])
