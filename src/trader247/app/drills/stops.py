"""The loss stops: daily, weekly and drawdown, by a price that falls and by losses that are taken.

The fall is told so that equity first stands just short of the operator's limit, then just beyond
it: a stop that is too wide, too early or too late shows. How far equity fell is worked out from the
exchange's own wallets and prices, not from what the trader says of itself.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial

from trader247.app.drills import steps
from trader247.app.drills.drill import Account, Drill, Yard
from trader247.app.drills.ground import Ground, Story
from trader247.core.limits import bound_of
from trader247.core.policy import StopPolicy
from trader247.domain.dataclass import dataclass
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName, Reason, Severity
from trader247.domain.time import MINUTE, Instant

SEEN_MAX = 3 * MINUTE
"""From the minute in which equity crosses the limit until the stop stands."""
_SHORT_OF = Decimal("0.2")
_BEYOND = Decimal("0.2")
"""How far from its limit equity is brought, in per cent of it."""
_STEP = Decimal(2)
_REALISED_SHARE = Decimal("0.5")
_TAKEN_FIRST = Decimal("0.9")
"""How much of the limit is lost by sales before the rest is lost by the price."""


@dataclass(frozen=True, slots=True)
class _Stop:
    halt: HaltName
    field: str
    key: str

    def limit(self, policy: StopPolicy) -> Decimal:
        """The operator's limit: a loss in per cent."""
        value: Decimal = abs(getattr(policy, self.field).value)
        return value

    @property
    def ceiling(self) -> Decimal:
        """The widest that anybody may set."""
        bound = bound_of(StopPolicy, self.field)
        assert bound is not None, "each stop is bounded"
        edge = bound.at_most if self.halt is HaltName.DRAWDOWN else bound.at_least
        assert edge is not None, "in the direction that loses"
        return abs(edge)


_STOPS = (
    _Stop(HaltName.DAILY_STOP, "daily_pct", "risk.daily_stop_pnl_pct"),
    _Stop(HaltName.WEEKLY_STOP, "weekly_pct", "risk.weekly_stop_pnl_pct"),
    _Stop(HaltName.DRAWDOWN, "drawdown_pct", "risk.max_drawdown_pct"),
)


