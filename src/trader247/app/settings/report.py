"""What the configuration says: whether it holds, what is in force and from where, its schema."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from trader247.app.settings import app_file, policy_file, universe_file
from trader247.app.settings.canonical import written
from trader247.app.settings.layout import Section, Slot
from trader247.app.settings.load import Settings, load_settings
from trader247.app.settings.problems import Problem, SettingsInvalid
from trader247.app.settings.schema import file_schema
from trader247.app.settings.secrets import Secret
from trader247.core.orders.feasibility import feasible
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.fee_worth import FeeWorth
from trader247.core.rules.rule import Rule
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Percent


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What a rule's target is worth in fees of going in and out.

    `target_pct` and `worth` are None where the target depends on the market.
    """

    rule: str
    target_pct: Percent | None
    round_trip_pct: Percent
    worth: Decimal | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ConfigReport:
    """Whether a configuration can be used; `problems` is empty if it can."""

    source: str
    hash: str | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    break_even: tuple[BreakEven, ...]
    sizing: str = ""
    """What an order may be worth at the paper account's equity; empty while there are problems."""
    hint: str = ""
    """What to do next about the problems."""

    @property
    def is_valid(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One effective value; `origin` is its file and line, or `default` with line 0."""

    file: str
    key: str
    value: str
    unit: str
    origin: str
    line: int


@dataclass(frozen=True, slots=True)
class ShownConfig:
    """Every effective value, and the hash of all that decides."""

    source: str
    hash: str
    settings: tuple[ShownSetting, ...]


def check_config(
    directory: Path | None, *, environment: Mapping[str, str] = os.environ
) -> ConfigReport:
    """Read a configuration and say all that is wrong or odd with it."""
    try:
        settings = load_settings(directory, environment=environment)
    except SettingsInvalid as invalid:
        source = str(directory) if directory else "config"
        return ConfigReport(source, None, invalid.problems, (), (), hint=invalid.hint)
    sizes = feasible(settings.app.paper_equity, settings.policy)
    warnings = settings.warnings
    if not sizes.is_feasible:
        label = settings.source.label_of(app_file.FILE)
        line = settings.lines[app_file.FILE].get(("paper", "equity"), 0)
        found = f"{sizes.sentence}: no entry is possible"
        warnings = (*warnings, Problem(label, line, "paper.equity", found, ""))
    return ConfigReport(
        source=settings.source.label,
        hash=settings.policy.hash,
        problems=(),
        warnings=warnings,
        break_even=break_even(settings.policy),
        sizing=sizes.sentence,
    )


def show_config(
    directory: Path | None, *, environment: Mapping[str, str] = os.environ
) -> ShownConfig:
    """Every effective value with its origin.

    Raises:
        SettingsInvalid: the configuration cannot be used.
    """
    settings = load_settings(directory, environment=environment)
    parts: dict[str, Mapping[Section, object]] = {
        app_file.FILE: {app_file.SECTIONS[0]: settings.app},
        policy_file.FILE: policy_file.parts_of(settings.policy),
        universe_file.FILE: universe_file.parts_of(settings.policy.universe),
    }
    shown = tuple(
        each
        for file, sections in parts.items()
        for section, part in sections.items()
        for each in _shown(settings, file, section, part)
    )
    shown = tuple(sorted(shown, key=lambda each: (each.file, each.line == 0, each.line)))
    return ShownConfig(settings.source.label, settings.policy.hash, shown)


def config_schema() -> dict[str, Any]:
    """The JSON Schema of each file, by its name without the ending."""
    return {
        file.removesuffix(".yaml"): file_schema(file, sections)
        for file, sections in (
            (app_file.FILE, app_file.SECTIONS),
            (policy_file.FILE, policy_file.SECTIONS),
            (universe_file.FILE, universe_file.SECTIONS),
        )
    }


def break_even(policy: Policy) -> tuple[BreakEven, ...]:
    """What each rule's target is worth at the fees that hold while the account's are unknown.

    The rules of a person's own strategies stand after the shipped ones.
    """
    maker, taker = policy.execution.fallback_maker_bps, policy.execution.fallback_taker_bps
    fees = (maker + max(maker, taker)).fraction
    limits = check_in(policy.checks, FeeWorth)
    rows = []
    own = {each.name: each.rule for each in policy.strategies}
    for name, rule in {**policy.rules, **own}.items():
        assert isinstance(rule, Rule)
        target = rule.least_target
        worth = None
        if target is not None and fees > 0:
            worth = CONTEXT.divide(target.fraction, fees).quantize(Decimal("0.01"))
        rows.append(
            BreakEven(name, target, Percent.from_fraction(fees), worth, _verdict(worth, limits))
        )
    return tuple(rows)


def _verdict(worth: Decimal | None, limits: FeeWorth) -> str:
    if worth is None:
        return "depends on the market"
    if worth < limits.refuse_under:
        return f"refused: under {limits.refuse_under} x"
    if worth < limits.warn_under:
        return f"thin: under {limits.warn_under} x"
    return "ok"


def _shown(settings: Settings, file: str, section: Section, part: object) -> Iterator[ShownSetting]:
    lines = settings.lines[file]
    for name, slot in section.slots.items():
        line = next((at for path, at in lines.items() if path[: len(slot.path)] == slot.path), 0)
        yield ShownSetting(
            file=file,
            key=slot.key,
            value=_text(slot, getattr(part, name)),
            unit=slot.unit,
            origin=f"{settings.source.label_of(file)}:{line}" if line else "default",
            line=line,
        )


def _text(slot: Slot, value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_text(slot, each) for each in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_text(slot, each)}" for name, each in value.items())
    if isinstance(value, Secret):
        return f"set, {value.origin}"
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(written(value))
