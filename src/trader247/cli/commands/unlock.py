"""`trader247 unlock`: who holds the guard, which halts stand; release the one, clear the other."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.people import unlocking
from trader247.app.people.unlocking import LockReport
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json, say, show
from trader247.cli.views.standing import (
    answers_body,
    books_body,
    holder_body,
    tell,
    tell_answers,
    tell_halts,
    tell_holder,
)
from trader247.domain.errors import NotAllowed, UsageError

app = new_app(invoke_without_command=True)

CONSEQUENCES = (
    "the process is asked to end (SIGTERM), and killed if it has not within 10 s",
    "asked, it cancels its working orders; killed, it leaves them to the next start, and until "
    "then each ends by itself at its end time",
    "positions stay, and nobody watches their stops until a trader runs again",
    "latched halts and the kill switch stay as they are",
)


@app.callback()
def unlock(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="End the living process that holds the guard.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --force: do not ask; for scripts.")
    ] = False,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode | None:
    """Show who holds the data folder and which halts are latched; release a dead holder's guard.

    One process trades on a folder at a time. A crash never leaves it locked: the lock ends with
    its process. While the holder lives nothing is released, unless --force ends it.

    Examples:

      trader247 unlock

      trader247 unlock --force

      trader247 unlock halt daily_stop --reason "looked into it: a bad tick"

    Exit codes: 0 nobody holds the guard now; 1 refused: the holder lives, or is on another host;
    2 no such folder; 8 storage failed.
    """
    if context.invoked_subcommand is not None:
        return None
    if yes and not force:
        raise UsageError("--yes goes with --force", hint="alone it would confirm nothing")
    report = unlocking.lock_report(data)
    if not as_json:
        _tell_report(report)
    done, code = None, ExitCode.DONE
    if not report.is_held:
        done = _forgotten(report)
    elif force:
        _confirm(report, is_sure=yes, as_json=as_json)
        done = unlocking.end_holder(report)
    else:
        code = ExitCode.REFUSED
    if as_json:
        emit_json(_body(report, done))
    else:
        tell(done or "REFUSED: the guard is held, so nothing was released")
        if done is None:
            tell("next: Ctrl-C there, or trader247 unlock --force to end that process")
    return code


@app.command("halt")
def clear_halt(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As trader247 unlock names it.")],
    *,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="What was found and mended. Required.")
    ],
    accept_peak: Annotated[
        str | None,
        typer.Option(
            "--accept-peak",
            metavar="EQUITY",
            help="For drawdown: the high-water mark from which it is measured from now on.",
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Clear one latched halt, if its cause does not stand any more.

    The reason is journalled. Every other halt stands. A running trader is asked; where none runs,
    the journal is written here.

    Examples:

      trader247 unlock halt reconciliation_break --reason "sold by hand"

      trader247 unlock halt drawdown --accept-peak 9100 --reason "a new start"

    Exit codes: 0 cleared; 1 refused: the cause still stands; 2 no such halt or book; 6
    configuration invalid; 8 storage failed.
    """
    answers = unlocking.clear_halt(
        Choice(config, data, mode, venue), name=name, reason=reason, accepted_peak=accept_peak
    )
    if as_json:
        emit_json({"halt": unlocking.halt_named(name), **answers_body(answers)})
    else:
        tell_answers(answers)
    return ExitCode.DONE if all(each.is_done for each in answers) else ExitCode.REFUSED


def _tell_report(report: LockReport) -> None:
    show(f"data folder: {report.data}")
    if report.is_held:
        words = {True: "it lives", False: "but that process has ended", None: "of another host"}
        show(f"the guard is HELD; {words[report.is_holder_alive]}:")
        if report.holder is None:
            show("  the file that would name the holder is missing")
    elif report.holder is not None:
        show("nobody holds the guard; the last holder's file is left:")
    else:
        show("nobody holds the guard")
    if report.holder is not None:
        tell_holder(report.holder)
    if report.books:
        tell_halts(report.books)
    else:
        show("there is no book in this folder")


def _forgotten(report: LockReport) -> str:
    """Clean up after a dead holder; answers what was done."""
    if not unlocking.release_dead(report):
        return "nothing to release: a start can take the guard at once"
    return "released: the holder had ended, and the file that named it is removed"


def _confirm(report: LockReport, *, is_sure: bool, as_json: bool) -> None:
    """Spell out what ending the holder means, and have it confirmed.

    Raises:
        NotAllowed: it was not confirmed.
        UsageError: nobody is there to confirm it.
    """
    pid = "" if report.holder is None else str(report.holder.pid)
    if not as_json:
        say("--force ends the process that holds the guard:")
        for each in CONSEQUENCES:
            tell(each, indent="  ", to=say)
    if is_sure:
        return
    if as_json or not sys.stdin.isatty():
        raise UsageError("--force asks, and nobody is there to answer", hint="add --yes to mean it")
    answer = typer.prompt(
        f"type the process's number, {pid}, to end it", default="", show_default=False, err=True
    )
    if not pid or answer.strip() != pid:
        raise NotAllowed("not confirmed: nothing was ended")


def _body(report: LockReport, done: str | None) -> dict[str, object]:
    return {
        "data": report.data,
        "held": report.is_held,
        "alive": report.is_holder_alive,
        "holder": holder_body(report.holder),
        "done": done,
        "books": books_body(report.books),
    }
