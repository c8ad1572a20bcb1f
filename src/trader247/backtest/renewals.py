"""Stops at the venue end after their quarter of an hour and are placed anew: many at once.

While nothing else happens, a position's stop is followed by one of the same terms, again and again:
what differs is its name, its leg, its times and the mid that it was decided on. A cycle that does
only that need not be gone through. What it would leave is laid down here: the orders told to the
recorder, the last of them at the exchange and in the ledger. Whether a stop is one of those is
asked of the functions that a cycle asks, and a test holds the two runs together.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from trader247.backtest.journal import MemoryJournal
from trader247.backtest.market import product_of
from trader247.backtest.prospect import Prospect
from trader247.backtest.recorder import Recorder
from trader247.backtest.venue import ArenaVenue
from trader247.core.intents import SETTLED_MAX
from trader247.core.policy import Policy
from trader247.core.risk.reservations import fee_rates
from trader247.core.venue_stops import covered, is_venue_stop, stop_prices
from trader247.domain.changing import replace
from trader247.domain.ids import ClientOrderId, OrderId, ProductId
from trader247.domain.money import CONTEXT, Price
from trader247.domain.orders import IntentState, OrderState, RecordedIntent, WorkingIntent
from trader247.domain.portfolio import Lot, Portfolio, Position
from trader247.domain.reasons import TradingState
from trader247.domain.time import DAY, MINUTE, SECOND, Instant
from trader247.ports import Ids
from trader247.simex.arena import Arena
from trader247.simex.orders import Order as Placed

EVENTS_EACH = 4
"""A renewal's: the old order's end, the new intent, the answer to it, and the new order seen."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A stop at the exchange that will be followed by its like, first at the place `first`."""

    placed: Placed
    working: WorkingIntent
    position: Position
    first: int
    trigger: int


@dataclass(slots=True)
class _Link:
    """Where a chain has come to: its newest intent, and the venue's number of its order."""

    chain: Chain
    intent: RecordedIntent
    number: int


@dataclass(frozen=True, slots=True)
class Books:
    """Where a renewal leaves its traces."""

    arena: Arena
    venue: ArenaVenue
    journal: MemoryJournal
    recorder: Recorder
    ids: Ids


