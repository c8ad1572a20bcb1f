"""Whether a key is one to trade with: it may trade, it may not transfer, it is the book's own."""

from __future__ import annotations

from datetime import timedelta

from trader247.core.booking import alert_key
from trader247.domain.events.people import AlertRaised
from trader247.domain.keys import KeyPermissions, KeyStanding
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.time import DAY, HOUR, Instant

READ_EVERY = 6 * HOUR
NOT_SAID = "the venue does not say to which portfolio the key belongs"
UNREAD_MAX = 12 * HOUR
"""Older than this, what the key may do is unknown, and nothing is sent on it."""
UNSURE_MAX = HOUR
"""How long readings may fail where the clocks do not agree on whether the last one is so old."""

AGE_WARN, AGE_MAX = 83 * DAY, 90 * DAY
"""A key's age at which it is to be replaced, and one by which it must have been."""


def key_refusal(permissions: KeyPermissions, pinned: str) -> str | None:
    """Why nothing may be sent with this key, in a sentence; None where it may.

    `pinned` is the portfolio that the book was begun on; empty where this key begins it.
    """
    if permissions.can_transfer:
        return (
            "the key may transfer money out of the account: whoever steals it takes the money; "
            "make one with view and trade alone"
        )
    if not permissions.can_view:
        return "the key may not view the account"
    if not permissions.can_trade:
        return "the key may not trade"
    if not permissions.portfolio:
        return NOT_SAID
    return elsewhere(permissions, pinned)


def elsewhere(permissions: KeyPermissions, pinned: str) -> str | None:
    """That a key reaches another portfolio than the book's, in a sentence; None where it does not.

    What another portfolio lists says nothing of this book's orders: it would make them seem lost.
    """
    if not pinned or permissions.portfolio == pinned:
        return None
    if not permissions.portfolio:
        return NOT_SAID
    return (
        f"the key belongs to the portfolio {permissions.portfolio}, and this book was begun "
        f"on {pinned}: use a key of that one, or another --data for this one"
    )


def is_reading_due(key: KeyStanding | None, now: Instant) -> bool:
    """Whether what the key may do is to be read again."""
    return key is None or not timedelta(0) <= now - key.read_at < READ_EVERY


def unread_cause(
    key: KeyStanding | None, now: Instant, *, steady: timedelta | None, failing: timedelta
) -> str | None:
    """Why the last reading no longer counts, or None where it does.

    `steady` is how long ago it was by a clock that nobody sets, None where another process made it;
    `failing` is since when readings fail, by the same. A machine that slept is behind by that
    clock: where the wall's says that the reading is too old, it is, unless another comes soon.
    """
    if key is None:
        return "what the key may do was never read"
    age = now - key.read_at
    if steady is None:
        if age < timedelta(0):
            return f"what the key may do was last read at {key.read_at}, which is to come"
        is_sure = True
    else:
        is_sure = failing >= UNSURE_MAX
        if steady > UNREAD_MAX:
            age, is_sure = steady, True
    if age > UNREAD_MAX and is_sure:
        return f"what the key may do was last read {age // HOUR} h ago"
    return None


def age_alert(created: Instant, portfolio: Portfolio, now: Instant) -> AlertRaised | None:
    """What to tell of a key that grows old, once a day; None where there is nothing to tell."""
    age = now - created
    if age < AGE_WARN:
        return None
    is_over = age >= AGE_MAX
    severity = Severity.CRITICAL if is_over else Severity.WARNING
    text = (
        f"The key is {age // DAY} days old; a key is to be replaced before day {AGE_MAX // DAY}. "
        "It still trades. Next: make a new one, then trader247 key check and key attest"
    )
    alert = AlertRaised(severity, "key_age", text)
    last = portfolio.alerts.get(alert_key(alert))
    # What is dated ahead was told by a clock that was wrong: it keeps nothing back.
    return alert if last is None or not timedelta(0) <= now - last < DAY else None
