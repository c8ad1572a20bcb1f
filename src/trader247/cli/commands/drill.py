"""`trader247 drill`: every emergency, made to happen under the operator's own limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json
from trader247.cli.output import Cell, Column, Tone, emit_json, say, show, show_table

if TYPE_CHECKING:
    from trader247.app.drills.drill import Drill, Result
    from trader247.app.drills.drilling import DrillReport

_PASS = Cell("pass", Tone.GOOD)
_FAIL = Cell("FAIL", Tone.BAD)
_UNSHOWN = Cell("NOT SHOWN", Tone.BAD)


def drill(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[all | NAME]...", show_default=False)
    ] = None,
    *,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="DIR", help="Keep each drill's folder and journal in a new folder."
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Say what each drill is, and hold none.")
    ] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Make emergencies happen to your own configuration, and measure whether it holds.

    Policy and universe are yours, the exchange is simulated, its time passes at once, and each
    drill has a folder of its own that is thrown away. What must hold is measured in that very run:
    a limit that cannot stop a loss, or a channel that does not answer, fails here. No order can
    reach a real venue, and the files in the data folder are not touched.

    Examples:

      trader247 drill all                         under two minutes

      trader247 drill daily_price kill_file       some of them

      trader247 drill --list                      what there is

      trader247 drill daily_price --keep /tmp/d   keeps its folder

    NOT SHOWN: all held that could be tried, but your configuration leaves nothing to try of the
    rest, like channels where none is set up. LIVE does not take it for held.

    Exit codes: 0 none failed; 1 a drill failed; 2 no such drill; 6 configuration invalid; 8 storage
    failed.
    """
    from trader247.app.books.choice import Choice
    from trader247.app.drills import drilling

    if listed:
        return _list(drilling.chosen(names or []), as_json=as_json)
    report = drilling.drill(
        Choice(config, data), names or [], keep=keep, on_begin=lambda each: say(f"{each.name} …")
    )
    if as_json:
        emit_json(_body(report))
    else:
        _draw(report)
    return ExitCode.DONE if report.passed else ExitCode.REFUSED


def _list(drills: tuple[Drill, ...], *, as_json: bool) -> ExitCode:
    if as_json:
        emit_json(
            {
                "drills": [
                    {"name": each.name, "emergency": each.emergency, "proves": each.proves}
                    for each in drills
                ]
            }
        )
        return ExitCode.DONE
    show_table(
        [Column("drill"), Column("emergency", is_wide=True), Column("proves", is_wide=True)],
        [[each.name, each.emergency, ", ".join(each.proves)] for each in drills],
    )
    return ExitCode.DONE


def _draw(report: DrillReport) -> None:
    show(f"drills of {report.config}, policy {report.policy_hash[:12]}, version {report.version}")
    rows = [row for each in report.results for row in _rows(each)]
    columns = [Column("drill"), Column("what must hold", is_wide=True)]
    show_table([*columns, Column("measured", is_wide=True), Column("")], rows)
    for note in report.notes:
        say(note)
    failed = [each.drill.name for each in report.results if each.has_failed]
    unshown = [name for name in report.unshown if name not in failed]
    if report.kept is not None:
        say(f"journals: {report.kept}/NAME/")
    if unshown and not failed:
        held = len(report.results) - len(unshown)
        show(f"{held} of {len(report.results)} held; not shown: {', '.join(unshown)}")
        return
    if not failed:
        count = len(report.results)
        show("THE DRILL HELD" if count == 1 else f"ALL {count} DRILLS HELD")
        return
    show(f"{len(failed)} of {len(report.results)} failed: {', '.join(failed)}")
    say("a limit that does not hold is tightened in policy.yaml; then: trader247 drill NAME")


def _rows(result: Result) -> list[list[str | Cell]]:
    took = f"{result.took.total_seconds():.1f} s"
    verdict = _PASS if result.passed else _FAIL if result.has_failed else _UNSHOWN
    rows: list[list[str | Cell]] = [[result.drill.name, result.drill.emergency, took, verdict]]
    if result.trouble:
        rows.append(["", Cell(result.trouble, Tone.BAD), "", ""])
    if result.unshown:
        rows.append(["", Cell(result.unshown, Tone.BAD), "", ""])
    rows += [
        ["", each.text, each.measured, Cell("ok", Tone.DIM) if each.holds else _FAIL]
        for each in result.claims
    ]
    if result.evidence:
        found = ", ".join(map(str, result.evidence))
        rows.append(["", Cell(f"journal: {found}", Tone.DIM), "", ""])
    return rows


def _body(report: DrillReport) -> dict[str, object]:
    return {
        "config": report.config,
        "policy_hash": report.policy_hash,
        "version": report.version,
        "drills": [
            {
                "name": each.drill.name,
                "emergency": each.drill.emergency,
                "proves": each.drill.proves,
                "passed": each.passed,
                "trouble": each.trouble or None,
                "not_shown": each.unshown or None,
                "claims": [
                    {"text": one.text, "holds": one.holds, "measured": one.measured}
                    for one in each.claims
                ],
                "evidence": [
                    {"seq": one.seq, "kind": one.kind, "ref": one.ref} for one in each.evidence
                ],
                "elapsed_s": f"{each.took.total_seconds():.3f}",
            }
            for each in report.results
        ],
        "passed": report.passed,
        "not_shown": list(report.unshown),
        "notes": report.notes,
    }
