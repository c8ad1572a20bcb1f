"""Stops at the venue end after their quarter of an hour and are placed anew: many at once.

While nothing else happens, a position's stop is followed by one of the same terms, again and again:
what differs is its name, its leg, its times and the mid that it was decided on. A cycle that does
only that need not be gone through. What it would leave is laid down here: the orders told to the
recorder, the last of them at the exchange and in the ledger. Whether a stop is one of those is
asked of the functions that a cycle asks, and a test holds the two runs together.

What the ledger keeps of those that ended is laid down when a run is over (`Ended`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from trader247.backtest.ended import Ended
from trader247.backtest.journal import MemoryJournal
from trader247.backtest.ladder import Chain, Ladder, Rung, Shift
from trader247.backtest.levels import Level, Levels
from trader247.backtest.prospect import Prospect
from trader247.backtest.recorder import Recorder
from trader247.backtest.seen import FAR, Seen, first_of
from trader247.backtest.venue import ArenaVenue
from trader247.core.orders.venue_stops import is_venue_stop
from trader247.core.policy import Policy
from trader247.core.risk.reservations import worst_fee
from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import OrderId, ProductId
from trader247.domain.intents import IntentState, RecordedIntent, WorkingIntent
from trader247.domain.money import Price
from trader247.domain.orders import OrderState
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Lot, Position
from trader247.domain.reasons import TradingState
from trader247.domain.time import SECOND, Instant
from trader247.ports import Ids
from trader247.simex.arena import Arena

EVENTS_EACH = 4
"""A renewal's: the old order's end, the new intent, the answer to it, and the new order seen."""


def _goes_on(working: WorkingIntent, level: Level) -> bool:
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
    return (intent.stop_price, intent.price, intent.quantity) == (
        level.prices.trigger,
        level.prices.limit,
        level.covered,
    )


@dataclass(frozen=True, slots=True)
class Books:
    """Where a renewal leaves its traces."""

    arena: Arena
    venue: ArenaVenue
    journal: MemoryJournal
    recorder: Recorder
    ids: Ids


def alone_in(portfolio: Portfolio) -> Mapping[ProductId, WorkingIntent | None]:
    """What works for each product; None where that is more than one."""
    alone: dict[ProductId, WorkingIntent | None] = {}
    for working in portfolio.working.values():
        product = working.intent.product
        alone[product] = None if product in alone else working
    return alone


class Renewals:
    """The renewals of one run; `start` is the minute of its first place."""

    def __init__(
        self, policy: Policy, prospect: Prospect, levels: Levels, books: Books, *, start: int
    ) -> None:
        self._policy = policy
        self._prospect = prospect
        self._levels = levels
        self._books = books
        self._start = start
        self._lifetime = policy.execution.exit_seconds * SECOND
        self._resting: dict[ProductId, tuple[WorkingIntent, tuple[Lot, ...]]] = {}
        self._reached: dict[ProductId, tuple[tuple[int, int], Seen]] = {}
        self._chains: dict[ProductId, Chain] = {}
        """The last one of each product."""
        self._step = -(-policy.execution.exit_seconds // 60)
        self._ended = Ended(start)

    def chains(self, portfolio: Portfolio) -> dict[int, Chain]:
        """The stops that go on as they are, by their orders' numbers at the exchange."""
        found: dict[int, Chain] = {}
        known_before, self._resting = self._resting, {}
        if not portfolio.positions or self._policy.execution.venue_stops != "auto":
            return found
        if portfolio.trading_state is TradingState.HALTED or portfolio.stops_refused:
            return found
        alone, levels = alone_in(portfolio), self._levels.among(portfolio.positions)
        for product, position in portfolio.positions.items():
            known = alone.get(product)
            if known is None or known.order_id is None:
                continue
            before = known_before.get(product)
            is_same = before is not None and before[0] is known and before[1] is position.lots
            if not (is_same or _goes_on(known, levels[product])):
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

    def is_going_on(self, position: Position, alone: WorkingIntent | None) -> bool:
        """Whether what works for a position, `alone`, is a stop that was found to go on so."""
        known = self._resting.get(position.product)
        return known is not None and alone is known[0] and position.lots is known[1]

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
        shift = portfolio.cycle - at, worst_fee(portfolio, self._policy)
        self._ended.renewed(ladder, shift)
        newest = sorted(ladder.newest, key=lambda each: each.number)
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
        )

    def see(self, portfolio: Portfolio) -> None:
        """Hear where a cycle has left the ledger."""
        self._ended.see(portfolio)

    def laid_down(self, portfolio: Portfolio) -> Portfolio:
        """The portfolio with what it keeps of stops that ended; no cycle follows."""
        return replace(portfolio, settled=self._ended.among(portfolio.settled, self.over))

    def _time(self, place: int) -> Instant:
        return Instant((self._start + place) * 60_000_000)

    def intent_of(self, rung: Rung, shift: Shift) -> RecordedIntent:
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
        bid = outlook.market.bid.item(minute - self._start)
        return history.tick.times(bid).midpoint(history.tick.times(bid + spread))

    def _placed(self, rungs: Sequence[Rung], shift: Shift) -> Iterator[WorkingIntent]:
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

    def order_id_of(self, rung: Rung) -> OrderId:
        """The exchange's name of a stop."""
        return OrderId(self._books.arena.name("order", rung.number))

    def over(self, rung: Rung, shift: Shift) -> WorkingIntent:
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
