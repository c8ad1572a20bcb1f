"""Circuit breakers: measured conditions that close entries and open them again by themselves.

A breaker opens in the cycle in which its condition holds, and closes in the cycle that is the
last of `clean_cycles` running in which it does not. The fold counts the clean cycles before this
one (`Breaker.clean_cycles`), from `CycleDecided.tripped`: a cycle is clean for a breaker that is
open and not named there. Each stays open for `probe_minutes` at the least, and two for longer:
after a flash crash and after a fast loss, the clean cycles that follow at once say little. Exits go
on whatever is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from trader247.core.policy import Policy
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.stops import change_of, high_since, nav_of
from trader247.domain.events.halts import BreakerClosed, BreakerOpened
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductStatus, ProductView, Quote, Snapshot
from trader247.domain.money import CONTEXT, Money, Percent
from trader247.domain.portfolio import Breaker, Portfolio
from trader247.domain.reasons import BreakerName
from trader247.domain.time import HOUR, MINUTE, Instant

ERROR_WINDOW = 5 * MINUTE
RATE_LIMIT_WINDOW = 10 * MINUTE
RECONNECT_WINDOW = HOUR
MOVE_MINUTES = 5
LOSS_WINDOW = 15 * MINUTE

_TRADING = frozenset({ProductStatus.ONLINE, ProductStatus.LIMIT_ONLY, ProductStatus.POST_ONLY})


def changes_by(
    causes: Mapping[BreakerName, str], portfolio: Portfolio, policy: Policy, now: Instant
) -> tuple[BreakerOpened | BreakerClosed, ...]:
    """The breakers that open and those that close, where these have `tripped`."""
    changes: list[BreakerOpened | BreakerClosed] = []
    for name in BreakerName:
        standing = portfolio.breakers.get(name)
        if name in causes:
            if standing is None:
                changes.append(BreakerOpened(name, causes[name]))
        elif standing is not None and _may_close(standing, policy, now):
            changes.append(BreakerClosed(name))
    return tuple(changes)


def _may_close(breaker: Breaker, policy: Policy, now: Instant) -> bool:
    if breaker.clean_cycles + 1 < policy.breakers.clean_cycles:
        return False
    return now - breaker.since >= held_for(breaker.name, policy)


def held_for(name: BreakerName, policy: Policy) -> timedelta:
    """For how long a breaker stays open at the least, once it opened."""
    minutes = {
        BreakerName.VOLATILITY: policy.breakers.move_minutes,
        BreakerName.LOSS_VELOCITY: policy.breakers.velocity_minutes,
    }
    return max(minutes.get(name, 0), policy.breakers.probe_minutes) * MINUTE


def tripped(
    portfolio: Portfolio,
    snapshot: Snapshot,
    policy: Policy,
    now: Instant,
    *,
    equity: Money | None = None,
) -> Mapping[BreakerName, str]:
    """Every breaker whose condition holds now, open already or not, with the figures.

    `equity` is today's, at the snapshot's bids; unknown, it trips nothing here: `equity_known`
    stops entries meanwhile.
    """
    surely = surely_at(portfolio, snapshot)
    causes = {
        BreakerName.API_ERRORS: _api_errors(portfolio, policy, surely),
        BreakerName.RATE_LIMIT: _rate_limit(portfolio, policy, surely),
        BreakerName.MAINTENANCE: _maintenance(snapshot),
        BreakerName.STALE_MARKET: _stale_market(snapshot, policy, now),
        BreakerName.CYCLE_BUDGET: _cycle_budget(portfolio, policy),
        BreakerName.VOLATILITY: _volatility(portfolio, snapshot, policy, now),
        BreakerName.LOSS_VELOCITY: _loss_velocity(portfolio, policy, surely, equity),
        BreakerName.LATENCY: _latency(portfolio, policy),
        BreakerName.RECONNECTS: _reconnects(portfolio, policy, surely),
        BreakerName.DISK: _disk(portfolio, policy),
    }
    return {name: cause for name, cause in causes.items() if cause}


def surely_at(portfolio: Portfolio, snapshot: Snapshot) -> Instant:
    """The time by which a window is over: our clock's, the venue's or the last cycle's, whichever
    lies between the others.

    One clock that is wrong, ours or the venue's, then neither ends a window nor keeps one open
    until its hour comes again.
    """
    both = sorted((snapshot.time, snapshot.right_time))
    return both[0] if portfolio.time is None else sorted((*both, portfolio.time))[1]


def recent(times: tuple[Instant, ...], now: Instant, window: timedelta) -> int:
    """How many of `times` are less than `window` ago."""
    return sum(1 for time in times if now - time < window)


def stale_share(snapshot: Snapshot, policy: Policy, now: Instant) -> Percent | None:
    """The share of the listed products that the venue trades which have no fresh, sane quote.

    None where the venue trades none of them, or does not say.
    """
    views = [
        view
        for product in policy.universe.products
        if (view := snapshot.views.get(product)) is not None
        and view.product is not None
        and view.product.status in _TRADING
    ]
    if not views:
        return None
    age = check_in(policy.checks, QuoteAge)
    stale = sum(1 for view in views if _usable_quote(view, age, now) is None)
    return Percent.from_fraction(CONTEXT.divide(Decimal(stale), Decimal(len(views))))


def move(view: ProductView, policy: Policy, now: Instant) -> Percent | None:
    """The greater of the moves of close and mid over the last five minutes, unsigned.

    None where six closed minutes are not there to measure it by.
    """
    bars = view.bars
    if bars is None or len(bars) <= MOVE_MINUTES:
        return None
    base = bars.price(bars.close[-1 - MOVE_MINUTES])
    latest = [bars.price(bars.close[-1])]
    quote = _usable_quote(view, check_in(policy.checks, QuoteAge), now)
    if quote is not None:
        latest.append(quote.mid)
    return max([price.percent_off(base) for price in latest])


def move_limit(product: ProductId, policy: Policy) -> Percent:
    """The five-minute move above which a product's move is a flash crash."""
    tiers = policy.universe.tiers
    is_major = bool(tiers) and product in tiers[0].products
    return policy.breakers.move_major_pct if is_major else policy.breakers.move_other_pct