class Renewals:
    """The renewals of one run; `start` is the minute of its first place."""

    def __init__(self, policy: Policy, prospect: Prospect, books: Books, *, start: int) -> None:
        self._policy = policy
        self._prospect = prospect
        self._books = books
        self._start = start
        self._lifetime = policy.execution.exit_seconds * SECOND
        self._resting: dict[ProductId, tuple[WorkingIntent, tuple[Lot, ...]]] = {}
        self._step = -(-policy.execution.exit_seconds // 60)

    def chains(self, portfolio: Portfolio) -> dict[int, Chain]:
        """The stops that go on as they are, by their orders' numbers at the exchange."""
        found: dict[int, Chain] = {}
        known_before, self._resting = self._resting, {}
        if not portfolio.positions or self._policy.execution.venue_stops != "auto":
            return found
        if portfolio.trading_state is TradingState.HALTED or portfolio.stops_refused:
            return found
        alone: dict[ProductId, WorkingIntent | None] = {}
        for working in portfolio.working.values():
            product = working.intent.product
            alone[product] = None if product in alone else working
        for product, position in portfolio.positions.items():
            known = alone.get(product)
            if known is None or known.order_id is None:
                continue
            before = known_before.get(product)
            is_same = before is not None and before[0] is known and before[1] is position.lots
            if not (is_same or self._goes_on(known, position)):
                continue
            placed = self._books.arena.orders[known.order_id]
            end_us, stop = placed.terms.end_us, placed.terms.stop
            assert end_us is not None, "a stop of ours has its end"
            assert stop is not None, "a stop has its price"
            first = -(-end_us // 60_000_000) - self._start
            found[placed.number] = Chain(placed, known, position, first, stop.price)
            self._resting[product] = known, position.lots
        return found

    def is_going_on(self, position: Position, own: Sequence[WorkingIntent]) -> bool:
        """Whether all that works for a position is a stop that was found to go on as it is."""
        known = self._resting.get(position.product)
        if known is None or len(own) != 1:
            return False
        return own[0] is known[0] and position.lots is known[1]

    def _goes_on(self, working: WorkingIntent, position: Position) -> bool:
        """Whether the stop that would be placed now is the one that rests, in all its terms."""
        intent, order = working.intent, working.order
        if not (
            is_venue_stop(working)
            and working.state is IntentState.ACCEPTED
            and working.cancel_requested is None
            and working.filled.is_zero
            and order is not None
            and order.state is OrderState.OPEN
        ):
            return False
        history = self._prospect.outlooks[position.product].history
        rules = product_of(position.product, history, intent.created)
        prices = stop_prices(position, rules, self._policy)
        quantity = covered(position.quantity, prices.limit, rules, self._policy)
        return (intent.stop_price, intent.price, intent.quantity) == (
            prices.trigger,
            prices.limit,
            quantity,
        )

    def until(self, chain: Chain, most: int) -> int:
        """The first place before `most` at which a stop could not be placed anew, or `most`.

        No stop is placed that is not below the bid.
        """
        bids = self._prospect.outlooks[chain.position.product].market.bid
        reached = bids[chain.first : most : self._step] <= chain.trigger
        found = int(reached.argmax()) if len(reached) else 0
        return chain.first + found * self._step if len(reached) and reached[found] else most

    def pass_over(
        self, chains: Mapping[int, Chain], portfolio: Portfolio, *, at: int, following: int
    ) -> Portfolio:
        """The portfolio with every renewal between two places, and their traces everywhere."""
        links = [
            _Link(chain, chain.working.intent, number)
            for number, chain in chains.items()
            if chain.first < following
        ]
        if not links:
            return portfolio
        books, number = self._books, self._books.arena.desk.orders
        taker = fee_rates(portfolio, self._policy)[1].fraction
        settled = _Settled(portfolio.settled)
        names: list[ClientOrderId] = []
        for place, link in _in_time(links, self._step, following):
            now = Instant(0) + (self._start + place) * MINUTE
            settled.add(_Ended(link.chain.working, link.intent, link.number), now)
            intent = self._next(link, now, cycle=portfolio.cycle + place - at, taker=taker)
            books.recorder.renewed(link.intent.client_order_id, intent)
            number += 1
            link.intent, link.number = intent, number
            names.append(intent.client_order_id)
        books.journal.pass_over(EVENTS_EACH * len(names), names)
        working, positions = dict(portfolio.working), dict(portfolio.positions)
        for link in sorted(links, key=lambda each: each.number):
            position = link.chain.position
            del working[link.chain.working.intent.client_order_id]
            rests = working[link.intent.client_order_id] = self._placed(link)
            self._resting[position.product] = rests, position.lots
            positions[position.product] = replace(position, exit_legs=link.intent.leg)
        books.arena.desk.orders = number
        return replace(
            portfolio,
            seq=portfolio.seq + EVENTS_EACH * len(names),
            working=working,
            positions=positions,
            settled=settled.intents(self._over),
        )

    def _next(self, link: _Link, now: Instant, *, cycle: int, taker: Decimal) -> RecordedIntent:
        """The intent that follows the newest of a chain."""
        before = link.intent
        leg = max(link.chain.position.exit_legs, before.leg) + 1
        name = self._books.ids.client_order(
            epoch=before.epoch, decision=before.decision_id, leg=leg
        )
        return RecordedIntent(
            client_order_id=name,
            decision_id=before.decision_id,
            leg=leg,
            cycle=cycle,
            product=before.product,
            side=before.side,
            purpose=before.purpose,
            order_type=before.order_type,
            price=before.price,
            quantity=before.quantity,
            reference=self._mid(before.product, now.minute),
            end_time=now + self._lifetime,
            strategy=before.strategy,
            rule=before.rule,
            plan=before.plan,
            exit_cause=before.exit_cause,
            body="",
            body_sha256="",
            created=now,
            epoch=before.epoch,
            policy_hash=before.policy_hash,
            code_version=before.code_version,
            taker_fee_fraction=taker,
            stop_price=before.stop_price,
        )

    def _mid(self, product: ProductId, minute: int) -> Price:
        """The mid at the first instant of a minute."""
        outlook = self._prospect.outlooks[product]
        history = outlook.history
        spread = history.spread.item(history.last_row.item(minute - history.first))
        bid = history.tick * Decimal(outlook.market.bid.item(minute - self._start))
        return bid.midpoint(Price(CONTEXT.add(bid.value, (history.tick * Decimal(spread)).value)))

    def _placed(self, link: _Link) -> WorkingIntent:
        """The newest of a chain, placed at the exchange and seen there."""
        intent = _written(link.intent, link.chain.working.intent)
        order = self._books.venue.renew(
            link.chain.placed,
            number=link.number,
            client_order_id=intent.client_order_id,
            created=intent.created,
            end=intent.end_time,
        )
        return WorkingIntent(intent, IntentState.ACCEPTED, order.order_id, order)

    def _over(self, ended: _Ended) -> WorkingIntent:
        """An intent of a chain that ended at its date, as the ledger keeps it."""
        intent, seen = _written(ended.intent, ended.first.intent), ended.first.order
        assert seen is not None, "a chain begins with an order that was seen"
        order = replace(
            seen,
            order_id=OrderId(self._books.arena.name("order", ended.number)),
            client_order_id=intent.client_order_id,
            state=OrderState.EXPIRED,
            created=intent.created,
            end_time=intent.end_time,
        )
        return replace(
            ended.first, intent=intent, state=IntentState.DONE, order_id=order.order_id, order=order
        )


def _written(intent: RecordedIntent, like: RecordedIntent) -> RecordedIntent:
    """An intent with its request's body, which says the same as another but for name and date."""
    if intent.body:
        return intent
    body = like.body.replace(like.client_order_id, intent.client_order_id)
    body = body.replace(str(like.end_time), str(intent.end_time))
    return replace(intent, body=body, body_sha256=sha256(body.encode()).hexdigest())


def _in_time(links: Iterable[_Link], step: int, following: int) -> Iterator[tuple[int, _Link]]:
    """Every renewal before a place, in the order in which cycles would come to them."""
    found = [
        (place, link.chain.position.product, link)
        for link in links
        for place in range(link.chain.first, following, step)
    ]
    found.sort(key=lambda each: each[:2])
    return ((place, link) for place, _, link in found)


@dataclass(frozen=True, slots=True)
class _Ended:
    """An intent that ended; `first` is what its chain began with."""

    first: WorkingIntent
    intent: RecordedIntent
    number: int


_Row = tuple[tuple[Instant, ClientOrderId], WorkingIntent | _Ended]


class _Settled:
    """The ledger's ended intents while chains go on: as `core.intents.places` keeps them."""

    def __init__(self, known: Mapping[ClientOrderId, WorkingIntent]) -> None:
        self._rows: list[_Row] = sorted(
            (((each.intent.created, name), each) for name, each in known.items()), key=_age
        )
        self._last: _Row | None = None

    def add(self, ended: _Ended, at: Instant) -> None:
        """One more, that ended at `at`."""
        if self._last is not None:
            insort(self._rows, self._last, key=_age)
        keep = next(
            (each for each, row in enumerate(self._rows) if at - row[0][0] <= DAY), len(self._rows)
        )
        del self._rows[: max(keep, len(self._rows) - SETTLED_MAX + 1)]
        self._last = (ended.intent.created, ended.intent.client_order_id), ended

    def intents(
        self, over: Callable[[_Ended], WorkingIntent]
    ) -> dict[ClientOrderId, WorkingIntent]:
        """All of them, the newest end last."""
        rows = self._rows if self._last is None else [*self._rows, self._last]
        return {key[1]: over(each) if isinstance(each, _Ended) else each for key, each in rows}


def _age(row: _Row) -> tuple[Instant, ClientOrderId]:
    return row[0]
