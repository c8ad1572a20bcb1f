"""Which standing limit refuses an entry whatever the market does, and until when that can hold.

The checks themselves are asked, in their order, with an entry that nothing else could be said
against. Their answer holds until a window of theirs ends, or the book changes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from trader247.core.policy import Policy
from trader247.core.risk.check import Check, Context, check_in
from trader247.core.risk.checks.banned import Banned
from trader247.core.risk.checks.breaker_open import BreakerOpen
from trader247.core.risk.checks.cooldown import Cooldown
from trader247.core.risk.checks.fee_worth import FeeWorth
from trader247.core.risk.checks.losing_streak import LosingStreak
from trader247.core.risk.checks.max_positions import MaxPositions
from trader247.core.risk.checks.pace import Pace
from trader247.core.risk.checks.repetition import Repetition
from trader247.core.risk.checks.trading_state import TradingStateCheck
from trader247.core.rules.rule import STRATEGY
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import ONE, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import EMPTY, NO_HISTORY, Portfolio
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.time import DAY, HOUR, MINUTE, Instant, microseconds

CLEARED = frozenset(
    {
        "arming", "equity_known", "clock_skew", "product_status", "quote_age", "quote_sanity",
        "order_type", "increments", "min_notional", "max_order", "collar", "slippage",
        "depth_multiple", "market_volume", "self_match", "new_positions",
    }
)  # fmt: skip
"""The checks that are known to pass where a trigger is clear, near our last fill and its size
certain."""
STANDING: tuple[type[Check], ...] = (
    TradingStateCheck,
    BreakerOpen,
    Banned,
    MaxPositions,
    Pace,
    Repetition,
    Cooldown,
    LosingStreak,
)
"""The checks that look at book and clock alone."""


_MINUTE_US = microseconds(MINUTE)
_WINDOWS_US = (microseconds(HOUR), microseconds(DAY))
_YEAR_US = 366 * microseconds(DAY)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The check that refuses first, and the first instant at which it may be another answer.

    `check` is empty where none of them refuses. `thin` is the check that refuses first where the
    trade's target is not worth its fees.
    """

    check: str
    thin: str
    until: Instant


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer, and all that it was found from besides the time."""

    asked_with: tuple[object, ...]
    asked_at: Instant
    blocked: Blocked | None


class Blocking:
    """The standing limits of one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        last = max(at for at, each in enumerate(policy.checks) if type(each) in STANDING)
        self._checks = tuple(each for each in policy.checks if type(each) in STANDING)
        assert len(self._checks) == len(STANDING), "a check is missing"
        self._is_known = all(
            each.id in CLEARED or type(each) in STANDING or each.id == FeeWorth.id
            for each in policy.checks[:last]
        )
        """Whether it is known of each check before the last of these what it looks at."""
        place = {each.id: at for at, each in enumerate(policy.checks)}
        self._before_fees = {
            each.id for each in self._checks if place[each.id] < place[FeeWorth.id]
        }
        self._repetition = check_in(policy.checks, Repetition)
        self._pace = check_in(policy.checks, Pace)
        self._pauses = (self._pace.seconds_between * 1_000_000, _MINUTE_US, *_WINDOWS_US)
        self._cooldown = check_in(policy.checks, Cooldown)
        self._streak = check_in(policy.checks, LosingStreak)
        self._known: dict[ProductId, _Known] = {}

    def among(self, portfolio: Portfolio) -> Standing:
        """What a book blocks."""
        exposed = Context(_NO_MARKET, portfolio, self._policy).at_risk.products
        shared = (
            frozenset(portfolio.halts),
            bool(portfolio.breakers),
            portfolio.bans,
            portfolio.entries_sent,
            portfolio.losing_streak,
            portfolio.last_loss,
            frozenset(exposed),
            frozenset(portfolio.positions),
        )
        return Standing(self, portfolio, shared)

    def known(
        self, product: ProductId, portfolio: Portfolio, shared: tuple[object, ...], now: Instant
    ) -> Blocked | None:
        """What refuses a product's entry, asked anew only where it may be another answer."""
        asked_with = shared, portfolio.history.get(product)
        known = self._known.get(product)
        if known is not None and known.asked_with == asked_with:
            until = known.asked_at if known.blocked is None else known.blocked.until
            if known.asked_at == now or known.asked_at < now < until:
                return known.blocked
        blocked = self._of(product, portfolio, now)
        self._known[product] = _Known(asked_with, now, blocked)
        return blocked

    def _of(self, product: ProductId, portfolio: Portfolio, now: Instant) -> Blocked | None:
        """What refuses an entry of a product at `now`; None where that has to be seen."""
        if not self._is_known:
            return None
        proposal = _probe(product)
        snapshot = Snapshot(cycle=0, time=now, views=EMPTY, clock_skew=None, unreachable="")
        context = Context(snapshot, portfolio, self._policy)
        refusals = [
            check.id for check in self._checks if not check.judge(proposal, context).is_allowed
        ]
        if self._repetition.id in refusals and Banned.id not in refusals:
            return None  # asking once more bans its strategy: that has to be seen
        before = [each for each in refusals if each in self._before_fees]
        return Blocked(
            check=refusals[0] if refusals else "",
            thin=before[0] if before else FeeWorth.id,
            until=Instant(min(self._ends(product, portfolio, now.us))),
        )

    def _ends(self, product: ProductId, portfolio: Portfolio, now: int) -> Iterator[int]:
        """When windows of these checks end after `now`: of each the next, in microseconds."""
        history = portfolio.history.get(product, NO_HISTORY)
        yield now + _YEAR_US
        yield from _next_end(portfolio.entries_sent, self._pauses, now)
        yield from _next_end(history.entries, _WINDOWS_US, now)
        if history.last_entry is not None:
            yield from _after(now, history.last_entry.us + self._pace.product_minutes * _MINUTE_US)
        cooled = self._cooldown.until(history)
        if cooled is not None:
            yield from _after(now, cooled.us)
        if portfolio.last_loss is not None:
            yield from _after(now, portfolio.last_loss.us + self._streak.minutes * _MINUTE_US)


