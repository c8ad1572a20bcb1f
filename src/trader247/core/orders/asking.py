"""What a person is asked before an armed book buys: the wish that only waits for their yes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING

from trader247.core.risk.checks.confirmation import ConfirmationCheck
from trader247.domain.events.people import ConfirmationAsked
from trader247.domain.money import ONE, Money
from trader247.domain.proposals import Proposal
from trader247.domain.stage import Confirmation, Stage
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved, Refused


def questions_of(
    answers: Sequence[Approved | Refused], stage: Stage | None, now: Instant
) -> tuple[ConfirmationAsked, ...]:
    """The first wish that every other limit allows, unless the same was asked a while ago.

    One a cycle: the gate lets no more than that through in the end. The notional is rounded up to
    whole units, as the price will have moved a little by the time of the answer.
    """
    if stage is None:
        return ()
    for answer in answers:
        if not isinstance(answer, Refused) or not _only_waits(answer):
            continue
        wish = answer.proposal
        if any(each.covers(wish.product, wish.side) for each in _open(stage, now)):
            return ()
        return (ConfirmationAsked(_name(wish), wish.product, wish.side, _whole(wish.notional)),)
    return ()


def _only_waits(refused: Refused) -> bool:
    no = {verdict.check for verdict in refused.verdicts if not verdict.is_allowed}
    return no == {ConfirmationCheck.id}


def _open(stage: Stage, now: Instant) -> list[Confirmation]:
    return [each for each in stage.confirmations.values() if each.is_open(now)]


def _name(wish: Proposal) -> str:
    """What is typed to say yes: `17-BTC-USD`, the cycle and the product."""
    return wish.decision_id.replace(":", "-")


def _whole(notional: Money) -> Money:
    return Money(notional.value.quantize(ONE, rounding=ROUND_CEILING))
