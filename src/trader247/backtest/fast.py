"""The same run, skipping what cannot matter.

A minute is visited with its whole cycle where something might be decided otherwise than to wait:
where a trigger fires that no standing limit refuses, an order may be touched or ends, a position's
stop, target or time may be reached, a stop on equity or a breaker may trip, fees are read anew, or
a day rolls. Everything else is known beforehand: the reason of each product by its column
(`Prospect`), equity by what is held. Whatever is in doubt is visited: nothing here decides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import numpy as np

from trader247.backtest.blocking import Blocking
from trader247.backtest.columns import CODES, UNKNOWN_CENTS, hundredths
from trader247.backtest.outlook import TRIGGER, Floats, Ints
from trader247.backtest.prospect import Outlook, Prospect
from trader247.backtest.recall import Recall
from trader247.backtest.renewals import Books, Chain, Renewals
from trader247.backtest.run import Backtest, Setup, us_of
from trader247.backtest.sized import Sized
from trader247.backtest.surroundings import PastReconciler
from trader247.core.risk.breakers import held_for
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.turnover import Turnover
from trader247.core.risk.reservations import fee_rates
from trader247.core.senses import Senses
from trader247.domain.changing import replace
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Bps, Money, Price, Quantity, total
from trader247.domain.portfolio import Breaker, EquityRecord, HighPoint, Portfolio, Position
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import HOUR, MINUTE, Instant
from trader247.engine.reconciler import Reconciler
from trader247.simex.book import Side
from trader247.simex.orders import Order

_DAY = 1440
_WEEK = 7 * _DAY
_VELOCITY = 15
_HOLDING = CODES[Reason.HOLDING.value]
_WORKING = CODES[Reason.ORDER_WORKING.value]


class _Book(NamedTuple):
    """What equity is made of, from a place on."""

    since: int
    cash: Money
    held: tuple[tuple[ProductId, Quantity], ...]
    taker: Bps


class FastBacktest(Backtest):
    """A backtest that visits only the minutes in which something may happen."""

    def __init__(self, setup: Setup) -> None:
        self.visits = 0
        self.prospect = Prospect(setup.policy, setup.histories, start=setup.start, end=setup.end)
        self._recall = Recall(self.prospect)
        super().__init__(setup)
        self._blocking = Blocking(setup.policy)
        books = Books(self.arena, self.venue, self.journal, self.recorder, self.ids)
        self._renewals = Renewals(setup.policy, self.prospect, books, start=setup.start)
        self._recall.renewals = self._renewals
        self._chains: Mapping[int, Chain] = {}
        self._equity: Floats = np.full(self.prospect.count, np.nan)
        self._last = setup.end - setup.start
        self._spans: list[_Book] = []
        self._ever: tuple[int, float] = 0, 0.0
        """The greatest equity of all places before one."""
        self._exact: dict[int, Money] = {}
        self._universe_seen = -1
        self._is_near = True
        self._rows = {product: row for row, product in enumerate(self.columns.products)}
        self._flash_at = np.flatnonzero(self.prospect.flash)
        for row, product in enumerate(self.columns.products):
            outlook = self.prospect.outlooks.get(product)
            if outlook is None:
                self.columns.reasons[row] = self.prospect.absent[product]
            else:
                # The very columns: what is never visited is already as it will be.
                self.columns.reasons[row] = outlook.codes
                outlook.codes = self.columns.reasons[row]

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """From visit to visit; `progress` hears of each day's first minute."""
        self.begin()
        at, start = 0, self.setup.start
        while True:
            if (start + at) % _DAY == 0:
                progress(start + at)
            self.visit(at)
            following, walked = self._next(at)
            if at < following - 1:
                self._pass_over(at, following)
            if following > self._last:
                break
            self.arena.hop(us_of(start + following), walked)
            at = following
        self._fill_cents()

    def visit(self, at: int) -> None:
        """The whole cycle of a minute."""
        self.visits += 1
        self._recall.place, self._recall.is_first = at, True
        if self._is_near or (self.setup.start + at) % _DAY == 0:
            self._recall.calm_at = -1
        else:
            self._recall.calm_at = self.ledger.portfolio.fills_booked
        self.minute(self.setup.start + at)
        portfolio = self.ledger.portfolio
        if self.equity_seen is not None:
            self._equity[at] = float(self.equity_seen.value)
            self._exact[at] = self.equity_seen
        if self.columns.cycles[at] > 1:
            # Each cycle counts for who enters and leaves, not each minute.
            self.prospect.realign(at, dict(portfolio.universe))
            self._recall.realigned()
        self._universe_seen = self._changes_until(at)
        self._note_book(at, portfolio)

    def _note_book(self, at: int, portfolio: Portfolio) -> None:
        """Remember what equity is made of from a place on, where it is made of something else."""
        assert portfolio.cash is not None, "a book that trades has cash"
        _, taker = fee_rates(portfolio, self.setup.policy)
        known = self._spans[-1] if self._spans else None
        held = tuple(portfolio.positions.values())
        quantities = tuple((each.product, each.quantity) for each in held)
        if known is None or known[1:] != (portfolio.cash, quantities, taker):
            self._spans.append(_Book(at, portfolio.cash, quantities, taker))

    def reconciling(self) -> Callable[..., Reconciler]:
        """Books in which nothing has changed are not read again."""
        return partial(PastReconciler, self.arena)

    def senses(self) -> Senses:
        """What the columns know is not measured again."""
        return self._recall

    def again(self) -> None:
        """Later cycles of a minute count again for who enters and leaves the universe."""
        self._recall.is_first = False

    def wait_a_second(self) -> None:
        """Let a second pass, on the markets in which orders live."""
        live = dict.fromkeys(each.terms.product_id for each in self.arena.desk.live.values())
        self.arena.pass_by(self.arena.now_us + 1_000_000, live)

    def _pass_over(self, at: int, following: int) -> None:
        """Fold what the cycles between two visits would have left: time, count, universe."""
        count = following - at - 1
        self.columns.cycles[at + 1 : following] = 1
        portfolio = self.ledger.portfolio
        last = Instant(0) + (self.setup.start + following - 1) * MINUTE
        tier = portfolio.fee_tier
        if tier is not None and last - tier.read_at >= HOUR:
            tier = replace(tier, read_at=tier.read_at + (last - tier.read_at) // HOUR * HOUR)
        changed = self._changes_until(following - 1)
        universe = portfolio.universe
        if changed != self._universe_seen:
            universe = self.prospect.universe_at(following - 1)
            self._universe_seen = changed
        equity = portfolio.equity
        if self._is_near or following > self._last:
            equity = self._record_at(following - 1, equity)
        books = self.reconciler
        assert isinstance(books, PastReconciler), "it was made here"
        is_current = books.is_current()
        renewed = self._renewals.pass_over(self._chains, portfolio, at=at, following=following)
        if is_current:
            books.keep_current()
        self.ledger.stand(
            replace(
                renewed,
                cycle=portfolio.cycle + count,
                time=last,
                fee_tier=tier,
                breakers={
                    name: replace(each, clean_cycles=each.clean_cycles + count)
                    for name, each in portfolio.breakers.items()
                },
                universe=universe,
                equity=equity,
            )
        )

    def _changes_until(self, at: int) -> int:
        return int(np.searchsorted(self.prospect.changes, at, "right"))

    # -- what comes next

    def _next(self, at: int) -> tuple[int, tuple[str, ...]]:
        """The place of the next visit, and the products in which an order may be touched then."""
        portfolio = self.ledger.portfolio
        following = self._soonest(at, portfolio)
        if following > at + 1:
            following = self._with_triggers(at, following, portfolio)
        if following > at + 1:
            self._fill_reasons(at, following, portfolio)
        touched = (
            each.terms.product_id
            for each in self.arena.desk.live.values()
            if following <= self._last and self._may_be_touched(each, following)
        )
        return following, tuple(dict.fromkeys(touched))

    def _soonest(self, at: int, portfolio: Portfolio) -> int:
        start = self.setup.start
        minute = start + at
        self._chains = {}
        self._is_near = True
        if self._is_restless(portfolio):
            return at + 1
        # The last minute is looked at too: what is held then has its mark from it.
        end = self._last if at < self._last else self._last + 1
        following = min(end, at + _DAY - minute % _DAY)
        place = bisect_right(self._flash_at, at)
        if place < len(self._flash_at):
            following = min(following, int(self._flash_at[place]))
        if self.setup.fees.fixed is None:
            following = min(following, self._fees_read_at(portfolio))
        for breaker in portfolio.breakers.values():
            following = min(following, self._may_close_at(breaker))
        self._chains = chains = self._renewals.chains(portfolio)
        for order in self.arena.desk.live.values():
            chain = chains.get(order.number)
            if chain is not None:
                following = min(following, self._renewals.until(chain, following))
            is_renewed = chain is not None
            following = min(
                following, self._order_until(order, at, following, is_renewed=is_renewed)
            )
            if following <= at + 1:
                return at + 1
        for position in portfolio.positions.values():
            following = min(following, self._position_until(position, at, following))
        if following > at + 1:
            following = self._equity_until(at, following, portfolio)
        return max(following, at + 1)

    def _is_restless(self, portfolio: Portfolio) -> bool:
        """Whether each minute has to be looked at: something stands that a cycle waits for."""
        if portfolio.differences or portfolio.doubts:
            return True
        equity = portfolio.equity.equity
        if equity is None or self._is_near_fees(portfolio, equity):
            return True
        sold: set[ProductId] = set()
        for working in portfolio.working.values():
            if working.state.is_unresolved or working.cancel_requested is not None:
                return True
            order = working.order
            is_partial = order is not None and not order.filled.is_zero
            if is_partial or not working.filled.is_zero:
                return True
            if working.intent.stop_price is not None:
                sold.add(working.intent.product)
        return any(
            position.plan.trailing_fraction is not None
            or position.flatten_until is not None
            or (product not in sold and self._recall.levels.of(position).is_coverable)
            for product, position in portfolio.positions.items()
        )

    def _is_near_fees(self, portfolio: Portfolio, equity: Money) -> bool:
        """Whether the fees of the day are so near their share that a fall of equity may do it."""
        spent = portfolio.spent
        if spent is None or HaltName.FEES in portfolio.halts:
            return False
        share = check_in(self.setup.policy.checks, Turnover).fees_pct.fraction
        return float(spent.fees.value) > 0.8 * float(share) * float(equity.value)

    def _may_close_at(self, breaker: Breaker) -> int:
        """The first place at which an open breaker may close; each clean cycle before is counted.

        What would trip it again is looked at: a flash, and equity that falls.
        """
        due = breaker.since + held_for(breaker.name, self.setup.policy)
        return -(-due.us // 60_000_000) - self.setup.start

    def _fees_read_at(self, portfolio: Portfolio) -> int:
        tier = portfolio.fee_tier
        if tier is None:
            return 0
        read = tier.read_at + HOUR
        return -(-read.us // 60_000_000) - self.setup.start

    def _order_until(self, order: Order, at: int, most: int, *, is_renewed: bool) -> int:
        """The place of the first cycle that may see something of a live order, or of its like."""
        terms = order.terms
        outlook = self.prospect.histories.products[terms.product_id]
        base = self.setup.start - outlook.first
        if terms.end_us is not None and not is_renewed:
            most = min(most, -(-terms.end_us // 60_000_000) - self.setup.start)
        if order.is_triggered or order.filled_lots:
            return at + 1
        if terms.stop is not None:
            price, falls = terms.stop.price, not terms.stop.is_up
        else:
            assert terms.limit is not None
            price, falls = terms.limit, terms.side is Side.BUY
        rows = slice(base + at, base + most)
        if falls:
            reach, opens = outlook.low[rows] <= price, outlook.open
        else:
            reach, opens = outlook.high[rows] >= price, outlook.open
        found = int(reach.argmax()) if len(reach) else 0
        if not len(reach) or not reach[found]:
            # The first price of the minute in which it would be looked at counts, too.
            return most
        begin = int(opens[base + at + found])
        is_at_once = begin <= price if falls else begin >= price
        return at + found + (0 if found and is_at_once else 1)

    def _may_be_touched(self, order: Order, following: int) -> bool:
        """Whether the minute before a place, or its own first price, may come to a live order."""
        terms = order.terms
        if order.is_triggered or order.filled_lots:
            return True
        history = self.prospect.histories.products[terms.product_id]
        row = self.setup.start - history.first + following
        if terms.stop is not None:
            price, falls = terms.stop.price, not terms.stop.is_up
        else:
            assert terms.limit is not None
            price, falls = terms.limit, terms.side is Side.BUY
        if falls:
            return min(history.low.item(row - 1), history.open.item(row)) <= price
        return max(history.high.item(row - 1), history.open.item(row)) >= price

    def _position_until(self, position: Position, at: int, most: int) -> int:
        bid = self.prospect.outlooks[position.product].market.bid
        level = self._recall.levels.of(position)
        over = min(most, max(level.over, at + 1))
        bids = bid[at + 1 : over]
        reach = ((bids <= level.stop) | (bids >= level.target)) & (bids >= level.sold_from)
        found = int(reach.argmax()) if len(reach) else 0
        if len(reach) and reach[found]:
            return at + 1 + found
        # Its time is over, and it leaves as soon as the venue sells so little.
        reach = bid[over:most] >= level.sold_from
        found = int(reach.argmax()) if len(reach) else 0
        return over + found if len(reach) and reach[found] else most

    # -- triggers

    def _with_triggers(self, at: int, following: int, portfolio: Portfolio) -> int:
        """The first place before `following` at which a trigger has to be looked at.

        Where it is refused by a standing limit, for certain, that is its reason.
        """
        busy = {each.intent.product for each in portfolio.working.values()}
        refused: list[tuple[int, Ints, int]] = []
        sized = Sized(self.setup.policy, portfolio, float(np.nanmin(self._equity[at:following])))
        for row, product in enumerate(self.columns.products):
            outlook = self.prospect.outlooks.get(product)
            if outlook is None or product in portfolio.positions or product in busy:
                continue
            found, reasons = self._trigger_of(outlook, at, following, portfolio, sized)
            following = min(following, found)
            refused += [(row, places, code) for places, code in reasons]
        following = self._not_outranked(at, following, portfolio, busy)
        for row, places, code in refused:
            self.columns.reasons[row, places[places < following]] = code
        return following

    def _trigger_of(
        self, outlook: Outlook, at: int, following: int, portfolio: Portfolio, sized: Sized
    ) -> tuple[int, list[tuple[Ints, int]]]:
        product, open_at = outlook.product, outlook.open_at
        place = int(np.searchsorted(open_at, at, "right"))
        reasons: list[tuple[Ints, int]] = []
        while place < len(open_at) and open_at[place] < following:
            first = int(open_at[place])
            if product in portfolio.post_only_rejections:
                return first, reasons
            now = Instant(0) + (self.setup.start + first) * MINUTE
            blocked = self._blocking.of(product, portfolio, now)
            if blocked is None:
                return first, reasons
            until = min(following, -(-blocked.until.us // 60_000_000) - self.setup.start)
            end = int(np.searchsorted(open_at, until, "left"))
            which = outlook.open_triggers[place:end]
            thin, worth = sized.is_thin(outlook, which)
            refused = outlook.clear[which] & sized.is_certain(outlook, which)
            refused &= (thin | worth) if blocked.check else thin
            is_open = not bool(refused.all())
            if is_open:
                end = place + int((~refused).argmax())
            known, thin = open_at[place:end], thin[: end - place]
            reasons.append((known[thin], CODES[blocked.thin]))
            if blocked.check:
                reasons.append((known[~thin], CODES[blocked.check]))
            if is_open:
                return int(open_at[end]), reasons
            place = end
        return following, reasons

    def _not_outranked(
        self, at: int, following: int, portfolio: Portfolio, busy: set[ProductId]
    ) -> int:
        """Where more trigger at once than a cycle takes, it has to be seen which of them count."""
        most = self.setup.policy.triggers.triggers_max
        crowded = self.prospect.crowded
        place = int(np.searchsorted(crowded, at, "right"))
        while place < len(crowded) and crowded[place] < following:
            where = int(crowded[place])
            free = sum(
                outlook.codes[where] == TRIGGER or where in outlook.open_at
                for product, outlook in self.prospect.outlooks.items()
                if product not in portfolio.positions and product not in busy
            )
            if free > most:
                return where
            place += 1
        return following

    def _fill_reasons(self, at: int, following: int, portfolio: Portfolio) -> None:
        """The reasons of what is held and of what is worked, between two visits."""
        rows = self._rows
        for working in portfolio.working.values():
            row = rows.get(working.intent.product)
            if row is not None:
                self.columns.reasons[row, at + 1 : following] = _WORKING
        for product in portfolio.positions:
            row = rows.get(product)
            if row is not None:
                self.columns.reasons[row, at + 1 : following] = _HOLDING

    def _fill_cents(self) -> None:
        """Equity of what was passed over, in hundredths; where a float is in doubt, exactly."""
        cents = self._equity * 100.0
        whole = np.rint(cents)
        known = ~np.isnan(cents)
        doubtful = known & (np.abs(np.abs(cents - np.floor(cents)) - 0.5) < 1e-4)
        unseen = self.columns.cents == UNKNOWN_CENTS
        self.columns.cents[known & unseen] = whole[known & unseen].astype(np.int64)
        for at in np.flatnonzero(doubtful & unseen).tolist():
            self.columns.cents[at] = hundredths(self.exact_equity(at))

    # -- equity

    def _equity_until(self, at: int, most: int, portfolio: Portfolio) -> int:
        """Fill equity up to a place; where a stop or the loss breaker may trip, end there.

        The place itself is looked at, too: it is visited for another reason, and has to know of
        highs that nobody saw.
        """
        equity = self._column(portfolio, at + 1, min(most, self._last) + 1)
        self._equity[at + 1 : most] = equity[: most - at - 1]
        limits = self.setup.policy.stops
        daily = 1 + float(limits.daily_pct.fraction) + 1e-4
        weekly = 1 + float(limits.weekly_pct.fraction) + 1e-4
        drawdown = 1 - float(limits.drawdown_pct.fraction) + 1e-4
        velocity = 1 - float(self.setup.policy.breakers.velocity_pct.fraction) + 1e-4
        highest = self._highs(at, equity)
        least = np.full(len(equity), -np.inf)
        for name, share, high in (
            (HaltName.DAILY_STOP, daily, highest[0]),
            (HaltName.WEEKLY_STOP, weekly, highest[1]),
            (HaltName.DRAWDOWN, drawdown, highest[2]),
        ):
            if name not in portfolio.halts:
                least = np.maximum(least, share * high)
        lately = self._equity[max(0, at + 1 - _VELOCITY) : at + 1]
        known = lately[~np.isnan(lately)]
        peak = np.maximum.accumulate(equity)
        least = np.maximum(least, velocity * np.maximum(peak, known.max(initial=0.0)))
        low = equity <= least
        found = int(low.argmax()) if len(low) else 0
        self._is_near = bool(len(low)) and bool(low[found])
        return at + 1 + found if self._is_near else most

    def _highs(self, at: int, equity: Floats) -> tuple[Floats, Floats, Floats]:
        """Bounds from above of the highs that each minute's equity is compared with."""
        peak = np.maximum.accumulate(equity) if len(equity) else equity
        past = self._equity[: at + 1]
        begin, high = self._ever
        ever = max(high, _greatest(past[begin:]))
        self._ever = at + 1, ever
        day, week = (_greatest(past[max(0, at + 1 - span) :]) for span in (_DAY, _WEEK))
        return np.maximum(peak, day), np.maximum(peak, week), np.maximum(peak, ever)

    def _column(self, portfolio: Portfolio, begin: int, end: int) -> Floats:
        """Equity as floats while the book is as it is: right to about the tenth digit."""
        assert portfolio.cash is not None, "a book that trades has cash"
        worth = np.zeros(end - begin)
        for product, position in portfolio.positions.items():
            outlook = self.prospect.outlooks[product]
            quantity = float(position.quantity.value) * float(outlook.history.tick.value)
            worth += outlook.market.bid[begin:end] * quantity
        _, taker = fee_rates(portfolio, self.setup.policy)
        return float(portfolio.cash.value) + worth * (1 - float(taker.fraction))

    def exact_equity(self, at: int) -> Money:
        """Equity at a place, exactly."""
        seen = self._exact.get(at)
        if seen is not None:
            return seen
        book = self._spans[bisect_right(self._spans, at - 1, key=_place) - 1]
        held = total([self._bid(product, at) * quantity for product, quantity in book.held])
        return book.cash + held - book.taker.of_money(held)

    def _bid(self, product: ProductId, at: int) -> Price:
        outlook = self.prospect.outlooks[product]
        return outlook.history.tick * Decimal(int(outlook.market.bid[at]))

    def _record_at(self, at: int, known: EquityRecord) -> EquityRecord:
        """The record of equity as it stood after the cycle of a place that was passed over.

        Of the highs it holds those that anything asks for: of 24 hours, of 7 days, of all time, and
        of each of the last fifteen minutes.
        """
        if known.units == 0:
            return known
        equity = self.exact_equity(at)

        def point(place: int) -> HighPoint:
            worth = self.exact_equity(place)
            when = Instant(0) + (self.setup.start + place) * MINUTE
            return HighPoint(when, CONTEXT.divide(worth.value, known.units))

        def highest(span: int) -> HighPoint:
            begin = max(0, at + 1 - span)
            window = self._equity[begin : at + 1]
            top = np.nanmax(window)
            near = begin + np.flatnonzero(window >= top - abs(top) * 1e-12)
            return max((point(int(each)) for each in near[-8:]), key=lambda each: each.nav)

        steps = [highest(_DAY)]
        recent = [point(each) for each in range(max(0, at - _VELOCITY), at + 1)]
        for each in recent:
            if each.time > steps[0].time:
                while len(steps) > 1 and steps[-1].nav <= each.nav:
                    steps.pop()
                steps.append(each)
        nav = CONTEXT.divide(equity.value, known.units)
        ever = highest(at + 1)
        return replace(
            known,
            equity=equity,
            time=Instant(0) + (self.setup.start + at) * MINUTE,
            going_nav=nav if nav > 0 else known.going_nav,
            high_nav=ever.nav,
            highs_24h=tuple(steps),
            highs_7d=(highest(_WEEK),),
        )


def _greatest(column: Floats) -> float:
    return float(np.fmax.reduce(column, initial=0.0))


def _place(book: _Book) -> int:
    return book.since
