"""Why a product did or did not trade in a cycle: the cycle decided again, and what followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trader247.app.books.choice import Choice
from trader247.app.books.source import Source
from trader247.app.past.book import past_book
from trader247.app.past.cycle import PastCycle, number_of, past_cycle
from trader247.core.decide import Deliberation
from trader247.core.market.triggers import Trigger
from trader247.core.regime import Regime
from trader247.core.signals.signal import Reading
from trader247.core.sizing import Size
from trader247.core.universe import eligibility
from trader247.core.why.takes import Takes, takes
from trader247.core.why.world import Remedy
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.errors import UsageError
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.market import ProductView
from trader247.domain.outcomes import Acknowledged, Declined, Unknown
from trader247.domain.position import Position
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import Reason
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved, Refused, Verdict

__all__ = ["Reading", "Regime", "Remedy", "Size", "Takes", "Trigger", "Verdict"]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done or learned about the product's orders after the decision."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The path of one product through one cycle, as far as it came.

    `is_as_recorded` says that deciding again gave the reason that the journal has. `eligibility`
    is what the universe had against it, None for nothing or where it is not listed. `dust` is what
    was left of an earlier position, and less than the venue sells. `is_unpriced` where some is
    held and no price of it could be believed.
    """

    source: Source
    product: ProductId
    cycle: int
    at: Instant
    policy_hash: str
    code_version: str
    tier: str | None
    is_member: bool
    eligibility: Outcome | None
    view: ProductView
    position: Position | None
    dust: Position | None
    is_unpriced: bool
    regime: Regime
    guards: Sequence[Reading]
    readings: Sequence[Reading]
    trigger: Trigger | None
    size: Size | None
    proposal: Proposal | None
    verdicts: Sequence[Verdict]
    acts: Sequence[Act]
    outcome: Outcome
    recorded: Outcome | None
    takes: Takes

    @property
    def is_as_recorded(self) -> bool:
        """Whether the journal has the same reason, with the same figures."""
        return self.recorded == self.outcome


def explained(
    choice: Choice, product: ProductId, *, cycle: int | None, at: Instant | None
) -> Explanation:
    """Why `product` ended as it did in a cycle: the one named, the one of a time, else the last.

    Raises:
        UsageError: there is no such book or cycle, or the cycle did not look at the product.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `past_book` says.
        LedgerError: the journal contradicts itself.
    """
    with past_book(choice) as book:
        number = number_of(book.journal, cycle=cycle, at=at)
        past = past_cycle(book.journal, number)
        found = past.world.deliberated()
        outcomes = found.decisions.outcomes
        if product not in outcomes:
            known = ", ".join(str(each) for each in outcomes)
            raise UsageError(
                f"cycle {number} did not look at {product}", hint=f"it looked at {known}"
            )
        return _explained(book.source, product, past, found)


def _explained(
    source: Source, product: ProductId, past: PastCycle, found: Deliberation
) -> Explanation:
    world, decisions = past.world, found.decisions
    tier = world.policy.universe.tier_of(product)
    examined = found.examined.get(product)
    judged: tuple[Approved | Refused, ...] = (
        *decisions.approved,
        *decisions.refused,
        *found.exits.refused,
    )
    answers = [each for each in judged if each.proposal.product == product]
    view = world.snapshot.views.get(product)
    standing = found.universe.memberships.get(product)
    return Explanation(
        source=source,
        product=product,
        cycle=past.event.cycle,
        at=past.event.at,
        policy_hash=world.policy.hash,
        code_version=past.code_version,
        tier=None if tier is None else tier.name,
        is_member=standing is not None and standing.is_member,
        eligibility=None
        if tier is None
        else eligibility(product, view, world.snapshot, world.policy),
        view=world.view(product),
        position=world.portfolio.positions.get(product),
        dust=world.portfolio.dust.get(product),
        is_unpriced=product in world.portfolio.holdings and product not in past.event.marks,
        regime=found.regime,
        guards=() if examined is None else examined.guards,
        readings=() if examined is None else examined.readings,
        trigger=None if examined is None else examined.trigger,
        size=found.sizes.get(product),
        proposal=answers[0].proposal if answers else None,
        verdicts=answers[0].verdicts if answers else (),
        acts=tuple(acts_of(product, past.acts)),
        outcome=decisions.outcomes[product],
        recorded=_recorded(past, product),
        takes=takes(product, world),
    )


