"""The stage of an armed book in sentences: whose money, how much an order, what waits for a yes."""

from __future__ import annotations

from collections.abc import Iterator

from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.confirmation import ConfirmationCheck
from trader247.core.risk.checks.ladder import Ladder
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.stages import canary_in
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant


def stage_sentences(portfolio: Portfolio, policy: Policy, now: Instant) -> Iterator[str]:
    """What a person should know of the arming; nothing where nobody has to arm."""
    stage = portfolio.stage
    if stage is None:
        return
    if stage.is_revoked:
        yield "DISARMED: nothing is bought; trader247 preflight, then trader247 arm"
    elif not stage.is_armed(now):
        yield f"the arming ENDED at {stage.until}: nothing is bought; trader247 arm"
    else:
        yield f"armed for account {stage.account} until {stage.until} by {stage.operator}"
    yield _limits(portfolio, policy, now)
    for each in stage.confirmations.values():
        if each.given is None and each.is_open(now):
            yield (
                f"waits for your yes: {each.side.value} {each.product} for up to "
                f"{each.notional}: trader247 confirm {each.id}"
            )


def _limits(portfolio: Portfolio, policy: Policy, now: Instant) -> str:
    stage, checks, currency = portfolio.stage, policy.checks, policy.quote_currency
    assert stage is not None, "asked of an armed book alone"
    equity = portfolio.equity.equity if portfolio.holdings else portfolio.cash
    canary = canary_in(checks, stage, equity)
    share = check_in(checks, MaxOrder).cap(equity, canary)
    ladder = check_in(checks, Ladder).cap(stage, now)
    largest = ladder if share is None else min(share, ladder)
    first = check_in(checks, ConfirmationCheck).trades_first
    stops = policy.stops
    words = f"an order is at most {largest.value:,.2f} {currency}"
    if canary is not None:
        words += " (canary stage: one position at a time)"
    words += f"; stops at {stops.daily_pct} % a day, {stops.weekly_pct} % a week"
    if stage.trades < first:
        words += f"; {stage.trades} of the first {first} trades done, each waits for a yes"
    return words
