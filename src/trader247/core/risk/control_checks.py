"""The present standing of each risk check: what it measures now, against what it allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

from trader247.core.book.faulting import COLLAR
from trader247.core.holds import strange_cash
from trader247.core.limits import bound_of, number_of
from trader247.core.risk.bans import slipped, strikes_since
from trader247.core.risk.check import Check, check_in, figure
from trader247.core.risk.checks.capital import Capital
from trader247.core.risk.checks.clock_skew import ClockSkew, skew_seconds
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.confirmation import ConfirmationCheck
from trader247.core.risk.checks.cooldown import Cooldown
from trader247.core.risk.checks.duplicate import Duplicate
from trader247.core.risk.checks.ladder import Ladder
from trader247.core.risk.checks.losing_streak import LosingStreak
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.max_positions import MaxPositions
from trader247.core.risk.checks.pace import Pace, entries_since
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.product_status import ProductStatusCheck
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_age import age_seconds as quote_age_seconds
from trader247.core.risk.checks.repetition import Repetition
from trader247.core.risk.checks.slippage import Slippage
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.checks.turnover import Turnover, bought_today, fees_today, open_buys
from trader247.core.risk.control_view import ControlState, ControlView, Meter
from trader247.core.risk.reservations import (
    exposed_products,
    exposure_of,
    exposure_of_all,
    reserved_cash,
    total_exposure,
)
from trader247.core.risk.stages import canary_in
from trader247.core.risk.standing import Standing
from trader247.domain.money import ZERO, Money
from trader247.domain.reasons import TradingState
from trader247.domain.time import DAY, HOUR, MINUTE, SECOND


def check_views(standing: Standing) -> tuple[ControlView, ...]:
    """The standing of every check, in the order in which they are asked."""
    views: list[ControlView] = []
    for check in standing.policy.checks:
        special = _SPECIAL.get(check.id)
        views += [_per_order(check)] if special is None else special(check, standing)
    return tuple(views)


def _per_order(check: Check) -> ControlView:
    """A check that measures each order: its first limit, and nothing until an order comes."""
    shown, unit = "", ""
    for each in fields(check)[:1]:
        bound = bound_of(type(check), each.name)
        number = number_of(getattr(check, each.name))
        if bound is not None and number is not None:
            shown, unit = figure(number), bound.unit
    return ControlView(check.id, check.row, shown, None, None, unit, ControlState.OK, None)


def _trading_state(check: Check, standing: Standing) -> list[ControlView]:
    state = standing.portfolio.trading_state
    is_active = state is TradingState.ACTIVE
    return [
        ControlView(
            check.id,
            check.row,
            TradingState.ACTIVE.value,
            state.value,
            None,
            "",
            ControlState.OK if is_active else ControlState.TRIPPED,
            standing.ledger_age,
        )
    ]


def _breaker_open(check: Check, standing: Standing) -> list[ControlView]:
    count = len(standing.portfolio.breakers)
    meter = Meter(check.id, check.row, Decimal(count), ZERO, "open", is_tripped=count > 0)
    return [meter.view(standing.ledger_age)]


def _banned(check: Check, standing: Standing) -> list[ControlView]:
    count = len(standing.portfolio.bans)
    meter = Meter(check.id, check.row, Decimal(count), ZERO, "bans", is_tripped=count > 0)
    return [meter.view(standing.ledger_age)]


def _collar(check: Check, standing: Standing) -> list[ControlView]:
    """The product that was refused here most often lately, beside the collar itself."""
    limits, portfolio = check_in(standing.policy.checks, Collar), standing.portfolio
    since = standing.now - timedelta(minutes=limits.strikes_minutes)
    products = (key.partition(":")[2] for key in portfolio.strikes)
    counts = [strikes_since(portfolio, COLLAR, product, since) for product in products]
    count = Decimal(max(counts, default=0))
    meter = Meter(f"{check.id}.strikes", check.row, count, Decimal(limits.strikes_max), "refusals")
    return [_per_order(check), meter.view(standing.ledger_age)]


def _slippage(check: Check, standing: Standing) -> list[ControlView]:
    """The product of whose last ten fills the most cost too much, beside the cap itself."""
    limits, histories = check_in(standing.policy.checks, Slippage), standing.portfolio.history
    counts = [slipped(history, standing.policy) for history in histories.values()]
    count = Decimal(max(counts, default=0))
    most = Decimal(limits.realised_fills)
    meter = Meter(f"{check.id}.realised", check.row, count, most, "fills over twice the cap")
    return [_per_order(check), meter.view(standing.ledger_age)]


def _equity_known(check: Check, standing: Standing) -> list[ControlView]:
    return [_above_zero(check, standing.equity, standing.equity_age)]


def _buying_power(check: Check, standing: Standing) -> list[ControlView]:
    cash = standing.portfolio.cash
    free = None if cash is None else cash - reserved_cash(standing.portfolio)
    if strange_cash(standing.portfolio, standing.now) is not None:
        free = None  # an order that nobody knows may take it
    return [_above_zero(check, free, standing.ledger_age)]


def _above_zero(check: Check, amount: Money | None, age_s: int | None) -> ControlView:
    shown = None if amount is None else figure(amount.value, 8)
    state = ControlState.UNKNOWN
    if amount is not None:
        state = ControlState.OK if amount.value > 0 else ControlState.TRIPPED
    return ControlView(check.id, check.row, "0", shown, shown, "quote", state, age_s)


def _clock_skew(check: Check, standing: Standing) -> list[ControlView]:
    limits = check_in(standing.policy.checks, ClockSkew)
    skew = None if standing.snapshot is None else standing.snapshot.clock_skew
    value = None if skew is None else skew_seconds(skew)
    is_over = value is not None and value > limits.seconds_max
    view = Meter(
        check.id, check.row, value, Decimal(limits.seconds_max), "s", is_tripped=is_over
    ).view(standing.market_age)
    if skew is not None and not is_over:
        is_worth_a_look = abs(skew) > timedelta(seconds=limits.seconds_warn)
        view = replace(view, state=ControlState.WARN if is_worth_a_look else ControlState.OK)
    return [view]


def _product_status(check: Check, standing: Standing) -> list[ControlView]:
    limit = check_in(standing.policy.checks, ProductStatusCheck).status_seconds_max
    ages = [
        Decimal((standing.now - view.product.read_at) // SECOND)
        for view in standing.views
        if view.product is not None
    ]
    meter = Meter(check.id, check.row, max(ages, default=None), Decimal(limit), "s", False)
    return [meter.view(standing.market_age)]


def _quote_age(check: Check, standing: Standing) -> list[ControlView]:
    limit = check_in(standing.policy.checks, QuoteAge).seconds_max
    ages = [
        quote_age_seconds(view.quote, standing.now)
        for view in standing.views
        if view.quote is not None
    ]
    # One product's old quote refuses that product: it is worth a look, and trips nothing.
    meter = Meter(check.id, check.row, max(ages, default=None), Decimal(limit), "s", False)
    return [meter.view(standing.market_age)]


def _quote_sanity(check: Check, standing: Standing) -> list[ControlView]:
    quotes = [view.quote for view in standing.views if view.quote is not None]
    crossed = Decimal(sum(1 for quote in quotes if quote.is_crossed)) if quotes else None
    meter = Meter(check.id, check.row, crossed, ZERO, "crossed", is_tripped=False)
    return [meter.view(standing.market_age)]


def _max_order(check: Check, standing: Standing) -> list[ControlView]:
    checks = standing.policy.checks
    canary = canary_in(checks, standing.portfolio.stage, standing.equity)
    cap = check_in(checks, MaxOrder).cap(standing.equity, canary)
    state = ControlState.UNKNOWN if cap is None else ControlState.OK
    limit = "" if cap is None else figure(cap.value, 8)
    return [
        ControlView(check.id, check.row, limit, None, None, "quote", state, standing.equity_age)
    ]


def _duplicate(check: Check, standing: Standing) -> list[ControlView]:
    working = standing.portfolio.working.values()
    count = sum(1 for each in working if each.state.is_unresolved)
    meter = Meter(check.id, check.row, Decimal(count), ZERO, "unresolved", is_tripped=False)
    minutes = figure(Decimal(check_in(standing.policy.checks, Duplicate).same_size_minutes))
    name, ok = f"{check.id}.same_size", ControlState.OK
    same_size = ControlView(name, check.row, minutes, None, None, "min", ok, None)
    return [meter.view(standing.ledger_age), same_size]


def _max_positions(check: Check, standing: Standing) -> list[ControlView]:
    limit = Decimal(check_in(standing.policy.checks, MaxPositions).positions_max)
    count = Decimal(len(exposed_products(standing.portfolio)))
    return [Meter(check.id, check.row, count, limit, "positions").view(standing.ledger_age)]


def _pace(check: Check, standing: Standing) -> list[ControlView]:
    limits, sent = check_in(standing.policy.checks, Pace), standing.portfolio.entries_sent
    windows = (
        (MINUTE, limits.per_minute, "a", "minute"),
        (HOUR, limits.per_hour, "an", "hour"),
        (DAY, limits.per_day, "a", "day"),
    )
    return [
        Meter(
            f"{check.id}.{name}",
            check.row,
            Decimal(entries_since(sent, standing.now, window)),
            Decimal(limit),
            f"entries {each} {name}",
        ).view(standing.ledger_age)
        for window, limit, each, name in windows
    ]


def _repetition(check: Check, standing: Standing) -> list[ControlView]:
    """The product that was bought most often in a day."""
    limit = check_in(standing.policy.checks, Repetition).per_day
    histories = standing.portfolio.history.values()
    counts = [entries_since(each.entries, standing.now, DAY) for each in histories]
    count = Decimal(max(counts, default=0))
    meter = Meter(check.id, check.row, count, Decimal(limit), "of a product a day")
    return [meter.view(standing.ledger_age)]


def _turnover(check: Check, standing: Standing) -> list[ControlView]:
    limits, portfolio = check_in(standing.policy.checks, Turnover), standing.portfolio
    bought = bought_today(portfolio, standing.now) + open_buys(portfolio)
    parts = (
        ("bought", bought, limits.bought_pct),
        ("fees", fees_today(portfolio, standing.now), limits.fees_pct),
    )
    return [
        Meter(
            f"{check.id}.{name}",
            check.row,
            standing.share(amount),
            limit.value,
            "% of equity",
        ).view(standing.equity_age)
        for name, amount, limit in parts
    ]


def _capital(check: Check, standing: Standing) -> list[ControlView]:
    most = check_in(standing.policy.checks, Capital).quote_max.value
    exposure = total_exposure(standing.portfolio)
    value = None if exposure is None else exposure.value
    return [Meter(check.id, check.row, value, most, "quote").view(standing.ledger_age)]


def _cooldown(check: Check, standing: Standing) -> list[ControlView]:
    limits, history = check_in(standing.policy.checks, Cooldown), standing.portfolio.history
    listed = standing.policy.universe.products
    ends = [limits.until(history[product]) for product in listed if product in history]
    cooling = sum(1 for end in ends if end is not None and end > standing.now)
    meter = Meter(check.id, check.row, Decimal(cooling), Decimal(len(listed)), "products")
    return [meter.view(standing.ledger_age)]


def _losing_streak(check: Check, standing: Standing) -> list[ControlView]:
    limits, portfolio = check_in(standing.policy.checks, LosingStreak), standing.portfolio
    last = portfolio.last_loss
    is_waiting = portfolio.losing_streak >= limits.closes_max and (
        last is None or standing.now - last < timedelta(minutes=limits.minutes)
    )
    meter = Meter(
        check.id,
        check.row,
        Decimal(portfolio.losing_streak),
        Decimal(limits.closes_max),
        "closes",
        is_tripped=is_waiting,
    )
    return [meter.view(standing.ledger_age)]


def _product_exposure(check: Check, standing: Standing) -> list[ControlView]:
    limit = check_in(standing.policy.checks, ProductExposure).pct_max.value
    shares = [
        standing.share(exposure_of(product, standing.portfolio))
        for product in exposed_products(standing.portfolio)
    ] or [standing.share(Money(ZERO))]
    known = [share for share in shares if share is not None]
    greatest = max(known) if len(known) == len(shares) else None
    return [Meter(check.id, check.row, greatest, limit, "% of equity").view(standing.equity_age)]


def _cluster_exposure(check: Check, standing: Standing) -> list[ControlView]:
    return [
        Meter(
            f"{check.id}.{cluster.name}",
            check.row,
            standing.share(exposure_of_all(cluster.members, standing.portfolio)),
            cluster.cap.value,
            "% of equity",
        ).view(standing.equity_age)
        for cluster in standing.policy.universe.clusters
    ]


def _total_exposure(check: Check, standing: Standing) -> list[ControlView]:
    limit = check_in(standing.policy.checks, TotalExposure).pct_max.value
    share = standing.share(total_exposure(standing.portfolio))
    return [Meter(check.id, check.row, share, limit, "% of equity").view(standing.equity_age)]


def _arming(check: Check, standing: Standing) -> list[ControlView]:
    stage = standing.portfolio.stage
    if stage is None:
        return [_per_order(check)]
    is_armed = stage.is_armed(standing.now)
    value = "armed" if is_armed else ("disarmed" if stage.is_revoked else "ended")
    state = ControlState.OK if is_armed else ControlState.TRIPPED
    if is_armed and stage.until - standing.now <= 3 * DAY:
        state = ControlState.WARN
    until, age = str(stage.until), standing.ledger_age
    return [ControlView(check.id, check.row, until, value, None, "", state, age)]


def _canary(check: Check, standing: Standing) -> list[ControlView]:
    canary = canary_in(standing.policy.checks, standing.portfolio.stage, standing.equity)
    if canary is None:
        return [_per_order(check)]
    count = Decimal(len(exposed_products(standing.portfolio)))
    meter = Meter(check.id, check.row, count, Decimal(canary.positions_max), "positions", False)
    return [meter.view(standing.ledger_age)]


def _ladder(check: Check, standing: Standing) -> list[ControlView]:
    stage = standing.portfolio.stage
    if stage is None:
        return [_per_order(check)]
    cap = check_in(standing.policy.checks, Ladder).cap(stage, standing.now)
    shown, age = figure(cap.value, 2), standing.ledger_age
    return [ControlView(check.id, check.row, shown, None, None, "quote", ControlState.OK, age)]


def _confirmation(check: Check, standing: Standing) -> list[ControlView]:
    stage = standing.portfolio.stage
    if stage is None:
        return [_per_order(check)]
    first = check_in(standing.policy.checks, ConfirmationCheck).trades_first
    done, age = str(stage.trades), standing.ledger_age
    state = ControlState.OK
    return [ControlView(check.id, check.row, str(first), done, None, "trades", state, age)]


_SPECIAL: dict[str, Callable[[Check, Standing], list[ControlView]]] = {
    "trading_state": _trading_state,
    "arming": _arming,
    "breaker_open": _breaker_open,
    "banned": _banned,
    "collar": _collar,
    "slippage": _slippage,
    "equity_known": _equity_known,
    "clock_skew": _clock_skew,
    "product_status": _product_status,
    "quote_age": _quote_age,
    "quote_sanity": _quote_sanity,
    "max_order": _max_order,
    "duplicate": _duplicate,
    "max_positions": _max_positions,
    "pace": _pace,
    "repetition": _repetition,
    "cooldown": _cooldown,
    "losing_streak": _losing_streak,
    "turnover": _turnover,
    "capital": _capital,
    "product_exposure": _product_exposure,
    "cluster_exposure": _cluster_exposure,
    "total_exposure": _total_exposure,
    "buying_power": _buying_power,
    "canary": _canary,
    "ladder": _ladder,
    "confirmation": _confirmation,
}
