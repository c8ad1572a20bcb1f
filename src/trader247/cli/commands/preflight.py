"""`trader247 preflight`: what LIVE still needs to be shown."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.granting.preflight import Preflight
from trader247.app.granting.preflight import preflight as checked
from trader247.cli.exits import ExitCode
from trader247.cli.figures import to_the_second
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, VenueChoice
from trader247.cli.output import Cell, Column, Tone, emit_json, say, show, show_table


def preflight(
    *,
    rehearsal: Annotated[
        bool,
        typer.Option(
            "--rehearsal", help="What LIVE on the simulated venue takes: evidence for it alone."
        ),
    ] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Show each thing that LIVE takes, what the paper book's journal says of it, and how to get it.

    Paper trading on the venue's own prices for 7 days and 50 cycles, its ledger and its books
    without a break, kill switch and instance lock drilled, a smoke test passed within 24 hours: all
    under the limits in force or looser ones, and by this version. Only the journal counts. What
    decides being changed begins it anew; a limit that is tightened does not.

    Examples:

      trader247 preflight --venue coinbase

      trader247 preflight --rehearsal

    Exit codes: 0 all is shown; 1 something is missing; 2 wrong usage; 6 configuration invalid;
    8 storage failed.
    """
    report = checked(Choice(config, data, None, venue), is_rehearsal=rehearsal)
    if as_json:
        emit_json(_body(report))
    else:
        _draw(report)
    return ExitCode.DONE if report.passed else ExitCode.REFUSED


def _draw(report: Preflight) -> None:
    what = "rehearsal, on the simulated venue" if report.is_rehearsal else "LIVE on coinbase"
    show(f"preflight for {what}, read from")
    show(f"{report.evidence.journal}")
    rows: list[list[str | Cell]] = [
        [
            each.id,
            Cell("shown", Tone.GOOD) if each.is_met else Cell("MISSING", Tone.BAD),
            each.needed,
            to_the_second(each.found),
        ]
        for each in report.items
    ]
    columns = [Column("item"), Column(""), Column("needed", is_wide=True)]
    show_table([*columns, Column("found", is_wide=True)], rows)
    if report.passed:
        show("PREFLIGHT PASSED")
        venue = report.venue.slug
        say(f"next: trader247 arm --mode live --venue {venue}")
        return
    show(f"{len(report.missing)} of {len(report.items)} missing")
    for each in report.missing:
        say(f"{each.id}: {each.how}")
    if report.is_configured_live:
        say("paper trading takes app.mode: PAPER in app.yaml; changing it back costs no evidence")


def _body(report: Preflight) -> dict[str, object]:
    return {
        "venue": report.venue.value,
        "rehearsal": report.is_rehearsal,
        "evidence": report.evidence.book,
        "items": [
            {
                "id": each.id,
                "is_met": each.is_met,
                "needed": each.needed,
                "found": each.found,
                "how": each.how,
            }
            for each in report.items
        ],
        "passed": report.passed,
    }
