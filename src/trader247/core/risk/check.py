"""A risk check: one limit, one file, one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, TypeVar

from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, Money, plain
from trader247.domain.orders import Proposal, Verdict
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may look at: the market, the ledger with earlier approvals reserved, the policy.

    `portfolio` is marked at the snapshot's bids. `equity` is None where it is unknown.
    `approved_entries` counts the entries that this cycle has approved so far.
    """

    snapshot: Snapshot
    portfolio: Portfolio
    policy: Policy
    equity: Money | None = None
    approved_entries: int = 0

    @property
    def now(self) -> Instant:
        """The instant of the snapshot: the only time that a check knows."""
        return self.snapshot.time


@dataclass(frozen=True, slots=True)
class Check:
    """One limit on every order. It reads, it judges; it keeps, sends and logs nothing.

    A subclass's docstring is its manual and its fields are its limits; its section in policy.yaml
    is named by its `id`. `row` is its row in the control matrix, `source` where the limit comes
    from. An exit of our own lots must always be able to leave, so a check binds exits only if it
    says so with `binds_exits`. Missing data is always a no.
    """

    id: ClassVar[str]
    row: ClassVar[int]
    source: ClassVar[str]
    binds_exits: ClassVar[bool] = False

    def judge(self, proposal: Proposal, context: Context) -> Verdict:
        """Whether this limit allows `proposal`, with the figures."""
        if not proposal.is_entry and not self.binds_exits:
            return self.allow("binds entries alone", value="")
        return self.assess(proposal, context)

    def assess(self, proposal: Proposal, context: Context) -> Verdict:
        """The answer of this check, for a proposal that it binds."""
        raise NotImplementedError

    def allow(self, detail: str, *, value: str, limit: str = "", unit: str = "") -> Verdict:
        """This check's yes."""
        return Verdict(self.id, True, detail, value, limit, unit)

    def refuse(self, detail: str, *, value: str | None, limit: str = "", unit: str = "") -> Verdict:
        """This check's no; `value` is None where the figure is unknown."""
        return Verdict(self.id, False, detail, value, limit, unit)


_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(CONTEXT.prec))
"""By decimals: the grid that a figure is rounded to."""

AnyCheck = TypeVar("AnyCheck", bound=Check)


def check_in(checks: Sequence[Check], kind: type[AnyCheck]) -> AnyCheck:
    """The one check of a kind, for whoever needs its limits.

    Raises:
        LookupError: there is none; a policy without one of its checks is a bug.
    """
    for check in checks:
        if isinstance(check, kind):
            return check
    raise LookupError(f"the policy has no check {kind.id}")


def figure(value: Decimal, places: int = 4) -> str:
    """A derived figure for people: at most `places` decimals. Never for a comparison."""
    return plain(CONTEXT.quantize(value, _STEPS[places]))
