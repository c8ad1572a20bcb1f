"""What a control is: its manual, where its limits come from, and where they are set."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from trader247.app.config_report import ShownSetting, show_config
from trader247.app.settings import policy_file
from trader247.app.settings.layout import Section, Slot
from trader247.app.settings.scalars import span
from trader247.core.policy import BreakerPolicy, ExecutionPolicy, StopPolicy
from trader247.core.risk.check import Check
from trader247.core.risk.checks.cluster_exposure import ClusterExposure
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit of a control: its value in force, what is allowed, and the place that set it."""

    key: str
    value: str
    unit: str
    doc: str
    allowed: str
    origin: str


@dataclass(frozen=True, slots=True)
class Manual:
    """A control in words; `row` is its row in the control matrix, `source` where it comes from.

    `is_for_exits` is None where the control is no check of single orders.
    """

    id: str
    row: int
    title: str
    text: str
    source: str
    is_for_exits: bool | None
    limits: tuple[LimitLine, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A control that is no check: its words, and the fields of the policy that hold its limits."""

    row: int
    title: str
    text: str
    source: str
    section: Section | None = None
    fields: tuple[str, ...] = ()


_STOPS = Section(("risk",), StopPolicy)
_BREAKERS = Section(("breakers",), BreakerPolicy)
_EXECUTION = Section(("execution",), ExecutionPolicy)
_LATCHES = (
    "Once hit, only exits are allowed until a person clears it: not a restart, not a new day, not "
    "an edited file. It looks at marked-to-market equity, adjusted for deposits and withdrawals."
)
_CLOSES = "An open breaker stops entries, never exits, and closes after clean cycles by itself."

_OTHERS = {
    "kill_switch": _Entry(
        1,
        "A person's stop: once it is seen, no order is sent and those that work are cancelled.",
        "The file KILL_SWITCH in the data folder is the switch, whatever it holds: `trader247 kill "
        "on` writes it, `touch` does as well. Deleting the file resumes nothing: only `trader247 "
        "kill off` ends it.",
        "founding document; RTS 6 Art 12(1)",
    ),
    "daily_stop": _Entry(
        5,
        "The loss of a UTC day at which trading stops.",
        "Counted from equity at 00:00 UTC and from the high of the last 24 hours; the worse "
        f"counts, and it trips at exactly the limit. {_LATCHES}",
        "founding document; 15c3-5(c)(1)(i)",
        _STOPS,
        ("daily_pct",),
    ),
    "weekly_stop": _Entry(
        6,
        "The loss of a week at which trading stops.",
        "Counted from equity on Monday 00:00 UTC and from the high of the last 7 x 24 hours; the "
        f"worse counts, and it trips at exactly the limit. {_LATCHES}",
        "founding document; 15c3-5(c)(1)(i)",
        _STOPS,
        ("weekly_pct",),
    ),
    "drawdown": _Entry(
        7,
        "How far equity may fall below its greatest value.",
        f"The high-water mark is durable. {_LATCHES} Clearing it takes a new high-water mark: "
        "`trader247 unlock halt drawdown --accept-peak EQUITY --reason TEXT`.",
        "founding document; FIA credit controls",
        _STOPS,
        ("drawdown_pct",),
    ),
    "api_errors": _Entry(
        35,
        "Errors of the venue, one after the other or within five minutes.",
        _CLOSES,
        "founding document; RTS 6 Art 15",
        _BREAKERS,
        ("errors_running", "errors_in_5_min", "clean_cycles"),
    ),
    "rate_limit": _Entry(
        35,
        "Answers of the venue that we ask too often.",
        _CLOSES,
        "founding document",
        _BREAKERS,
        ("rate_limited_in_10_min", "clean_cycles"),
    ),
    "maintenance": _Entry(
        35,
        "The venue could not be read at all.",
        _CLOSES,
        "founding document",
        _BREAKERS,
        ("clean_cycles",),
    ),
    "cycle_budget": _Entry(
        35,
        "Cycles that took longer than their budget, one after the other.",
        _CLOSES,
        "founding document",
        _BREAKERS,
        ("overruns", "cycle_budget_seconds", "clean_cycles"),
    ),
    "stale_market": _Entry(
        36,
        "The share of the universe without a fresh quote.",
        _CLOSES,
        "founding document; FIA market data",
        _BREAKERS,
        ("stale_share_pct", "clean_cycles"),
    ),
    "volatility": _Entry(
        36,
        "A five-minute move that is a flash crash.",
        f"Tier 1 and the others have limits of their own. {_CLOSES}",
        "FIA volatility control",
        _BREAKERS,
        ("move_major_pct", "move_other_pct", "clean_cycles"),
    ),
    "reconciliation": _Entry(
        39,
        "Ledger and venue must agree on fills, orders, cash and holdings.",
        "Compared in every cycle. A difference is pending while it is young or while an order in "
        "flight explains it; then it is a break: only exits are allowed until a person has mended "
        "it and clears reconciliation_break. `trader247 reconcile` shows both sides.",
        "founding document; RTS 6 Art 17(3)",
        _EXECUTION,
        ("reconcile_seconds", "overlap_minutes", "overlap_start_hours"),
    ),
    "alerts": _Entry(
        31,
        "What happened must reach a person.",
        "Alerts go to the log always, and to each channel of `monitoring` in app.yaml; one that a "
        "channel does not take is kept and tried again. `trader247 alerts test` sends one.",
        "founding document; RTS 6 Art 16(5)",
    ),
    "single_instance": _Entry(
        45,
        "One trader a data folder.",
        "The kernel's lock on trader247.lock is the guard, and it dies with its process. The "
        "journal counts epochs besides, so that a process which was stopped and wakes writes "
        "nothing. `trader247 unlock` shows who holds it.",
        "founding document; Knight Capital, 2012",
    ),
}

_KINDS: dict[str, type[Check]] = {kind.id: kind for kind in ALL_CHECKS}


def control_ids() -> tuple[str, ...]:
    """Every control that has a manual."""
    return (*_OTHERS, *_KINDS)


def manual_of(control: str, config: Path | None) -> Manual:
    """The manual of a control, or of one part of it, as `pace.hour`.

    Raises:
        UsageError: there is no such control.
        SettingsInvalid: the configuration cannot be used.
    """
    name = base_id(control)
    if name in _OTHERS:
        entry = _OTHERS[name]
        slots = () if entry.section is None else (entry.section.slots[f] for f in entry.fields)
        limits = _limits(slots, config)
        return Manual(name, entry.row, entry.title, entry.text, entry.source, None, limits)
    if name not in _KINDS:
        near = get_close_matches(name, control_ids(), n=3)
        raise UsageError(
            f"there is no control {control!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else "trader247 risk controls",
        )
    kind = _KINDS[name]
    title, _, text = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")
    sections = [Section(("checks", name), kind)]
    if kind is ClusterExposure:
        sections.append(policy_file.CAPS)
    return Manual(
        id=name,
        row=kind.row,
        title=" ".join(title.split()),
        text=" ".join(text.split()),
        source=kind.source,
        is_for_exits=kind.binds_exits,
        limits=_limits((slot for each in sections for slot in each.slots.values()), config),
    )


def base_id(control: str) -> str:
    """The control that `control` is a part of: `pace` for `pace.hour`."""
    return control.partition(".")[0]


def _limits(slots: Iterable[Slot], config: Path | None) -> tuple[LimitLine, ...]:
    shown = show_config(config)
    by_key = {each.key: each for each in shown.settings if each.file == policy_file.FILE}
    return tuple(_line(slot, by_key[slot.key]) for slot in slots)


def _line(slot: Slot, setting: ShownSetting) -> LimitLine:
    bound = slot.metadata.get("bound")
    return LimitLine(
        key=slot.key,
        value=setting.value,
        unit=slot.unit,
        doc=slot.doc,
        allowed="" if bound is None else span(bound).strip(),
        origin="default" if setting.line == 0 else setting.origin,
    )
