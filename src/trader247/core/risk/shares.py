"""A share of equity after an order: what the three exposure checks have in common."""

from __future__ import annotations

from trader247.core.risk.check import Check, Context, figure
from trader247.core.risk.stages import share_cap
from trader247.domain.money import NO_MONEY, Money, Percent
from trader247.domain.orders import Proposal, Verdict


def share_verdict(
    check: Check,
    proposal: Proposal,
    context: Context,
    *,
    exposure: Money | None,
    cap: Percent,
    of: str = "",
) -> Verdict:
    """Whether `exposure` and the whole of `proposal` together are at most `cap` of equity.

    In the canary stage they may also be its largest order, where that is more.
    `of` names what the exposure is of, where that is not plain from the check.
    """
    unit = "% of equity"
    if context.equity is None or context.equity <= NO_MONEY:
        return check.refuse("equity is unknown or nothing", value=None, limit=str(cap), unit=unit)
    if exposure is None:
        detail = "a position has no mark, so the exposure is unknown"
        return check.refuse(detail, value=None, limit=str(cap), unit=unit)
    after = exposure + proposal.notional
    value = figure(Percent.from_fraction(after.share_of(context.equity)).value)
    name = f"{of}: " if of else ""
    detail = f"{name}{figure(after.value, 2)} with this order is {value} % of equity"
    most = share_cap(
        cap.of_money(context.equity),
        context.policy.checks,
        context.portfolio.stage,
        context.equity,
    )
    answer = check.allow if after <= most else check.refuse
    return answer(detail, value=value, limit=str(cap), unit=unit)
