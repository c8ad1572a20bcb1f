"""A share of equity after an order: what the three exposure checks have in common."""

from __future__ import annotations

from decimal import Decimal

from trader247.core.risk.check import Check, Context, ratio
from trader247.core.risk.stages import share_cap
from trader247.domain.money import CONTEXT, ZERO, Money, Percent
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding

_HUNDRED = Decimal(100)


def share_verdict(
    check: Check,
    proposal: Proposal,
    context: Context,
    *,
    exposure: Money | None,
    cap: Percent,
    of: str = "",
) -> Finding:
    """Whether `exposure` and the whole of `proposal` together are at most `cap` of equity.

    In the canary stage they may also be its largest order, where that is more.
    `of` begins the words, where it is not plain from the check what the exposure is of.
    """
    unit, equity = "% of equity", context.equity
    if equity is None or equity.value <= ZERO:
        return check.refuse("equity is unknown or nothing", value=None, limit=cap, unit=unit)
    if exposure is None:
        unknown = "a position has no mark, so the exposure is unknown"
        return check.refuse(unknown, value=None, limit=cap, unit=unit)
    after = CONTEXT.add(exposure.value, proposal.notional.value)
    value = ratio, after, equity.value, _HUNDRED
    detail = "{}{} with this order is {} % of equity", of, (after, 2), value
    most, stage = CONTEXT.multiply(equity.value, cap.fraction), context.portfolio.stage
    if stage is not None:
        most = share_cap(Money(most), context.policy.checks, stage, equity).value
    return after <= most, detail, value, cap, unit
