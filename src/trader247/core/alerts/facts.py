"""Which facts a person should hear of, and in which words.

Each text says the fact, the money at stake, what trader247 does about it, and the next command to
type. Raising is pure: whether the same alert was raised lately is in the portfolio.
"""

from __future__ import annotations

from trader247.core.alerts.due import is_due
from trader247.core.alerts.faults import fault_alert
from trader247.core.alerts.orders import foreign_alert, order_alert, quarantine_alert
from trader247.core.alerts.stages import stage_alert
from trader247.core.alerts.words import NOTES, cause_of, severity_of, stake
from trader247.core.book.acceptance import unpriced_in
from trader247.core.orders.cancellations import FLIPPED
from trader247.domain.events.book import SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import (
    BanCleared,
    BanLatched,
    BreakerClosed,
    BreakerOpened,
    HaltCleared,
    HaltLatched,
    ProductDoubted,
    Struck,
)
from trader247.domain.events.money import DifferenceFound
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    FillQuarantined,
    ForeignOrdersSeen,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.people import AlertRaised, Armed, ConfirmationAsked, Disarmed
from trader247.domain.events.recorded import Recorded
from trader247.domain.fills import Fill
from trader247.domain.portfolio import Halt, Portfolio
from trader247.domain.reasons import Reason, Severity, TradingState

_GONE = frozenset(
    each.value for each in (Reason.NOT_AT_VENUE, Reason.NOT_TRADABLE, Reason.NO_QUOTE)
)
"""How a product ends that the venue may have taken off its list."""

_ONCE_EACH = (BanLatched, ProductDoubted, DifferenceFound)
"""What is told once of each product or currency: of another one it is no repetition."""
_OF_ONE_ORDER = frozenset({"late_order", "answer_contradicts", "product_flipped"})
"""What is told once of each order: what comes of another one is other money."""


def alerts_for(recorded: Recorded, before: Portfolio, after: Portfolio) -> AlertRaised | None:
    """The alert that an event calls for, if it calls for one that was not raised just now.

    `before` and `after` are the portfolio without and with the event.
    """
    alert = _alert(recorded, before, after)
    if alert is None or _is_news(alert, recorded, before):
        return alert
    return alert if is_due(alert, before, recorded.time) else None


def _is_news(alert: AlertRaised, recorded: Recorded, before: Portfolio) -> bool:
    """Whether an alert is no repetition, whatever was raised under its code just now."""
    event = recorded.event
    if isinstance(event, FillQuarantined):
        # Of an order that is not ours one is enough: somebody else may trade in many pieces.
        return _is_of_ours(event.fill, before)
    is_once_each = isinstance(event, _ONCE_EACH) or alert.code in _OF_ONE_ORDER
    return is_once_each or _is_back(alert, recorded, before)


def _is_of_ours(fill: Fill, before: Portfolio) -> bool:
    """Whether a fill is of an order that works, or that ended lately."""
    return any(
        each.order_id == fill.order_id
        for intents in (before.working, before.settled)
        for each in intents.values()
    )


def _is_back(alert: AlertRaised, recorded: Recorded, before: Portfolio) -> bool:
    """Whether a halt latches of which the last word was that it is cleared, or none was said yet.

    Of a break the alert is open already that names what differs.
    """
    return isinstance(recorded.event, HaltLatched) and alert.code not in before.open_alerts


def _alert(recorded: Recorded, before: Portfolio, after: Portfolio) -> AlertRaised | None:  # noqa: PLR0911, PLR0912 - one line an event
    match recorded.event:
        # What happens most is asked for first.
        case SubmissionSettled() | OrderSeen() | FillBooked():
            return order_alert(recorded.event, before, after)
        case CycleDecided() if not recorded.event.is_exits_only:
            return _of_cycle(recorded.event, before, after)
        case IntentRecorded() | CycleDecided():
            return None
        case HaltLatched(name):
            known, halt = before.halts.get(name), after.halts[name]
            return None if halt is known else _halted(halt, after, is_stricter=known is not None)
        case HaltCleared():
            return _cleared(recorded.event, after)
        case ProductDoubted(product) if product not in before.doubts:
            return _doubted(recorded.event, after)
        case Struck() | BanLatched() | BanCleared():
            return fault_alert(recorded.event, before, after)
        case BreakerOpened(name, cause) if name not in before.breakers:
            text = (
                f"Circuit breaker {name.value} opened: {cause}. {stake(after)}. Nothing is bought "
                "until it closes by itself; exits still work. Next: trader247 risk status"
            )
            return AlertRaised(Severity.WARNING, f"breaker_{name.value}", text)
        case BreakerClosed(name) if name in before.breakers:
            text = (
                f"Circuit breaker {name.value} closed after clean cycles. {stake(after)}. "
                f"{_goes_on(after)} Next: trader247 risk status"
            )
            return AlertRaised(Severity.INFO, f"breaker_{name.value}", text)
        case DifferenceFound(key, ledger, venue, True):
            return _broken(key, ledger, venue, before, after)
        case FillQuarantined(fill, cause):
            return quarantine_alert(fill, cause, after)
        case SessionStarted(was_clean=False):
            return _unclean(after)
        case ConfirmationAsked() | Armed() | Disarmed():
            return stage_alert(recorded.event, after)
        case CancelRequested() if recorded.event.cause.startswith(FLIPPED):
            return _flipped(recorded.event, before)
        case ForeignOrdersSeen():
            return foreign_alert(recorded.event, after)
        case _:
            return None


