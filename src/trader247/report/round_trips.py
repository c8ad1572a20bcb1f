"""Positions followed from their first fill to their last: the trades of a record of events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from trader247.core.policy import Policy
from trader247.domain.events.holdings import (
    DustSetAside,
    DustTakenBack,
    HoldingAdopted,
    LotsSoldByHand,
)
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.orders import FillBooked, FillsAccepted, IntentRecorded
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import NO_MONEY, NOTHING, Money, Price, Quantity, total
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Lot, Position
from trader247.domain.proposals import ExitCause
from trader247.report.trades import Trade, TradeFill

ADOPTED = "adopted"
BY_HAND = "sold by hand"
UNKNOWN_CAUSE = "unknown"


class _Sent(NamedTuple):
    """What a trade wants to know of an intent: of a year of them nothing else has room."""

    cause: ExitCause | None
    reference: Price


def _sent(intent: RecordedIntent) -> _Sent:
    return _Sent(intent.exit_cause, intent.reference)


def _cause_of(sent: _Sent | None, otherwise: str = UNKNOWN_CAUSE) -> str:
    return otherwise if sent is None or sent.cause is None else sent.cause.value


@dataclass(slots=True)
class _Open:
    """A position under way, and what was bought, sold, paid and made of it so far.

    Of what was bought, `dust` was there before its own entry; of `fees`, sales paid `sale_fees`.
    """

    number: int
    position: Position
    cluster: str
    is_whole: bool
    bought: Quantity = NOTHING
    bought_for: Money = NO_MONEY
    sold: Quantity = NOTHING
    sold_for: Money = NO_MONEY
    fees: Money = NO_MONEY
    sale_fees: Money = NO_MONEY
    pnl: Money = NO_MONEY
    lowest: Price | None = None
    highest: Price | None = None
    fills: list[TradeFill] = field(default_factory=list)
    cause: str | None = None
    dust: Quantity = NOTHING
    dust_for: Money = NO_MONEY

    @property
    def entry_price(self) -> Price:
        """What its own entry paid on average; of what was there before, where it is all."""
        if self.bought <= self.dust:
            return self.bought_for.per(self.bought)
        return (self.bought_for - self.dust_for).per(self.bought - self.dust)

    def take_in(self, lots: Iterable[Lot]) -> None:
        """Lots that were bought before."""
        for lot in lots:
            self.bought, self.fees = self.bought + lot.quantity, self.fees + lot.fee
            self.bought_for = self.bought_for + lot.price * lot.quantity

    def leave_out(self, lots: Iterable[Lot]) -> None:
        """Lots that are left of it, and are no part of the trade."""
        for lot in lots:
            self.bought, self.fees = self.bought - lot.quantity, self.fees - lot.fee
            self.bought_for = self.bought_for - lot.price * lot.quantity

    def marked(self, mark: Price) -> None:
        self.lowest = mark if self.lowest is None else min(self.lowest, mark)
        self.highest = mark if self.highest is None else max(self.highest, mark)


class RoundTrips:
    """Takes events in order, each with the ledger before and after it, and knows the trades."""

    def __init__(self, start: Portfolio, policy: Policy | None) -> None:
        self.closed: list[Trade] = []
        self._policy = policy
        self._open: dict[ProductId, _Open] = {}
        self._accepted = (0, BY_HAND)
        """Up to which event sales of lots tell what an accepted order did, and why that sold."""
        self._sent: dict[ClientOrderId, _Sent] = {
            each.intent.client_order_id: _sent(each.intent)
            for known in (start.working, start.settled)
            for each in known.values()
        }
        self._count = 0
        for product, position in start.positions.items():
            self._begin(product, position, is_whole=False)

    def judged_by(self, policy: Policy) -> None:
        """From here on another policy says which cluster a product is in."""
        self._policy = policy

    def take(self, recorded: Recorded, before: Portfolio, after: Portfolio) -> None:
        """One more event."""
        event = recorded.event
        match event:
            case IntentRecorded(intent):
                self._sent[intent.client_order_id] = _sent(intent)
            case FillBooked(fill=fill):
                self._traded(fill.product, event, before, after)
                self._end(fill.product, after, recorded)
            case FillsAccepted(client_order_id, fills):
                cause = _cause_of(self._sent.get(client_order_id))
                self._accepted = (recorded.seq + len(fills), cause)
            case CashFlowed():
                self._accepted = (0, BY_HAND)
            case HoldingAdopted(product=product) | LotsSoldByHand(product=product):
                self._traded(product, event, before, after)
                self._end(product, after, recorded)
            case DustSetAside(product=product):
                self._set_aside(product, after, recorded)
            case DustTakenBack(product=product):
                self._begin(product, after.positions[product], is_whole=False)
            case _:
                pass

    def marked(self, portfolio: Portfolio) -> None:
        """A cycle marked what is held."""
        for product, each in self._open.items():
            mark = portfolio.marks.get(product)
            if mark is not None:
                each.marked(mark)

    def still_open(self, portfolio: Portfolio) -> tuple[Trade, ...]:
        """What has not been sold yet, in the order in which it was opened."""
        return tuple(
            _trade(each, portfolio.positions.get(product, each.position), closed=None)
            for product, each in sorted(self._open.items(), key=lambda item: item[1].number)
        )

    def _traded(
        self, product: ProductId, event: AnyEvent, before: Portfolio, after: Portfolio
    ) -> None:
        trade = self._open.get(product)
        if trade is None:
            position = after.positions.get(product)
            if position is None:
                return
            trade = self._begin(product, position, is_whole=True)
            if product in before.dust:
                trade.take_in(before.dust[product].lots)
                trade.dust = trade.bought
                trade.dust_for = trade.bought_for
        trade.pnl = trade.pnl + (after.realised - before.realised)
        trade.position = after.positions.get(product, trade.position)
        match event:
            case FillBooked(fill=fill, client_order_id=client_order_id):
                self._filled(trade, fill, client_order_id, self._sent.get(client_order_id))
            case HoldingAdopted(quantity=quantity, price=price, fee=fee):
                trade.bought, trade.fees = trade.bought + quantity, trade.fees + fee
                trade.bought_for = trade.bought_for + price * quantity
            case LotsSoldByHand(quantity=quantity, price=price, fee=fee):
                trade.sold, trade.fees = trade.sold + quantity, trade.fees + fee
                trade.sale_fees = trade.sale_fees + fee
                trade.sold_for = trade.sold_for + price * quantity
                until, cause = self._accepted
                trade.cause = cause if after.seq <= until else BY_HAND
            case _:
                raise AssertionError("no other event trades")

    def _filled(self, trade: _Open, fill: Fill, id: ClientOrderId, sent: _Sent | None) -> None:
        cause = _cause_of(sent, "entry" if fill.side is Side.BUY else UNKNOWN_CAUSE)
        trade.fees = trade.fees + fill.fee
        if fill.side is Side.BUY:
            trade.bought, trade.bought_for = (
                trade.bought + fill.quantity,
                trade.bought_for + fill.notional,
            )
        else:
            trade.sold, trade.sold_for = trade.sold + fill.quantity, trade.sold_for + fill.notional
            trade.sale_fees = trade.sale_fees + fill.fee
            trade.cause = cause
        reference = None if sent is None else sent.reference
        trade.fills.append(TradeFill(fill, id, cause, reference))

    def _begin(self, product: ProductId, position: Position, *, is_whole: bool) -> _Open:
        self._count += 1
        policy = self._policy
        cluster = None if policy is None else policy.universe.cluster_of(product)
        name = "" if cluster is None else cluster.name
        trade = _Open(self._count, position, name, is_whole)
        if not is_whole:
            # What was bought and sold before is not in the record: what is left of it is.
            trade.take_in(position.lots)
        self._open[product] = trade
        return trade

    def _set_aside(self, product: ProductId, after: Portfolio, recorded: Recorded) -> None:
        """What was sold of a position is a trade; what is left of it is dust, and none."""
        trade = self._open[product]
        if trade.sold.is_zero:
            del self._open[product]
            return
        trade.leave_out(after.dust[product].lots)
        self._end(product, after, recorded)

    def _end(self, product: ProductId, after: Portfolio, recorded: Recorded) -> None:
        trade = self._open.get(product)
        if trade is None or product in after.positions:
            return
        del self._open[product]
        for each in trade.fills:
            self._sent.pop(each.client_order_id, None)
        self.closed.append(_trade(trade, trade.position, closed=recorded))


def _trade(trade: _Open, position: Position, *, closed: Recorded | None) -> Trade:
    entry = trade.entry_price
    last = trade.fills[-1].fill.time if trade.fills else None
    if closed is not None and not isinstance(closed.event, FillBooked | DustSetAside):
        last = closed.time
    slips = [each.slippage for each in trade.fills]
    known = [each for each in slips if each is not None]
    plan = position.plan
    exit_price = None if trade.sold.is_zero else trade.sold_for.per(trade.sold)
    return Trade(
        number=trade.number,
        product=position.product,
        cluster=trade.cluster,
        strategy=position.strategy,
        rule=position.rule,
        decision_id=position.decision_id,
        opened=position.opened,
        closed=None if closed is None else last,
        quantity=trade.bought,
        entry_price=entry,
        exit_price=exit_price,
        stop=entry * (1 - plan.stop_fraction),
        target=entry * (1 + plan.target_fraction),
        longest_hold=plan.longest_hold,
        exit_cause=None if closed is None else trade.cause,
        cost=trade.bought_for + (trade.fees - trade.sale_fees),
        pnl=trade.pnl,
        fees=trade.fees,
        slippage=total(known) if known and len(known) == len(slips) else None,
        lowest=trade.lowest,
        highest=trade.highest,
        fills=tuple(trade.fills),
        is_whole=trade.is_whole,
    )
