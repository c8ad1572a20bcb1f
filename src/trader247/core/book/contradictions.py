"""What a contradiction between the venue's books and ours leads to: stop buying, and say why."""

from __future__ import annotations

from trader247.domain.events.halts import HaltLatched
from trader247.domain.fills import Fill
from trader247.domain.ids import OWN_PREFIX, ClientOrderId
from trader247.domain.intents import IntentState
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName


def broken(portfolio: Portfolio, cause: str) -> tuple[HaltLatched, ...]:
    """The stop to all buying that follows from a contradiction, once."""
    if HaltName.RECONCILIATION_BREAK in portfolio.halts:
        return ()
    return (HaltLatched(HaltName.RECONCILIATION_BREAK, cause),)


def lateness(portfolio: Portfolio, name: ClientOrderId) -> tuple[HaltLatched, ...]:
    """What follows where a sign of an order comes that was settled as not at the venue."""
    known = portfolio.settled.get(name)
    if known is None or known.state not in (IntentState.REJECTED, IntentState.NOT_CREATED):
        return ()
    cause = f"{name} turned up after it was settled as {known.state.value}"
    return (HaltLatched(HaltName.RECONCILIATION_BREAK, cause),)


def doubt(portfolio: Portfolio, fill: Fill, name: ClientOrderId | None) -> tuple[HaltLatched, ...]:
    """What follows a fill of an order under our name that does not fit: is the journal whole?

    One that lost its last part, or was restored from an older copy, may hold more than it
    knows: its first reading takes what it does not know for somebody else's.
    """
    if name is None or not name.startswith(OWN_PREFIX):
        return ()
    return broken(portfolio, f"fill {fill.entry_id} of {name} does not fit this journal")
