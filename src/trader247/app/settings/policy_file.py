"""policy.yaml: every number that decides. One section a check, a signal and a rule, by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any

from trader247.app.settings.layout import Section, Values
from trader247.core.limits import Bound
from trader247.core.policy import (
    BreakerPolicy,
    ConductPolicy,
    ExecutionPolicy,
    Policy,
    RegimePolicy,
    SignalPolicy,
    SizingPolicy,
    StopPolicy,
)
from trader247.core.risk.checks.cluster_exposure import ClusterExposure
from trader247.core.risk.registry import ALL_CHECKS
from trader247.core.rules.registry import ALL_RULES
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.core.universe_policy import UniversePolicy
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent

FILE = "policy.yaml"

_SHIPPED_CAPS = {
    "LAYER1": Percent.of(10),
    "LAYER2": Percent.of(10),
    "DEFI": Percent.of(10),
    "MEME": Percent.of(5),
}


@dataclass(frozen=True, slots=True)
class ClusterCaps:
    """The cap of each cluster that universe.yaml names."""

    caps_pct: Mapping[str, Percent] = field(
        default_factory=lambda: dict(_SHIPPED_CAPS),
        metadata={
            "bound": Bound(
                at_least=Decimal("0.1"),
                at_most=Decimal(15),
                unit="% of equity",
                doc="exposure of a cluster, by its name",
            )
        },
    )


CAPS = Section(("checks", ClusterExposure.id), ClusterCaps)

_PARTS: Mapping[str, Section] = {
    "triggers": Section(("triggers",), SignalPolicy),
    "regime": Section(("regime",), RegimePolicy),
    "sizing": Section(("sizing",), SizingPolicy),
    "stops": Section(("risk",), StopPolicy),
    "breakers": Section(("breakers",), BreakerPolicy),
    "conduct": Section(("conduct",), ConductPolicy),
    "execution": Section(("execution",), ExecutionPolicy),
}
"""The policy's own parts, by the name of its field."""

_CHECKS = {kind: Section(("checks", kind.id), kind) for kind in ALL_CHECKS}
_SIGNALS = {kind.id: Section(("signals", kind.id), kind) for kind in ALL_SIGNALS}
_RULES = {kind.id: Section(("rules", kind.id), kind) for kind in ALL_RULES}

SECTIONS = (
    *_PARTS.values(),
    *_CHECKS.values(),
    CAPS,
    *_SIGNALS.values(),
    *_RULES.values(),
)


def policy_of(values: Values, universe: UniversePolicy, *, quote_currency: str) -> Policy:
    """The policy as the core takes it, still without its text and hash."""
    parts: dict[str, Any] = {name: values.instance(part) for name, part in _PARTS.items()}
    return Policy(
        universe=universe,
        checks=tuple(values.instance(section) for section in _CHECKS.values()),
        signals={name: values.instance(section) for name, section in _SIGNALS.items()},
        rules={name: values.instance(section) for name, section in _RULES.items()},
        quote_currency=quote_currency,
        **parts,
    )


def parts_of(policy: Policy) -> Mapping[Section, object]:
    """The dataclass of each section of policy.yaml, taken out of a policy."""
    check_of: Callable[[type], object] = {type(each): each for each in policy.checks}.__getitem__
    caps = {each.name: each.cap for each in policy.universe.clusters}
    return {
        **{section: getattr(policy, name) for name, section in _PARTS.items()},
        **{section: check_of(kind) for kind, section in _CHECKS.items()},
        CAPS: ClusterCaps(caps),
        **{section: policy.signals[name] for name, section in _SIGNALS.items()},
        **{section: policy.rules[name] for name, section in _RULES.items()},
    }
