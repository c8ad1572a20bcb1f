"""What a sale that protects has left of its position, and when that is sold on.

A market that falls does not wait an interval for the rest: it is sold a second later, by a whole
cycle, which reads books and market anew, decides anew and asks the gate anew. So each sale is
priced by the mid of its own moment, within the same bounds as the first.

Sold on is only where the venue has said all of the sale before: its order has ended, each fill of
it is booked, and what the account has of the currency is what the ledger says. Where its lists
lag, somebody would else sell what is sold already: it is read again for a minute, and then at the
usual pace, for fills that were set aside are not told by waiting.

A venue whose every list lags, and says so nowhere, refuses what is no more there. Where coins lie
that are not ours, it would sell those: there the usual pace goes on, but after a sale that is
booked in whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from trader247.core.orders.venue_stops import is_venue_stop
from trader247.domain.ids import ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.money import CONTEXT, ZERO
from trader247.domain.orders import Side
from trader247.domain.outcomes import Declined, Outcome
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Position
from trader247.domain.proposals import ExitCause, Proposal
from trader247.domain.time import MINUTE, SECOND
from trader247.domain.verdicts import Approved
from trader247.engine.ledger import Ledger
from trader247.ports import Clock

SOLD_ON_AFTER = SECOND
"""From a sale to the cycle that sells on: the venue tells what came of it, others come back."""
CYCLES_MAX = 10
"""Cycles that one position presses for within a minute; after them the usual pace goes on."""

_CRUMBS = 100
"""Of what is left, one part in so many may be somebody else's: an account's rounding leaves it."""
_CAN_WAIT = (ExitCause.TARGET, ExitCause.LONGEST_HOLD)
"""What leaves by these is not threatened by the next minute more than it was by the last."""


class SellingOn:
    """Which positions a sale that was to protect them has left, in part or whole."""

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._judged: dict[ProductId, tuple[timedelta, ...]] = {}
        """When each was sold, or still being sold, by the steady clock, within the last minute."""
        self._sent: dict[ProductId, timedelta] = {}
        """When the latest sale of each was sent."""
        self._open: frozenset[ProductId] = frozenset()
        """What was sold, or still being sold, when positions were last judged."""

    def judged(self, sent: Iterable[tuple[Approved, Outcome]]) -> None:
        """Every position was judged, and that was sent."""
        steady = self._clock.monotonic()
        still = {
            product
            for product in self._open
            if self._sale_of(product) is not None and steady - self._sent[product] < MINUTE
        }
        sold = {
            approved.proposal.product
            for approved, outcome in sent
            if _protects(approved.proposal) and not isinstance(outcome, Declined)
        }
        self._open = frozenset(still | sold)
        self._sent = {each: steady if each in sold else self._sent[each] for each in self._open}
        recent = {
            product: tuple(each for each in times if steady - each < MINUTE)
            for product, times in self._judged.items()
        }
        recent |= {product: (*recent.get(product, ()), steady) for product in self._open}
        self._judged = {product: times for product, times in recent.items() if times}

    def due_in(self) -> timedelta | None:
        """For how long the next cycle still waits, for what is left; None where nothing is."""
        last = [
            self._judged[product][-1]
            for product in self._open
            if len(self._judged[product]) <= CYCLES_MAX and self._goes_on(product)
        ]
        if not last:
            return None
        return max(timedelta(0), min(last) + SOLD_ON_AFTER - self._clock.monotonic())

    def _goes_on(self, product: ProductId) -> bool:
        """Whether it is certain that some is left, or another reading may soon tell of it.

        An outcome that is unknown has readings of its own.
        """
        sale, portfolio = self._sale_of(product), self._ledger.portfolio
        held = portfolio.positions.get(product)
        if held is None or _would_take_others(portfolio, held):
            return False
        if sale is not None:
            return not sale.state.is_unresolved
        return f"base:{product.base}" not in portfolio.differences

    def _sale_of(self, product: ProductId) -> WorkingIntent | None:
        """The sale of a position of which the venue has not said all."""
        return next(
            (
                each
                for each in self._ledger.portfolio.working.values()
                if _is_sale_of(each, product) and not each.state.is_settled
            ),
            None,
        )


def _would_take_others(portfolio: Portfolio, held: Position) -> bool:
    """Whether the venue has enough of somebody else's coins to sell what is sold already.

    Of a sale that is booked in whole nothing can be told late.
    """
    product = held.product
    foreign = portfolio.foreign.get(product.base, ZERO)
    if CONTEXT.multiply(foreign, _CRUMBS) <= held.quantity.value:
        return False
    sales = (each for each in portfolio.settled.values() if _is_sale_of(each, product))
    last = max(sales, key=lambda each: (each.intent.created, each.intent.leg), default=None)
    return last is None or last.filled != last.intent.quantity


def _is_sale_of(known: WorkingIntent, product: ProductId) -> bool:
    """Whether it is one, but for a stop that rests at the venue."""
    intent = known.intent
    return intent.product == product and intent.side is Side.SELL and not is_venue_stop(known)


def _protects(proposal: Proposal) -> bool:
    """Whether a sale leaves because of what may be lost, or because a person wants it."""
    is_sale = not proposal.is_entry and proposal.stop_price is None
    return is_sale and proposal.exit_cause not in _CAN_WAIT
