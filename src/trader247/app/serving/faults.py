"""What goes wrong at a served exchange: read, changed while it runs, and all that there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trader247.adapters.sim_operator import SimOperator
from trader247.app.serving.files import served_at
from trader247.app.settings.load import load_settings
from trader247.app.venue.endpoint import tls_folder
from trader247.domain.dataclass import dataclass
from trader247.simex.faults.kinds import KINDS
from trader247.simex.faults.presets import PRESETS

_PATH = "/sim/faults"


@dataclass(frozen=True, slots=True)
class FaultsInForce:
    """The rules of a running server, and how often each fault struck, by where it did."""

    server: str
    seed: int
    faults: tuple[str, ...]
    fired: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class FaultManual:
    """One fault: when it strikes, and what happens then."""

    name: str
    when: str
    does: str


def sim_faults(
    config: Path | None,
    data: Path,
    tls: Path | None,
    *,
    faults: Sequence[str] | None = None,
    seed: int | None = None,
) -> FaultsInForce:
    """What is in force; with `faults` or `seed`, after putting these in force instead.

    Raises:
        UsageError: there is no such fault, or no server was started from this folder.
        VenueUnreachable: the server does not answer.
        SettingsInvalid, StorageError, UnsafePermission: a file cannot be used.
    """
    folder = tls_folder(load_settings(config).app, data) if tls is None else tls
    host = served_at(folder)
    operator = SimOperator(host, folder)
    told = operator.ask("GET", _PATH)
    if faults is not None or seed is not None:
        wanted: dict[str, Any] = {"faults": told["faults"] if faults is None else list(faults)}
        told = operator.ask(
            "POST", _PATH, {**wanted, "seed": told["seed"] if seed is None else seed}
        )
    return FaultsInForce(host, told["seed"], tuple(told["faults"]), told["fired"])


def fault_manual() -> tuple[FaultManual, ...]:
    """Every fault that there is, in the order in which they strike."""
    return tuple(FaultManual(each.name, each.stage.value, each.doc) for each in KINDS.values())


def fault_sets() -> tuple[str, ...]:
    """The names of whole sets of faults."""
    return tuple(PRESETS)
