"""What a whole book has made, in the parts in which a report tells what a period made."""

from __future__ import annotations

from trader247.core.policy import Policy
from trader247.domain.portfolio import Portfolio
from trader247.report.made import NOTHING, Made, Row, body, made_between, shown, standing_of

__all__ = ["Made", "Row", "body", "made_of", "shown"]


def made_of(portfolio: Portfolio, policy: Policy) -> Made:
    """From nothing to the last measure of equity; its first capital is a flow."""
    equity = portfolio.equity.equity
    result = None if equity is None else equity - portfolio.flows
    return made_between(NOTHING, standing_of(portfolio, policy), result=result)
