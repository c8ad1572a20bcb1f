"""Whether the cause of a latched halt still stands: a halt is cleared only when it does not."""

from __future__ import annotations

from dataclasses import replace

from trader247.core.holds import UNREAD
from trader247.core.keys import key_refusal
from trader247.core.policy import Policy
from trader247.core.risk.stops import fees_over, judge_stops
from trader247.domain.events.halts import HaltLatched
from trader247.domain.money import Money
from trader247.domain.portfolio import EMPTY, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant


def standing_cause(  # noqa: PLR0911 - one line a halt
    name: HaltName,
    portfolio: Portfolio,
    policy: Policy,
    *,
    is_stop_raised: bool,
    accepted_peak: Money | None = None,
) -> str | None:
    """Why the halt cannot be cleared now, in a sentence for the person who asked; else None."""
    if name is HaltName.KILL_SWITCH and is_stop_raised:
        return "the kill switch is still on: `trader247 kill off` first"
    if name is HaltName.RECONCILIATION_BREAK:
        breaks = [each.key for each in portfolio.differences.values() if each.is_break]
        if breaks:
            return (
                f"ledger and venue still differ on {', '.join(breaks)}: "
                "see `trader247 reconcile`, mend the difference, then clear"
            )
        if any(key.startswith(UNREAD) for key in portfolio.differences):
            return (
                "the journal went back to a backup, and the venue's books were not read since: "
                "`trader247 run`, or `trader247 reconcile`, reads what it lost; then clear"
            )
    if name is HaltName.KEY and portfolio.key is not None:
        refusal = key_refusal(portfolio.key.permissions, portfolio.pinned)
        if refusal is not None:
            return f"{refusal}; the next start reads the key again"
    if name in (HaltName.DAILY_STOP, HaltName.WEEKLY_STOP):
        return _standing_stop(name, portfolio, policy)
    if name is HaltName.FEES:
        return _standing_fees(portfolio, policy)
    if name is HaltName.DRAWDOWN:
        return _standing_drawdown(portfolio, policy, accepted_peak)
    return None


def peak_meant(typed: Money | None, portfolio: Portfolio) -> Money | None:
    """The high-water mark that a person means: who types equity as it is shown means equity."""
    equity = portfolio.equity.equity
    if typed is None or equity is None or typed != _shown(equity):
        return typed
    return equity


def _shown(amount: Money) -> Money:
    """An amount as people are shown it: to the hundredth."""
    return Money.of(f"{amount.value:.2f}")


def _standing_stop(name: HaltName, portfolio: Portfolio, policy: Policy) -> str | None:
    now = portfolio.equity.time
    if now is None or portfolio.equity.equity is None:
        return "equity is unknown, so the loss cannot be measured: run a cycle first"
    for halt in _judged(portfolio, policy, now):
        if halt.name is name:
            return f"the loss still stands: {halt.cause}"
    return None


def _standing_fees(portfolio: Portfolio, policy: Policy) -> str | None:
    record = portfolio.equity
    if record.time is None or record.equity is None:
        return "equity is unknown, so the fees cannot be judged: run a cycle first"
    over = fees_over(portfolio, policy, equity=record.equity, now=record.time)
    return f"{over}: wait for a cycle of the next UTC day" if over else None


def _standing_drawdown(
    portfolio: Portfolio, policy: Policy, accepted_peak: Money | None
) -> str | None:
    equity = portfolio.equity.equity
    if equity is None:
        return "equity is unknown, so the drawdown cannot be measured: run a cycle first"
    if accepted_peak is None:
        return (
            f"drawdown needs a new high-water mark: "
            f"`trader247 unlock halt drawdown --accept-peak {_shown(equity)} --reason ...`"
        )
    if accepted_peak < equity:
        least = f"the equity of {_shown(equity)}, the least that can be accepted"
        return f"--accept-peak {accepted_peak} is below {least}"
    nav = portfolio.equity.nav
    assert nav is not None, "known equity has a value a unit"
    accepted_nav = accepted_peak.share_of(equity) * nav
    trial = replace(portfolio, equity=replace(portfolio.equity, high_nav=accepted_nav))
    return _standing_stop(HaltName.DRAWDOWN, trial, policy)


def _judged(portfolio: Portfolio, policy: Policy, now: Instant) -> tuple[HaltLatched, ...]:
    """The stops that would latch now if none were latched."""
    bare = replace(portfolio, halts=EMPTY)
    return judge_stops(bare, policy, equity=portfolio.equity.equity, now=now)
