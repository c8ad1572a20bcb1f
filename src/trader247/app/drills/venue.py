"""The venue fails: unreachable, out of patience, closed, or silent about an order."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.drills import steps
from trader247.app.drills.drill import Account, Drill, Yard
from trader247.app.drills.ground import Ground, Story
from trader247.core.decide import decide
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import BreakerClosed, BreakerOpened
from trader247.domain.events.orders import IntentRecorded, SubmissionSettled
from trader247.domain.events.recorded import Recorded
from trader247.domain.orders import Side
from trader247.domain.outcomes import Acknowledged, Unknown
from trader247.domain.reasons import BreakerName, TradingState
from trader247.domain.time import MINUTE, SECOND, Instant

OPENED_MAX = 4 * MINUTE
HEALED_MAX = 10 * MINUTE
RESOLVED_MAX = 5 * MINUTE
"""Three minutes are no evidence yet, and three listings half a minute apart are needed then."""
_TROUBLE = (BreakerName.API_ERRORS, BreakerName.MAINTENANCE, BreakerName.RATE_LIMIT)
_LATE = 60 * SECOND
"""How much later than its end an order may still be found at the venue."""


def _outage(yard: Yard, account: Account, *, rule: str, minutes: int, breaker: BreakerName) -> None:
    ground = Ground(yard)
    ground.start()
    ground.play(_outage_story(ground, account, rule, minutes, breaker))
    ground.stop()


def _outage_story(
    ground: Ground, account: Account, rule: str, minutes: int, breaker: BreakerName
) -> Story:
    yield from steps.entry(ground)
    resting = {each["client_order_id"] for each in ground.seen.live_orders}
    ends = max(each.intent.end_time for each in ground.seen.buys)
    before = len(ground.seen.orders)
    began = ground.now
    if rule == "maintain":
        ground.do("maintain", kind="closed", for_s=minutes * 60)
    else:
        ground.faults(rule)
    cycles = len(ground.reports)
    while ground.now < began + minutes * MINUTE:
        ground.feed.move(str(ground.product), ground.step)
        yield
    through = len(ground.reports) - cycles
    healed = ground.now
    ground.faults()
    new = len(ground.seen.orders) - before
    account.claim("not one order came into being meanwhile", new == 0, f"{new}, in {minutes} min")
    account.claim("the trader went on cycling", through > 1, f"{through} cycles")
    opened = ground.seen.first(BreakerOpened, lambda each: each.name in _TROUBLE)
    account.within(
        "entries are closed",
        None if opened is None else opened.time - began,
        OPENED_MAX,
    )
    own = ground.seen.first(BreakerOpened, lambda each: each.name is breaker)
    account.within(
        f"and by the breaker that is for it, {breaker.value}",
        None if own is None else own.time - began,
        OPENED_MAX,
    )
    yield from steps.minutes(ground, max(1, (HEALED_MAX - 2 * MINUTE) // MINUTE))
    closed = ground.seen.first(BreakerClosed, lambda each: each.name in _TROUBLE)
    account.within(
        "afterwards they open again by themselves",
        None if closed is None or closed.time < healed else closed.time - healed,
        HEALED_MAX,
    )
    is_active = ground.portfolio.trading_state is TradingState.ACTIVE
    differs = list(ground.portfolio.differences)
    account.claim(
        "books and venue agree afterwards, and nothing is halted",
        is_active and not differs,
        f"{ground.portfolio.trading_state.value}, differences: {', '.join(differs) or 'none'}",
    )
    late = [each for each in ground.seen.live_orders if each["client_order_id"] in resting]
    account.claim(
        "what had rested ended by itself, at its own end",
        not [each for each in late if _ended(ends) < ground.now],
        f"due at {ends}, {len(late)} rest",
    )
    ground.seen.show(account, opened, closed)


def _ended(ends: Instant) -> Instant:
    return ends + _LATE


def _lost(yard: Yard, account: Account) -> None:
    for rule, is_created in (
        ("lost_answer@create:times=1", True),
        ("lost_request@create:times=1", False),
    ):
        ground = Ground(yard, "created" if is_created else "never_arrived")
        ground.start()
        ground.play(_lost_story(ground, account, rule, is_created=is_created))
        ground.stop()


def _lost_story(ground: Ground, account: Account, rule: str, *, is_created: bool) -> Story:
    what = "the order was taken" if is_created else "the order never arrived"
    ground.faults(rule)
    yield from steps.entry(ground)
    (first, *_) = ground.wire.sent("create")
    doubt = ground.seen.first(SubmissionSettled, lambda each: isinstance(each.outcome, Unknown))
    account.claim(
        f"{what}: no answer counts as no verdict",
        doubt is not None,
        "unknown" if doubt else "no doubt recorded",
    )
    settled = None
    until = ground.now + RESOLVED_MAX + 2 * MINUTE
    while settled is None and ground.now < until:
        # It goes on rising: the rules would buy it again, did nothing stand in the way.
        ground.feed.move(str(ground.product), ground.step)
        yield
        settled = ground.seen.first(
            SubmissionSettled,
            lambda each: not isinstance(each.outcome, Unknown),
            after=0 if doubt is None else doubt.seq,
        )
    account.within(
        f"{what}: what became of it is found out",
        None if settled is None else settled.time - first.at,
        RESOLVED_MAX,
    )
    is_taken = (
        settled is not None
        and isinstance(settled.event, SubmissionSettled)
        and isinstance(settled.event.outcome, Acknowledged)
    )
    account.claim(
        f"{what}: and that is the truth",
        settled is not None and is_taken is is_created,
        "taken" if is_taken else "not taken",
    )
    name = first.body["client_order_id"]
    intents = {
        event.intent.client_order_id: event.intent
        for _, event in ground.seen.recorded(IntentRecorded)
    }
    decision = intents[name].decision_id
    again = [
        each
        for each in ground.wire.sent("create")
        if intents[each.body["client_order_id"]].decision_id == decision
        and intents[each.body["client_order_id"]].side is Side.BUY
    ]
    doubtful = [
        each
        for each in ground.wire.sent("create")
        if each.body["product_id"] == first.body["product_id"]
        and each is not first
        and (settled is None or each.at < settled.time)
    ]
    wished = _wished(ground, doubt, settled)
    account.claim(
        f"{what}: while in doubt its product is wished for again, and refused each time",
        not doubtful and (wished > 0 or is_created),
        f"{wished} wishes, {len(doubtful)} sent" if wished else "settled before the next cycle",
    )
    there = [each for each in ground.seen.orders if each["client_order_id"] == name]
    account.claim(
        f"{what}: it is not sent again, nor another of its product while in doubt",
        len(again) == 1 and not doubtful and len(there) == int(is_created),
        f"{len(again)} sent, {len(there)} at the exchange",
    )
    ground.seen.show(account, doubt, settled)


def _wished(ground: Ground, doubt: Recorded | None, settled: Recorded | None) -> int:
    """How many cycles in between would have bought the product, had nothing been in doubt.

    Each is decided again from what it saw, on a book without orders: that nothing was sent shows
    something only where something was wished for.
    """
    if doubt is None or settled is None:
        return 0
    wished = 0
    with JournalReader.open(ground.places.journal) as journal:
        for recorded, event in ground.seen.recorded(CycleDecided, after=doubt.seq):
            if recorded.seq > settled.seq or event.is_exits_only:
                continue
            snapshot = journal.snapshot_of(event.seen)
            free = replace(ground.portfolio, working={}, positions={})
            answers = decide(snapshot, free, ground.policy)
            wishes = [each.proposal for each in answers.approved]
            wishes += [each.proposal for each in answers.refused]
            wished += any(each.is_entry and each.product == ground.product for each in wishes)
    return wished


VENUE = (
    Drill(
        name="partition",
        emergency="partition for ten minutes: nothing is answered",
        proves=("breakers.errors_running", "execution.entry_seconds", "breakers.clean_cycles"),
        act=partial(_outage, rule="lost_request", minutes=10, breaker=BreakerName.API_ERRORS),
    ),
    Drill(
        name="rate_limit",
        emergency="rate-limit storm: every answer is 429, for five minutes",
        proves=("breakers.rate_limited_in_10_min", "execution.entry_seconds"),
        act=partial(_outage, rule="limited", minutes=5, breaker=BreakerName.RATE_LIMIT),
    ),
    Drill(
        name="maintenance",
        emergency="the venue is closed for maintenance, ten minutes",
        proves=("breakers.errors_running", "execution.entry_seconds"),
        act=partial(_outage, rule="maintain", minutes=10, breaker=BreakerName.MAINTENANCE),
    ),
    Drill(
        name="lost_answer",
        emergency="the answer to an order is lost: taken, or never arrived",
        proves=("execution.decision_seconds_max", "checks.duplicate"),
        act=_lost,
    ),
)
