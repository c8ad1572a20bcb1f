"""What people are told and asked, and what they grant."""

from __future__ import annotations

from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.events.event import Event
from trader247.domain.ids import ProductId
from trader247.domain.money import Money
from trader247.domain.orders import Side
from trader247.domain.reasons import Severity
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    """Something a person should know; deliveries are kept outside the chain."""

    kind: ClassVar[str] = "alert_raised"
    severity: Severity
    code: str
    text: str

    @property
    def ref(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class AlertsAcknowledged(Event):
    """A person said that he knows of critical alerts: these codes are not told again."""

    kind: ClassVar[str] = "alert_acknowledged"
    codes: tuple[str, ...]
    operator: str

    @property
    def ref(self) -> str:
        return self.codes[0] if len(self.codes) == 1 else ""


@dataclass(frozen=True, slots=True)
class Armed(Event):
    """A person let this book send orders: to which account, under which policy, until when.

    `largest` is the largest order at `ladder_since`, from where it may grow.
    """

    kind: ClassVar[str] = "armed"
    account: str
    policy_hash: str
    version: str
    largest: Money
    ladder_since: Instant
    until: Instant
    operator: str

    @property
    def ref(self) -> str:
        return self.account


@dataclass(frozen=True, slots=True)
class Disarmed(Event):
    """The arming was taken back: by a person, or because what it was given for has changed."""

    kind: ClassVar[str] = "disarmed"
    cause: str
    operator: str


@dataclass(frozen=True, slots=True)
class ConfirmationAsked(Event):
    """An entry that only waits for a person's yes."""

    kind: ClassVar[str] = "confirmation_asked"
    id: str
    product: ProductId
    side: Side
    notional: Money

    @property
    def ref(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class ConfirmationGiven(Event):
    """A person said yes to an entry: for a while, and up to the notional that was asked."""

    kind: ClassVar[str] = "confirmation_given"
    id: str
    operator: str

    @property
    def ref(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class SmokePassed(Event):
    """All checks of the smoke test passed, on this market and with this policy.

    `at` is the machine's time: a book's own may be a simulated market's.
    """

    kind: ClassVar[str] = "smoke_passed"
    feed: str
    policy_hash: str
    version: str
    at: Instant


@dataclass(frozen=True, slots=True)
class DrillsHeld(Event):
    """Emergencies were drilled under a policy; `passed` and `failed` are the names of the drills.

    `at` is the machine's time: a drill's own is that of its simulated market.
    """

    kind: ClassVar[str] = "drills_held"
    policy_hash: str
    version: str
    at: Instant
    passed: tuple[str, ...]
    failed: tuple[str, ...]
