"""What a control is: its manual, where its limits come from, and where they are set."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from trader247.app.controls.entries import MEASURED
from trader247.app.controls.promises import GAPS, PROMISES
from trader247.app.settings import policy_file
from trader247.app.settings.layout import Section, Slot
from trader247.app.settings.report import ShownConfig, ShownSetting, show_config
from trader247.app.settings.scalars import span
from trader247.core.risk.check import Check
from trader247.core.risk.checks.cluster_exposure import ClusterExposure
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.dataclass import dataclass
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

    `is_for_exits` is None where the control is no check of single orders. `gap` is what its row
    asks for beyond what is built; empty where nothing is left.
    """

    id: str
    row: int
    title: str
    text: str
    source: str
    is_for_exits: bool | None
    limits: tuple[LimitLine, ...]
    gap: str


_OTHERS = {**MEASURED, **PROMISES}
_KINDS: dict[str, type[Check]] = {kind.id: kind for kind in ALL_CHECKS}


def control_ids() -> tuple[str, ...]:
    """Every control that has a manual: all rows of the matrix are among them."""
    return (*_OTHERS, *_KINDS)


def measured_ids() -> tuple[str, ...]:
    """The controls whose present standing can be shown."""
    return (*MEASURED, *_KINDS)


def manual_of(control: str, config: Path | None) -> Manual:
    """The manual of a control, or of one part of it, as `pace.hour`.

    Raises:
        UsageError: there is no such control.
        SettingsInvalid: the configuration cannot be used.
    """
    name = base_id(control)
    if name not in control_ids():
        of_row = [each.id for each in manuals(config) if str(each.row) == name]
        near = of_row or get_close_matches(name, control_ids(), n=3)
        raise UsageError(
            f"there is no control {control!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else "trader247 risk controls",
        )
    return _manual(name, show_config(config))


def manuals(config: Path | None) -> tuple[Manual, ...]:
    """The manuals of all controls, by row of the matrix.

    Raises:
        SettingsInvalid: the configuration cannot be used.
    """
    shown = show_config(config)
    found = (_manual(name, shown) for name in control_ids())
    return tuple(sorted(found, key=lambda manual: manual.row))


def _manual(name: str, shown: ShownConfig) -> Manual:
    if name in _OTHERS:
        entry = _OTHERS[name]
        slots = () if entry.section is None else (entry.section.slots[f] for f in entry.fields)
        return Manual(
            id=name,
            row=entry.row,
            title=entry.title,
            text=entry.text,
            source=entry.source,
            is_for_exits=None,
            limits=_limits(slots, shown, entry.file),
            gap=GAPS.get(entry.row, ""),
        )
    kind = _KINDS[name]
    title, _, text = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")
    sections = [Section(("checks", name), kind)]
    if kind is ClusterExposure:
        sections.append(policy_file.CAPS)
    slots = (slot for each in sections for slot in each.slots.values())
    return Manual(
        id=name,
        row=kind.row,
        title=" ".join(title.split()),
        text=" ".join(text.split()),
        source=kind.source,
        is_for_exits=kind.binds_exits,
        limits=_limits(slots, shown, policy_file.FILE),
        gap=GAPS.get(kind.row, ""),
    )


def base_id(control: str) -> str:
    """The control that `control` is a part of: `pace` for `pace.hour`."""
    return control.partition(".")[0]


def _limits(slots: Iterable[Slot], shown: ShownConfig, file: str) -> tuple[LimitLine, ...]:
    by_key = {each.key: each for each in shown.settings if each.file == file}
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
