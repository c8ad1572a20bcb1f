"""What arming, questions and answers make of a book's stage."""

from __future__ import annotations

from dataclasses import replace

from trader247.domain.errors import LedgerError
from trader247.domain.events.people import Armed, ConfirmationAsked, ConfirmationGiven, Disarmed
from trader247.domain.ids import ProductId
from trader247.domain.orders import Side
from trader247.domain.stage import Confirmation, Stage
from trader247.domain.time import Instant

ASKED_MAX = 32
"""Questions remembered, the latest: far more than can be open at once."""


def staged(
    stage: Stage | None,
    event: Armed | Disarmed | ConfirmationAsked | ConfirmationGiven,
    at: Instant,
) -> Stage | None:
    """The stage after one of its events.

    Raises:
        LedgerError: an answer to what nobody asked, or a question in a book that nobody armed.
    """
    if isinstance(event, Armed):
        return _armed(stage, event, at)
    if stage is None:
        raise LedgerError(f"{event.kind} in a book that nobody armed")
    match event:
        case Disarmed():
            return replace(stage, is_revoked=True, confirmations={})
        case ConfirmationAsked(id, product, side, notional):
            asked = Confirmation(id, product, side, notional, asked=at)
            others = [(name, each) for name, each in stage.confirmations.items() if name != id]
            kept = [(name, each) for name, each in others if each.is_open(at)]
            return replace(stage, confirmations=dict([*kept[-(ASKED_MAX - 1) :], (id, asked)]))
        case ConfirmationGiven(id):
            known = stage.confirmations.get(id)
            if known is None:
                raise LedgerError(f"{id} was confirmed, and nobody asked for it")
            given = replace(known, given=at)
            return replace(stage, confirmations={**stage.confirmations, id: given})


def traded(stage: Stage, product: ProductId) -> Stage:
    """The stage after the first fill of an entry: one trade more, and its yes is used up."""
    left = {
        name: each
        for name, each in stage.confirmations.items()
        if not each.covers(product, Side.BUY)
    }
    return replace(stage, trades=stage.trades + 1, confirmations=left)


def _armed(stage: Stage | None, event: Armed, at: Instant) -> Stage:
    return Stage(
        account=event.account,
        policy_hash=event.policy_hash,
        version=event.version,
        armed=at,
        until=event.until,
        largest=event.largest,
        ladder_since=event.ladder_since,
        operator=event.operator,
        trades=0 if stage is None else stage.trades,
    )
