"""The gate: every order passes here, entries and exits alike, and nothing else approves one.

Proposals are judged in order, each against the portfolio in which the earlier approvals are
reserved: what is approved together is also affordable together.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from trader247.core.policy import Policy
from trader247.core.risk.check import FREE, Context, unbound
from trader247.core.risk.registry import ALL_CHECKS
from trader247.core.risk.reservations import at_market, with_reserved
from trader247.domain.changing import replace
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, HaltLatched
from trader247.domain.market import Snapshot
from trader247.domain.money import Money
from trader247.domain.portfolio import Breaker, Halt, Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved, Refused

_IS_ALLOWED = itemgetter(0)


def judge(
    proposals: Sequence[Proposal],
    snapshot: Snapshot,
    portfolio: Portfolio,
    policy: Policy,
    *,
    equity: Money | None,
    is_marked: bool = False,
    foremost: Approved | None = None,
) -> tuple[Approved | Refused, ...]:
    """Approve or refuse each proposal, with the verdict of every check.

    `equity` is today's, at the snapshot's bids; None where it is unknown. With `is_marked` the
    portfolio is marked at them already. `foremost` is the answer to the first proposal, where it
    was asked for before on this very ground.
    """
    assert policy.kinds == ALL_CHECKS, "a check is missing"
    held, entries = portfolio if is_marked else at_market(portfolio, snapshot), 0
    context = Context(snapshot, held, policy, equity, entries)
    answers: list[Approved | Refused] = [] if foremost is None else [foremost]
    assert foremost is None or foremost.proposal is proposals[0], "it was asked for the first"
    for proposal in proposals[len(answers) :]:
        before = answers[-1] if answers else None
        if isinstance(before, Approved):
            held = with_reserved(held, before, policy)
            entries += before.proposal.is_entry
            context = Context(snapshot, held, policy, equity, entries)
        answers.append(_judged(proposal, context))
    return tuple(answers)


def with_findings(
    portfolio: Portfolio,
    halts: Sequence[HaltLatched],
    breakers: Sequence[BreakerOpened | BreakerClosed],
    now: Instant,
) -> Portfolio:
    """The portfolio with what this cycle has found already standing: it binds this cycle too."""
    if not (halts or breakers):
        return portfolio
    latched = {halt.name: Halt(halt.name, halt.cause, now) for halt in halts}
    standing = dict(portfolio.breakers)
    for change in breakers:
        match change:
            case BreakerOpened(name, cause):
                standing[name] = Breaker(name, cause, now)
            case BreakerClosed(name):
                standing.pop(name, None)
    return replace(portfolio, halts={**portfolio.halts, **latched}, breakers=standing)


def _judged(proposal: Proposal, context: Context) -> Approved | Refused:
    """All checks are asked, so that the record says all that was wrong."""
    asked = context.policy.asked(proposal.purpose)
    # An exit is bound by a third of them: the others are not called for an answer that is known.
    findings = tuple([FREE if ask is unbound else ask(proposal, context) for ask in asked])
    checks = context.policy.check_ids
    if not all(map(_IS_ALLOWED, findings)):
        return Refused(proposal, checks, findings)
    quote = context.snapshot.quote(proposal.product)
    assert quote is not None, "no order passes quote_age without a quote"
    return Approved(
        proposal=proposal,
        checks=checks,
        findings=findings,
        cycle=context.snapshot.cycle,
        decided_at=context.snapshot.time,
        quote_time=quote.time,
    )
