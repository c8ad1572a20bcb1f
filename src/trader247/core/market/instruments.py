"""What a policy measures a product by, and the measuring: its signals, guards and rules."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.core.policy import Policy, SignalPolicy
from trader247.core.rules.registry import ALL_RULES
from trader247.core.rules.rule import Rule
from trader247.core.signals.filters import OutlierGuard, VolatilityGuard
from trader247.core.signals.reading import read
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.core.signals.signal import Reading, Signal
from trader247.core.signals.window import Window
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars
from trader247.domain.money import Percent

TOGETHER_MIN = 3
"""So many products are measured side by side; fewer are quicker one after the other."""

_ANY_SHARE = Percent.of(100)

Measures = tuple[tuple[Reading, ...], tuple[Reading, ...]]
"""The readings of a product: the guards', and the signals'."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """The signals, guards and rules of a policy, ready to be asked."""

    signals: tuple[Signal, ...]
    rules: Mapping[str, tuple[Rule, ...]]
    outlier: OutlierGuard
    volatility: VolatilityGuard
    triggers: SignalPolicy

    @property
    def guards(self) -> tuple[OutlierGuard, VolatilityGuard]:
        """What forbids a product, in the order of its reasons."""
        return self.outlier, self.volatility

    def read(self, signal: str, bars: Bars) -> Reading:
        """The reading of one signal, by its id, at a product's newest bar.

        Raises:
            LookupError: there is no such signal.
        """
        for each in self.signals:
            if each.id == signal:
                return read(each, Window(bars), missing_max=self.triggers.missing_pct_max)
        raise LookupError(f"the policy has no signal {signal}")


def instruments_of(policy: Policy) -> Instruments:
    """Each registered signal and rule with the policy's numbers, or its own defaults; then those of
    a person's own strategies. Made once for each policy."""
    try:
        known = policy.instruments
    except AttributeError:
        known = _made_of(policy)
        object.__setattr__(policy, "instruments", known)
    assert isinstance(known, Instruments), "nobody else keeps anything there"
    return known


def _made_of(policy: Policy) -> Instruments:
    rules: dict[str, tuple[Rule, ...]] = {}
    for kind in ALL_RULES:
        rule = policy.rules.get(kind.id, None) or kind()
        assert isinstance(rule, Rule), "a section of rules holds a rule"
        rules[rule.signal] = (*rules.get(rule.signal, ()), rule)
    signals: list[Signal] = []
    for each in ALL_SIGNALS:
        signal = policy.signals.get(each.id, None) or each()
        assert isinstance(signal, Signal), "a section of signals holds a signal"
        signals.append(signal)
    for own in policy.strategies:
        rules[own.rule.signal] = (*rules.get(own.rule.signal, ()), own.rule)
        signals.append(own.signal)
    triggers = policy.triggers
    return Instruments(
        signals=tuple(signals),
        rules=rules,
        outlier=OutlierGuard(triggers.outlier_pct, triggers.outlier_volume_pct),
        volatility=VolatilityGuard(triggers.volatility_pct_max),
        triggers=triggers,
    )


def measured(bars: Bars, instruments: Instruments) -> Measures:
    """The readings of a product's newest bar."""
    window = Window(bars)
    missing_max = instruments.triggers.missing_pct_max
    return (
        tuple([read(guard, window, missing_max=_ANY_SHARE) for guard in instruments.guards]),
        tuple([read(signal, window, missing_max=missing_max) for signal in instruments.signals]),
    )


def measured_each(
    bars: Mapping[ProductId, Bars], instruments: Instruments
) -> dict[ProductId, Measures]:
    """What `measured` says of each: in one go of those whose windows are alike."""
    alike: dict[tuple[int, int], list[ProductId]] = {}
    for product, each in bars.items():
        alike.setdefault((each.end, len(each)), []).append(product)
    found: dict[ProductId, Measures] = {}
    for (_, length), products in alike.items():
        if length and len(products) >= TOGETHER_MIN:
            found |= _side_by_side({product: bars[product] for product in products}, instruments)
    return {
        product: found.get(product) or measured(each, instruments) for product, each in bars.items()
    }


def _side_by_side(
    bars: Mapping[ProductId, Bars], instruments: Instruments
) -> Mapping[ProductId, Measures]:
    """The readings of all that a panel can measure; others are left out."""
    # numpy takes longer to load than a question about one cycle takes without it.
    from trader247.core.signals.panel import Panel, read_each

    panel = Panel([*bars.values()])
    is_plain = panel.is_plain
    if not is_plain.all():
        plain = {each: bars[each] for each, fits in zip(bars, is_plain, strict=True) if fits}
        return _side_by_side(plain, instruments) if plain else {}
    missing_max = instruments.triggers.missing_pct_max
    guards = [read_each(guard, panel, missing_max=_ANY_SHARE) for guard in instruments.guards]
    readings = [
        # A person's own signals are known to answer for one product at a time.
        read_each(signal, panel, missing_max=missing_max)
        if type(signal) in ALL_SIGNALS
        else [read(signal, Window(each), missing_max=missing_max) for each in bars.values()]
        for signal in instruments.signals
    ]
    measures = zip(zip(*guards, strict=True), zip(*readings, strict=True), strict=True)
    return dict(zip(bars, measures, strict=True))
