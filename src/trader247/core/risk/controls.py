"""Every control's present standing, by the same figures that decisions use.

With a snapshot, values are of that market. Without one they are of the ledger's last cycle while
that is recent, and what only a market can tell is unknown.
"""

from __future__ import annotations

from decimal import Decimal

from trader247.core.policy import Policy
from trader247.core.risk import breakers
from trader247.core.risk.check import figure
from trader247.core.risk.control_checks import check_views
from trader247.core.risk.control_conduct import conduct_views
from trader247.core.risk.control_view import WARN_SHARE, ControlState, ControlView, Meter
from trader247.core.risk.reservations import at_market
from trader247.core.risk.standing import Standing
from trader247.core.risk.stops import StopLevel, stop_levels
from trader247.core.valuation import mark_to_market
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, ONE
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import BreakerName, HaltName
from trader247.domain.time import MINUTE, Instant

EQUITY_AGE_MAX = 10 * MINUTE
"""The age at which an equity that was measured is unknown again."""

_STOP_ROWS = {HaltName.DAILY_STOP: 5, HaltName.WEEKLY_STOP: 6, HaltName.DRAWDOWN: 7}
_FAULT_ROW, _VOLATILITY_ROW, _VELOCITY_ROW = 35, 36, 8


def controls(
    portfolio: Portfolio, snapshot: Snapshot | None, policy: Policy, now: Instant
) -> tuple[ControlView, ...]:
    """The three stops, the breakers and every check; the kill switch is for whoever holds it."""
    standing = _standing(portfolio, snapshot, policy, now)
    return (
        *_stop_views(standing),
        *_breaker_views(standing),
        *conduct_views(standing),
        *check_views(standing),
    )


def _standing(
    portfolio: Portfolio, snapshot: Snapshot | None, policy: Policy, now: Instant
) -> Standing:
    if snapshot is not None:
        _, equity = mark_to_market(portfolio, snapshot, policy)
        marked = at_market(portfolio, snapshot)
        return Standing(marked, snapshot, policy, equity, snapshot.time, now)
    record = portfolio.equity
    is_recent = record.time is not None and now - record.time <= EQUITY_AGE_MAX
    equity = record.equity if is_recent else None
    return Standing(portfolio, None, policy, equity, record.time, now)


def _stop_views(standing: Standing) -> list[ControlView]:
    surely = min(standing.now, standing.right_now)  # as the cycle judges them
    levels = stop_levels(standing.portfolio, standing.policy, equity=standing.equity, now=surely)
    return [_stop_view(level, standing) for level in levels]


def _stop_view(level: StopLevel, standing: Standing) -> ControlView:
    is_tripped = level.name in standing.portfolio.halts or level.is_hit
    state = ControlState.TRIPPED if is_tripped else ControlState.UNKNOWN
    if not is_tripped and level.headroom is not None:
        near = CONTEXT.multiply(abs(level.limit.value), CONTEXT.subtract(ONE, WARN_SHARE))
        state = ControlState.WARN if level.headroom.value <= near else ControlState.OK
    return ControlView(
        id=level.name.value,
        row=_STOP_ROWS[level.name],
        limit=figure(level.limit.value),
        value=None if level.value is None else figure(level.value.value),
        headroom=None if level.headroom is None else figure(level.headroom.value),
        unit="%",
        state=state,
        age_s=standing.equity_age,
    )


def _breaker_views(standing: Standing) -> list[ControlView]:
    limits, faults, now = standing.policy.breakers, standing.portfolio.faults, standing.right_now
    lately = breakers.recent(faults.errors, now, breakers.ERROR_WINDOW)
    limited = breakers.recent(faults.rate_limited, now, breakers.RATE_LIMIT_WINDOW)
    is_refused = breakers.is_refused_lately(standing.portfolio, standing.policy, now)
    name, most = BreakerName.API_ERRORS, limits.rate_limited_in_10_min
    # What is counted, its limit, and whether it still goes on where the count alone does not say.
    counts = (
        (name, "", faults.running, limits.errors_running, "errors running", True),
        (name, ".lately", lately, limits.errors_in_5_min, "errors in 5 min", True),
        (BreakerName.RATE_LIMIT, "", limited, most, "answers in 10 min", is_refused),
        (BreakerName.CYCLE_BUDGET, "", faults.overruns, limits.overruns, "cycles running", True),
    )
    views = [
        Meter(
            name.value + part,
            _FAULT_ROW,
            Decimal(count),
            Decimal(limit),
            unit,
            _is_open(name, standing, count >= limit and is_on),
        ).view(standing.ledger_age)
        for name, part, count, limit, unit, is_on in counts
    ]
    views += [*_of_machine(standing)]
    return [*views, _maintenance(standing), _stale_market(standing), *_of_moves(standing)]


