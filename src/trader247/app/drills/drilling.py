"""Holding drills: each emergency under the operator's own limits, in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from tempfile import mkdtemp

from trader247.adapters.clock import SystemClock
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.drills.drill import Account, Drill, Result, Unheld, Yard
from trader247.app.drills.registry import ALL_DRILLS
from trader247.app.granting.noting import note_drills
from trader247.app.granting.program import major_minor
from trader247.app.settings.load import load_settings
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import Trader247Error, UsageError
from trader247.domain.ids import ProductId
from trader247.domain.time import DAY
from trader247.simex.feeds.listings import CHARACTERS

ALL = "all"

HOURS_BACK = 180 * DAY
"""How far back, from its last order, a journal is asked for its busiest hour."""


@dataclass(frozen=True, slots=True)
class DrillReport:
    """How the drills ended, under which policy and by which version."""

    policy_hash: str
    version: str
    config: str
    results: tuple[Result, ...]
    kept: Path | None = None
    """Where the folders of the drills are; None where nobody wanted them."""
    notes: tuple[str, ...] = ()
    """Where the results were kept as evidence, and what no drill can tell."""

    @property
    def passed(self) -> bool:
        """Whether nothing failed; what could not be shown is told beside it."""
        return not any(each.has_failed for each in self.results)

    @property
    def unshown(self) -> tuple[str, ...]:
        """The drills of which the configuration leaves something to show."""
        return tuple(each.drill.name for each in self.results if each.unshown)


def chosen(names: Sequence[str]) -> tuple[Drill, ...]:
    """The drills of these names, in the order of the registry; none named are all.

    Raises:
        UsageError: there is no such drill.
    """
    known = {each.name for each in ALL_DRILLS}
    unknown = [name for name in names if name not in known and name != ALL]
    if unknown:
        raise UsageError(
            f"there is no drill {unknown[0]!r}",
            hint=f"all, or some of: {', '.join(each.name for each in ALL_DRILLS)}",
        )
    wanted = known if not names or ALL in names else set(names)
    return tuple(each for each in ALL_DRILLS if each.name in wanted)


def drill(
    choice: Choice,
    names: Sequence[str],
    *,
    keep: Path | None = None,
    on_begin: Callable[[Drill], None],
) -> DrillReport:
    """Hold drills one after the other; the data folder of `choice` is not touched by any.

    With `keep`, the folder of each stays there, with its journal.

    Raises:
        SettingsInvalid: the configuration cannot be used.
        UsageError: there is no such drill, or `keep` holds something already.
    """
    drills = chosen(names)
    settings = load_settings(choice.config)
    busiest = busiest_hour(choice.data)
    root = _root(keep)
    try:
        results = []
        for each in drills:
            on_begin(each)
            results.append(_held(each, Yard(settings, root / each.name, busiest)))
    finally:
        if keep is None:
            shutil.rmtree(root, ignore_errors=True)
    notes = [_noted(choice, venue, settings.policy.hash, results) for venue in VenueName]
    notes.append(_made_up(settings.policy.universe.products))
    return DrillReport(
        policy_hash=settings.policy.hash,
        version=major_minor(),
        config=str(settings.source.label),
        results=tuple(results),
        kept=keep,
        notes=tuple(filter(None, notes)),
    )


def _made_up(products: Sequence[ProductId]) -> str:
    """Which products the drills' market has for the drills alone; empty where there are none."""
    known = {each.listing.product_id for each in CHARACTERS}
    unknown = ", ".join(str(each) for each in products if str(each) not in known)
    if not unknown:
        return ""
    return (
        f"the simulated market has no {unknown}: a drill makes up a market for each product of "
        "universe.yaml; whether yours lists it, `trader247 smoke` says"
    )


def busiest_hour(data: Path) -> int:
    """How many orders the books of a data folder sent in their busiest hour of late.

    Raises:
        StorageError: a journal cannot be read.
    """
    most = 0
    for mode, venue in product(Mode, VenueName):
        journal = Places(data, mode, venue).journal
        if journal.exists():
            with JournalReader.open(journal) as reader:
                most = max(most, reader.busiest_hour(HOURS_BACK))
    return most


def _noted(choice: Choice, venue: VenueName, policy_hash: str, results: list[Result]) -> str:
    passed = [each.drill.name for each in results if each.passed]
    # What nothing was shown of is no proof for LIVE, and ends an earlier one.
    failed = [each.drill.name for each in results if not each.passed]
    return note_drills(choice, venue, policy_hash=policy_hash, passed=passed, failed=failed)


def _held(drill: Drill, yard: Yard) -> Result:
    clock, account, trouble = SystemClock(), Account([], []), ""
    yard.folder.mkdir(mode=0o700)
    began = clock.monotonic()
    try:
        drill.act(yard, account)
    except Unheld as error:
        trouble = f"could not be held: {error}"
    except Trader247Error as error:
        trouble = f"ended on {type(error).__name__}: {error}"
    took = clock.monotonic() - began
    return Result(
        drill, tuple(account.claims), tuple(account.evidence), took, trouble, account.unshown
    )


def _root(keep: Path | None) -> Path:
    if keep is None:
        return Path(mkdtemp(prefix="trader247-drill-"))
    try:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_empty = not any(keep.iterdir())
    except OSError as error:
        raise UsageError(
            f"{keep} cannot be used: {error.strerror or error}", hint="name a new folder"
        ) from error
    if not is_empty:
        raise UsageError(f"{keep} is not empty", hint="name a new or an empty folder")
    return keep
