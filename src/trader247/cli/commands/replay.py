"""`trader247 replay`: decide past cycles again, as they were or under another policy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json, show
from trader247.cli.views.standing import tell

if TYPE_CHECKING:
    from trader247.app.past.replaying import Replayed

_RANGE = re.compile(r"([0-9]{1,12})(?:\.\.([0-9]{1,12}))?\Z")
_VALUE_SHOWN = 300


def _cycles(text: str) -> tuple[int, int]:
    match = _RANGE.match(text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is no cycle; examples: 812, 800..900")
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    if first < 1 or last < first:
        raise typer.BadParameter(f"{text!r} is empty; cycles count from 1 upwards")
    return first, last


def replay(
    cycles: Annotated[
        str, typer.Argument(metavar="CYCLE", help="A cycle, 812, or a range of them, 800..900.")
    ],
    *,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help="A policy.yaml: what would it have decided?",
            show_default=False,
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Decide past cycles again, from the journal alone: bit for bit, or under another policy.

    Without --policy every decision, order and cancel must come out as the journal has it. With
    --policy FILE each cycle is decided on the market and the ledger of then, and shown is what
    that policy would have ended otherwise. Of a range, the first difference is shown.

    What follows from a difference is not played on: the next cycle's ledger is again that of then.

    Examples:

      trader247 replay 812

      trader247 replay 1..5000

      trader247 replay 800..900 --policy stricter.yaml

    Exit codes: 0 decided the same, 1 otherwise, 2 no such book or cycle, 6 configuration or policy
    invalid, 8 storage failed.
    """
    first, last = _cycles(cycles)
    from trader247.app.past.replaying import replayed

    found = replayed(Choice(config, data, mode, venue), first, last, policy)
    if as_json:
        emit_json(_body(found))
    else:
        _tell(found)
    return ExitCode.DONE if found.is_same else ExitCode.REFUSED


def _body(found: Replayed) -> dict[str, object]:
    unlike = found.unlike
    return {
        "mode": found.source.mode,
        "venue": found.source.venue,
        "market": found.source.market,
        "first": found.first,
        "last": found.last,
        "cycles": found.cycles,
        "is_same": found.is_same,
        "policy_hash": found.policy_hash,
        "difference": (
            unlike
            and {
                "cycle": unlike.cycle,
                "seq": unlike.seq,
                "code_version": unlike.code_version,
                "unlike": unlike.unlike,
            }
        )
        or (None if found.cycle is None else {"cycle": found.cycle, "products": found.otherwise}),
    }


def _tell(found: Replayed) -> None:
    tell(f"{found.source.market} · {found.source.mode.value} on {found.source.venue.value}")
    what = (
        f"cycle {found.first}"
        if found.first == found.last
        else (f"cycles {found.first} to {found.last}")
    )
    if found.is_same:
        by = "" if found.policy_hash is None else f" under policy {found.policy_hash[:16]}"
        tell(f"{what}: {found.cycles} decided again{by}, all the same")
        return
    if found.unlike is not None:
        tell(f"cycle {found.unlike.cycle}, event {found.unlike.seq}, IS DECIDED OTHERWISE:")
        for each in found.unlike.unlike:
            tell(each.what, indent="  ")
            tell(f"recorded {each.recorded[:_VALUE_SHOWN]}", indent="    ")
            tell(f"again    {each.again[:_VALUE_SHOWN]}", indent="    ")
        return
    assert found.policy_hash is not None, "without another policy a difference is an unlikeness"
    tell(f"policy {found.policy_hash[:16]} decides otherwise in cycle {found.cycle}:")
    for product in found.otherwise:
        show(f"  {product.product}")
        tell(f"- {product.reason}: {product.detail}", indent="    ")
        tell(f"+ {product.other_reason}: {product.other_detail}", indent="    ")
