"""Alerts about a book's stage: it was armed or disarmed, or a trade waits for a person."""

from __future__ import annotations

from trader247.core.alerts.words import stake
from trader247.domain.events.people import AlertRaised, Armed, ConfirmationAsked, Disarmed
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity


def stage_alert(event: Armed | Disarmed | ConfirmationAsked, after: Portfolio) -> AlertRaised:
    """What a person should hear of it: always."""
    currency = after.quote_currency
    match event:
        case Armed():
            text = (
                f"ARMED by {event.operator} for account {event.account} until {event.until}: "
                f"orders of up to {event.largest} {currency}. {stake(after)}. Next: trader247 "
                "disarm takes it back"
            )
            return AlertRaised(Severity.WARNING, "armed", text)
        case Disarmed():
            text = (
                f"Disarmed by {event.operator}: {event.cause}. {stake(after)}. Nothing is bought, "
                "exits still work. Next: trader247 preflight, then trader247 arm"
            )
            return AlertRaised(Severity.WARNING, "disarmed", text)
        case ConfirmationAsked():
            done = 0 if after.stage is None else after.stage.trades
            text = (
                f"Trade {done + 1} waits for your yes: {event.side.value} {event.product} for up "
                f"to {event.notional} {currency}. {stake(after)}. No answer within 10 min is a "
                f"no. Next: trader247 confirm {event.id}"
            )
            return AlertRaised(Severity.WARNING, f"confirm_{event.product}", text)
