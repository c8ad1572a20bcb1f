"""The section `strategies` of policy.yaml: a person's own, off until it is switched on.

    strategies:
      dip_buyer:
        module: ../strategies/dip_buyer.py   # from the folder of policy.yaml
        enabled: true                        # else its file is not even read
        budget_pct: 2                        # of equity, in all that it holds and may still buy
        signal: {fall_pct: 3}                # its own numbers, within its own bounds
        rule: {hours_max: 12}

In the journal's text of the policy the file stands with its SHA-256: what was decided by a code
that is no more cannot be decided again, and is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from trader247.app.settings.layout import Section
from trader247.app.settings.problems import Problem, SettingsInvalid
from trader247.app.settings.reading import read_values
from trader247.app.settings.yaml_tree import Node, Scalar, Table
from trader247.app.strategies.guests import GuestFailed, guest
from trader247.core.market.own_strategy import OwnStrategy
from trader247.core.rules.registry import ALL_RULES
from trader247.core.rules.rule import STRATEGY, Rule
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.core.signals.signal import Signal
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.money import Percent

K = TypeVar("K")

KEY = "strategies"
BUDGET_MOST = Decimal(15)
"""Of equity: what the whole book may have at risk."""
_KEYS = ("module", "enabled", "budget_pct", "signal", "rule", "sha256")
_WORDS = {"true": True, "false": False}
SHIPPED_NAMES = frozenset(
    {each.id for each in ALL_SIGNALS} | {each.id for each in ALL_RULES} | {STRATEGY}
)
"""Names of shipped signals, rules and their strategy, which no strategy of a person's may have."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a strategy stands in its file, for what is said of it."""

    label: str
    table: Table
    name: str

    def wrong(self, key: str, found: str, allowed: str = "") -> SettingsInvalid:
        line = self.table.lines.get(key, self.table.line)
        where = ".".join((KEY, self.name, key) if key else (KEY, self.name))
        return SettingsInvalid([Problem(self.label, line, where, found, allowed)])


def own_strategies(node: Node | None, *, label: str, base: Path | None) -> tuple[OwnStrategy, ...]:
    """The strategies that are enabled, by name. Files are named from `base`; None takes whole
    paths alone.

    Raises:
        SettingsInvalid: one of them cannot be used.
    """
    if node is None:
        return ()
    if not isinstance(node, Table):
        raise SettingsInvalid(
            [
                Problem(
                    label,
                    node.line if isinstance(node, Scalar) else 0,
                    KEY,
                    "no table",
                    "a table, a strategy a name",
                )
            ]
        )
    found = []
    for name in sorted(node.entries):
        each = node.entries[name]
        if not isinstance(each, Table):
            raise SettingsInvalid(
                [
                    Problem(
                        label, node.lines[name], f"{KEY}.{name}", "no table", ", ".join(_KEYS[:5])
                    )
                ]
            )
        strategy = _strategy(_Place(label, each, name), base)
        if strategy is not None:
            found.append(strategy)
    return tuple(found)


def written_strategies(strategies: tuple[OwnStrategy, ...]) -> Mapping[str, Any]:
    """Strategies in the shape of their section, every number written out."""
    from trader247.app.settings.canonical import laid_out

    return {
        each.name: {
            "module": each.module,
            "sha256": each.sha256,
            "enabled": "true",
            "budget_pct": str(each.budget),
            **laid_out(
                {
                    Section(("signal",), type(each.signal)): each.signal,
                    Section(("rule",), type(each.rule)): each.rule,
                }
            ),
        }
        for each in strategies
    }


