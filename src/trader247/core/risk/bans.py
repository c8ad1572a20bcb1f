"""Faults of a cycle: which products and strategies are banned from buying, and what is told of.

A ban stands until a person clears it. It stops entries and their resting orders, never exits: what
is held can always leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from trader247.core.book.faulting import (
    COLLAR,
    CONDUCT,
    ORDER_RATIO,
    REPETITION,
    SELF_MATCH,
    SLIPPAGE,
    conduct_of,
)
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.repetition import Repetition
from trader247.core.risk.checks.slippage import Slippage
from trader247.domain.events.halts import BanLatched, Struck
from trader247.domain.portfolio import Ban, DayConduct, Portfolio, ProductHistory, ban_key
from trader247.domain.proposals import Proposal
from trader247.domain.time import MICROSECOND, Instant
from trader247.domain.verdicts import Approved, Refused, Verdict


def judge_bans(
    portfolio: Portfolio,
    answers: Sequence[Approved | Refused],
    policy: Policy,
    now: Instant,
) -> tuple[Struck | BanLatched, ...]:
    """The faults that the gate's answers and the ledger's memory show, and the bans that follow."""
    found: dict[tuple[str, str, bool], Struck | BanLatched] = {}
    for each in (
        *_of_answers(portfolio, answers, policy, now),
        *_of_fills(portfolio, policy),
        *_of_conduct(portfolio, policy, now),
    ):
        is_ban = isinstance(each, BanLatched)
        if is_ban and ban_key(each.control, each.scope) in portfolio.bans:
            continue
        found.setdefault((each.control, each.scope, is_ban), each)
    return tuple(found.values())


def with_bans(
    portfolio: Portfolio, found: Sequence[Struck | BanLatched], now: Instant
) -> Mapping[str, Ban]:
    """The bans that stand once this cycle's are latched."""
    new = {
        ban_key(each.control, each.scope): Ban(each.control, each.scope, each.cause, now)
        for each in found
        if isinstance(each, BanLatched)
    }
    return {**portfolio.bans, **new}


def strikes_since(portfolio: Portfolio, control: str, scope: str, since: Instant) -> int:
    """How often a control struck a scope later than `since`."""
    times = portfolio.strikes.get(ban_key(control, scope), ())
    return sum(1 for time in times if time > since)


def slipped(history: ProductHistory, policy: Policy) -> int:
    """How many of a product's last fills cost more than they may."""
    return history.slipped(check_in(policy.checks, Slippage).realised_max)


def hasty_share(day: DayConduct) -> int:
    """Orders of a day whose end was asked for at once, in whole per cent, rounded up."""
    return -(-100 * day.hasty // day.orders) if day.orders else 0


def standing_ban_cause(ban: Ban, portfolio: Portfolio, policy: Policy, now: Instant) -> str | None:
    """Why a ban cannot be cleared now, in a sentence for the person who asked; else None.

    What led to the others is past, and is forgotten with them.
    """
    if ban.control != REPETITION:
        return None
    check = check_in(policy.checks, Repetition)
    for product, history in portfolio.history.items():
        hour, day, running = check.counts(history, now)
        if not check.is_within(hour, day, running):
            return (
                f"{product} was bought {hour} times in the last hour, {day} in 24 h, {running} "
                "without a sale: the cause still stands"
            )
    return None


def _of_answers(
    portfolio: Portfolio, answers: Sequence[Approved | Refused], policy: Policy, now: Instant
) -> Iterator[Struck | BanLatched]:
    for answer in answers:
        if isinstance(answer, Approved):
            continue
        for verdict in answer.verdicts:
            if verdict.is_allowed or verdict.value is None:
                continue
            yield from _of_verdict(verdict, answer.proposal, portfolio, policy, now)


def _of_verdict(
    verdict: Verdict, proposal: Proposal, portfolio: Portfolio, policy: Policy, now: Instant
) -> Iterator[Struck | BanLatched]:
    """What a refusal with a figure means beyond this order; what is unknown is nobody's fault."""
    product, strategy = str(proposal.product), proposal.strategy
    if verdict.check == COLLAR:
        limits = check_in(policy.checks, Collar)
        yield Struck(COLLAR, product, verdict.detail)
        since = now - timedelta(minutes=limits.strikes_minutes)
        count = strikes_since(portfolio, COLLAR, product, since) + 1
        if count >= limits.strikes_max:
            text = f"{count} prices outside the collar in {limits.strikes_minutes} min"
            yield BanLatched(COLLAR, product, f"{text}, the last: {verdict.detail}")
    elif verdict.check == REPETITION:
        yield BanLatched(REPETITION, strategy, verdict.detail)
    elif verdict.check == SELF_MATCH:
        yield Struck(SELF_MATCH, strategy, f"{product}: {verdict.detail}")


def _of_fills(portfolio: Portfolio, policy: Policy) -> Iterator[BanLatched]:
    check = check_in(policy.checks, Slippage)
    most = check.realised_max
    for product, history in portfolio.history.items():
        count = history.slipped(most)
        if count >= check.realised_fills:
            text = (
                f"{count} of the last {len(history.slips)} fills cost over {most} "
                f"bps, the last {figure(history.slips[-1].value, 2)}"
            )
            yield BanLatched(SLIPPAGE, str(product), text)


def _of_conduct(
    portfolio: Portfolio, policy: Policy, now: Instant
) -> Iterator[Struck | BanLatched]:
    limits = policy.conduct
    for strategy in portfolio.conduct:
        day = conduct_of(portfolio, strategy, now)
        if day.orders > limits.orders_per_trade * max(day.traded, 1) and not strikes_since(
            portfolio, ORDER_RATIO, strategy, now.day_start - MICROSECOND
        ):
            yield Struck(ORDER_RATIO, strategy, f"{day.orders} orders today, {day.traded} traded")
        if day.orders >= limits.orders_min and 100 * day.hasty > limits.hasty_pct * day.orders:
            text = f"the end of {day.hasty} of {day.orders} orders was asked for within 2 s"
            yield BanLatched(CONDUCT, strategy, text)
