"""How the market is measured for a decision: from the snapshot itself, or known beforehand.

A cycle measures what it sees (`FRESH`). A backtest that has measured a whole past at once may say
what the same functions would say of this instant, as long as it says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from trader247.core.market.instruments import Instruments, Measures, measured
from trader247.core.market.triggers import Examination, examine, examine_each
from trader247.core.orders.dust import dust_found
from trader247.core.policy import Policy
from trader247.core.regime import Regime, regime_of
from trader247.core.risk.breakers import changes_by, surely_at, tripped
from trader247.core.risk.doubts import Found, judge_doubts
from trader247.core.risk.stops import judge_stops
from trader247.core.universe import Universe, universe_of
from trader247.core.valuation import marks_of
from trader247.domain.decisions import Outcome
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, HaltLatched
from trader247.domain.events.holdings import DustSetAside, DustTakenBack
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, Snapshot
from trader247.domain.money import Money, Price
from trader247.domain.portfolio import EMPTY, Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import BreakerName
from trader247.domain.time import Instant

Changes = tuple[BreakerOpened | BreakerClosed, ...]
Dust = tuple[DustSetAside | DustTakenBack, ...]


class Senses(Protocol):
    """What a decision asks of the market beyond the quotes of what it trades."""

    def wished(
        self, planned: tuple[Proposal, ...], snapshot: Snapshot, book: Portfolio, policy: Policy
    ) -> tuple[Proposal, ...]:
        """The entries that the gate is asked for: those that are `planned`, unless it is tried."""

    def breakers(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy, *, equity: Money | None
    ) -> tuple[Changes, tuple[BreakerName, ...]]:
        """The breakers that open or close now, and those whose condition holds."""

    def doubts(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> tuple[Found, ...]:
        """What is new about the products whose data is not believed."""

    def dust(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> Dust:
        """What is dust from now on, and what is none any more."""

    def marks(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy
    ) -> Mapping[ProductId, Price]:
        """The bid of each position's product where it can be believed."""

    def stops(
        self, portfolio: Portfolio, policy: Policy, *, equity: Money | None, now: Instant
    ) -> tuple[HaltLatched, ...]:
        """The stops on equity that latch now."""

    def staying(self, portfolio: Portfolio) -> Mapping[ProductId, Outcome]:
        """The positions that are certain to stay, and a stop of theirs at the venue with them.

        The others have to be judged.
        """

    def is_online(self, product: ProductId) -> bool:
        """Whether the venue is known to trade a product as ever, so that it need not be looked at
        for each order that rests."""

    def universe(self, snapshot: Snapshot, book: Portfolio, policy: Policy) -> Universe:
        """Which products may be bought now."""

    def regime(self, snapshot: Snapshot, policy: Policy) -> Regime:
        """The state of the whole market."""

    def examinations(
        self,
        tiers: Mapping[ProductId, int],
        snapshot: Snapshot,
        instruments: Instruments,
        *,
        regime: Regime,
    ) -> Mapping[ProductId, Examination]:
        """Each of these products, by its tier: measured, with its strongest trigger."""


class Fresh:
    """Everything is measured from the snapshot."""

    def wished(
        self, planned: tuple[Proposal, ...], snapshot: Snapshot, book: Portfolio, policy: Policy
    ) -> tuple[Proposal, ...]:
        """As planned."""
        del snapshot, book, policy
        return planned

    def breakers(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy, *, equity: Money | None
    ) -> tuple[Changes, tuple[BreakerName, ...]]:
        """As `changes_by` says of what has `tripped`, and the names of that."""
        causes = tripped(portfolio, snapshot, policy, snapshot.time, equity=equity)
        surely = surely_at(portfolio, snapshot)
        return changes_by(causes, portfolio, policy, surely), tuple(causes)

    def doubts(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> tuple[Found, ...]:
        """As `judge_doubts`."""
        return judge_doubts(portfolio, snapshot, policy)

    def dust(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> Dust:
        """As `dust_found`."""
        return dust_found(portfolio, snapshot, policy)

    def marks(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy
    ) -> Mapping[ProductId, Price]:
        """As `marks_of`."""
        return marks_of(portfolio, snapshot, policy)

    def stops(
        self, portfolio: Portfolio, policy: Policy, *, equity: Money | None, now: Instant
    ) -> tuple[HaltLatched, ...]:
        """As `judge_stops`."""
        return judge_stops(portfolio, policy, equity=equity, now=now)

    def staying(self, portfolio: Portfolio) -> Mapping[ProductId, Outcome]:
        """Nobody knows before it is judged."""
        del portfolio
        return EMPTY

    def is_online(self, product: ProductId) -> bool:
        """Nobody knows before it is looked at."""
        del product
        return False

    def universe(self, snapshot: Snapshot, book: Portfolio, policy: Policy) -> Universe:
        """As `universe_of`."""
        return universe_of(snapshot, book, policy)

    def regime(self, snapshot: Snapshot, policy: Policy) -> Regime:
        """As `regime_of`."""
        return regime_of(snapshot, policy.regime)

    def examinations(
        self,
        tiers: Mapping[ProductId, int],
        snapshot: Snapshot,
        instruments: Instruments,
        *,
        regime: Regime,
    ) -> Mapping[ProductId, Examination]:
        """As `examine_each`."""
        return examine_each(tiers, snapshot, instruments, regime=regime)


class OnceEach(Fresh):
    """As `Fresh`, for a person's question about one cycle: each window is measured but once.

    Such a question changes one thing after the other and decides again: nearly all windows are the
    same objects each time. They are measured alone, without numpy, which would take longer to load.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Bars, Instruments, Measures]] = {}

    def examinations(
        self,
        tiers: Mapping[ProductId, int],
        snapshot: Snapshot,
        instruments: Instruments,
        *,
        regime: Regime,
    ) -> Mapping[ProductId, Examination]:
        """As `examine` says of each."""
        now, found = snapshot.time, {}
        for product, tier in tiers.items():
            view = snapshot.views[product]
            measures = None if view.bars is None else self._measured(view.bars, instruments)
            found[product] = examine(
                product,
                view,
                instruments,
                tier=tier,
                regime=regime,
                now=now,
                measures=measures,
            )
        return found

    def _measured(self, bars: Bars, instruments: Instruments) -> Measures:
        known = self._known.get(id(bars))
        if known is not None and known[0] is bars and known[1] == instruments:
            return known[2]
        measures = measured(bars, instruments)
        self._known[id(bars)] = (bars, instruments, measures)
        return measures


FRESH = Fresh()