def _of_machine(standing: Standing) -> list[ControlView]:
    """What the engine measured against its limit in the last cycle, and the streams' restarts."""
    limits, faults = standing.policy.breakers, standing.portfolio.faults
    lately = breakers.recent(faults.reconnects, standing.right_now, breakers.RECONNECT_WINDOW)
    name, most = BreakerName.RECONNECTS, limits.reconnects_per_hour
    is_open = _is_open(name, standing, lately > most)
    anew = Meter(name.value, _FAULT_ROW, Decimal(lately), Decimal(most), "in an hour", is_open)
    age = standing.ledger_age
    verdicts = (
        (
            *(BreakerName.LATENCY, f"{limits.latency_seconds_max}", "s for 95 %", faults.is_slow),
            "over" if faults.is_slow else "within",
        ),
        (
            *(BreakerName.DISK, f"{limits.disk_mb_min}", "MB free", faults.is_disk_low),
            "under" if faults.is_disk_low else "enough",
        ),
    )
    views = [anew.view(age)]
    for breaker, shown, unit, is_over, word in verdicts:
        is_tripped = _is_open(breaker, standing, is_over)
        state = ControlState.TRIPPED if is_tripped else ControlState.OK
        value: str | None = word
        if standing.portfolio.time is None:
            state, value = ControlState.UNKNOWN, None
        views.append(ControlView(breaker.value, _FAULT_ROW, shown, value, None, unit, state, age))
    return views


def _is_open(name: BreakerName, standing: Standing, is_over: bool) -> bool:
    return is_over or name in standing.portfolio.breakers


def _maintenance(standing: Standing) -> ControlView:
    name, snapshot = BreakerName.MAINTENANCE, standing.snapshot
    value = None if snapshot is None else Decimal(bool(snapshot.unreachable))
    is_open = _is_open(name, standing, value == 1)
    return Meter(name.value, _FAULT_ROW, value, ONE, "closed", is_open).view(standing.market_age)


def _stale_market(standing: Standing) -> ControlView:
    name, limit = BreakerName.STALE_MARKET, standing.policy.breakers.stale_share_pct
    share, is_over = None, False
    if standing.snapshot is not None:
        share = breakers.stale_share(standing.snapshot, standing.policy, standing.now)
        is_over = share is None or share > limit
    value = None if share is None else share.value
    is_open = _is_open(name, standing, is_over)
    meter = Meter(name.value, _VOLATILITY_ROW, value, limit.value, "% of products", is_open)
    return meter.view(standing.market_age)


def _of_moves(standing: Standing) -> tuple[ControlView, ControlView]:
    """A market that moves too fast, and a book that loses too fast."""
    name, limit = BreakerName.LOSS_VELOCITY, standing.policy.breakers.velocity_pct
    lost = breakers.fast_loss(standing.portfolio, standing.right_now, standing.equity)
    is_open = _is_open(name, standing, lost is not None and lost >= limit)
    value = None if lost is None else lost.value
    unit = "% in 15 min"
    meter = Meter(name.value, _VELOCITY_ROW, value, limit.value, unit, is_open)
    return _volatility(standing), meter.view(standing.equity_age)


def _volatility(standing: Standing) -> ControlView:
    """The move that is nearest to its own product's limit."""
    name, policy = BreakerName.VOLATILITY, standing.policy
    moves: list[tuple[Decimal, Decimal]] = []
    for product in breakers.watched(standing.portfolio, policy):
        view = None if standing.snapshot is None else standing.snapshot.views.get(product)
        moved = None if view is None else breakers.move(view, policy, standing.now)
        if moved is not None:
            moves.append((moved.value, breakers.move_limit(product, policy).value))
    greatest = max(moves, key=lambda pair: CONTEXT.divide(*pair), default=None)
    value, limit = greatest or (None, policy.breakers.move_major_pct.value)
    is_open = _is_open(name, standing, value is not None and value > limit)
    meter = Meter(name.value, _VOLATILITY_ROW, value, limit, "% in 5 min", is_open)
    return meter.view(standing.market_age)
