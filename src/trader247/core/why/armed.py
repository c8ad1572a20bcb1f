"""What would have let an entry of an armed book through: the arming, its sizes, a person's yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from trader247.core.decide import Deliberation
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.canary import Canary
from trader247.core.risk.checks.confirmation import ConfirmationCheck
from trader247.core.why.world import Remedies, Remedy, World, refused_of
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.reasons import Reason


def _arming(_: ProductId, world: World, __: Deliberation, outcome: Outcome) -> Remedy | None:
    stage = world.portfolio.stage
    if stage is None:
        return None
    until = max(stage.until, world.snapshot.time + timedelta(seconds=1))
    changed = world.with_portfolio(stage=replace(stage, is_revoked=False, until=until))
    return Remedy("arming", outcome.detail, "standing: `trader247 arm`", changed)


def _canary(_: ProductId, world: World, found: Deliberation, __: Outcome) -> Remedy | None:
    equity = found.decisions.equity
    if equity is None:
        return None
    check = check_in(world.policy.checks, Canary)
    over = world.with_check(replace(check, equity_end=equity))
    return Remedy("equity", str(equity), f"at least {check.equity_end}, the canary's end", over)


def _ladder(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    stage = world.portfolio.stage
    if stage is None:
        return None
    refused = refused_of(product, found)
    largest = max(stage.largest, refused.proposal.notional)
    changed = world.with_portfolio(stage=replace(stage, largest=largest))
    needed = f"at least {refused.first.value}"
    return Remedy("the ladder's largest order", f"{refused.first.limit}", needed, changed)


def _confirmation(_: ProductId, world: World, __: Deliberation, outcome: Outcome) -> Remedy | None:
    stage = world.portfolio.stage
    if stage is None:
        return None
    most = check_in(world.policy.checks, ConfirmationCheck).trades_first
    changed = world.with_portfolio(stage=replace(stage, trades=most))
    return Remedy("a person's yes", outcome.detail, "given: `trader247 confirm`", changed)


REMEDIES: dict[Reason, Remedies] = {
    Reason.ARMING: _arming,
    Reason.CANARY: _canary,
    Reason.LADDER: _ladder,
    Reason.CONFIRMATION: _confirmation,
}
"""By check: what would have let an armed book's entry through."""
