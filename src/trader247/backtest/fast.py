"""The same run, skipping what cannot matter.

A minute is visited with its whole cycle where something might be decided otherwise than to wait:
where a trigger fires that no standing limit refuses, an order may be touched or ends, a product
that is being bought leaves the universe, a position's stop, target or time may be reached, a stop
on equity or a breaker may trip, fees are read anew, or a day rolls. Everything else is known
beforehand: the reason of each product by its column (`Prospect`), equity by what is held. Whatever
is in doubt is visited: nothing here decides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import partial
from itertools import takewhile
from math import inf

import numpy as np

from trader247.backtest.columns import CODES
from trader247.backtest.doubled import Doubled
from trader247.backtest.ladder import Chain
from trader247.backtest.news import NewsVenue
from trader247.backtest.prospect import Prospect
from trader247.backtest.reach import Reach
from trader247.backtest.recall import Recall, is_buying_more
from trader247.backtest.renewals import Books, Renewals
from trader247.backtest.run import Backtest, Setup, us_of
from trader247.backtest.surroundings import PastReconciler
from trader247.backtest.triggers_ahead import TriggersAhead
from trader247.backtest.venue import ArenaVenue
from trader247.backtest.worth import Worth
from trader247.core.book.equity import marked
from trader247.core.market.senses import Senses
from trader247.core.risk.breakers import held_for
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.quote_sanity import peg_of
from trader247.core.risk.checks.turnover import Turnover
from trader247.domain.changing import replace
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.ids import ProductId
from trader247.domain.money import Money
from trader247.domain.orders import Side
from trader247.domain.portfolio import Breaker, EquityRecord, Portfolio
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import DAY, HOUR, MINUTE, Instant
from trader247.engine.reconciler import Reconciler
from trader247.simex.path import OFFSETS_US

_DAY = 1440
_SECOND_US = 1_000_000
_DAY_US = _DAY * 60 * _SECOND_US
_KEPT = 3 * DAY
"""How long the exchange keeps an order that ended: longer than any reading looks back."""
_HOLDING = CODES[Reason.HOLDING.value]
_WORKING = CODES[Reason.ORDER_WORKING.value]


def can_leave_out(setup: Setup) -> bool:
    """Whether minutes may be left out: a pegged quote currency has to be looked at in each."""
    return peg_of(setup.policy.quote_currency) is None


def quickest(setup: Setup) -> Backtest:
    """The run that decides the same with the least work."""
    return FastBacktest(setup) if can_leave_out(setup) else Backtest(setup)


class FastBacktest(Backtest):
    """A backtest that visits only the minutes in which something may happen."""

    def __init__(self, setup: Setup) -> None:
        self.visits = 0
        self.prospect = Prospect(
            setup.policy, setup.histories, start=setup.start, end=setup.end, kept=setup.kept
        )
        self._recall = Recall(self.prospect)
        super().__init__(setup)
        books = Books(self.arena, self.venue, self.journal, self.recorder, self.ids)
        self._renewals = Renewals(
            setup.policy, self.prospect, self._recall.levels, books, start=setup.start
        )
        self._recall.renewals = self._renewals
        self._chains: Mapping[int, Chain] = {}
        self._beyond: dict[int, int] = {}
        """Of live orders the first place at which one may be seen to be touched, or an earlier
        one, by their numbers."""
        self._last = setup.end - setup.start
        self._worth = Worth(setup.policy, self.prospect)
        self._reach = Reach(self.prospect, self._recall.levels, start=setup.start)
        doubled = Doubled(setup.policy, self.prospect, self._recall, self._worth, start=setup.start)
        self._triggers = TriggersAhead(
            setup.policy, self.prospect, self.columns, self._worth, doubled, start=setup.start
        )
        self._is_behind = False
        """Whether the ledger's record of equity lacks highs of minutes that were passed over."""
        self._late: EquityRecord | None = None
        """That record, once the ledger has another one."""
        self._recall.caught_up = self._caught_up
        self._universe_seen = -1
        share = check_in(setup.policy.checks, Turnover).fees_pct.fraction
        self._fees_share = float(share)
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
                self.venue.forget(Instant(0) + (start + at) * MINUTE - _KEPT)
            self.visit(at)
            following, walked = self._next(at)
            if at < following - 1:
                self._pass_over(at, following)
            if following > self._last:
                break
            self.arena.hop(us_of(start + following), walked)
            at = following
        portfolio = self._renewals.laid_down(self.ledger.portfolio)
        # What came of its last minutes is told of, whether or not anybody asked.
        record = self._worth.with_highs(at, portfolio.equity)
        self.ledger.stand(replace(portfolio, equity=record))
        self._worth.fill(self.columns)

    def visit(self, at: int) -> None:
        """The whole cycle of a minute."""
        self.visits += 1
        self._recall.place, self._recall.is_first, self._recall.is_counted = at, True, True
        self._recall.moved = frozenset()
        is_new_day = (self.setup.start + at) % _DAY == 0  # what stood may be cleared then
        is_calm = not (self._is_near or is_new_day)
        self._recall.calm_at = self.ledger.portfolio.fills_booked if is_calm else -1
        self._recall.calm_above = inf if is_new_day else self._worth.asked
        self._is_behind = self._is_behind or self._is_a_high_over(at)
        self.minute(self.setup.start + at)
        portfolio = self.ledger.portfolio
        self._renewals.see(portfolio)
        if self.equity_seen is not None:
            self._worth.see(at, self.equity_seen)
        if self.columns.cycles[at] > 1 or not self._recall.is_counted:
            # Each cycle counts for who enters and leaves, not each minute; and by what it saw.
            self.prospect.realign(at, portfolio.universe)
        self._universe_seen = self._changes_until(at)
        self._worth.note(at, portfolio)

    def door(self) -> ArenaVenue:
        """What has not changed in the books is not told again."""
        return NewsVenue(self.arena)

    def reconciling(self) -> Callable[..., Reconciler]:
        """Books in which nothing has changed are not read again."""
        return partial(PastReconciler, self.arena)

    def senses(self) -> Senses:
        """What the columns know is not measured again."""
        return self._recall

    def again(self) -> None:
        """Later cycles of a minute count again for who enters and leaves the universe."""
        self._catch_up_after_first()
        self._recall.is_first, self._recall.moved = False, self._moved()
        self._renewals.see(self.ledger.portfolio)

    def _decided(self, event: CycleDecided) -> None:
        super()._decided(event)
        if self._is_extra and event.equity is not None:
            self._worth.see_later(self._recall.place, event.at, event.equity)

    def _is_a_high_over(self, at: int) -> bool:
        """Whether a window has left a high of the ledger's record: it may lack the next one."""
        record, now_us = self.ledger.portfolio.equity, us_of(self.setup.start + at)
        return any(
            steps and now_us - steps[0].time.us > window_us
            for steps, window_us in ((record.highs_24h, _DAY_US), (record.highs_7d, 7 * _DAY_US))
        )

    def _caught_up(self, portfolio: Portfolio) -> Portfolio:
        """The ledger that a minute's first cycle looks at, with highs that nobody saw."""
        if self._is_behind:
            self._is_behind, self._late = False, portfolio.equity
            record = self._worth.with_highs(self._recall.place - 1, portfolio.equity)
            self.ledger.stand(replace(self.ledger.portfolio, equity=record))
        if portfolio.equity is not self._late:
            return portfolio
        return replace(portfolio, equity=self.ledger.portfolio.equity)

    def _catch_up_after_first(self) -> None:
        """Let later cycles of a minute know of highs that nobody saw."""
        if not self._is_behind:
            return
        self._is_behind = False
        portfolio = self.ledger.portfolio
        known = portfolio.equity
        record = self._worth.with_highs(self._recall.place - 1, known)
        if known.equity is not None and known.time is not None:
            record = marked(record, known.equity, known.time)
        self.ledger.stand(replace(portfolio, equity=record))

    def _moved(self) -> frozenset[ProductId] | None:
        """The products in whose books a second later something of ours is, or has traded since the
        minute began; None where prices may have gone on by then."""
        begun_us = us_of(self.setup.start + self._recall.place)
        if self.arena.now_us + _SECOND_US - begun_us >= OFFSETS_US[1]:
            return None
        latest = takewhile(lambda each: each.time_us >= begun_us, reversed(self.arena.fills))
        names = {each.product_id for each in latest}
        names |= {
            each.terms.product_id for each in self.arena.desk.live.values() if each.is_in_book
        }
        return frozenset(map(ProductId.parse, names))

    def wait_a_second(self) -> None:
        """Let a second pass, on the markets in which orders live."""
        live = dict.fromkeys(each.terms.product_id for each in self.arena.desk.live.values())
        self.arena.pass_by(self.arena.now_us + _SECOND_US, live)

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
        self._is_behind = not (self._is_near or following > self._last)
        if not self._is_behind:
            equity = self._worth.record_at(following - 1, equity)
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
        return int(self.prospect.changes.searchsorted(at, "right"))

    # -- what comes next

    def _next(self, at: int) -> tuple[int, tuple[str, ...]]:
        """The place of the next visit, and the products in which an order may be touched then."""
        portfolio = self.ledger.portfolio
        following = self._soonest(at, portfolio)
        if following > at + 1:
            following = self._triggers.until(at, following, portfolio)
        if following > at + 1:
            self._fill_reasons(at, following, portfolio)
        else:
            self._worth.asked = self._worth.bound(at, portfolio)
        if following > self._last:
            return following, ()
        beyond = self._beyond
        touched = [
            each.terms.product_id
            for each in self.arena.desk.live.values()
            if beyond.get(each.number, at) <= following
            and self._reach.may_be_touched(each, following)
        ]
        return following, tuple(dict.fromkeys(touched))

    def _soonest(self, at: int, portfolio: Portfolio) -> int:
        start = self.setup.start
        minute = start + at
        self._chains, self._beyond = {}, {}
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
        if chains and self.setup.fees.fixed is None:
            # A stop that is placed anew pays the rates of its hour.
            following = min(following, at + 60 - minute % 60)
        for order in self.arena.desk.live.values():
            chain = chains.get(order.number)
            if chain is not None:
                following = min(following, self._renewals.until(chain, following))
            is_renewed = chain is not None
            following = self._reach.order_until(order, at, following, is_renewed=is_renewed)
            self._beyond[order.number] = following
            following = self._reach.shown_until(order, at, following)
            if following <= at + 1:
                return at + 1
        following = self._reach.positions_until(portfolio.positions, at, following)
        for dust in portfolio.dust.values():
            following = min(following, self._reach.dust_until(dust, at, following))
        for working in portfolio.working.values():
            if working.intent.side is Side.BUY:
                following = self.prospect.leaves_at(working.intent.product, at, following)
        if following > at + 1:
            following, self._is_near = self._worth.until(at, following, portfolio)
        return max(following, at + 1)

    def _is_restless(self, portfolio: Portfolio) -> bool:
        """Whether each minute has to be looked at: something stands that a cycle waits for."""
        if portfolio.differences or portfolio.doubts or is_buying_more(portfolio):
            return True
        equity = portfolio.equity.equity
        if equity is None or self._is_near_fees(portfolio, equity):
            return True
        sold: set[ProductId] = set()
        for working in portfolio.working.values():
            if working.state.is_unresolved or working.cancel_requested is not None:
                return True
            order = working.order
            if working.filled.value or (order is not None and order.filled.value):
                return True
            if working.intent.stop_price is not None:
                sold.add(working.intent.product)
        levels = self._recall.levels.among(portfolio.positions)
        for product, position in portfolio.positions.items():
            plan = position.plan
            is_moving = plan.trailing_fraction is not None or position.flatten_until is not None
            if is_moving or (product not in sold and levels[product].is_coverable):
                return True
        return False

    def _is_near_fees(self, portfolio: Portfolio, equity: Money) -> bool:
        """Whether the fees of the day are so near their share that a fall of equity may do it."""
        spent = portfolio.spent
        if spent is None or HaltName.FEES in portfolio.halts:
            return False
        return float(spent.fees.value) > 0.8 * self._fees_share * float(equity.value)

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
