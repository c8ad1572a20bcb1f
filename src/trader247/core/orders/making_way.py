"""Which resting stops make way for a sale that is due: those whose sale could then be sent.

A stop is not given up for nothing. The sale is judged by the whole gate as if the stop were gone;
where a check says no, the stop stays where it is and the next cycle asks again. Where none rests
any more by then it gets a new one: what is due and cannot be sent, for want of a median say, is as
much at risk as what stays.
"""

from __future__ import annotations

from datetime import timedelta

from trader247.core.orders.exits import Exits, sellable
from trader247.core.orders.venue_stops import stop_wanted
from trader247.core.policy import Policy
from trader247.core.risk.checks.self_match import SelfMatch
from trader247.core.risk.gate import judge
from trader247.domain.changing import replace
from trader247.domain.decisions import Outcome
from trader247.domain.intents import WorkingIntent
from trader247.domain.market import Snapshot
from trader247.domain.money import Money
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import Reason
from trader247.domain.time import SECOND, Instant
from trader247.domain.verdicts import Approved, Refused

PRESSING_MAX = 30 * SECOND
"""A stop that has been asked to end for longer is waited for at the usual pace."""


def making_way(
    exits: Exits, snapshot: Snapshot, book: Portfolio, policy: Policy, *, equity: Money | None
) -> Exits:
    """The exits with the fate of each stop that stands in the way of a sale, or lacks beside it.

    `book` is marked at the snapshot's bids.
    """
    if exits.proposals and not snapshot.is_exits_only:  # between two cycles no stop is laid
        exits = _kept_meanwhile(exits, snapshot, book, policy, equity=equity)
    if not exits.waiting:
        return exits
    staying, giving_way = dict(exits.staying), dict(exits.giving_way)
    is_pressing = exits.is_pressing
    refused = list(exits.refused)
    for proposal, stop in exits.waiting:
        name, cause = stop.intent.client_order_id, proposal.exit_cause
        assert cause is not None, "an exit has its cause"
        is_asked = stop.is_over or stop.cancel_requested is not None
        if not snapshot.follows(proposal.product) and not is_asked:
            text = f"{cause.value} is due: nothing tells of the end of its stop, which stays"
            staying[proposal.product] = Outcome(Reason.ORDER_WORKING, text)
            continue
        answer = _asked(proposal, snapshot, _without(book, stop), policy, equity=equity)
        if isinstance(answer, Refused):
            text = f"{cause.value} is due: {answer.first.detail}; its stop at the venue stays"
            staying[proposal.product] = Outcome(Reason(answer.first.check), text)
            refused.append(answer)
            continue
        text = f"{cause.value} is due: the stop at the venue, {name}, makes way first"
        staying[proposal.product] = Outcome(Reason.ORDER_WORKING, text)
        giving_way[name] = f"{cause.value} is due"
        is_pressing = is_pressing or _is_soon_over(stop, snapshot.time)
    return replace(
        exits,
        staying=staying,
        giving_way=giving_way,
        is_pressing=is_pressing,
        refused=tuple(refused),
    )


def _kept_meanwhile(
    exits: Exits, snapshot: Snapshot, book: Portfolio, policy: Policy, *, equity: Money | None
) -> Exits:
    """The exits with a stop in place of each sale that the gate refuses, where one may rest.

    Not where a sale waits for the end of our own buy: that is a matter of a second or two, and the
    stop would have to make way first.
    """
    staying, refused = dict(exits.staying), list(exits.refused)
    sales, stops = list[Proposal](), list(exits.stops)
    foremost: Approved | None = None
    for proposal in exits.proposals:
        position, cause = book.positions[proposal.product], proposal.exit_cause
        assert cause is not None, "an exit has its cause"
        answer = _asked(proposal, snapshot, book, policy, equity=equity)
        stop = (
            stop_wanted(position, snapshot, book, policy, owned=sellable(position, book))
            if isinstance(answer, Refused) and answer.first.check != SelfMatch.id
            else None
        )
        if stop is None or isinstance(answer, Approved):
            if isinstance(answer, Approved) and not sales:
                foremost = answer
            sales.append(proposal)
            continue
        may_rest = _asked(stop, snapshot, book, policy, equity=equity)
        if isinstance(may_rest, Refused):
            sales.append(proposal)
            continue
        text = f"{cause.value} is due: {answer.first.detail}; its stop goes to the venue meanwhile"
        staying[proposal.product] = Outcome(Reason(answer.first.check), text)
        refused.append(answer)
        stops.append(stop)
    return replace(
        exits,
        proposals=tuple(sales),
        staying=staying,
        stops=tuple(stops),
        refused=tuple(refused),
        foremost=foremost,
    )


def _asked(
    wish: Proposal, snapshot: Snapshot, book: Portfolio, policy: Policy, *, equity: Money | None
) -> Approved | Refused:
    """The gate's answer to one wish alone."""
    (answer,) = judge((wish,), snapshot, book, policy, equity=equity, is_marked=True)
    return answer


def _without(book: Portfolio, stop: WorkingIntent) -> Portfolio:
    name = stop.intent.client_order_id
    working = {each: known for each, known in book.working.items() if each != name}
    return replace(book, working=working)


def _is_soon_over(stop: WorkingIntent, now: Instant) -> bool:
    """Whether the next cycle should come at once: the venue is asked, and may answer within it.

    Where it stays silent, or nobody can name the order, the usual cycles go on trying.
    """
    if stop.order_id is None:
        return False
    asked = stop.cancel_requested
    if asked is None:
        return not stop.is_over  # one that ended by itself waits for its fills alone
    return timedelta(0) <= now - asked < PRESSING_MAX
