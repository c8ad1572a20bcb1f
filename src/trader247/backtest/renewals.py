"""Stops at the venue end after their quarter of an hour and are placed anew: many at once.

While nothing else happens, a position's stop is followed by one of the same terms, again and again:
what differs is its name, its leg, its times and the mid that it was decided on. A cycle that does
only that need not be gone through. What it would leave is laid down here: the orders told to the
recorder, the last of them at the exchange and in the ledger. Whether a stop is one of those is
asked of the functions that a cycle asks, and a test holds the two runs together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from trader247.backtest.ended import ended_stop
from trader247.backtest.journal import MemoryJournal
from trader247.backtest.market import product_of
from trader247.backtest.order_rows import Renewals as Told
from trader247.backtest.order_rows import Renewed
from trader247.backtest.prospect import Prospect
from trader247.backtest.recorder import Recorder
from trader247.backtest.seen import FAR, Seen, first_of
from trader247.backtest.venue import ArenaVenue
from trader247.core.book.intents import SETTLED_MAX, may_be_doubled
from trader247.core.orders.venue_stops import covered, is_venue_stop, stop_prices
from trader247.core.policy import Policy
from trader247.core.risk.reservations import fee_rates
from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId, DecisionId, OrderId, ProductId
from trader247.domain.money import CONTEXT, Price
from trader247.domain.orders import IntentState, OrderState, RecordedIntent, WorkingIntent
from trader247.domain.portfolio import Lot, Portfolio, Position
from trader247.domain.reasons import TradingState
from trader247.domain.time import DAY, SECOND, Instant, microseconds
from trader247.ports import Ids
from trader247.simex.arena import Arena
from trader247.simex.orders.order import Order as Placed

_DAY_US = microseconds(DAY)
_Shift = tuple[int, Decimal]

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


class _Rung(NamedTuple):
    """One stop of a chain: its name, its leg, where it was placed, the venue's number of it.

    `place` is None for the chain's first: its intent is known.
    """

    chain: Chain
    name: ClientOrderId
    leg: int
    place: int | None
    number: int


class _Over:
    """Makes a stop that ended, for whoever looks at it; `shift` as `Renewals.intent_of` has it."""

    __slots__ = ("_renewals", "_rung", "_shift")

    def __init__(self, renewals: Renewals, rung: _Rung, shift: _Shift) -> None:
        self._renewals = renewals
        self._rung = rung
        self._shift = shift

    def whole(self) -> WorkingIntent:
        """The stop as the ledger keeps it."""
        return self._renewals.over(self._rung, self._shift)

    def intent(self) -> RecordedIntent:
        """Its intent."""
        return self._renewals.intent_of(self._rung, self._shift)

    def order_id(self) -> OrderId:
        """The exchange's name of it."""
        return self._renewals.order_id_of(self._rung)


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
        self._reached: dict[ProductId, tuple[tuple[int, int], Seen]] = {}
        self._chains: dict[ProductId, Chain] = {}
        """The last one of each product."""
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
            chain = self._chains.get(product)
            if chain is None or chain.working is not known or chain.position is not position:
                chain = self._chains[product] = self._chain(known, known.order_id, position)
            found[chain.placed.number] = chain
            self._resting[product] = known, position.lots
        return found

    def _chain(self, known: WorkingIntent, order_id: OrderId, position: Position) -> Chain:
        placed = self._books.arena.orders[order_id]
        end_us, stop = placed.terms.end_us, placed.terms.stop
        assert end_us is not None, "a stop of ours has its end"
        assert stop is not None, "a stop has its price"
        first = -(-end_us // 60_000_000) - self._start
        return Chain(placed, known, position, first, stop.price)

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
        if chain.first >= most:
            return most
        product, asked = chain.position.product, (chain.trigger, chain.first % self._step)
        known = self._reached.get(product)
        if known is None or known[0] != asked or not known[1].tells(chain.first, most):
            bids = self._prospect.outlooks[product].market.bid
            end = max(most, chain.first + FAR)
            place = first_of(bids[chain.first : end : self._step] <= chain.trigger)
            found = end if place is None else chain.first + place * self._step
            known = self._reached[product] = asked, Seen(chain.first, found, end)
        return min(known[1].found, most)

    def pass_over(
        self, chains: Mapping[int, Chain], portfolio: Portfolio, *, at: int, following: int
    ) -> Portfolio:
        """The portfolio with every renewal between two places, and their traces everywhere."""
        found = [each for each in chains.values() if each.first < following]
        if not found:
            return portfolio
        books = self._books
        ladder = Ladder(
            sorted(found, key=lambda each: each.position.product),
            self._step,
            following,
            begin=books.arena.desk.orders,
            ids=books.ids,
        )
        shift = portfolio.cycle - at, fee_rates(portfolio, self._policy)[1].fraction
        settled = self._ended(ladder, portfolio.settled, shift)
        newest = sorted(ladder.newest(), key=lambda each: each.number)
        books.recorder.renew(ladder.told(self._start))
        books.journal.pass_over(EVENTS_EACH * len(ladder), [each.name for each in newest])
        working, positions = dict(portfolio.working), dict(portfolio.positions)
        for chain in found:
            del working[chain.working.intent.client_order_id]
        for rung, rests in zip(newest, self._placed(newest, shift), strict=True):
            chain = rung.chain
            working[rung.name] = rests
            books.recorder.renewed(chain.working.intent.client_order_id, rests.intent)
            self._resting[chain.position.product] = rests, chain.position.lots
            positions[chain.position.product] = chain.position.with_legs(rung.leg)
        books.arena.desk.orders = ladder.end
        return replace(
            portfolio,
            seq=portfolio.seq + EVENTS_EACH * len(ladder),
            working=working,
            positions=positions,
            settled=settled,
        )

    def _ended(
        self, ladder: Ladder, known: Mapping[ClientOrderId, WorkingIntent], shift: _Shift
    ) -> dict[ClientOrderId, WorkingIntent]:
        """What the ledger keeps of its ended intents after all of the renewals.

        As `core.intents.places` keeps them one after the other: those of the last day, no more
        than its limit but for young entries, by their age, and the one that ended last behind all
        others. Stops that end are as old as each other, so of many the latest are enough.
        """
        rungs = ladder.latest(SETTLED_MAX + 2 * len(ladder.chains))
        number = ladder.end - len(rungs)
        numbers: dict[int, int] = {}
        over: dict[ClientOrderId, _Rung] = {}
        rows: list[tuple[int, ClientOrderId]] = []
        for _, row, rung in rungs:
            number += 1
            before = ladder.rung(row, rung - 1, number=numbers.get(row))
            numbers[row] = number
            over[before.name] = before
            rows.append((self._created_us(before), before.name))
        _, last = rows.pop()
        ended = self._time(rungs[-1][0])
        since = ended.us - _DAY_US
        rows += [(each.intent.created.us, name) for name, each in known.items()]
        rows = sorted([row for row in rows if row[0] >= since])
        beyond = max(0, len(rows) - (SETTLED_MAX - 1))
        kept = [
            name
            for _, name in rows[:beyond]
            if name in known and may_be_doubled(known[name], ended)
        ]
        kept += [name for _, name in rows[beyond:]]
        kept.append(last)
        return {
            name: self._ended_stop(over[name], shift) if name in over else known[name]
            for name in kept
        }

    def _time(self, place: int) -> Instant:
        return Instant((self._start + place) * 60_000_000)

    def _created_us(self, rung: _Rung) -> int:
        if rung.place is None:
            return rung.chain.working.intent.created.us
        return (self._start + rung.place) * 60_000_000

    def intent_of(self, rung: _Rung, shift: _Shift) -> RecordedIntent:
        """The whole intent of a stop; `shift` is from places to cycles, and the taker's fee."""
        before = rung.chain.working.intent
        if rung.place is None:
            return before
        now, (cycles, taker) = self._time(rung.place), shift
        end = now + self._lifetime
        body = before.body.replace(before.client_order_id, rung.name)
        body = body.replace(str(before.end_time), str(end))
        return replace(
            before,
            client_order_id=rung.name,
            leg=rung.leg,
            cycle=cycles + rung.place,
            reference=self._mid(before.product, now.minute),
            end_time=end,
            body=body,
            body_sha256=sha256(body.encode()).hexdigest(),
            created=now,
            taker_fee_fraction=taker,
        )

    def _mid(self, product: ProductId, minute: int) -> Price:
        """The mid at the first instant of a minute."""
        outlook = self._prospect.outlooks[product]
        history = outlook.history
        spread = history.spread.item(history.last_row.item(minute - history.first))
        bid = history.tick * Decimal(outlook.market.bid.item(minute - self._start))
        return bid.midpoint(Price(CONTEXT.add(bid.value, (history.tick * Decimal(spread)).value)))

    def _placed(self, rungs: Sequence[_Rung], shift: _Shift) -> Iterator[WorkingIntent]:
        """The newest of each chain, placed at the exchange and seen there."""
        intents = [self.intent_of(each, shift) for each in rungs]
        orders = self._books.venue.renew(
            [
                (rung.chain.placed, rung.number, intent)
                for rung, intent in zip(rungs, intents, strict=True)
            ]
        )
        for intent, order in zip(intents, orders, strict=True):
            yield WorkingIntent(intent, IntentState.ACCEPTED, order.order_id, order)

    def _ended_stop(self, rung: _Rung, shift: _Shift) -> WorkingIntent:
        return ended_stop(
            _Over(self, rung, shift),
            like=rung.chain.working,
            name=rung.name,
            leg=rung.leg,
            created=Instant(self._created_us(rung)),
        )

    def order_id_of(self, rung: _Rung) -> OrderId:
        """The exchange's name of a stop."""
        return OrderId(self._books.arena.name("order", rung.number))

    def over(self, rung: _Rung, shift: _Shift) -> WorkingIntent:
        """An intent of a chain that ended at its date, as the ledger keeps it."""
        first, intent = rung.chain.working, self.intent_of(rung, shift)
        seen = first.order
        assert seen is not None, "a chain begins with an order that was seen"
        order = replace(
            seen,
            order_id=self.order_id_of(rung),
            client_order_id=intent.client_order_id,
            state=OrderState.EXPIRED,
            created=intent.created,
            end_time=intent.end_time,
        )
        return replace(
            first, intent=intent, state=IntentState.DONE, order_id=order.order_id, order=order
        )


class Ladder:
    """The stops that follow each other between two places, chain by chain, in products' order."""

    def __init__(
        self, chains: Sequence[Chain], step: int, following: int, *, begin: int, ids: Ids
    ) -> None:
        self.chains = chains
        self._step = step
        self._following = following
        self._begin = begin
        self._ids = ids
        self._counts = [len(range(each.first, following, step)) for each in chains]
        self._legs = [max(each.position.exit_legs, each.working.intent.leg) for each in chains]
        self._total = sum(self._counts)

    def __len__(self) -> int:
        return self._total

    @property
    def end(self) -> int:
        """The exchange's number of the last order of all."""
        return self._begin + self._total

    def rung(self, row: int, place: int, *, number: int | None = None) -> _Rung:
        """A chain's rung by its place in the chain; below the first is the stop that rested before.

        `number` is the exchange's, where it is known.
        """
        chain = self.chains[row]
        if place < 0:
            intent = chain.working.intent
            return _Rung(chain, intent.client_order_id, intent.leg, None, chain.placed.number)
        leg = self._legs[row] + 1 + place
        at = chain.first + place * self._step
        if number is None:
            number = self._number(row, at)
        return _Rung(chain, self._name(row, leg), leg, at, number)

    def newest(self) -> Iterator[_Rung]:
        """The last rung of each chain."""
        return (self.rung(row, count - 1) for row, count in enumerate(self._counts))

    def latest(self, count: int) -> list[tuple[int, int, int]]:
        """At least so many of the last rungs, or all: place, chain, and number in the chain."""
        span = -(-count // len(self.chains))
        while True:
            since = self._following - (span + 1) * self._step
            found = [
                (chain.first + number * self._step, row, number)
                for row, chain in enumerate(self.chains)
                for number in range(
                    max(0, -((chain.first - since) // self._step)), self._counts[row]
                )
            ]
            if len(found) >= min(count, self._total):
                found.sort()
                return found
            span *= 2

    def told(self, start: int) -> Told:
        """All of it for the record; `start` is the minute of the first place."""
        return Told(
            tuple(
                Renewed(
                    before=chain.working.intent.client_order_id,
                    last=self._name(row, self._legs[row] + count),
                    first=start + chain.first,
                    count=count,
                    leg=self._legs[row] + 1,
                    # It is kept as long as the run: by what a name is made of, and no more.
                    name=partial(
                        _named,
                        self._ids,
                        chain.working.intent.epoch,
                        chain.working.intent.decision_id,
                    ),
                )
                for row, (chain, count) in enumerate(zip(self.chains, self._counts, strict=True))
            ),
            self._step,
        )

    def _name(self, row: int, leg: int) -> ClientOrderId:
        intent = self.chains[row].working.intent
        return self._ids.client_order(epoch=intent.epoch, decision=intent.decision_id, leg=leg)

    def _number(self, row: int, place: int) -> int:
        """The exchange's number of an order: it counts them as they come, all chains together."""
        step = self._step
        before = sum(
            len(range(each.first, place + (other <= row), step))
            for other, each in enumerate(self.chains)
        )
        return self._begin + before


def _named(ids: Ids, epoch: int, decision: DecisionId, leg: int) -> ClientOrderId:
    return ids.client_order(epoch=epoch, decision=decision, leg=leg)