class _Losses:
    """What the account is worth by the exchange's word, against what it began with.

    Money and coins that come or go are no profit and no loss; what selling would cost is one.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        tier = ground.portfolio.fee_tier
        taker = ground.policy.execution.fallback_taker_bps if tier is None else tier.taker
        self._kept = 1 - taker.fraction
        self._base = self._worth()

    def _worth(self) -> Decimal:
        ground = self._ground
        price = ground.feed.price(str(ground.product))
        return ground.seen.held(ground.policy.quote_currency) + (
            ground.seen.held(ground.product.base) * price * self._kept
        )

    def came(self, amount: Decimal, story: Story) -> Story:
        """In this story so much came, or went."""
        before = self._worth()
        yield from story
        self._base *= 1 + amount / before

    @property
    def pct(self) -> Decimal:
        return 100 * (1 - self._worth() / self._base)

    def fall_to(self, pct: Decimal) -> Decimal:
        """How far the price must fall, in per cent, for the loss to be `pct`."""
        ground = self._ground
        coins = ground.seen.held(ground.product.base) * self._kept
        wanted = self._base * (1 - pct / 100)
        price = (wanted - ground.seen.held(ground.policy.quote_currency)) / coins
        return 100 * (1 - price / ground.feed.price(str(ground.product)))


def _act(yard: Yard, account: Account, *, stop: _Stop, is_realised: bool) -> None:
    ground = Ground(yard)
    ground.start()
    ground.play(_story(ground, account, stop, is_realised=is_realised))
    ground.stop()
    _restart(ground, account, stop)


def _story(ground: Ground, account: Account, stop: _Stop, *, is_realised: bool) -> Story:
    limit = stop.limit(ground.policy.stops)
    yield from steps.minutes(ground, 2)
    losses = _Losses(ground)
    # What is held must be able to leave in some orders: the book is made as small as they are.
    worth = steps.sellable(ground)
    surplus = ground.paper_equity - worth / 2
    yield from losses.came(-surplus, steps.withdrawn(ground, surplus))
    yield from losses.came(worth, steps.holding(ground, worth))
    if is_realised:
        yield from _fall(ground, losses, limit * _TAKEN_FIRST)
        yield from steps.sold(ground)
        worth /= 5
        yield from losses.came(worth, steps.holding(ground, worth))
    yield from _fall(ground, losses, limit - _SHORT_OF)
    if losses.pct < limit:
        # A limit so tight that selling alone would cost it has no such place.
        account.claim(
            f"just short of the limit of {limit} % it does not stop",
            stop.halt not in ground.portfolio.halts,
            f"at -{losses.pct:.2f} %",
        )
    crossed = Instant((ground.now.minute + 1) * MINUTE // timedelta(microseconds=1))
    ground.feed.move(str(ground.product), -losses.fall_to(limit + _BEYOND))
    for _ in range(6):
        yield
        if stop.halt in ground.portfolio.halts:
            break
    lost = losses.pct
    halt = ground.seen.first(HaltLatched, lambda each: each.name is stop.halt)
    took = None if halt is None else halt.time - crossed
    if took is not None and took < timedelta(0):
        # What came before cost so much already: a limit that tight is no matter of the price.
        text = f"at once: its own costs are over {limit} %"
        account.claim("beyond it, it stops", True, text)
    else:
        account.within(f"beyond it, it stops (at -{lost:.2f} %)", took, SEEN_MAX)
    account.claim(
        "the loss is no greater than anybody may set",
        halt is not None and lost <= stop.ceiling + 2 * _BEYOND,
        f"-{lost:.2f} % of -{stop.ceiling} %",
    )
    if is_realised:
        realised = -ground.portfolio.realised.value
        _claim_realised(ground, account, realised)
    yield from _aftermath(ground, account, halt.time if halt else ground.now)
    told = [each for each in ground.alerts.alerts if each.severity is Severity.CRITICAL]
    account.claim(
        "a critical alert says so",
        any(stop.halt.value in each.code for each in told),
        ", ".join(sorted({each.code for each in told})) or "none",
    )
    ground.seen.show(account, halt)


def _claim_realised(ground: Ground, account: Account, realised: Decimal) -> None:
    nav, equity = ground.portfolio.equity.high_water_mark, ground.portfolio.equity.equity
    assert nav is not None, "equity was measured"
    lost = nav.value - (Decimal(0) if equity is None else equity.value)
    share = realised / lost if lost > 0 else Decimal(0)
    account.claim(
        "most of it was lost by sales, not by the price of what is held",
        share >= _REALISED_SHARE,
        f"{realised:,.2f} of {lost:,.2f}",
    )


def _fall(ground: Ground, losses: _Losses, pct: Decimal) -> Story:
    """Let the price fall, a little each minute, until so much is lost."""
    while (left := losses.fall_to(pct)) > Decimal("0.001"):
        ground.feed.move(str(ground.product), -min(_STEP, left))
        yield from steps.minutes(ground, 1)
    yield from steps.minutes(ground, 2)


def _aftermath(ground: Ground, account: Account, since: Instant) -> Story:
    """What is held can leave; nothing is bought any more, and nothing rests."""
    held = ground.portfolio.positions.get(ground.product)
    yield from steps.sold(ground)
    left = ground.portfolio.positions.get(ground.product)
    account.claim(
        "what is held can still be sold",
        held is not None and left is None,
        f"{'nothing' if held is None else held.quantity} of {ground.product.base} sold",
    )
    reports = len(ground.reports)
    yield from steps.wishing(ground, 4)
    sent = ground.seen.sent_entries(since)
    refused = ground.seen.refused(reports, Reason.TRADING_STATE)
    account.claim(
        "nothing is bought after it, however the market rises",
        sent == 0 and refused > 0,
        f"{sent} sent, {refused} wishes refused"
        + ("" if refused else f"; nothing was wished for: {ground.seen.reasons(4)}"),
    )
    buys = [each for each in ground.seen.live_orders if each["side"] == "BUY"]
    account.claim("no buy rests at the exchange", not buys, f"{len(buys)} rest")


def _restart(ground: Ground, account: Account, stop: _Stop) -> None:
    ground.start()
    stands = stop.halt in ground.portfolio.halts
    account.claim("it stands after a restart", stands, "stands" if stands else "gone")
    ground.stop()


def _drill(stop: _Stop, *, is_realised: bool) -> Drill:
    word = "drawdown" if stop.halt is HaltName.DRAWDOWN else stop.halt.value.split("_")[0]
    how = "losses that are taken" if is_realised else "a falling price"
    return Drill(
        name=f"{word}_{'realised' if is_realised else 'price'}",
        emergency=f"{word} stop by {how}",
        proves=(stop.key, "run.interval_seconds", "checks.trading_state"),
        act=partial(_act, stop=stop, is_realised=is_realised),
    )


STOPS = tuple(
    _drill(stop, is_realised=is_realised) for stop in _STOPS for is_realised in (False, True)
)