def _goes_on(after: Portfolio) -> str:
    """What a breaker that closed leaves behind: others, or a halt, may still stand."""
    if after.trading_state is not TradingState.ACTIVE:
        return f"Trading state is {after.trading_state.value}."
    if after.breakers:
        return f"Nothing is bought yet: {', '.join(each.value for each in after.breakers)} is open."
    return "What triggers is bought again."


def _doubted(event: ProductDoubted, after: Portfolio) -> AlertRaised:
    text = (
        f"Market data of {event.product} is in doubt: {event.cause}. {stake(after)}. It is not "
        "bought for five minutes at the least; exits still work. "
        f"Next: trader247 why {event.product}"
    )
    return AlertRaised(Severity.WARNING, "product_doubted", text)


def _flipped(event: CancelRequested, before: Portfolio) -> AlertRaised | None:
    known = before.working.get(event.client_order_id)
    if known is None or known.cancel_requested is not None:
        return None
    intent = known.intent
    money = (intent.price * intent.quantity).value
    text = (
        f"{event.cause}, with our {intent.side.value} of {money:,.2f} {before.quote_currency} "
        "open. Its cancel was asked for; it counts as open until the venue says that it ended. "
        "Next: trader247 orders"
    )
    return AlertRaised(Severity.WARNING, "product_flipped", text)


def _halted(halt: Halt, portfolio: Portfolio, *, is_stricter: bool) -> AlertRaised:
    """What latched; or that somebody took back the wish that sales stay, which others had."""
    note, cause = NOTES[halt.name], cause_of(halt)
    if is_stricter:
        cause += "; no sale is left to rest any more"
    text = f"{cause}. {stake(portfolio)}. {note.consequence} Next: {note.next_command}"
    return AlertRaised(severity_of(halt.name), halt.name.value, text)


def _cleared(event: HaltCleared, after: Portfolio) -> AlertRaised:
    text = (
        f"{NOTES[event.name].title} cleared by {event.operator}: {event.reason}. "
        f"{stake(after)}. Trading state is {after.trading_state.value}. "
        "Next: trader247 risk status"
    )
    return AlertRaised(Severity.INFO, event.name.value, text)


def _broken(
    key: str, ledger: str, venue: str, before: Portfolio, after: Portfolio
) -> AlertRaised | None:
    known = before.differences.get(key)
    if known is not None and known.is_break:
        return None
    text = (
        f"Reconciliation break on {key}: ledger {ledger}, venue {venue}. {stake(after)}. "
        "Nothing is bought; exits still work. Next: trader247 reconcile"
    )
    return AlertRaised(Severity.CRITICAL, "reconciliation_break", text)


def _for_want_of(portfolio: Portfolio) -> str:
    """What is held without a price that can be believed, and how it ended in the last cycle."""
    unpriced = unpriced_in(portfolio)
    if not unpriced:
        return ""
    each = (f"{product} ({portfolio.reasons.get(product, 'not read')})" for product in unpriced)
    return f": no price of {', '.join(each)} can be believed"


def _to_be_priced(portfolio: Portfolio) -> str:
    """The command that leads on: a product that is gone needs a person, all else a look."""
    gone = [each for each in unpriced_in(portfolio) if portfolio.reasons.get(each) in _GONE]
    if not gone:
        return "trader247 smoke"
    return (
        f"trader247 why {gone[0]}; if the venue trades it no more, take it over: "
        f'trader247 reconcile --accept --reason "delisted" --price {gone[0]}=PRICE'
    )


def _unclean(after: Portfolio) -> AlertRaised:
    count = len(after.unclean_ends)
    text = (
        f"The last session did not end properly ({count} within ten minutes). {stake(after)}. "
        "The ledger was folded again and the venue's books are read before anything is sent. "
        "Next: trader247 state verify"
    )
    return AlertRaised(Severity.WARNING, "unclean_start", text)


def _of_cycle(event: CycleDecided, before: Portfolio, after: Portfolio) -> AlertRaised | None:
    small = Reason.UNIVERSE_TOO_SMALL.value
    if small in after.reasons.values() and small not in before.reasons.values():
        text = (
            f"Too few products are eligible. {stake(after)}. Nothing is bought until more are; "
            "exits still work. Next: trader247 cycle shows each product's reason"
        )
        return AlertRaised(Severity.CRITICAL, "universe_too_small", text)
    if event.equity is None and (before.equity.equity is not None or before.cycle == 0):
        text = (
            f"Market data unavailable: equity cannot be measured{_for_want_of(after)}. "
            f"{stake(after)}. Nothing is bought until it can; stops wait for it. "
            f"Next: {_to_be_priced(after)}"
        )
        return AlertRaised(Severity.CRITICAL, "data_unavailable", text)
    return None
