"""A share of equity after an order: what the three exposure checks have in common."""

from __future__ import annotations

from decimal import Decimal

from trader247.core.risk.check import Check, Context, Ratio
from trader247.core.risk.stages import share_cap
from trader247.domain.money import CONTEXT, NO_MONEY, Money, Percent
from trader247.domain.orders import Proposal, Verdict

_HUNDRED = Decimal(100)


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
        return check.refuse("equity is unknown or nothing", value=None, limit=cap, unit=unit)
    if exposure is None:
        unknown = "a position has no mark, so the exposure is unknown"
        return check.refuse(unknown, value=None, limit=cap, unit=unit)
    after = CONTEXT.add(exposure.value, proposal.notional.value)
    value = Ratio(after, context.equity.value, _HUNDRED)
    detail = (
        "{}{} with this order is {} % of equity",
        of and f"{of}: ",
        (after, 2),
        value,
    )
    most, stage = CONTEXT.multiply(context.equity.value, cap.fraction), context.portfolio.stage
    if stage is not None:
        most = share_cap(Money(most), context.policy.checks, stage, context.equity).value
    answer = check.allow if after <= most else check.refuse
    return answer(detail, value=value, limit=cap, unit=unit)
