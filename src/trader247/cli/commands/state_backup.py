"""`trader247 state backup` and `state restore`: what is kept and checked, and the way back."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from trader247.app.books import backing_up
from trader247.app.books.backing_up import Listed, Plan, Restored
from trader247.app.books.choice import Choice
from trader247.cli import figures
from trader247.cli.exits import ExitCode
from trader247.cli.options import (
    DEFAULT_DATA,
    ConfigDir,
    DataDir,
    Json,
    ModeChoice,
    VenueChoice,
    Yes,
)
from trader247.cli.output import Column, emit_json, say, show, show_table
from trader247.cli.progress import progress_of
from trader247.cli.views.standing import tell
from trader247.domain.errors import UsageError
from trader247.domain.time import Instant
from trader247.domain.words import counted


def backup(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Back up the ledger now, also beside a running trader, and check what was written.

    A running trader makes one each hour of its market's time by itself. Each adds the events since
    the one before: a file of them that is synced, read again and chained, and a manifest that names
    all such files. Kept are those of the newest hour, and the newest of each of the last 24 hours,
    30 days and 12 months.

    They are in DATA/BOOK.backups, as gzip and JSON. Copy that folder to another machine too: a disk
    that dies takes both. An embedded exchange (paper) is not in it. The first one of a year takes
    minutes: Ctrl-C gives it up, and harms nothing.

    Examples:

      trader247 state backup

      trader247 state backup --json | jq -r .path

    Exit codes: 0 made; 1 another backup is being made; 2 no such book yet; 6 configuration invalid;
    8 storage failed, or the ledger does not hold.
    """
    with progress_of("backing up", "events") as told:
        done, gone = backing_up.back_up(Choice(config, data, mode, venue), told)
    made = done.backup
    if as_json:
        emit_json(
            {
                "path": made.path,
                "name": made.name,
                "until": str(made.time),
                "seq": made.seq,
                "bytes": done.written,
                "removed": [each.name for each in gone],
            }
        )
        return ExitCode.DONE
    show(f"{made.name}: {made.seq} events up to {figures.moment(made.time)}, checked")
    show(f"{done.written / 1e3:,.1f} kB written for it")
    show(f"in {made.path.parent}")
    if gone:
        show(f"{len(gone)} older {'one is' if len(gone) == 1 else 'ones are'} no longer kept")
    return ExitCode.DONE


def restore(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[BACKUP]", help="As --list names it, or its beginning. Else the newest."
        ),
    ] = None,
    *,
    is_list: Annotated[bool, typer.Option("--list", help="Show the backups; do nothing.")] = False,
    yes: Yes = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Put a backup in the journal's place, after checking it whole and asking.

    What stands there now is moved to DATA/archive. Nobody may trade on the folder meanwhile. The
    kill switch is not touched.

    The next start reads at the venue what this ledger lost: its own orders are taken back and
    cancelled, their fills booked at their true cost. What cannot be read there, halts and decisions
    of people, is lost: so the ledger comes back with reconciliation_break latched. Exits work,
    nothing is bought, until you have looked and cleared it.

    Examples:

      trader247 state restore --list

      trader247 state restore

      trader247 state restore 2026-01-05T14 --yes

    Exit codes: 0 restored or listed; 2 no such backup; 5 a trader holds the folder;
    6 configuration invalid; 8 the backup does not hold, or storage failed; 130 not confirmed.
    """
    choice = Choice(config, data, mode, venue)
    if is_list:
        if name is not None or yes:
            raise UsageError("--list shows all backups", hint="leave the rest out")
        _list(backing_up.listed(choice), as_json=as_json)
        return ExitCode.DONE
    plan = backing_up.plan_of(choice, name)
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise UsageError(
                "restoring asks, and nobody is there to answer", hint="add --yes to mean it"
            )
        _tell(plan)
        typer.confirm("restore it?", abort=True, err=True)
    restored = backing_up.restore(plan)
    if as_json:
        emit_json(_body(restored))
    else:
        _show(restored)
    return ExitCode.DONE


def _list(found: Listed, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "name": each.backup.name,
                "path": each.backup.path,
                "until": str(each.backup.time),
                "seq": each.backup.seq,
                "bytes": each.size,
                "trouble": each.trouble or None,
            }
            for each in found.backups
        ]
        emit_json({"book": found.places.book, "bytes": found.size, "backups": rows})
        return
    if found.backups:
        columns = (Column("backup"), Column("events", is_figure=True), Column("MB", is_figure=True))
        show_table(
            columns,
            [
                [
                    each.backup.name,
                    str(each.backup.seq),
                    "damaged" if each.size is None else f"{each.size / 1e6:.1f}",
                ]
                for each in found.backups
            ],
        )
    for trouble in dict.fromkeys(each.trouble for each in found.backups if each.trouble):
        tell(trouble, to=show)
    count = len(found.backups)
    taken = f", {found.size / 1e6:,.1f} MB with what its cycles saw" if count else ""
    show(f"{counted(count, 'backup')} of {found.places.book}{taken}")


def _tell(plan: Plan) -> None:
    until = figures.moment(plan.found.time)
    tell(f"{plan.backup.name} holds: {plan.found.head.seq} events up to {until}", to=say)
    present = plan.present
    if present.seq is None:
        tell(f"the journal cannot be read: {present.trouble}", to=say)
    else:
        lost = present.seq - plan.found.head.seq
        until = figures.moment(Instant.parse(present.time))
        tell(
            f"the journal has {present.seq} events up to {until}: what the "
            f"{lost} more say is read again at the venue, as far as the venue knows it",
            to=say,
        )
    tell(f"the present files go to {plan.places.archive}", to=say)


def _show(restored: Restored) -> None:
    plan = restored.plan
    until = figures.moment(plan.found.time)
    show(f"restored {plan.places.book} from {plan.backup.name}, up to {until}")
    show(f"what stood there is in {restored.kept}")
    if not restored.has_market:
        show("what its cycles saw is lost: why and replay cannot look into them")
    show("halted: reconciliation_break. Next: trader247 run, then look at")
    show("trader247 risk status and state show orders, then trader247 unlock")


def _body(restored: Restored) -> dict[str, object]:
    plan = restored.plan
    return {
        "book": plan.places.book,
        "backup": plan.backup.name,
        "until": str(plan.found.time),
        "seq": plan.found.head.seq,
        "before": {"seq": plan.present.seq, "time": plan.present.time or None},
        "archive": restored.kept,
        "has_market": restored.has_market,
        "halt": "reconciliation_break",
    }
