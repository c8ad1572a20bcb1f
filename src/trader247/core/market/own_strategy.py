"""A strategy of a person's own, beside the shipped rules: one signal, one rule, and a budget."""

from __future__ import annotations

from trader247.core.rules.rule import Rule
from trader247.core.signals.signal import Signal
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class OwnStrategy:
    """One that is enabled. All that it holds and may still buy is at most `budget` of equity.

    `module` is the file that it came from and `sha256` that of its content: another content is
    another policy, and decides nothing under this one's name.
    """

    name: str
    signal: Signal
    rule: Rule
    budget: Percent
    module: str
    sha256: str
