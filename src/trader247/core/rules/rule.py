"""A rule: what to do with a signal's trigger, as a plan for the whole trade."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from trader247.core.limits import limit
from trader247.core.signals.signal import Reading, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent
from trader247.domain.proposals import ExitPlan

STRATEGY = "momentum247"
"""The name of the shipped set of rules: what its orders and fills carry."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rule may know beside its signal's reading: where the product stands, how things are.

    `tier` is the product's place among the tiers, 0 for the first.
    """

    tier: int
    regime: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A trade that a rule wants: how it would end, and its share of the usual size."""

    plan: ExitPlan
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """One answer to one signal. Its docstring is its manual, its fields are its numbers.

    `signal` is the id of the signal that it acts on.
    """

    id: ClassVar[str]
    signal: ClassVar[str]

    def applies(self, setting: Setting) -> bool:  # noqa: ARG002 - most do not look
        """Whether it may want anything in this setting, whatever its signal reads."""
        return True

    def wish(self, reading: Reading, setting: Setting) -> Wish | None:
        """The trade that a triggered reading asks for, or None where the rule does not apply."""
        raise NotImplementedError

    def surely_wishes(self, figure: Callable[[str], Any]) -> Any:  # noqa: ARG002 - most do not look
        """Where it is certain to want a trade, for columns of its signal's figures in billionths.

        For settings in which it applies. Elsewhere it has to be asked.
        """
        return False

    def sure_target(self, figure: Callable[[str], Any]) -> Any:  # noqa: ARG002 - most do not look
        """The target of such a trade in billionths of its price, cut off, or a column of them.

        None where that is not known beforehand.
        """
        return None

    @property
    def least_target(self) -> Percent | None:
        """The target as a share of the entry price, where it is known without a market."""
        return None


@dataclass(frozen=True, slots=True)
class FixedRule(Rule):
    """A rule whose stop and target are fixed shares of the entry price."""

    stop_pct: Percent
    target_pct: Percent
    hours_max: int
    multiplier: Decimal
    trailing_pct: Percent

    def wish(self, reading: Reading, setting: Setting) -> Wish | None:  # noqa: ARG002
        return Wish(
            ExitPlan(
                stop_fraction=self.stop_pct.fraction,
                target_fraction=self.target_pct.fraction,
                longest_hold=timedelta(hours=self.hours_max),
                trailing_fraction=trailing(self.trailing_pct),
            ),
            self.multiplier,
        )

    def surely_wishes(self, figure: Callable[[str], Any]) -> Any:  # noqa: ARG002
        return True

    def sure_target(self, figure: Callable[[str], Any]) -> Any:  # noqa: ARG002
        return nanos(self.target_pct)

    @property
    def least_target(self) -> Percent | None:
        return self.target_pct


def stop_limit(default: str) -> Percent:
    """A field for a stop's distance."""
    number: Percent = limit(
        Percent.of(default), unit="%", at_least="0.5", at_most=25, doc="stop under the entry price"
    )
    return number


def target_limit(default: str) -> Percent:
    """A field for a target's distance."""
    number: Percent = limit(
        Percent.of(default),
        unit="%",
        at_least="0.5",
        at_most=200,
        doc="target over the entry price",
    )
    return number


def hours_limit(default: int) -> int:
    """A field for the longest hold."""
    number: int = limit(default, unit="h", at_least=1, at_most=720, doc="longest hold")
    return number


def multiplier_limit(default: str) -> Decimal:
    """A field for a rule's share of the usual size; no multiplier lifts a size over a cap."""
    number: Decimal = limit(Decimal(default), unit="x", at_least=0, at_most=2, doc="of size")
    return number


def trailing_limit() -> Percent:
    """A field for the trailing stop's distance; 0 means that there is none."""
    number: Percent = limit(
        Percent.of(0), unit="%", at_least=0, at_most=50, doc="stop under the highest bid; 0: none"
    )
    return number


def trailing(distance: Percent) -> Decimal | None:
    """A trailing stop's distance as a fraction, or None for none."""
    return None if distance.value == 0 else distance.fraction
