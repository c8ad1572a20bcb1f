"""What time alone makes worth saying: what nobody acknowledged, ended or answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from trader247.core.alerts.acknowledging import ESCALATED
from trader247.core.alerts.words import NOTES, stake
from trader247.core.booking import alert_key
from trader247.core.holds import OURS_MAX, strange_cash
from trader247.core.orders.cancellations import is_sale_kept
from trader247.domain.events.people import AlertRaised
from trader247.domain.intents import WorkingIntent
from trader247.domain.money import total
from trader247.domain.orders import Side
from trader247.domain.portfolio import Difference, OpenAlert, Portfolio
from trader247.domain.reasons import Severity, TradingState
from trader247.domain.time import HOUR, MINUTE, SECOND, Instant

ESCALATES_AFTER = 120 * SECOND
"""A critical alert that nobody has acknowledged by then goes to every channel."""
ENDED_WITHIN = 30 * SECOND
"""After a halt every order that works must have ended by then; else it is told each minute."""
UNKNOWN_WARNS_AFTER = 60 * SECOND
UNKNOWN_IS_CRITICAL_AFTER = 10 * MINUTE
HELD_WARNS_AFTER = 60 * SECOND
"""A hold may outlive its order for a moment; one that nothing explains for longer is told of."""
CHANGES_WARN_AFTER = 5 * MINUTE
"""So long each reading may find another such hold before that is told of."""
SAME_AGAIN_AFTER = 60 * SECOND
"""The same alert, by code and severity, is not raised again within this time."""


def due_escalations(
    portfolio: Portfolio, now: Instant, *, held_since: Instant | None = None
) -> tuple[AlertRaised, ...]:
    """What time alone has made worth saying: what nobody acknowledged, answers that never came.

    Each open alert is escalated once; each unknown outcome is told of once as a warning and
    once as critical; each hold on cash that nothing explains once. `held_since` is since when each
    reading found such a hold, of whatever amount; None where nobody has counted.
    """
    raised = [
        *(_escalated(each, now) for each in portfolio.open_alerts.values()),
        _still_open(portfolio, now),
        _unanswered(portfolio, now, UNKNOWN_IS_CRITICAL_AFTER, Severity.CRITICAL),
        _unanswered(portfolio, now, UNKNOWN_WARNS_AFTER, Severity.WARNING),
        _held(portfolio, now, held_since),
    ]
    return tuple(alert for alert in raised if alert is not None and is_due(alert, portfolio, now))


def is_due(alert: AlertRaised, portfolio: Portfolio, now: Instant) -> bool:
    """Whether an alert is no repetition of one that was raised just now."""
    last = portfolio.alerts.get(alert_key(alert))
    # What is dated ahead was raised by a clock that was wrong: it keeps nothing back.
    return last is None or not timedelta(0) <= now - last < SAME_AGAIN_AFTER


def _escalated(known: OpenAlert, now: Instant) -> AlertRaised | None:
    if known.is_escalated or _away(known.since, now) < ESCALATES_AFTER:
        return None
    minutes = max(now - known.since, ESCALATES_AFTER) // MINUTE
    text = (
        f"Not acknowledged after {minutes} min: {known.text}. "
        f"To end this: trader247 alerts ack {known.ids[0]}"
    )
    return AlertRaised(Severity.CRITICAL, known.code + ESCALATED, text)


def due_unended(portfolio: Portfolio, now: Instant) -> tuple[AlertRaised, ...]:
    """That orders outlive a halt that ends them, while it is so: again each minute."""
    alert = _still_open(portfolio, now)
    return (alert,) if alert is not None and is_due(alert, portfolio, now) else ()


def _still_open(portfolio: Portfolio, now: Instant) -> AlertRaised | None:
    halted = [each for each in portfolio.halts.values() if each.name.state is TradingState.HALTED]
    if not halted:
        return None
    first = min(halted, key=lambda each: each.since)
    left = [
        each
        for each in portfolio.working.values()
        if not (each.order is not None and each.order.state.is_final)
        and not is_sale_kept(each, portfolio)
    ]
    if not left or _away(first.since, now) <= ENDED_WITHIN:
        return None
    seconds = max(now - first.since, ENDED_WITHIN) // SECOND
    names = ", ".join(f"{each.intent.side.value} {each.intent.product}" for each in left)
    money = total([each.intent.price * each.intent.quantity for each in left])
    text = (
        f"{NOTES[first.name].title}, and after {seconds} s it is not known "
        f"that {names}, {money.value:,.2f} {portfolio.quote_currency}, has ended. "
        f"{stake(portfolio)}. The venue is asked for it again and again. Next: trader247 kill on"
    )
    return AlertRaised(Severity.CRITICAL, "orders_not_ended", text)


def _unanswered(
    portfolio: Portfolio, now: Instant, age: timedelta, severity: Severity
) -> AlertRaised | None:
    """Outcomes unknown for `age`, if one of them was not told of since it came to that age."""
    old = [
        each
        for each in portfolio.working.values()
        if each.state.is_unresolved and _away(each.intent.created, now) >= age
    ]
    if not old:
        return None
    names = ", ".join(f"{each.intent.side.value} {each.intent.product}" for each in old)
    money = total([each.intent.price * each.intent.quantity for each in old])
    text = (
        f"No answer settles what became of {names}, {money.value:,.2f} "
        f"{portfolio.quote_currency}, for {age // MINUTE} min or longer. It keeps its reservation "
        f"and is never sent again. {_uncovered(old)}Next: trader247 reconcile"
    )
    alert = AlertRaised(severity, "unknown_outcome", text)
    reached = (each.intent.created + age for each in old)
    # When one that is dated ahead came to that age is not known: it is told of each hour.
    since = (each if each <= now else now - HOUR for each in reached)
    is_told = all(_was_raised(alert, portfolio, each, now) for each in since)
    return None if is_told else alert


def _uncovered(old: Sequence[WorkingIntent]) -> str:
    """What nothing else sells, nor covers, while it is not known what became of a sale of it."""
    sales = {str(each.intent.product) for each in old if each.intent.side is Side.SELL}
    if not sales:
        return ""
    return (
        f"Until then {', '.join(sorted(sales))} has no other stop, and no other sale: while the "
        "venue refuses its lists of orders nobody here can learn it, so look at the open orders "
        "on its website, and sell there what should not wait. "
    )


def _held(portfolio: Portfolio, now: Instant, held_since: Instant | None) -> AlertRaised | None:
    """Cash that has been held for a while for no order that is known, while it stops buying."""
    found = strange_cash(portfolio, now)
    if found is None:
        return None
    if now - found.since < HELD_WARNS_AFTER:
        return _held_anew(found, portfolio, now, held_since)
    text = (
        f"{Decimal(found.venue):,.2f} {portfolio.quote_currency} is held at the venue for no order "
        f"that is known here: a buy that this journal lost may rest there. {stake(portfolio)}. "
        "Nothing is bought until it is explained or gone, or stays as it is for "
        f"{OURS_MAX // MINUTE} min: then it is none of ours. Exits still work. Look at the open "
        "orders on the venue's website. Next: trader247 reconcile"
    )
    alert = AlertRaised(Severity.WARNING, "cash_held", text)
    return None if _was_raised(alert, portfolio, found.since, now) else alert


def _held_anew(
    found: Difference, portfolio: Portfolio, now: Instant, held_since: Instant | None
) -> AlertRaised | None:
    """The same where no amount stays for long enough: orders that are never listed come and go."""
    if held_since is None or now - held_since < CHANGES_WARN_AFTER:
        return None
    text = (
        f"Nothing is bought since {held_since}: {portfolio.quote_currency} is held at the venue "
        "for no order that is known here, another amount again and again, now "
        f"{Decimal(found.venue):,.2f}. {stake(portfolio)}. Each may be of a buy that this journal "
        f"lost, and would have to stay as it is for {OURS_MAX // MINUTE} min. Exits still work. If "
        "somebody else trades on this account, give the trader a portfolio of its own. Next: "
        "trader247 reconcile, and the open orders on the venue's website"
    )
    alert = AlertRaised(Severity.WARNING, "cash_held", text)
    return None if _was_raised(alert, portfolio, held_since, now) else alert


def _away(since: Instant, now: Instant) -> timedelta:
    """How far off something is that has begun.

    What is dated ahead began before a clock was set back, nobody knows when: a person is rather
    told too early than an hour too late.
    """
    return abs(now - since)


def _was_raised(alert: AlertRaised, portfolio: Portfolio, since: Instant, now: Instant) -> bool:
    """Whether it was told since then. Dated ahead, it was of something before a clock was set."""
    last = portfolio.alerts.get(alert_key(alert))
    return last is not None and since <= last <= now
