"""A risk check: one limit, one file, one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, TypeVar

from trader247.core.risk.reservations import AtRisk, worst_fee
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, ONE, Money, rounded
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.time import Instant
from trader247.domain.verdicts import Finding, Verdict, Words

if TYPE_CHECKING:
    from trader247.core.policy import Policy


class _SummedOnce:
    """Room for what several checks ask of one book."""

    __slots__ = ("_at_risk", "_worst_fee", "now")
    _at_risk: AtRisk | None
    _worst_fee: Decimal | None
    now: Instant
    """The instant of the snapshot: the only time that a check knows."""


@dataclass(frozen=True, slots=True)
class Context(_SummedOnce):
    """What a check may look at: the market, the ledger with earlier approvals reserved, the policy.

    `portfolio` is marked at the snapshot's bids. `equity` is None where it is unknown.
    `approved_entries` counts the entries that this cycle has approved so far.
    """

    snapshot: Snapshot
    portfolio: Portfolio
    policy: Policy
    equity: Money | None = None
    approved_entries: int = 0

    def __post_init__(self) -> None:
        _keep_now(self, self.snapshot.time)
        _keep_at_risk(self, None)
        _keep_worst_fee(self, None)

    @property
    def at_risk(self) -> AtRisk:
        """What the ledger has at risk."""
        found = self._at_risk
        if found is None:
            _keep_at_risk(self, found := AtRisk.of(self.portfolio))
        return found

    @property
    def worst_fee(self) -> Decimal:
        """The greater of the account's two rates, as a fraction."""
        found = self._worst_fee
        if found is None:
            _keep_worst_fee(self, found := worst_fee(self.portfolio, self.policy))
        return found


_keep_now = _SummedOnce.__dict__["now"].__set__
_keep_at_risk = _SummedOnce.__dict__["_at_risk"].__set__
_keep_worst_fee = _SummedOnce.__dict__["_worst_fee"].__set__
_ENTRY = Purpose.ENTRY


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
        """Whether this limit allows `proposal`, with the figures, for whoever reads them."""
        if not self.binds_exits and proposal.purpose is not _ENTRY:
            return Verdict((self.id, *FREE))
        return Verdict((self.id, *self.assess(proposal, context)))

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        """What this check finds in a proposal that it binds."""
        raise NotImplementedError

    def allow(self, detail: Words, *, value: Words, limit: Words = "", unit: str = "") -> Finding:
        """A yes."""
        return True, detail, value, limit, unit

    def refuse(
        self, detail: Words, *, value: Words | None, limit: Words = "", unit: str = ""
    ) -> Finding:
        """A no; `value` is None where the figure is unknown."""
        return False, detail, value, limit, unit


FREE: Finding = (True, "binds entries alone", "", "", "")


def in_seconds(us: int) -> str:
    """Microseconds as a figure of seconds, for people."""
    return figure(CONTEXT.scaleb(Decimal(us), -6), 6)


def ratio(part: Decimal, whole: Decimal, times: Decimal = ONE) -> str:
    """A part of a whole, as a figure for people."""
    return figure(CONTEXT.multiply(CONTEXT.divide(part, whole), times))


Ask = Callable[[Proposal, Context], Finding]


def unbound(_proposal: Proposal, _context: Context) -> Finding:
    """What each check says of an order that it does not bind."""
    return FREE


def ask_of(check: Check, purpose: Purpose) -> Ask:
    """How a check is asked of orders with a purpose: what `judge` does, found out once for all.

    One call in place of two, where each order has 35 of them, and no verdict that nobody reads.
    """
    if type(check).judge is not Check.judge:
        return lambda proposal, context: check.judge(proposal, context).finding
    if purpose is _ENTRY or check.binds_exits:
        return check.assess
    return unbound


AnyCheck = TypeVar("AnyCheck", bound=Check)


def check_in(checks: Sequence[Check], kind: type[AnyCheck]) -> AnyCheck:
    """The one check of a kind, for whoever needs its limits.

    Raises:
        LookupError: there is none; a policy without one of its checks is a bug.
    """
    for check in checks:
        if type(check) is kind:  # nothing inherits from a check, and this takes half the time
            return check
    raise LookupError(f"the policy has no check {kind.id}")


def figure(value: Decimal, places: int = 4, *, beside: Decimal | None = None) -> str:
    """A derived figure for people: at most `places` decimals. Never for a comparison.

    `beside` is the limit that it is told with: more decimals are told where they show its side.
    """
    return rounded(value, places, beside=beside)
