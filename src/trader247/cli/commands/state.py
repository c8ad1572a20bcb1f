"""`trader247 state`: show, verify, back up, restore, export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from trader247.app.books import ledger_view, made
from trader247.app.books.choice import Choice
from trader247.app.books.earning import Part, earning
from trader247.app.books.ledger_view import Listed, Listing, Since, fields_of
from trader247.app.durations import parse_since
from trader247.cli.commands.state_backup import backup, restore
from trader247.cli.commands.state_export import export
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.outlets import is_heard
from trader247.cli.output import emit_json, say, show
from trader247.cli.progress import progress_of
from trader247.cli.views import ledger as ledger_tables
from trader247.cli.views.event_line import event_lines
from trader247.domain.errors import UsageError
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.app.books.ledger_view import Source

R = TypeVar("R")

app = new_app(help="What the ledger says, whether the journal behind it holds, and its backups.")

_ROWS_SHOWN = 30
"""Rows of a list that people see unless they ask for more; programs get all."""


def _since(text: str) -> Instant | timedelta:
    try:
        return parse_since(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _part(text: str) -> Part:
    try:
        return Part(text)
    except ValueError:
        names = ", ".join(each.value for each in Part)
        raise typer.BadParameter(f"{text!r} is none of {names}") from None


def _listing(text: str) -> Listing:
    try:
        return Listing(text)
    except ValueError:
        names = ", ".join(each.value for each in Listing)
        raise typer.BadParameter(f"{text!r} is none of {names}") from None


@app.command("show")
def show_ledger(
    listing: Annotated[
        Listing | None,
        typer.Argument(
            parser=_listing,
            metavar="[WHAT]",
            help="orders, fills, positions, pnl, events, alerts or funnel; without it a summary.",
            show_default=False,
        ),
    ] = None,
    *,
    since: Annotated[
        Instant | None,
        typer.Option(
            parser=_since,
            metavar="TIME",
            help="Only from then on: 2h, 2026-01-05, 2026-01-05T14:30:00Z.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, max=10**9, metavar="N", help="The newest N; text shows 30, --json all."
        ),
    ] = None,
    by: Annotated[
        Part | None,
        typer.Option(
            parser=_part,
            metavar="PART",
            help="For pnl: by day, week, product, strategy or rule.",
            show_default=False,
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="For events: go on with new ones until Ctrl-C.")
    ] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Show what the ledger says: a summary, or one of its lists, oldest first.

    Reads the journal alone: safe at any time, also beside a running trader. A day and a span are
    those of the book's own market. Figures are rounded for people; --json has every digit, and
    without WHAT it is the whole folded ledger.

    Events as --json are the audit trail, one object a line. Each hash is the SHA-256 of prev_hash
    followed by the JSON, keys sorted and without spaces, of kind, payload, ref, seq, time and v.

    Examples:

      trader247 state show

      trader247 state show fills --since 24h

      trader247 state show pnl --by day --since 7d

      trader247 state show funnel --since 7d

      trader247 state show events --follow

      trader247 state show events --json > audit.jsonl

    Exit codes: 0 shown, 2 no such book yet, 6 configuration invalid, 8 storage failed.
    """
    choice = Choice(config, data, mode, venue)
    if follow and listing is not Listing.EVENTS:
        raise UsageError("--follow is for events", hint="trader247 state show events --follow")
    if by is not None and listing is not Listing.PNL:
        raise UsageError("--by is for pnl", hint="trader247 state show pnl --by day")
    if by is not None:
        if limit is not None:
            raise UsageError("--limit is for lists", hint="use --since 7d for fewer days")
        _show_earnings(choice, by, since, as_json=as_json)
    elif listing is Listing.EVENTS:
        _show_events(choice, since, limit, is_followed=follow, as_json=as_json)
    elif listing is Listing.FUNNEL:
        if limit is not None:
            raise UsageError("--limit is for lists", hint="use --since 7d for fewer days")
        _show_funnel(choice, since, as_json=as_json)
    elif listing is not None and listing.has_times:
        _show_list(choice, listing, since, limit, as_json=as_json)
    elif since is not None or limit is not None:
        raise UsageError(
            "--since and --limit are for orders, fills, events and alerts",
            hint="positions, pnl and the summary are those of now; pnl --by day takes --since",
        )
    else:
        _show_now(choice, listing, as_json=as_json)
    return ExitCode.DONE


