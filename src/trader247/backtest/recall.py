"""What the market says at a visited minute, remembered from the columns of the whole past.

Only what triggers is measured, by the very functions that a cycle measures with. For all else the
column has the reason already; the figures behind it, which decide nothing, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from math import inf

from trader247.backtest.columns import REASONS
from trader247.backtest.levels import Levels
from trader247.backtest.outlook import ELIGIBLE, TRIGGER
from trader247.backtest.prospect import REGIMES, Prospect
from trader247.backtest.renewals import Renewals, alone_in
from trader247.core.market.instruments import Instruments
from trader247.core.market.senses import FRESH, Changes, Dust
from trader247.core.market.triggers import Examination, Trigger
from trader247.core.policy import Policy
from trader247.core.regime import Regime, multiplier_of
from trader247.core.risk.breakers import fast_loss
from trader247.core.risk.doubts import Found
from trader247.core.rules.rule import FixedRule, Setting
from trader247.core.signals.signal import Reading
from trader247.core.universe import Universe, universe_of
from trader247.domain.decisions import Outcome
from trader247.domain.events.halts import HaltLatched
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, ZERO, Money, Price
from trader247.domain.orders import Side
from trader247.domain.portfolio import EMPTY, FaultTimes, Membership, Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import BreakerName, Reason
from trader247.domain.time import Instant

_OUTCOMES = {code: Outcome(reason, "") for code, reason in enumerate(REASONS)}
_NOTHING = {code: Examination((), (), None, outcome) for code, outcome in _OUTCOMES.items()}
_NO_FAULTS = FaultTimes()
_Eligible = tuple[Mapping[ProductId, Outcome], tuple[ProductId, ...]]
_STAYS = Outcome(Reason.HOLDING, "")


class Recall:
    """The senses of a run over a known past. `place` and `is_first` say which cycle it is."""

    def __init__(self, prospect: Prospect) -> None:
        self._prospect = prospect
        self.levels = Levels(prospect)
        self.calm_at = -1
        """At so many fills, equity is known to be far from its stops in the next first cycle."""
        self.calm_above = inf
        """So it is above so much equity, whatever has filled."""
        self.place = 0
        self.is_first = True
        """Whether it is the first cycle of its minute: later ones count again for the universe."""
        self.moved: frozenset[ProductId] | None = frozenset()
        """Products whose books may be others than the columns say, by orders of ours in this
        minute; None for all of them."""
        self.is_counted = True
        """Whether the columns know who is in the universe after the cycle."""
        self.renewals: Renewals
        self.caught_up: Callable[[Portfolio], Portfolio] = lambda portfolio: portfolio
        """The ledger, with highs of equity in minutes that were passed over."""
        self._bids_seen: tuple[int, dict[ProductId, int]] = -1, {}
        self._regimes: dict[int, Regime] = {}
        self._eligible: dict[tuple[int, ...], _Eligible] = {}

    def wished(
        self, planned: tuple[Proposal, ...], snapshot: Snapshot, book: Portfolio, policy: Policy
    ) -> tuple[Proposal, ...]:
        """As planned."""
        del snapshot, book, policy
        return planned

    def breakers(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy, *, equity: Money | None
    ) -> tuple[Changes, tuple[BreakerName, ...]]:
        """None, where nothing of market and book comes near one; else as a cycle finds them."""
        if self.is_first and equity is not None and not self._is_far(equity):
            portfolio = self.caught_up(portfolio)
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

    def dust(self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> Dust:
        """None, where each bid of the columns leaves what is held as it is; else as it is found."""
        if not (self._is_plain(portfolio) and self._stays_sold(portfolio)):
            return FRESH.dust(portfolio, snapshot, policy)
        return ()

    def _is_plain(self, portfolio: Portfolio) -> bool:
        """Whether bids are those of the columns: no price has jumped, and no buy of ours may be
        the best."""
        is_calm = self._is_as_known(portfolio.holdings) and not self._prospect.flash[self.place]
        return is_calm and not is_buying_more(portfolio)

    def _is_as_known(self, products: Iterable[ProductId]) -> bool:
        """Whether the books of these are what the columns say of the minute's first instant."""
        return self.moved is not None and self.moved.isdisjoint(products)

    def _stays_sold(self, portfolio: Portfolio) -> bool:
        """Whether it is certain that positions can be sold at their bids, and dust cannot."""
        bids = self._bids(portfolio)
        for product, level in self.levels.among(portfolio.positions).items():
            if bids[product] <= level.sold_from:
                return False
        return all(
            bids[product] < self.levels.back_from(dust) for product, dust in portfolio.dust.items()
        )

    def marks(
        self, portfolio: Portfolio, snapshot: Snapshot, policy: Policy
    ) -> Mapping[ProductId, Price]:
        """The bids of the columns, where no price has jumped and no buy of ours may be the best."""
        if not self._is_plain(portfolio):
            return FRESH.marks(portfolio, snapshot, policy)
        bids, outlooks = self._bids(portfolio), self._prospect.outlooks
        return {
            product: outlooks[product].history.tick.times(bids[product])
            for product in portfolio.holdings
        }

    def _bids(self, portfolio: Portfolio) -> Mapping[ProductId, int]:
        """The bid at the place of each product that is held, in ticks: three ask for them."""
        place, known = self._bids_seen
        if place != self.place:
            known = {}
            self._bids_seen = self.place, known
        for product in portfolio.holdings:
            if product not in known:
                known[product] = self._prospect.outlooks[product].market.bid.item(self.place)
        return known

    def stops(
        self, portfolio: Portfolio, policy: Policy, *, equity: Money | None, now: Instant
    ) -> tuple[HaltLatched, ...]:
        """None, where equity is known to be far from all; else as a cycle finds them."""
        if self.is_first and equity is not None:
            if self._is_far(equity) or portfolio.fills_booked == self.calm_at:
                return ()
            portfolio = self.caught_up(portfolio)
        return FRESH.stops(portfolio, policy, equity=equity, now=now)

    def _is_far(self, equity: Money) -> bool:
        return float(equity.value) > self.calm_above

    def staying(self, portfolio: Portfolio) -> Mapping[ProductId, Outcome]:
        """Those that are not to leave at their bids, and whose stop rests as it should or is
        local."""
        if not self._is_as_known(portfolio.positions) or portfolio.differences:
            return EMPTY
        # What is over within the minute may be so in a later cycle of it.
        place = self.place if self.is_first else self.place + 1
        bids, levels = self._bids(portfolio), self.levels.among(portfolio.positions)
        alone = alone_in(portfolio)
        found: dict[ProductId, Outcome] = {}
        for product, position in portfolio.positions.items():
            level = levels[product]
            if not level.stays(bids[product], place):
                continue
            if position.plan.trailing_fraction is not None or position.flatten_until is not None:
                continue
            if level.is_coverable:
                is_in_order = self.renewals.is_going_on(position, alone.get(product))
            else:
                is_in_order = product not in alone
            if is_in_order:
                found[product] = _STAYS
        return found

    def is_online(self, product: ProductId) -> bool:
        """Whether there are candles of it: over the past nothing is halted, or leaves the venue."""
        return product in self._prospect.outlooks

    def universe(self, snapshot: Snapshot, book: Portfolio, policy: Policy) -> Universe:
        """Who is in it, by the columns; at the first cycle and the later ones of a minute anew.

        So it is where a buy of ours may be a part of what is seen.
        """
        is_ours = is_buying_more(book)
        shown = self._shown(book)
        self.is_counted = self.is_counted and not (is_ours or shown)
        if not book.universe or is_ours or self.moved is None:
            return FRESH.universe(snapshot, book, policy)
        if shown or not self.is_first:
            return universe_of(snapshot, book, policy, self._found(self.moved | shown))
        place, prospect = self.place, self._prospect
        codes = tuple([each.eligible.item(place) for each in prospect.outlooks.values()])
        known = self._eligible.get(codes)
        if known is None:
            known = self._eligible[codes] = self._eligible_by(codes, policy)
        objections, eligible = known
        memberships: Mapping[ProductId, Membership] = book.universe
        changes: Mapping[ProductId, Membership] = EMPTY
        if prospect.is_changed[place]:
            memberships = prospect.universe_at(place)
            changes = {
                product: standing
                for product, standing in memberships.items()
                if book.universe.get(product) != standing
            }
        return Universe(objections, memberships, changes, eligible, prospect.needed)

    def _shown(self, book: Portfolio) -> frozenset[ProductId]:
        """The products of which a buy of ours is a part of what is seen, as `Reach` has it."""
        found = set()
        for working in book.working.values():
            intent = working.intent
            outlook = self._prospect.outlooks.get(intent.product)
            if intent.side is not Side.BUY or outlook is None:
                continue
            market, place = outlook.market, self.place
            bid = outlook.history.tick * Decimal(market.bid.item(place))
            if intent.price > bid or market.is_scant.item(place):
                found.add(intent.product)
        return frozenset(found)

    def _found(self, moved: Collection[ProductId]) -> Mapping[ProductId, Outcome | None]:
        """What speaks against each product whose book is as the columns say, or None."""
        codes = {
            product: outlook.eligible.item(self.place)
            for product, outlook in self._prospect.outlooks.items()
            if product not in moved
        }
        return {
            product: None if code == ELIGIBLE else _OUTCOMES[code]
            for product, code in codes.items()
        }

    def _eligible_by(self, codes: tuple[int, ...], policy: Policy) -> _Eligible:
        """What speaks against each product, and which ones nothing does, by all of the codes."""
        listed = dict(zip(self._prospect.outlooks, codes, strict=True))
        found = {
            product: listed.get(product, self._prospect.absent.get(product, ELIGIBLE))
            for product in policy.universe.products
        }
        objections = {
            product: _OUTCOMES[code] for product, code in found.items() if code != ELIGIBLE
        }
        return objections, tuple(each for each, code in found.items() if code == ELIGIBLE)

    def regime(self, snapshot: Snapshot, policy: Policy) -> Regime:
        """The minute's, by its column; without the figures behind it."""
        del snapshot
        return self.regime_at(self.place, policy)

    def regime_at(self, place: int, policy: Policy) -> Regime:
        """That of a place."""
        code = self._prospect.regime_at.item(place)
        known = self._regimes.get(code)
        if known is None:
            name = REGIMES[code]
            known = self._regimes[code] = Regime(name, multiplier_of(name, policy.regime))
        return known

    def examinations(
        self,
        tiers: Mapping[ProductId, int],
        snapshot: Snapshot,
        instruments: Instruments,
        *,
        regime: Regime,
    ) -> Mapping[ProductId, Examination]:
        """What triggers is measured; of all else the reason is known."""
        known = {product: self._known(product, tier, regime) for product, tier in tiers.items()}
        unknown = {product: tiers[product] for product, each in known.items() if each is None}
        if not unknown:
            return {product: each for product, each in known.items() if each is not None}
        fresh = FRESH.examinations(unknown, snapshot, instruments, regime=regime)
        return {product: each or fresh[product] for product, each in known.items()}

    def _known(self, product: ProductId, tier: int, regime: Regime) -> Examination | None:
        code = self._prospect.outlooks[product].bare.item(self.place)
        if code != TRIGGER:
            return _NOTHING[code]
        trigger = self.trigger_at(self.place, product, tier, regime)
        return None if trigger is None else Examination((), (), trigger, None)

    def trigger_at(
        self, place: int, product: ProductId, tier: int, regime: Regime
    ) -> Trigger | None:
        """What triggers, where it is known which signal and which rule that is.

        Its figures are left out where the rule does not ask for them.
        """
        outlook = self._prospect.outlooks[product]
        triggers = outlook.triggers
        which = int(triggers.at.searchsorted(place))
        rule = self._prospect.rules[triggers.rule.item(which)]
        if not triggers.is_sure[which]:
            return None
        if isinstance(rule, FixedRule):
            reading = Reading(
                signal=rule.signal,
                is_measured=True,
                is_triggered=True,
                strength=ZERO,
                confidence=_share(triggers.confidence.item(which)),
                score=_share(triggers.score.item(which)),
                figures=(),
            )
        else:
            bars = outlook.history.bars(self._prospect.start + place)
            assert bars is not None, "what triggers has bars"
            reading = self._prospect.instruments.read(rule.signal, bars)
        wish = rule.wish(reading, Setting(tier, regime.name))
        return None if wish is None else Trigger(product, tier, reading, rule, wish)


def is_buying_more(portfolio: Portfolio) -> bool:
    """Whether a buy works of something that is held: it may be the best bid itself."""
    return any(
        each.intent.product in portfolio.positions or each.intent.product in portfolio.dust
        for each in portfolio.working.values()
        if each.intent.side is Side.BUY
    )


def _share(nanos: int) -> Decimal:
    return Decimal(nanos).scaleb(-9, CONTEXT)