@dataclass(frozen=True, slots=True)
class Standing:
    """What one book blocks, product by product."""

    blocking: Blocking
    portfolio: Portfolio
    shared: tuple[object, ...]

    def of(self, product: ProductId, now: Instant) -> Blocked | None:
        """What refuses an entry of a product at `now`; None where that has to be seen."""
        return self.blocking.known(product, self.portfolio, self.shared, now)


def _next_end(times: Sequence[Instant], windows: Iterable[int], now: int) -> Iterator[int]:
    """For each window the first time after `now` at which it has passed since one of `times`."""
    for window in windows:
        if not times or times[-1].us <= now - window:
            continue  # nearly always: most windows are shorter than the last one is ago
        place = bisect_right(times, now - window, key=_us)
        if place < len(times):
            yield times[place].us + window


def _us(time: Instant) -> int:
    return time.us


def _after(now: int, end: int) -> Iterator[int]:
    if end > now:
        yield end


def _probe(product: ProductId) -> Proposal:
    return Proposal(
        product=product,
        side=Side.BUY,
        purpose=Purpose.ENTRY,
        order_type=OrderType.POST_ONLY_GTD,
        price=_ONE_PRICE,
        quantity=_ONE_QUANTITY,
        reference=_ONE_PRICE,
        strategy=STRATEGY,
        rule="",
        decision_id=_NO_DECISION,
        leg=0,
        score=ONE,
        lifetime=MINUTE,
    )


_NO_MARKET = Snapshot(cycle=0, time=Instant(0), views=EMPTY, clock_skew=None, unreachable="")
_ONE_PRICE = Price(Decimal(1))
_ONE_QUANTITY = Quantity(Decimal(1))
_NO_DECISION = DecisionId("")
