"""Where a cycle, as the journal has it, is unlike the same cycle decided again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.kinds import to_payload
from trader247.core.policy import Policy
from trader247.core.risk.reservations import worst_fee
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Decisions
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import (
    BanLatched,
    BreakerClosed,
    BreakerOpened,
    HaltLatched,
    ProductDoubted,
    ProductTrusted,
    Struck,
)
from trader247.domain.events.orders import CancelRequested, IntentRecorded
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ADOPTED
from trader247.domain.intents import OrderBody, RecordedIntent
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.verdicts import Approved

STOPS = frozenset({HaltName.DAILY_STOP, HaltName.WEEKLY_STOP, HaltName.DRAWDOWN, HaltName.FEES})
"""Halts that `decide` latches; the others come from people, the venue and the machine."""


_FINDINGS = (BreakerOpened, BreakerClosed, Struck, BanLatched, ProductDoubted, ProductTrusted)


@dataclass(frozen=True, slots=True)
class Unlike:
    """One thing that was decided otherwise: what the journal says, and what is decided now."""

    what: str
    recorded: str
    again: str


@dataclass(slots=True)
class CycleAgain:
    """A cycle decided again: its event, the event as it should be, and what was done after it.

    `before` is the ledger that it was decided on; `acts` are the events up to the next cycle.
    """

    seq: int
    event: CycleDecided
    expected: CycleDecided
    decisions: Decisions
    policy: Policy
    code_version: str
    before: Portfolio
    acts: list[AnyEvent] = field(default_factory=list)


def unlike(cycle: CycleAgain, *, is_over: bool) -> Iterator[Unlike]:
    """Everything that was decided otherwise; what of it comes first, comes first.

    `is_over` says that all which follows from the cycle is in the journal: a process that was
    killed on the way has left some of it undone.
    """
    yield from _of_event(cycle)
    yield from _of_findings(cycle)
    yield from _of_cancels(cycle, is_over=is_over)
    yield from _of_orders(cycle, is_over=is_over)


def _of_event(cycle: CycleAgain) -> Iterator[Unlike]:
    """What the cycle's own event says otherwise; what the venue failed at is no decision."""
    event = cycle.event
    expected = replace(
        cycle.expected,
        errors=event.errors,
        errors_running=event.errors_running,
        rate_limited=event.rate_limited,
        is_overrun=event.is_overrun,
        reconnects=event.reconnects,
        is_slow=event.is_slow,
        is_disk_low=event.is_disk_low,
    )
    yield from _unlike("", to_payload(event), to_payload(expected))


def _of_findings(cycle: CycleAgain) -> Iterator[Unlike]:
    """Stops and breakers, recorded in one transaction with the cycle."""
    recorded = [
        each
        for each in cycle.acts
        if isinstance(each, _FINDINGS) or (isinstance(each, HaltLatched) and each.name in STOPS)
    ]
    decisions = cycle.decisions
    again: list[AnyEvent] = [*decisions.halts, *decisions.breakers]
    again += [*decisions.bans, *decisions.doubts]
    yield from _unlike("stops and breakers", _listed(recorded), _listed(again))


def _of_cancels(cycle: CycleAgain, *, is_over: bool) -> Iterator[Unlike]:
    """The cancels that were decided come first; a stop or an end may ask for more."""
    working = cycle.before.working
    again: list[AnyEvent] = [
        CancelRequested(each.client_order_id, order_id, each.cause)
        for each in cycle.decisions.cancellations
        if (order_id := working[each.client_order_id].order_id) is not None
    ]
    recorded = [each for each in cycle.acts if isinstance(each, CancelRequested)][: len(again)]
    if not is_over:
        again = again[: len(recorded)]
    yield from _unlike("cancels", _listed(recorded), _listed(again))


def _of_orders(cycle: CycleAgain, *, is_over: bool) -> Iterator[Unlike]:
    """The intents of the cycle: those approved, in their order, and no other one."""
    recorded = [
        each.intent
        for each in cycle.acts
        if isinstance(each, IntentRecorded) and not each.intent.decision_id.startswith(ADOPTED)
    ]
    approved = cycle.decisions.approved
    if not is_over:
        approved = approved[: len(recorded)]
    names = [each.decision_id for each in recorded]
    again = [each.proposal.decision_id for each in approved]
    yield from _unlike("orders", names, again)
    for intent, answer in zip(recorded, approved, strict=False):
        expected = _intended(cycle, intent, answer)
        yield from _unlike(
            f"order {intent.client_order_id}",
            to_payload(IntentRecorded(intent)),
            to_payload(IntentRecorded(expected)),
        )


def _intended(cycle: CycleAgain, intent: RecordedIntent, approved: Approved) -> RecordedIntent:
    """The intent as it should be; its id, body and times are those of the sending."""
    return RecordedIntent.of(
        approved,
        client_order_id=intent.client_order_id,
        body=OrderBody(intent.body, intent.body_sha256),
        created=intent.created,
        epoch=cycle.before.epoch,
        policy_hash=cycle.policy.hash,
        code_version=cycle.code_version,
        taker_fee_fraction=worst_fee(cycle.before, cycle.policy),
    )


def _listed(events: Sequence[AnyEvent]) -> list[object]:
    return [{"kind": each.kind, **to_payload(each)} for each in events]


def _unlike(what: str, recorded: object, again: object) -> Iterator[Unlike]:
    """Where two stored values differ, told by the path to it."""
    if recorded == again:
        return
    if isinstance(recorded, Mapping) and isinstance(again, Mapping):
        for name in sorted({*recorded, *again}):
            path = f"{what} {name}".strip()
            yield from _unlike(path, recorded.get(name), again.get(name))
        return
    yield Unlike(what, canonical(recorded), canonical(again))