@app.command()
def verify(
    *,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Decide every cycle again, and compare.")
    ] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Check that the journal is what was written, and that the ledger follows from it.

    Checked are the file, the hash chain, every derived table, the stored market of every cycle,
    and the saved ledgers: folding the events again from the first one must give them to the byte.
    The first row that does not hold is named. Reads only; safe beside a running trader.

    With --decisions every cycle is decided again from what the journal kept, which takes about
    ten milliseconds a cycle. What stands beside the chain (who held the journal when, how alerts
    were delivered) is checked for its form alone.

    If it fails: stop the trader, do not trade on it, and go back: trader247 state restore.

    Examples:

      trader247 state verify

      trader247 state verify --decisions --json

    Exit codes: 0 all holds, 1 a cycle would be decided otherwise, 2 no such book yet,
    6 configuration invalid, or what decided a cycle is not there any more, 8 the journal does not
    hold or cannot be read.
    """
    from trader247.app.books.verifying import verified
    from trader247.cli.views import verified as verified_view

    with progress_of("deciding again", "events") as told:
        found = verified(Choice(config, data, mode, venue), with_decisions=decisions, progress=told)
    if as_json:
        emit_json(verified_view.body(found))
    else:
        verified_view.tell_found(found)
    if not found.is_whole:
        return ExitCode.STORAGE
    return ExitCode.DONE if found.is_decided_alike else ExitCode.REFUSED


app.command("backup")(backup)
app.command("restore")(restore)
app.command("export")(export)


def _show_now(choice: Choice, listing: Listing | None, *, as_json: bool) -> None:
    view = ledger_view.ledger(choice)
    if as_json:
        if listing is Listing.PNL:
            body: Mapping[str, object] = {**fields_of(view.pnl), "made": made.body(view.made)}
        elif listing is Listing.POSITIONS:
            body = {"positions": view.positions, "dust": view.dust}
        else:
            body = view.folded()
        emit_json({**_source_body(view.source), **body})
    elif listing is None:
        ledger_tables.summary(view)
    else:
        ledger_tables.head(view.source)
        show()
        if listing is Listing.PNL:
            ledger_tables.amounts(view)
        else:
            ledger_tables.positions(view.positions)
            show(_counted(len(view.positions), listing))
            ledger_tables.dust(view.dust)


def _show_list(
    choice: Choice, listing: Listing, since: Since, limit: int | None, *, as_json: bool
) -> None:
    most = limit if as_json or limit is not None else _ROWS_SHOWN
    match listing:
        case Listing.ORDERS:
            orders = ledger_view.orders(choice, since=since, limit=most)
            _draw_list(orders, listing, ledger_tables.orders, as_json=as_json)
        case Listing.FILLS:
            fills = ledger_view.fills(choice, since=since, limit=most)
            _draw_list(fills, listing, ledger_tables.fills, as_json=as_json)
        case _:
            alerts = ledger_view.alerts(choice, since=since, limit=most)
            _draw_list(alerts, listing, ledger_tables.alerts, as_json=as_json)


def _draw_list(
    found: Listed[R], listing: Listing, draw: Callable[[Sequence[R]], None], *, as_json: bool
) -> None:
    if as_json:
        emit_json({**_source_body(found.source), listing.value: list(found.rows)})
        return
    ledger_tables.head(found.source)
    show()
    draw(found.rows)
    _count(len(found.rows), listing, is_cut=found.is_cut)


def _show_funnel(choice: Choice, since: Since, *, as_json: bool) -> None:
    found = ledger_view.funnel(choice, since=since)
    if as_json:
        emit_json({**_source_body(found.source), "days": list(found.rows)})
        return
    ledger_tables.head(found.source)
    show()
    ledger_tables.funnel(found.rows)


def _show_earnings(choice: Choice, by: Part, since: Since, *, as_json: bool) -> None:
    found = earning(choice, by, since=since)
    if as_json:
        body = {"by": by.value, "rows": list(found.rows), "total": found.total}
        emit_json({**_source_body(found.source), **body})
        return
    ledger_tables.head(found.source)
    show()
    ledger_tables.earnings(found)


def _show_events(
    choice: Choice,
    since: Since,
    limit: int | None,
    *,
    is_followed: bool,
    as_json: bool,
) -> None:
    most = limit if as_json or limit is not None else _ROWS_SHOWN
    with ledger_view.events(choice, since=since, limit=most, is_followed=is_followed) as found:
        source, events = found
        if as_json:
            for event in events:
                emit_json(event.as_json())
                if not is_heard():
                    return
        else:
            ledger_tables.head(source)
            show()
            count = 0
            for event in events:
                count += 1
                for line in event_lines(event.as_json()):
                    show(line)
                if is_followed:
                    sys.stdout.flush()
                if not is_heard():
                    return
            _count(count, Listing.EVENTS, is_cut=count == most)
    if is_followed:
        say("the book was put away: its events end here")


def _count(count: int, listing: Listing, *, is_cut: bool) -> None:
    cut = f", the newest; --limit {count * 10} shows more" if is_cut else ""
    show(f"{_counted(count, listing)}{cut}")


def _counted(count: int, listing: Listing) -> str:
    return f"{count} {listing.value.removesuffix('s') if count == 1 else listing.value}"


def _source_body(source: Source) -> dict[str, object]:
    return {
        "mode": source.mode.value,
        "venue": source.venue.value,
        "market": source.market,
        "seed": source.seed,
    }
