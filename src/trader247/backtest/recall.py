"""What the market says at a visited minute, remembered from the columns of the whole past.

Only what triggers is measured, by the very functions that a cycle measures with. For all else the
column has the reason already; the figures behind it, which decide nothing, are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from trader247.backtest.columns import REASONS
from trader247.backtest.outlook import ELIGIBLE, TRIGGER
from trader247.backtest.prospect import Prospect
from trader247.core.policy import Policy
from trader247.core.regime import Regime
from trader247.core.risk.breakers import fast_loss
from trader247.core.risk.doubts import Found
from trader247.core.senses import FRESH, Changes
from trader247.core.triggers import Examination, Instruments
from trader247.core.universe import Universe
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import Money
from trader247.domain.portfolio import EMPTY, FaultTimes, Membership, Portfolio
from trader247.domain.reasons import BreakerName

_OUTCOMES = {code: Outcome(reason, "") for code, reason in enumerate(REASONS)}
_NOTHING = {code: Examination((), (), None, outcome) for code, outcome in _OUTCOMES.items()}
_NO_FAULTS = FaultTimes()


class Recall:
    """The senses of a run over a known past. `place` and `is_first` say which cycle it is."""

    def __init__(self, prospect: Prospect) -> None:
        self._prospect = prospect
        self.place = 0
        self.is_first = True
        """Whether it is the first cycle of its minute: later ones count again for the universe."""
        self._regimes: dict[int, Regime] = {}
        self._changes = set(prospect.changes.tolist())
        self._universe: tuple[int, Mapping[ProductId, Outcome], tuple[ProductId, ...]] | None = None

    def realigned(self) -> None:
        """The memberships from here on are others than was known."""
        self._changes = set(self._prospect.changes.tolist())

    def breakers(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy, *, equity: Money | None
    ) -> tuple[Changes, tuple[BreakerName, ...]]:
        """None, where nothing of market and book comes near one; else as a cycle finds them."""
        is_calm = not (portfolio.breakers or self._prospect.flash[self.place])
        if is_calm and portfolio.faults == _NO_FAULTS:
            lost = fast_loss(portfolio, snapshot.time, equity)
            if lost is None or lost < policy.breakers.velocity_pct:
                return (), ()
        return FRESH.breakers(portfolio, snapshot, policy, equity=equity)

    def doubts(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> tuple[Found, ...]:
        """None, where none stands and no price has jumped; else as a cycle finds them."""
        if not (portfolio.doubts or self._prospect.flash[self.place]):
            return ()
        return FRESH.doubts(portfolio, snapshot, policy)

    def universe(self, snapshot: Snapshot, book: Portfolio, policy: Policy) -> Universe:
        """Who is in it, by the columns; at the first cycle and the later ones of a minute anew."""
        if not book.universe or not self.is_first:
            return FRESH.universe(snapshot, book, policy)
        place, prospect = self.place, self._prospect
        objections: dict[ProductId, Outcome] = {}
        eligible: list[ProductId] = []
        for product in policy.universe.products:
            outlook = prospect.outlooks.get(product)
            if outlook is None:
                objections[product] = _OUTCOMES[prospect.absent[product]]
                continue
            code = outlook.eligible.item(place)
            if code == ELIGIBLE:
                eligible.append(product)
            else:
                objections[product] = _OUTCOMES[code]
        memberships: Mapping[ProductId, Membership] = book.universe
        changes: Mapping[ProductId, Membership] = EMPTY
        if place in self._changes:
            memberships = prospect.universe_at(place)
            changes = {
                product: standing
                for product, standing in memberships.items()
                if book.universe.get(product) != standing
            }
        return Universe(objections, memberships, changes, tuple(eligible), prospect.needed)

    def regime(self, snapshot: Snapshot, policy: Policy) -> Regime:
        """The hour's, measured once."""
        hour = snapshot.time.minute // 60
        known = self._regimes.get(hour)
        if known is None:
            known = self._regimes[hour] = FRESH.regime(snapshot, policy)
        return known

    def examination(
        self,
        product: ProductId,
        snapshot: Snapshot,
        instruments: Instruments,
        *,
        tier: int,
        regime: Regime,
    ) -> Examination:
        """What triggers is measured; of all else the reason is known."""
        code = self._prospect.outlooks[product].bare.item(self.place)
        if code != TRIGGER:
            return _NOTHING[code]
        return FRESH.examination(product, snapshot, instruments, tier=tier, regime=regime)
