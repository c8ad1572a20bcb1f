"""`trader247 sim faults`: what goes wrong at a served exchange, read and changed while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader247.app.serving.faults import FaultsInForce, fault_manual, fault_sets, sim_faults
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json
from trader247.cli.output import Column, emit_json, show, show_table
from trader247.domain.words import counted


def faults(
    fault: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FAULT]...", help="Put these in force: NAME=CHANCE@WHERE, rough, calm."
        ),
    ] = None,
    *,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**63 - 1, help="When they strike.", show_default=False),
    ] = None,
    is_listing: Annotated[
        bool, typer.Option("--list", help="List every fault that there is.")
    ] = False,
    tls_dir: Annotated[
        Path | None,
        typer.Option("--tls-dir", metavar="DIR", help="The server's folder.", show_default=False),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Show what goes wrong at the served exchange, how often it did, or change it while it runs.

    Those named replace all that were in force; calm ends them all.

    Examples:

      trader247 sim faults

      trader247 sim faults rough 'lost_answer=5%@create'

      trader247 sim faults --list

    Exit codes: 0 shown, 2 no such fault or nothing is served, 4 served but not answering, 6
    configuration invalid, 8 storage failed, 9 wrong token.
    """
    if is_listing:
        _list(as_json=as_json)
        return ExitCode.DONE
    found = sim_faults(config, data, tls_dir, faults=fault or None, seed=seed)
    if as_json:
        emit_json(
            {
                "server": found.server,
                "seed": found.seed,
                "faults": list(found.faults),
                "fired": found.fired,
            }
        )
    else:
        _draw(found)
    return ExitCode.DONE


def _list(*, as_json: bool) -> None:
    manual = fault_manual()
    if as_json:
        rows = [{"name": each.name, "when": each.when, "does": each.does} for each in manual]
        emit_json({"faults": rows, "sets": list(fault_sets())})
        return
    columns = (Column("fault"), Column("when"), Column("what happens", is_wide=True))
    show_table(columns, [[each.name, each.when, each.does] for each in manual])
    show(f"{len(manual)} faults; whole sets: {', '.join(fault_sets())}")


def _draw(found: FaultsInForce) -> None:
    show(f"served at {found.server}, fault seed {found.seed}")
    for rule in found.faults:
        show(f"  {rule}")
    count = len(found.faults)
    show(f"{counted(count, 'fault')} in force")
    if found.fired:
        columns = (Column("struck"), Column("times", is_figure=True), Column("where", is_wide=True))
        show_table(
            columns,
            [
                [
                    name,
                    str(sum(counts.values())),
                    ", ".join(f"{place} {count}" for place, count in counts.items()),
                ]
                for name, counts in found.fired.items()
            ],
        )
