"""From a book's events to what a report shows: trades, orders, days, stops, and one hash.

It only listens. What it is told comes from the journal, in memory or on disk, so that a backtest
and a trader that really ran are told of in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from trader247.backtest.order_rows import OrderRows, Renewals
from trader247.backtest.result import DayRow, FillRow, OrderRow, StopRow, Trade
from trader247.core.book.lots import sold as taken
from trader247.core.policy import Policy
from trader247.domain.changing import replace
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, HaltCleared, HaltLatched
from trader247.domain.events.holdings import DustSetAside, DustTakenBack
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ClientOrderId, DecisionId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import CONTEXT, NO_MONEY, NOTHING, ONE, Money, Quantity, total
from trader247.domain.orders import OrderState, Side
from trader247.domain.outcomes import Acknowledged, Declined
from trader247.domain.position import Lot
from trader247.domain.proposals import Purpose
from trader247.domain.time import MINUTE, Instant


@dataclass(slots=True)
class _Held:
    """A position while it lasts; `lots` were there before its first fill."""

    entry: RecordedIntent
    regime: str
    lots: tuple[Lot, ...] = ()
    fills: list[FillRow] = field(default_factory=list)
    exits: list[RecordedIntent] = field(default_factory=list)


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
    cycles: int = 0
    realised: Money = NO_MONEY
    fees: Money = NO_MONEY
    refusals: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Again:
    """A stop that rests, and how often one of its terms took its place since it was decided on."""

    terms: tuple[object, ...]
    count: int
    last: Instant


def _terms(intent: RecordedIntent) -> tuple[object, ...]:
    """What a stop says, but for what differs when it is placed anew."""
    return (
        intent.product,
        intent.order_type,
        intent.price,
        intent.quantity,
        intent.stop_price,
        intent.rule,
        intent.exit_cause,
    )


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
        self._held: dict[ProductId, _Held] = {}
        self._dust: dict[ProductId, _Held] = {}
        self._trades: list[Trade] = []
        self._fills: list[FillRow] = []
        self._days: dict[Instant, _Day] = {}
        self._stops: list[StopRow] = []
        self._moves: list[Move] = []
        self._decided_minute = -1
        self._regime = ""
        self._hash = sha256()
        self._again: dict[DecisionId, _Again] = {}
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
                self._move(product, _quantity([each.quantity for each in held.lots]).value, time)
            case HaltLatched(halt, cause):
                self._stop(halt.value, "halt", cause, time)
            case HaltCleared(halt):
                self._stop_ended(halt.value, time)
            case BreakerOpened(breaker, cause):
                self._stop(breaker.value, "breaker", cause, time)
            case BreakerClosed(breaker):
                self._stop_ended(breaker.value, time)
            case CancelRequested(name):
                self._cancel(name, time)
            case _:
                pass

    def _say(self, *words: object) -> None:
        """Make the hash go on over what was decided."""
        self._hash.update(_line(*words))

    def _say_again(self, decision: DecisionId) -> None:
        """Say how often a decision's stop was placed anew, before anything else is said of it."""
        again = self._again.get(decision)
        if again is not None and again.count:
            self._say("again", decision, again.count, again.last)
            again.count = 0

    @property
    def decision_hash(self) -> str:
        """One hash over every order and cancel decided on, and every stop, with their times.

        Of a stop that is placed anew as it was, when its time is over, the number and last time.
        """
        found = self._hash.copy()
        for decision, each in sorted(self._again.items()):
            if each.count:
                found.update(_line("again", decision, each.count, each.last))
        return found.hexdigest()

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
        self._say_order(intent, time)
        if intent.purpose is Purpose.ENTRY:
            self._day(time).entries += 1

    def _say_order(self, intent: RecordedIntent, time: Instant) -> None:
        decision, terms = intent.decision_id, _terms(intent)
        again = self._again.get(decision)
        if again is not None and again.terms == terms:
            again.count += 1
            again.last = time
            return
        self._say_again(decision)
        cause = "" if intent.exit_cause is None else intent.exit_cause.value
        self._say(
            "order",
            time,
            decision,
            intent.leg,
            intent.side.value,
            intent.order_type.value,
            intent.price,
            intent.quantity,
            intent.reference,
            intent.stop_price,
            intent.rule,
            cause,
            intent.end_time,
        )
        if intent.stop_price is not None:
            self._again[decision] = _Again(terms, 0, time)

    def renew(self, renewals: Renewals) -> None:
        """Orders that filled nothing ended at their dates, and some like them took their places."""
        self._orders.renew(renewals)
        for each in renewals.each:
            again = self._again[self._intents[each.before].decision_id]
            again.count += each.count
            minute = each.first + (each.count - 1) * renewals.step
            again.last = Instant(0) + minute * MINUTE

    def renewed(self, first: ClientOrderId, last: RecordedIntent) -> None:
        """Of orders that were renewed one after the other the last may fill."""
        del self._intents[first]
        self._intents[last.client_order_id] = last

    def _cancel(self, name: ClientOrderId, time: Instant) -> None:
        """An order's end was asked for: it is told by its decision, for names are each book's."""
        intent = self._intents.get(name)
        if intent is None:
            self._say("cancel", name, time)
        else:
            self._say_again(intent.decision_id)
            self._say("cancel", intent.decision_id, intent.leg, time)

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
            held = self._held[fill.product] = _Held(intent, self._regime, lots)
            self._move(fill.product, _quantity([each.quantity for each in lots]).value, time)
        held.fills.append(row)
        moved = fill.quantity.value
        self._move(fill.product, moved if fill.side is Side.BUY else -moved, time)
        if intent.purpose is Purpose.EXIT:
            held.exits.append(intent)
            if not _left(held):
                self._end(fill.product, time)

    def _end(self, product: ProductId, time: Instant) -> None:
        """A position is over, and what of it was sold is a trade."""
        held = self._held.pop(product)
        self._say_again(held.entry.decision_id)
        self._again.pop(held.entry.decision_id, None)
        if not any(each.side is Side.SELL for each in held.fills):
            return
        trade = self._trade(held, time)
        day = self._day(time)
        day.realised = day.realised + trade.realised
        self._trades.append(trade)

    def _set_aside(self, product: ProductId, time: Instant) -> None:
        """What is left is too little to sell: what was sold is a trade, and the rest waits."""
        held = self._held[product]
        left = _left(held)
        self._dust[product] = _Held(held.entry, held.regime, left)
        self._move(product, -_quantity([each.quantity for each in left]).value, time)
        self._end(product, time)

    def _move(self, product: ProductId, quantity: Decimal, time: Instant) -> None:
        """What comes after its minute's first cycle is seen by the next minute's."""
        if quantity:
            minute = time.minute + (self._decided_minute == time.minute)
            self._moves.append(Move(product, minute, quantity))

    def _trade(self, held: _Held, time: Instant | None) -> Trade:
        """A position as a trade; `time` is when it was closed, None where it is not.

        What is left of one that was closed is dust, and no part of the trade.
        """
        entry, plan = held.entry, held.entry.plan
        assert plan is not None, "an entry has its plan"
        sales = [each for each in held.fills if each.side is Side.SELL]
        lots, rest = _bought(held), () if time is None else _left(held)
        own = lots[len(held.lots) :] or lots
        gone = _quantity([each.quantity for each in sales])
        quantity = gone if rest else _quantity([each.quantity for each in lots])
        bought = _cost(lots) - _cost(rest)
        sold = total([each.price * each.quantity for each in sales])
        price = _cost(own).per(_quantity([each.quantity for each in own]))
        entry_fee = total([each.fee for each in lots]) - total([each.fee for each in rest])
        exit_fee = total([each.fee for each in sales])
        realised = sold - exit_fee - taken(lots, gone).cost
        cluster = self._policy.universe.cluster_of(entry.product)
        tier = self._policy.universe.tier_of(entry.product)
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
            cause=held.exits[-1].exit_cause if held.exits and time is not None else None,
            regime=held.regime,
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
            slippage=total([each.slippage for each in held.fills]),
            fills=tuple(held.fills),
        )

    def _stop(self, name: str, kind: str, cause: str, time: Instant) -> None:
        if any(each.name == name and each.ended is None for each in self._stops):
            return
        self._stops.append(StopRow(name, kind, cause, time, None))
        self._say(kind, name, time)

    def _stop_ended(self, name: str, time: Instant) -> None:
        self._stops = [
            replace(each, ended=time) if each.name == name and each.ended is None else each
            for each in self._stops
        ]
        self._say("ended", name, time)

    def _day(self, time: Instant) -> _Day:
        start = time.day_start
        day = self._days.get(start)
        if day is None:
            day = self._days[start] = _Day()
        return day

    @property
    def trades(self) -> tuple[Trade, ...]:
        """Closed positions in order of their close, then those that are still held."""
        still = [self._trade(held, None) for _, held in sorted(self._held.items())]
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


def _line(*words: object) -> bytes:
    return ("|".join(map(str, words)) + "\n").encode()


def _bought(held: _Held) -> tuple[Lot, ...]:
    """Every lot of a position, as it was when it came."""
    buys = [each for each in held.fills if each.side is Side.BUY]
    return (*held.lots, *[Lot(each.quantity, each.price, each.fee, each.time) for each in buys])


def _left(held: _Held) -> tuple[Lot, ...]:
    """What is still held of a position, first in first out."""
    sales = [each.quantity for each in held.fills if each.side is Side.SELL]
    return taken(_bought(held), _quantity(sales)).left


def _quantity(parts: Sequence[Quantity]) -> Quantity:
    found = NOTHING
    for each in parts:
        found = found + each
    return found


def _cost(lots: Sequence[Lot]) -> Money:
    """What lots were bought for, fees apart."""
    return total([each.price * each.quantity for each in lots])
