"""The ledger is a fold: each recorded event turns one portfolio into the next, and nothing else.

Every figure of the portfolio comes from here, so that replaying the journal from its start gives
the trader's own portfolio, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar, assert_never

from trader247.core.alerts.acknowledging import acknowledged, with_open
from trader247.core.book.by_hand import flatten_asked, holding_adopted, lots_sold_by_hand
from trader247.core.book.clocks import Clocks, not_before
from trader247.core.book.cycles import UNCLEAN_WINDOW, cycle_decided, recent
from trader247.core.book.dust import set_aside, taken_back
from trader247.core.book.equity import flowed, with_peak
from trader247.core.book.faulting import faulted, with_cancel, with_doubts, with_order
from trader247.core.book.fills import fill_booked
from trader247.core.book.intents import (
    cancel_requested,
    fills_accepted,
    intent_recorded,
    intent_unseen,
    order_seen,
    submission_settled,
)
from trader247.core.book.staging import staged
from trader247.core.book.tally import halted, restarted
from trader247.domain.changing import replace
from trader247.domain.errors import LedgerError
from trader247.domain.events.book import (
    InstanceRefused,
    JournalOpened,
    KeyRead,
    PolicyAdopted,
    PortfolioPinned,
    SessionEnded,
    SessionStarted,
)
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import (
    BanCleared,
    BanLatched,
    BreakerClosed,
    BreakerOpened,
    HaltCleared,
    HaltLatched,
    ProductDoubted,
    ProductTrusted,
    Struck,
)
from trader247.domain.events.holdings import (
    DustSetAside,
    DustTakenBack,
    FlattenAsked,
    HoldingAdopted,
    LotsSoldByHand,
)
from trader247.domain.events.money import (
    CashFlowed,
    DifferenceFound,
    DifferenceHealed,
    FeesRead,
    ForeignSeen,
)
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    FillQuarantined,
    FillsAccepted,
    ForeignOrdersSeen,
    IntentRecorded,
    IntentUnseen,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.people import (
    AlertRaised,
    AlertsAcknowledged,
    Armed,
    ConfirmationAsked,
    ConfirmationGiven,
    Disarmed,
    DrillsHeld,
    SmokePassed,
)
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.keys import KeyStanding
from trader247.domain.portfolio import Breaker, Difference, Halt, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant

ALERTS_MAX = 64
"""Codes of alerts remembered, the latest raised: a bound, far above the codes there are."""


K = TypeVar("K")
V = TypeVar("V")


def fold(portfolio: Portfolio, recorded: Recorded) -> Portfolio:
    """The portfolio after one more event of the journal.

    Raises:
        LedgerError: the event is not the next one, or contradicts what came before it.
    """
    if recorded.seq != portfolio.seq + 1:
        raise LedgerError(f"event {recorded.seq} after event {portfolio.seq}")
    after = _after(portfolio, recorded.event, recorded.time)
    if after is portfolio:
        return replace(after, seq=recorded.seq)
    # Nobody else has seen the copy yet: it is numbered where it lies, not copied once more.
    after.__dict__["seq"] = recorded.seq
    return after


def _after(portfolio: Portfolio, event: AnyEvent, at: Instant) -> Portfolio:  # noqa: PLR0911, PLR0912 - one line an event
    match event:
        case FillBooked():
            return fill_booked(portfolio, event, at)
        case CycleDecided():
            return cycle_decided(portfolio, event)
        case IntentRecorded():
            return with_order(intent_recorded(portfolio, event, at), event.intent, at)
        case SubmissionSettled():
            return submission_settled(portfolio, event, at)
        case OrderSeen():
            return order_seen(portfolio, event, at)
        case IntentUnseen():
            return intent_unseen(portfolio, event, at)
        case CancelRequested():
            known = portfolio.working.get(event.client_order_id)
            if known is not None and known.cancel_requested is None:
                portfolio = with_cancel(portfolio, known, at)
            return cancel_requested(portfolio, event, at)
        case FillQuarantined(fill):
            until = portfolio.fills_until
            seen = fill.sequence_time if until is None else max(until, fill.sequence_time)
            count = portfolio.fills_quarantined + 1
            return replace(portfolio, fills_quarantined=count, fills_until=seen)
        case FillsAccepted():
            return fills_accepted(portfolio, event, at)
        case CashFlowed():
            return _cash_flowed(portfolio, event)
        case ForeignSeen(currency, quantity):
            return replace(portfolio, foreign=_holding(portfolio.foreign, currency, quantity))
        case ForeignOrdersSeen(newest=newest):
            return replace(portfolio, foreign_until=newest)
        case HoldingAdopted():
            return holding_adopted(portfolio, event, at)
        case LotsSoldByHand():
            return lots_sold_by_hand(portfolio, event, at)
        case DustSetAside():
            return set_aside(portfolio, event, at)
        case DustTakenBack():
            return taken_back(portfolio, event)
        case FlattenAsked():
            return flatten_asked(portfolio, event)
        case FeesRead(tier):
            return replace(portfolio, fee_tier=tier)
        case PortfolioPinned(uuid):
            if portfolio.pinned not in ("", uuid):
                raise LedgerError(f"the book is on portfolio {portfolio.pinned}, not on {uuid}")
            return replace(portfolio, pinned=uuid)
        case KeyRead(permissions):
            return replace(portfolio, key=KeyStanding(permissions, at))
        case HaltLatched():
            return _halt_latched(portfolio, event, at)
        case HaltCleared():
            return _halt_cleared(portfolio, event)
        case Struck() | BanLatched() | BanCleared():
            return faulted(portfolio, event, at)
        case ProductDoubted() | ProductTrusted():
            return replace(portfolio, doubts=with_doubts(portfolio.doubts, (event,), at))
        case BreakerOpened(name, cause):
            if name in portfolio.breakers:
                return portfolio
            opened = Breaker(name, cause, not_before(portfolio, at))
            return replace(portfolio, breakers={**portfolio.breakers, name: opened})
        case BreakerClosed(name):
            return replace(portfolio, breakers=_without(portfolio.breakers, name))
        case DifferenceFound() | DifferenceHealed():
            return replace(portfolio, differences=with_difference(portfolio.differences, event, at))
        case JournalOpened():
            if portfolio.book:
                raise LedgerError(f"the journal of {portfolio.book} was opened before")
            return replace(portfolio, book=event.book, quote_currency=event.quote_currency)
        case SessionStarted():
            return _session_started(portfolio, event, at)
        case SessionEnded():
            return replace(portfolio, is_session_open=False)
        case PolicyAdopted():
            return replace(portfolio, policy_hash=event.policy_hash)
        case AlertRaised():
            return replace(
                portfolio,
                alerts=_with_alert(portfolio.alerts, alert_key(event), at),
                open_alerts=with_open(portfolio.open_alerts, event, id=portfolio.seq + 1, at=at),
            )
        case AlertsAcknowledged(codes):
            return replace(portfolio, open_alerts=acknowledged(portfolio.open_alerts, codes))
        case Armed() | Disarmed() | ConfirmationAsked() | ConfirmationGiven():
            return replace(portfolio, stage=staged(portfolio.stage, event, at))
        case SmokePassed() | DrillsHeld() | InstanceRefused():
            return portfolio
        case _:
            assert_never(event)


def alert_key(alert: AlertRaised) -> str:
    """What makes two alerts the same one: code and severity."""
    return f"{alert.code} {alert.severity.value}"


def with_difference(
    differences: Mapping[str, Difference], event: DifferenceFound | DifferenceHealed, at: Instant
) -> Mapping[str, Difference]:
    """The differences that stand after one was found, changed or healed.

    A difference keeps its first age while it stands, whatever its figures; a break stays one. Told
    at an earlier time than it was found, by a clock that was set back, it is of that time.
    """
    if isinstance(event, DifferenceHealed):
        return _without(differences, event.key)
    known = differences.get(event.key)
    found = Difference(
        key=event.key,
        ledger=event.ledger,
        venue=event.venue,
        since=at if known is None else min(known.since, at),
        is_break=event.is_break or (known is not None and known.is_break),
    )
    return {**differences, event.key: found}


def _cash_flowed(portfolio: Portfolio, event: CashFlowed) -> Portfolio:
    return replace(
        portfolio,
        cash=event.amount if portfolio.cash is None else portfolio.cash + event.amount,
        flows=portfolio.flows + event.amount,
        equity=flowed(portfolio.equity, event.amount),
    )


def _halt_latched(portfolio: Portfolio, event: HaltLatched, at: Instant) -> Portfolio:
    """A stop stands from its first word on; a later one can only take more away."""
    known = portfolio.halts.get(event.name)
    if known is None:
        halt = Halt(event.name, event.cause, at, event.keeps_sales)
    elif known.keeps_sales and not event.keeps_sales:
        halt = replace(known, keeps_sales=False)
    else:
        return portfolio
    halts = {**portfolio.halts, event.name: halt}
    return replace(portfolio, halts=halts, tally=halted(portfolio.tally, event.name))


def _halt_cleared(portfolio: Portfolio, event: HaltCleared) -> Portfolio:
    cleared = replace(
        portfolio,
        halts=_without(portfolio.halts, event.name),
        open_alerts=acknowledged(portfolio.open_alerts, (event.name.value,)),
    )
    if event.name is HaltName.DRAWDOWN and event.accepted_peak is not None:
        return replace(cleared, equity=with_peak(portfolio.equity, event.accepted_peak))
    return cleared


def _session_started(portfolio: Portfolio, event: SessionStarted, at: Instant) -> Portfolio:
    if event.epoch < portfolio.epoch:
        raise LedgerError(f"epoch {event.epoch} after epoch {portfolio.epoch}")
    ends = portfolio.unclean_ends if event.was_clean else (*portfolio.unclean_ends, at)
    return replace(
        portfolio,
        epoch=event.epoch,
        code_version=event.code_version,
        is_session_open=True,
        tally=restarted(portfolio.tally),
        unclean_ends=recent(ends, Clocks.agreeing(at), UNCLEAN_WINDOW),
    )


def _holding(
    foreign: Mapping[str, Decimal], currency: str, quantity: Decimal
) -> Mapping[str, Decimal]:
    return {**foreign, currency: quantity} if quantity else _without(foreign, currency)


def _with_alert(alerts: Mapping[str, Instant], key: str, at: Instant) -> Mapping[str, Instant]:
    others = [(known, time) for known, time in alerts.items() if known != key]
    return dict([*others[-(ALERTS_MAX - 1) :], (key, at)])


def _without(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    return {known: value for known, value in mapping.items() if known != key}
