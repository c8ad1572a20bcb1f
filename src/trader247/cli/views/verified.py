"""What a check of a journal found: as text of 80 columns and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trader247.cli.views.standing import tell

if TYPE_CHECKING:
    from trader247.app.books.verifying import Decided, Verified

_UNLIKE_SHOWN = 5
_VALUE_SHOWN = 400


def body(found: Verified) -> Mapping[str, object]:
    """The findings in JSON."""
    decided = found.decided
    first = None if decided is None else decided.first
    return {
        "mode": found.places.mode.value,
        "venue": found.places.venue.value,
        "market": found.market,
        "events": found.events,
        "head_hash": found.head_hash,
        "cycles": found.cycles,
        "is_whole": found.is_whole,
        "problems": found.problems,
        "notes": found.notes,
        "decisions": decided
        and {
            "cycles": decided.cycles,
            "differing": decided.differing,
            "first": first
            and {
                "cycle": first.cycle,
                "seq": first.seq,
                "code_version": first.code_version,
                "unlike": first.unlike,
            },
        },
    }


def tell_found(found: Verified) -> None:
    """Show the findings, the first thing that does not hold first."""
    tell(f"{found.market} · {found.places.mode.value} on {found.places.venue.value}")
    tell(f"{found.events} events, {found.cycles} cycles, the last hash is {found.head_hash[:16]}")
    for problem in found.problems:
        tell(f"BROKEN {problem}")
    for note in found.notes:
        tell(f"note: {note}")
    if found.is_whole:
        tell("file, chain, tables, stored market and ledger hold")
    else:
        tell("THE JOURNAL DOES NOT HOLD: stop the trader, keep a copy, restore a backup")
    if found.decided is not None:
        _tell_decided(found.decided)


def _tell_decided(decided: Decided) -> None:
    if decided.first is None:
        tell(f"all {decided.cycles} cycles are decided the same again")
        return
    tell(f"{decided.differing} of {decided.cycles} cycles ARE DECIDED OTHERWISE")
    tell(f"the first is cycle {decided.first.cycle}, event {decided.first.seq}:")
    for each in decided.first.unlike[:_UNLIKE_SHOWN]:
        tell(each.what, indent="  ")
        tell(f"recorded {each.recorded[:_VALUE_SHOWN]}", indent="    ")
        tell(f"again    {each.again[:_VALUE_SHOWN]}", indent="    ")
