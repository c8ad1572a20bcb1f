"""From a book's events to what a report shows: trades, orders, days, stops, and one hash.

It only listens. What it is told comes from the journal, in memory or on disk, so that a backtest
and a trader that really ran are told of in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from trader247.backtest.decision_hash import DecisionHash
from trader247.backtest.held import Held, quantity_of
from trader247.backtest.order_rows import OrderRows, Renewals
from trader247.backtest.result import DayRow, FillRow, OrderRow, StopRow, Trade
from trader247.core.policy import Policy
from trader247.domain.changing import replace
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import (
    BanLatched,
    BreakerClosed,
    BreakerOpened,
    HaltCleared,
    HaltLatched,
)
from trader247.domain.events.holdings import DustSetAside, DustTakenBack
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import NO_MONEY, NOTHING, Money
from trader247.domain.orders import OrderState, Side
from trader247.domain.outcomes import Acknowledged, Declined
from trader247.domain.portfolio import ban_key
from trader247.domain.proposals import Purpose
from trader247.domain.time import MINUTE, Instant


class Move(NamedTuple):
    """So much of a product more is held (or less, below zero) when a minute's first cycle looks.

    Dust is not held: what is set aside goes, what is taken back comes.
    """

    product: ProductId
    minute: int
    quantity: Decimal


@dataclass(slots=True)
class _Day:
    fills: int = 0
    entries: int = 0
    filled: set[ClientOrderId] = field(default_factory=set)
    realised: Money = NO_MONEY
    fees: Money = NO_MONEY


class Recorder:
    """Listens to the events of one book, in their order.

    `decided` is told of each cycle that was decided, for whoever keeps columns besides.
    """

    def __init__(
        self, policy: Policy, decided: Callable[[CycleDecided], None] = lambda _: None
    ) -> None:
        self._policy = policy
        self._decided = decided
        self._intents: dict[ClientOrderId, RecordedIntent] = {}
        self._orders = OrderRows()
        self._held: dict[ProductId, Held] = {}
        self._dust: dict[ProductId, Held] = {}
        self._trades: list[Trade] = []
        self._fills: list[FillRow] = []
        self._days: dict[Instant, _Day] = {}
        self._stops: list[StopRow] = []
        self._moves: list[Move] = []
        self._decided_minute = -1
        self._regime = ""
        self._decisions = DecisionHash()
        self.equity: Money | None = None

    def take(self, event: AnyEvent, time: Instant) -> None:  # noqa: PLR0912 - a line an event
        """Hear one event."""
        match event:
            case CycleDecided():
                self._cycle(event)
            case IntentRecorded(intent):
                self._intent(intent, time)
            case SubmissionSettled(name, answer):
                self._answered(name, answer, time)
            case OrderSeen(order):
                self._orders.seen(order.client_order_id, order.state, order.filled, time)
            case FillBooked():
                self._fill(event, time)
            case DustSetAside(product):
                self._set_aside(product, time)
            case DustTakenBack(product):
                held = self._held[product] = self._dust.pop(product)
                self._move(product, quantity_of(held.lots).value, time)
            case HaltLatched(halt, cause):
                self._stop(halt.value, "halt", cause, time)
            case HaltCleared(halt):
                self._stop_ended(halt.value, time)
            case BreakerOpened(breaker, cause):
                self._stop(breaker.value, "breaker", cause, time)
            case BreakerClosed(breaker):
                self._stop_ended(breaker.value, time)
            case BanLatched(control, scope, cause):
                # What it keeps from being bought is in the hash of decisions already.
                self._stands(ban_key(control, scope), "ban", cause, time)
            case CancelRequested(name):
                self._cancel(name, time)
            case _:
                pass

    def _cycle(self, event: CycleDecided) -> None:
        self._regime = event.regime
        self._decided_minute = event.at.minute
        self.equity = event.equity
        self._day(event.at)
        self._decided(event)

    def _intent(self, intent: RecordedIntent, time: Instant) -> None:
        name = intent.client_order_id
        self._intents[name] = intent
        self._orders.put(
            OrderRow(
                client_order_id=name,
                decision_id=intent.decision_id,
                leg=intent.leg,
                product=intent.product,
                side=intent.side,
                purpose=intent.purpose,
                order_type=intent.order_type,
                price=intent.price,
                stop_price=intent.stop_price,
                quantity=intent.quantity,
                filled=NOTHING,
                state=OrderState.PENDING,
                created=time,
                ended=None,
                detail="",
            )
        )
        self._decisions.order(intent, time)
        if intent.purpose is Purpose.ENTRY:
            self._day(time).entries += 1

    def renew(self, renewals: Renewals) -> None:
        """Orders that filled nothing ended at their dates, and some like them took their places."""
        self._orders.renew(renewals)
        for each in renewals.each:
            minute = each.first + (each.count - 1) * renewals.step
            self._decisions.renewed(
                self._intents[each.before].decision_id, each.count, Instant(0) + minute * MINUTE
            )

    def renewed(self, first: ClientOrderId, last: RecordedIntent) -> None:
        """Of orders that were renewed one after the other the last may fill."""
        del self._intents[first]
        self._intents[last.client_order_id] = last

    def _cancel(self, name: ClientOrderId, time: Instant) -> None:
        intent = self._intents.get(name)
        if intent is None:
            self._decisions.cancel_of(name, time)
        else:
            self._decisions.cancel(intent, time)

    def _answered(self, name: ClientOrderId, answer: object, time: Instant) -> None:
        match answer:
            case Acknowledged():
                self._orders.answered(name, OrderState.OPEN)
            case Declined(code, message):
                text = f"{code}: {message}" if message else code
                self._orders.answered(name, OrderState.FAILED, ended=time, detail=text)
            case _:
                self._orders.answered(name, OrderState.UNKNOWN, detail=str(answer))

    def _fill(self, event: FillBooked, time: Instant) -> None:
        fill, intent = event.fill, self._intents[event.client_order_id]
        worse = fill.price * fill.quantity - intent.reference * fill.quantity
        row = FillRow(
            client_order_id=event.client_order_id,
            product=fill.product,
            side=fill.side,
            price=fill.price,
            quantity=fill.quantity,
            fee=fill.fee,
            liquidity=fill.liquidity,
            time=fill.time,
            reference=intent.reference,
            slippage=worse if fill.side is Side.BUY else -worse,
        )
        self._fills.append(row)
        day = self._day(time)
        day.fills += 1
        day.fees = day.fees + fill.fee
        if intent.purpose is Purpose.ENTRY:
            self._day(intent.created).filled.add(event.client_order_id)
        held = self._held.get(fill.product)
        if held is None:
            dust = self._dust.pop(fill.product, None)
            lots = () if dust is None else dust.lots
            held = self._held[fill.product] = Held(intent, self._regime, lots)
            self._move(fill.product, quantity_of(lots).value, time)
        held.fills.append(row)
        moved = fill.quantity.value
        self._move(fill.product, moved if fill.side is Side.BUY else -moved, time)
        if intent.purpose is Purpose.EXIT:
            held.exits.append(intent)
            if not held.left:
                self._end(fill.product, time)

    def _end(self, product: ProductId, time: Instant) -> None:
        """A position is over, and what of it was sold is a trade."""
        held = self._held.pop(product)
        self._decisions.end(held.entry.decision_id)
        if not held.sales:
            return
        trade = held.trade(self._policy, time)
        day = self._day(time)
        day.realised = day.realised + trade.realised
        self._trades.append(trade)

    def _set_aside(self, product: ProductId, time: Instant) -> None:
        """What is left is too little to sell: what was sold is a trade, and the rest waits."""
        held = self._held[product]
        left = held.left
        self._dust[product] = Held(held.entry, held.regime, left)
        self._move(product, -quantity_of(left).value, time)
        self._end(product, time)

    def _move(self, product: ProductId, quantity: Decimal, time: Instant) -> None:
        """What comes after its minute's first cycle is seen by the next minute's."""
        if quantity:
            minute = time.minute + (self._decided_minute == time.minute)
            self._moves.append(Move(product, minute, quantity))

    def _stop(self, name: str, kind: str, cause: str, time: Instant) -> None:
        if self._stands(name, kind, cause, time):
            self._decisions.stop(kind, name, time)

    def _stands(self, name: str, kind: str, cause: str, time: Instant) -> bool:
        """Keep that something stands from now on. Whether it did not stand before."""
        if any(each.name == name and each.ended is None for each in self._stops):
            return False
        self._stops.append(StopRow(name, kind, cause, time, None))
        return True

    def _stop_ended(self, name: str, time: Instant) -> None:
        self._stops = [
            replace(each, ended=time) if each.name == name and each.ended is None else each
            for each in self._stops
        ]
        self._decisions.stop("ended", name, time)

    def _day(self, time: Instant) -> _Day:
        start = time.day_start
        day = self._days.get(start)
        if day is None:
            day = self._days[start] = _Day()
        return day

    @property
    def decision_hash(self) -> str:
        """One hash over every order and cancel decided on, and every stop, with their times."""
        return self._decisions.hexdigest()

    @property
    def trades(self) -> tuple[Trade, ...]:
        """Closed positions in order of their close, then those that are still held."""
        still = [held.trade(self._policy, None) for _, held in sorted(self._held.items())]
        return tuple(
            replace(each, number=number)
            for number, each in enumerate([*self._trades, *still], start=1)
        )

    @property
    def fills(self) -> tuple[FillRow, ...]:
        return tuple(self._fills)

    @property
    def moves(self) -> tuple[Move, ...]:
        """How what is held has changed, as cycles saw it, oldest first."""
        return tuple(self._moves)

    @property
    def orders(self) -> tuple[OrderRow, ...]:
        return tuple(self._orders)

    @property
    def order_rows(self) -> OrderRows:
        """The orders, each row made when it is read."""
        return self._orders

    @property
    def stops(self) -> tuple[StopRow, ...]:
        return tuple(self._stops)

    def days(
        self,
        refusals: Mapping[Instant, Mapping[str, int]],
        cycles: Mapping[Instant, int],
        equity: Mapping[Instant, Money],
    ) -> tuple[DayRow, ...]:
        """Every day with its cycles, their reasons and its last equity, as they are given."""
        rows: list[DayRow] = []
        for start in sorted({*self._days, *refusals}):
            day = self._days.get(start, _Day())
            rows.append(
                DayRow(
                    day=start,
                    equity=equity.get(start),
                    realised=day.realised,
                    fees=day.fees,
                    fills=day.fills,
                    entries=day.entries,
                    filled=len(day.filled),
                    cycles=cycles.get(start, 0),
                    refusals=dict(sorted(refusals.get(start, {}).items())),
                )
            )
        return tuple(rows)