def _api_errors(portfolio: Portfolio, policy: Policy, now: Instant) -> str:
    faults, limits = portfolio.faults, policy.breakers
    if faults.running >= limits.errors_running:
        return f"{faults.running} API errors running"
    lately = recent(faults.errors, now, ERROR_WINDOW)
    return f"{lately} API errors in 5 min" if lately >= limits.errors_in_5_min else ""


def _rate_limit(portfolio: Portfolio, policy: Policy, now: Instant) -> str:
    lately = recent(portfolio.faults.rate_limited, now, RATE_LIMIT_WINDOW)
    is_over = lately >= policy.breakers.rate_limited_in_10_min
    is_on = is_over and is_refused_lately(portfolio, policy, now)
    return f"{lately} rate-limit answers in 10 min" if is_on else ""


def is_refused_lately(portfolio: Portfolio, policy: Policy, now: Instant) -> bool:
    """Whether the venue's rate limit refused a request within the probe, or in the last cycle.

    Where it did not, it takes us again: a window twice as long must not keep the breaker open, nor
    open it anew.
    """
    faults, probe = portfolio.faults, policy.breakers.probe_minutes * MINUTE
    return faults.is_refused or recent(faults.rate_limited, now, probe) > 0


def _maintenance(snapshot: Snapshot) -> str:
    reason = snapshot.unreachable
    return f"the venue could not be read: {reason}" if reason else ""


def _stale_market(snapshot: Snapshot, policy: Policy, now: Instant) -> str:
    share = stale_share(snapshot, policy, now)
    if share is None:
        return "the venue trades none of the listed products, or does not say"
    is_over = share > policy.breakers.stale_share_pct
    return f"{figure(share.value, 1)} % of the products have no fresh quote" if is_over else ""


def _cycle_budget(portfolio: Portfolio, policy: Policy) -> str:
    overruns = portfolio.faults.overruns
    is_over = overruns >= policy.breakers.overruns
    return f"{overruns} cycles running took over their budget" if is_over else ""


def _latency(portfolio: Portfolio, policy: Policy) -> str:
    most = policy.breakers.latency_seconds_max
    is_over = portfolio.faults.is_slow
    return f"over 5 % of the venue's answers took more than {most} s" if is_over else ""


def _reconnects(portfolio: Portfolio, policy: Policy, now: Instant) -> str:
    lately = recent(portfolio.faults.reconnects, now, RECONNECT_WINDOW)
    is_over = lately > policy.breakers.reconnects_per_hour
    return f"the stream was begun anew {lately} times in an hour" if is_over else ""


def _disk(portfolio: Portfolio, policy: Policy) -> str:
    least = policy.breakers.disk_mb_min
    is_low = portfolio.faults.is_disk_low
    return f"under {least} MB are free where the journal is, or it is not known" if is_low else ""


def _volatility(portfolio: Portfolio, snapshot: Snapshot, policy: Policy, now: Instant) -> str:
    for product in watched(portfolio, policy):
        view = snapshot.views.get(product)
        moved = None if view is None else move(view, policy, now)
        if moved is not None and moved > move_limit(product, policy):
            return f"{product} moved {figure(moved.value, 2)} % in five minutes"
    return ""


def fast_loss(portfolio: Portfolio, now: Instant, equity: Money | None) -> Percent | None:
    """How much equity has lost from its high of the last 15 minutes, in per cent.

    None where equity is unknown, or was not measured in that time.
    """
    record = portfolio.equity
    nav, high = nav_of(record, equity), high_since(record.highs_24h, now, LOSS_WINDOW)
    if nav is None or not high or high[0].nav <= 0:
        return None
    return max(-change_of(nav, high[0].nav), Percent.of(0))


def _loss_velocity(portfolio: Portfolio, policy: Policy, now: Instant, equity: Money | None) -> str:
    lost = fast_loss(portfolio, now, equity)
    if lost is None or lost < policy.breakers.velocity_pct:
        return ""
    return f"equity lost {figure(lost.value, 2)} % within 15 minutes"


def watched(portfolio: Portfolio, policy: Policy) -> tuple[ProductId, ...]:
    """The members of the universe, or every listed product before there is a universe."""
    listed, universe = policy.universe.products, portfolio.universe
    members = tuple(each for each in listed if each in universe and universe[each].is_member)
    return members or listed


def _usable_quote(view: ProductView, age: QuoteAge, now: Instant) -> Quote | None:
    quote = view.quote
    if quote is None or quote.is_crossed or not age.is_fresh(quote, now):
        return None
    return quote
