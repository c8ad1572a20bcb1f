"""What is remembered of faults: strikes for a day, bans until a person clears them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from trader247.core.alerts.acknowledging import acknowledged
from trader247.core.book.clocks import Clocks, near
from trader247.core.book.intents import within_a_day
from trader247.domain.changing import replace
from trader247.domain.events.halts import (
    BanCleared,
    BanLatched,
    ProductDoubted,
    ProductTrusted,
    Struck,
)
from trader247.domain.ids import ProductId
from trader247.domain.intents import RecordedIntent, WorkingIntent
from trader247.domain.orders import OrderType
from trader247.domain.portfolio import (
    EMPTY,
    Ban,
    DayConduct,
    Doubt,
    Portfolio,
    ProductHistory,
    ban_key,
)
from trader247.domain.time import Instant

STRIKES_MAX = 16
"""Strikes kept of one control and scope, the latest: more than any limit's ceiling asks for."""
HASTE = timedelta(seconds=2)
"""An order whose end is asked for sooner than this was hardly meant to trade."""

COLLAR, REPETITION, SLIPPAGE = "collar", "repetition", "slippage"
CONDUCT, SELF_MATCH = "conduct", "self_match"
"""The controls that strike and ban: each is named as its check, or its section, is."""
ORDER_RATIO = "order_ratio"
"""What strikes where orders are sent and hardly any trades; like `self_match`, it bans nobody."""
BANNING = (COLLAR, REPETITION, SLIPPAGE, CONDUCT)


def faulted(
    portfolio: Portfolio, event: Struck | BanLatched | BanCleared, at: Instant
) -> Portfolio:
    """The portfolio after a control found fault, or a person forgave it."""
    key = ban_key(event.control, event.scope)
    match event:
        case Struck():
            times = _struck(portfolio.strikes.get(key, ()), Clocks(at, portfolio.time or at))
            return replace(portfolio, strikes={**portfolio.strikes, key: times})
        case BanLatched(control, scope, cause):
            if key in portfolio.bans:
                return portfolio
            ban = Ban(control, scope, cause, at)
            return replace(portfolio, bans={**portfolio.bans, key: ban})
        case BanCleared():
            return _forgiven(portfolio, event, key)


def _struck(times: tuple[Instant, ...], clocks: Clocks) -> tuple[Instant, ...]:
    """The strikes of a day with one more, none of them dated ahead, nor forgotten, by one clock."""
    last = times[-1] if times else None
    kept = tuple(min(each, clocks.later) for each in within_a_day(times, clocks.earlier))
    return (*kept, clocks.after(last))[-STRIKES_MAX:]


def _forgiven(portfolio: Portfolio, event: BanCleared, key: str) -> Portfolio:
    """Without the ban, and without what led to it: else the next cycle would latch it again."""
    bans = {each: ban for each, ban in portfolio.bans.items() if each != key}
    alerts = portfolio.open_alerts
    if all(ban.control != event.control for ban in bans.values()):
        alerts = acknowledged(alerts, (f"ban_{event.control}",))
    cleared = replace(
        portfolio,
        bans=bans or EMPTY,
        open_alerts=alerts,
        strikes={each: times for each, times in portfolio.strikes.items() if each != key} or EMPTY,
    )
    if event.control == CONDUCT:
        others = {name: day for name, day in portfolio.conduct.items() if name != event.scope}
        return replace(cleared, conduct=others or EMPTY)
    if event.control != SLIPPAGE:
        return cleared
    product = ProductId.parse(event.scope)
    history = replace(portfolio.history.get(product, ProductHistory()), slips=())
    return replace(cleared, history={**portfolio.history, product: history})


def with_doubts(
    known: Mapping[ProductId, Doubt], events: Iterable[ProductDoubted | ProductTrusted], at: Instant
) -> Mapping[ProductId, Doubt]:
    """The doubts that stand after some were raised, changed or laid to rest."""
    doubts = dict(known)
    for event in events:
        match event:
            case ProductTrusted(product):
                doubts.pop(product, None)
            case ProductDoubted(product):
                before = doubts.get(product)
                since = at if before is None else before.since
                doubts[product] = Doubt(
                    event.cause, since, event.until, event.level, event.prints, event.last_print
                )
    return doubts or EMPTY


def banned_by(portfolio: Portfolio, product: ProductId, strategy: str) -> tuple[Ban, ...]:
    """The bans that keep a strategy from buying a product."""
    if not portfolio.bans:
        return ()
    scopes = (str(product), strategy)
    return tuple(ban for ban in portfolio.bans.values() if ban.scope in scopes)


def with_order(portfolio: Portfolio, intent: RecordedIntent, at: Instant) -> Portfolio:
    """One more order was sent to trade; a resting stop is renewed all day and is none."""
    if intent.order_type is OrderType.STOP_LIMIT_GTD:
        return portfolio
    known = conduct_of(portfolio, intent.strategy, near(portfolio, at))
    return _behaving(portfolio, intent.strategy, replace(known, orders=known.orders + 1))


def with_cancel(portfolio: Portfolio, working: WorkingIntent, at: Instant) -> Portfolio:
    """The end of an order was asked for: at once, or after it had its chance to trade."""
    intent = working.intent
    if intent.order_type is OrderType.STOP_LIMIT_GTD or at - intent.created >= HASTE:
        return portfolio
    known = conduct_of(portfolio, intent.strategy, near(portfolio, at))
    return _behaving(portfolio, intent.strategy, replace(known, hasty=known.hasty + 1))


def with_trade(portfolio: Portfolio, known: WorkingIntent, at: Instant) -> dict[str, DayConduct]:
    """The conduct of every strategy after the first fill of an order."""
    strategy = known.intent.strategy
    day = conduct_of(portfolio, strategy, near(portfolio, at))
    return {**portfolio.conduct, strategy: replace(day, traded=day.traded + 1)}


def conduct_of(portfolio: Portfolio, strategy: str, at: Instant) -> DayConduct:
    """How a strategy behaved on the UTC day of `at`."""
    known = portfolio.conduct.get(strategy)
    if known is None or at.begins_day_after(known.day):
        return DayConduct(at.day_start)
    return known


def _behaving(portfolio: Portfolio, strategy: str, day: DayConduct) -> Portfolio:
    return replace(portfolio, conduct={**portfolio.conduct, strategy: day})
