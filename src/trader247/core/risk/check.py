"""A risk check: one limit, one file, one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from trader247.domain.market import Snapshot
from trader247.domain.orders import Proposal, Verdict
from trader247.domain.portfolio import Portfolio

if TYPE_CHECKING:
    from trader247.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may look at: the market, the ledger with earlier approvals reserved, the policy.

    `approved_entries` counts the entries that this cycle has approved so far.
    """

    snapshot: Snapshot
    portfolio: Portfolio
    policy: Policy
    approved_entries: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One limit on every order. It reads, it judges; it keeps, sends and logs nothing.

    A subclass's docstring is its manual and its fields are its limits. `section` is its place in
    policy.yaml; `row` its row in the control matrix; missing data is always a no.
    """

    id: ClassVar[str]
    row: ClassVar[int]
    source: ClassVar[str]

    def judge(self, proposal: Proposal, context: Context) -> Verdict:
        """Whether this limit allows `proposal`, with the figures."""
        raise NotImplementedError

    def allow(self, detail: str, *, value: str, limit: str = "", unit: str = "") -> Verdict:
        """This check's yes."""
        return Verdict(self.id, True, detail, value, limit, unit)

    def refuse(self, detail: str, *, value: str | None, limit: str = "", unit: str = "") -> Verdict:
        """This check's no; `value` is None where the figure is unknown."""
        return Verdict(self.id, False, detail, value, limit, unit)