def _recorded(past: PastCycle, product: ProductId) -> Outcome | None:
    ending = past.event.endings.get(product)
    if ending is None:
        return None
    return Outcome(Reason(ending.reason), ending.detail)


def acts_of(product: ProductId, events: Sequence[AnyEvent]) -> list[Act]:
    """What was sent for the product, and what came back, in order."""
    sent: dict[ClientOrderId, IntentRecorded] = {}
    acts: list[Act] = []
    for event in events:
        match event:
            case IntentRecorded(intent) if intent.product == product:
                sent[intent.client_order_id] = event
                text = (
                    f"{intent.side.value} {intent.quantity} at {intent.price}, "
                    f"{intent.order_type.value}, until {intent.end_time}"
                )
                acts.append(Act("sent", text))
            case SubmissionSettled(name, outcome) if name in sent:
                acts.append(Act("answer", _answer(outcome)))
            case OrderSeen(order) if order.product == product:
                text = f"order {order.order_id} is {order.state.value}, {order.filled} filled"
                acts.append(Act("order", text))
            case FillBooked(fill, _) if fill.product == product:
                text = f"{fill.side.value} {fill.quantity} at {fill.price}, fee {fill.fee}"
                acts.append(Act("fill", text))
            case CancelRequested(name, _, cause) if name in sent:
                acts.append(Act("cancel", cause))
            case _:
                pass
    return acts


def _answer(outcome: Acknowledged | Declined | Unknown) -> str:
    match outcome:
        case Acknowledged(order_id):
            return f"acknowledged as {order_id}"
        case Declined(code, message, is_sent):
            said = f"{code}: {message}" if message else code
            return f"declined by the venue, {said}" if is_sent else f"not sent, {said}"
        case Unknown(detail):
            return f"unknown: {detail}"


def body_of(found: Explanation) -> Mapping[str, object]:
    """The explanation as JSON holds it."""
    trigger, size = found.trigger, found.size
    return {
        "product": found.product,
        "cycle": found.cycle,
        "time": found.at,
        "mode": found.source.mode,
        "venue": found.source.venue,
        "market": found.source.market,
        "policy_hash": found.policy_hash,
        "code_version": found.code_version,
        "universe": {
            "tier": found.tier,
            "is_member": found.is_member,
            "objection": found.eligibility,
        },
        "quote": found.view.quote,
        "regime": {
            "name": found.regime.name,
            "multiplier": found.regime.multiplier,
            "trend_pct": found.regime.trend,
            "volatility_pct": found.regime.volatility,
        },
        "guards": [_reading(each) for each in found.guards],
        "signals": [_reading(each) for each in found.readings],
        "trigger": trigger
        and {
            "signal": trigger.reading.signal,
            "rule": trigger.rule.id,
            "score": trigger.score,
            "plan": trigger.wish.plan,
            "multiplier": trigger.wish.multiplier,
        },
        "size": size
        and {
            "price": size.price,
            "quantity": size.quantity,
            "bound_by": {"name": size.binding.name, "notional": size.binding.notional},
            "floor": {"name": size.floor.name, "notional": size.floor.notional},
        },
        "position": found.position,
        "dust": found.dust,
        "is_unpriced": found.is_unpriced,
        "checks": found.verdicts,
        "acts": found.acts,
        "reason": found.outcome.reason,
        "detail": found.outcome.detail,
        "as_recorded": found.is_as_recorded,
        "takes": {
            "changes": [
                {"what": each.what, "was": each.was, "needed": each.needed}
                for each in found.takes.remedies
            ],
            "ending": found.takes.ending.reason,
            "detail": found.takes.ending.detail,
        },
    }


def _reading(reading: Reading) -> Mapping[str, object]:
    return {
        "id": reading.signal,
        "is_measured": reading.is_measured,
        "is_triggered": reading.is_triggered,
        "score": reading.score,
        "trouble": reading.trouble,
        "figures": [
            {
                "name": each.name,
                "value": each.value,
                "threshold": each.threshold,
                "unit": each.unit,
            }
            for each in reading.figures
        ],
    }