def _strategy(place: _Place, base: Path | None) -> OwnStrategy | None:
    entries = place.table.entries
    for key in entries:
        if key not in _KEYS:
            raise place.wrong(key, "unknown key", ", ".join(_KEYS[:5]))
    if not _is_enabled(place):
        return None
    if place.name in SHIPPED_NAMES:
        raise place.wrong("", f"{place.name} is the name of a shipped rule", "another name")
    budget = _budget(place)
    path = _path(place, base)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise place.wrong("module", f"{path} cannot be read: {error.strerror}") from None
    digest = sha256(content).hexdigest()
    expected = entries.get("sha256")
    if isinstance(expected, Scalar) and expected.text != digest:
        raise place.wrong(
            "module", f"{path} is not what it was: it is {digest[:12]}", f"{expected.text[:12]}"
        )
    # Here, since it takes numpy, which most who read a policy have no other use for.
    from trader247.app.strategies.subjects import kept

    try:
        module = kept(path, digest)
    except UsageError as error:
        raise place.wrong("module", str(error)) from None
    signal, rule = _kinds(place, module)
    parts = _numbers(place, (Section(("signal",), signal), Section(("rule",), rule)))
    own_signal, own_rule = parts
    assert isinstance(own_signal, Signal), "a section of signals holds a signal"
    assert isinstance(own_rule, Rule), "a section of rules holds a rule"
    memory = getattr(own_signal, "bars_needed", None)
    if type(memory) is not int or memory < 1:
        raise place.wrong(
            "module", f"its bars_needed is {memory!r}", "how many bars a value depends on"
        )
    return OwnStrategy(place.name, own_signal, own_rule, budget, str(path), digest)


def _is_enabled(place: _Place) -> bool:
    node = place.table.entries.get("enabled")
    if node is None:
        return False
    if not isinstance(node, Scalar) or node.text not in _WORDS:
        raise place.wrong("enabled", "neither true nor false", "true, false")
    return _WORDS[node.text]


def _budget(place: _Place) -> Percent:
    node = place.table.entries.get("budget_pct")
    if not isinstance(node, Scalar):
        raise place.wrong("budget_pct", "is missing", f"above 0 to {BUDGET_MOST} % of equity")
    try:
        budget = Percent.of(node.text)
    except ValueError:
        raise place.wrong("budget_pct", f"{node.text!r} is no number") from None
    if not 0 < budget.value <= BUDGET_MOST:
        raise place.wrong("budget_pct", node.text, f"above 0 to {BUDGET_MOST} % of equity")
    return budget


def _path(place: _Place, base: Path | None) -> Path:
    node = place.table.entries.get("module")
    if not isinstance(node, Scalar) or not node.text.endswith(".py"):
        raise place.wrong("module", "is missing", "the file of the strategy, NAME.py")
    path = Path(node.text)
    if base is None:
        if not path.is_absolute():
            raise place.wrong("module", f"{node.text} is no whole path")
        return path
    return (base / path).resolve()


def _kinds(place: _Place, module: ModuleType) -> tuple[type[Signal], type[Rule]]:
    """The one signal and the one rule that a module defines."""
    signals = list(_defined(module, Signal))
    rules = list(_defined(module, Rule))
    if len(signals) != 1 or len(rules) != 1:
        raise place.wrong(
            "module",
            f"has {len(signals)} signals and {len(rules)} rules",
            "one class of Signal and one of Rule, as `trader247 strategy new` writes",
        )
    signal, rule = signals[0], rules[0]
    if signal.id != place.name or rule.id != place.name or rule.signal != place.name:
        raise place.wrong(
            "module",
            f"its signal is {signal.id}, its rule {rule.id} on {rule.signal}",
            f"all three are named {place.name}",
        )
    return signal, rule


def _defined(module: ModuleType, kind: type[K]) -> Iterator[type[K]]:
    for each in vars(module).values():
        is_own = isinstance(each, type) and each.__module__ == module.__name__
        if is_own and issubclass(each, kind) and hasattr(each, "id"):
            yield each


def _numbers(place: _Place, sections: tuple[Section, ...]) -> tuple[object, ...]:
    """The signal and the rule with the numbers that are given, within their bounds."""
    given: list[str] = [key for key in ("signal", "rule") if key in place.table.entries]
    table = Table(
        {key: place.table.entries[key] for key in given},
        {key: place.table.lines[key] for key in given},
        place.table.line,
    )
    values, problems = read_values(table, sections, label=place.label, environment={})
    if values is None or problems:
        raise SettingsInvalid(
            [
                Problem(
                    each.file,
                    each.line,
                    f"{KEY}.{place.name}.{each.key}",
                    each.found,
                    each.allowed,
                    each.suggestion,
                )
                for each in problems
            ]
        )
    try:
        return tuple([guest(partial(values.instance, section)) for section in sections])
    except GuestFailed as error:
        said = "numbers that the strategy's own text takes"
        raise place.wrong("", f"refuses its numbers: {error}", said) from error
