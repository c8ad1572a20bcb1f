"""What the venue's answer to one order says of everything else: when it must stop trading."""

from __future__ import annotations

from trader247.domain.events.halts import HaltLatched
from trader247.domain.ids import ClientOrderId
from trader247.domain.intents import IntentState
from trader247.domain.outcomes import PERMISSION_DENIED, UNAUTHORIZED, Declined, Outcome, Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName

_ANSWERED = (
    IntentState.ACCEPTED,
    IntentState.FILLS_PENDING,
    IntentState.DONE,
    IntentState.REJECTED,
)


def latched_by(
    outcome: Outcome, name: ClientOrderId, portfolio: Portfolio
) -> tuple[HaltLatched, ...]:
    """The halts that follow from what became of the intent `name`.

    An answer that contradicts the protocol stops everything, and so does a key that may not trade,
    or that two orders running were refused for: a valid key is refused now and then, once.
    """
    match outcome:
        case Unknown(detail, latch=True):
            return (HaltLatched(HaltName.INVARIANT, f"{name}: {detail}"),)
        case Declined(code=code, message=message) if code == PERMISSION_DENIED:
            return (HaltLatched(HaltName.KEY, f"the key may not trade: {message}"),)
        case Declined(code=code) if code == UNAUTHORIZED and _was_refused(name, portfolio):
            return (HaltLatched(HaltName.KEY, "two orders running were refused for the key"),)
        case _:
            return ()


def _was_refused(name: ClientOrderId, portfolio: Portfolio) -> bool:
    """Whether the last order before `name` that was answered was refused for the key."""
    answered = [
        each
        for known in (portfolio.settled, portfolio.working)
        for key, each in known.items()
        if key != name and each.state in _ANSWERED
    ]
    latest = max((each.intent.created for each in answered), default=None)
    return any(
        each.state is IntentState.REJECTED and each.detail.startswith(f"{UNAUTHORIZED}:")
        for each in answered
        if each.intent.created == latest
    )
