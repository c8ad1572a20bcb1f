"""`trader247 alerts`: test, list, ack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trader247.app.books import ledger_view
from trader247.app.books.choice import Choice
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import Column, emit_json, show, show_table
from trader247.cli.views import ledger as ledger_tables
from trader247.cli.views.standing import answered, holder_body, tell
from trader247.domain.errors import UsageError

if TYPE_CHECKING:
    from trader247.app.outside.alert_trial import AlertTrial
    from trader247.app.people.acknowledging import Waiting

app = new_app(help="Try the alert channels, see what was raised and sent, and acknowledge it.")

_ROWS_SHOWN = 30
_WORDS = {True: "delivered", False: "FAILED", None: "NOT TRIED YET"}


@app.command("test")
def send_test(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Send a test alert to every channel, and say of each whether it took it.

    The running trader sends it, as it would send a real one; where none runs, this command does.
    Channels are set up in app.yaml, under monitoring: slack_webhook, email with smtp_url, urls.
    Every alert goes to the log as well, whatever the channels do.

    Examples:

      trader247 alerts test

      trader247 alerts test --json | jq '.channels'

    Exit codes: 0 every channel that is set up took it, 1 one did not, 6 configuration invalid,
    8 storage failed.
    """
    from trader247.app.outside.alert_trial import alert_trial

    trial = alert_trial(Choice(config, data, mode, venue))
    if as_json:
        emit_json(_body(trial))
    else:
        _tell(trial)
    return ExitCode.DONE if trial.is_delivered else ExitCode.REFUSED


@app.command("list")
def list_alerts(
    *,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, max=10**9, metavar="N", help="The newest N; text shows 30, --json all."
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """List the alerts that were raised, oldest first, and what became of each.

    delivered: a channel took it. failing: none did yet, it is tried again. logged: no channel was
    set up. waiting: for a digest, or the end of quiet hours. folded: a digest or a repetition told
    of it. acknowledged: a person knew of it before it was delivered.
    With a time: trader247 state show alerts --since 24h.

    Examples:

      trader247 alerts list --limit 5

    Exit codes: 0 shown, 2 no such book yet, 6 configuration invalid, 8 storage failed.
    """
    most = limit if as_json or limit is not None else _ROWS_SHOWN
    found = ledger_view.alerts(Choice(config, data, mode, venue), since=None, limit=most)
    if as_json:
        emit_json({"market": found.source.market, "seed": found.source.seed, "alerts": found.rows})
        return ExitCode.DONE
    ledger_tables.head(found.source)
    if found.rows:
        show()
        ledger_tables.alerts(found.rows)
    show(f"{len(found.rows)} alerts{', the newest' if found.is_cut else ''}")
    return ExitCode.DONE


@app.command("ack")
def acknowledge(
    alert: Annotated[
        str,
        typer.Argument(
            metavar="[ID]",
            help="The alert's number or code; without it, what waits is listed.",
            show_default=False,
        ),
    ] = "",
    *,
    is_all: Annotated[bool, typer.Option("--all", help="Everything that waits.")] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Say that you know of a critical alert: it is not told again.

    A critical alert goes to every channel after 2 minutes and again every 5, until someone
    acknowledges it or clears the halt that it tells of. Acknowledging clears no halt.

    Examples:

      trader247 alerts ack

      trader247 alerts ack 417

      trader247 alerts ack --all

    Exit codes: 0 done, 1 no such alert waits, or the trader did not answer, 2 no such book yet,
    8 storage failed.
    """
    from trader247.app.people import acknowledging

    choice = Choice(config, data, mode, venue)
    if is_all and alert:
        raise UsageError("an ID and --all are two wishes", hint="leave one of them out")
    if not alert and not is_all:
        _tell_open(acknowledging.waiting(choice), as_json=as_json)
        return ExitCode.DONE
    answers = acknowledging.acknowledge(choice, "all" if is_all else alert)
    return answered(answers, as_json=as_json)


def _tell_open(found: Waiting, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"id": each.ids[0], "code": each.code, "since": each.since, "text": each.text}
            for each in found.alerts
        ]
        emit_json({"book": found.book, "market": found.label, "waiting": rows})
        return
    show(f"{found.label} · {found.book}")
    if not found.alerts:
        show("no critical alert waits to be acknowledged")
        return
    columns = (Column("id"), Column("code"), Column("since"), Column("text", is_wide=True))
    show_table(
        columns,
        [[str(each.ids[0]), each.code, str(each.since), each.text] for each in found.alerts],
    )
    show("next: trader247 alerts ack ID, or --all")


def _tell(trial: AlertTrial) -> None:
    for each in trial.channels:
        detail = f": {each.detail}" if each.detail else ""
        tell(f"{each.channel}: {_WORDS[each.is_delivered]}{detail}")
    if not trial.channels:
        tell("no channel is set up: alerts go to the log alone")
        tell("hint: monitoring in app.yaml; trader247 config check says what is left out")
    tell(f"log: {trial.log}")
    if trial.trader is not None:
        tell(f"sent by the running trader, process {trial.trader.pid}, on {trial.book}")


def _body(trial: AlertTrial) -> dict[str, object]:
    return {
        "book": trial.book,
        "trader": holder_body(trial.trader),
        "alert": trial.alert,
        "delivered": trial.is_delivered,
        "channels": trial.channels,
        "log": trial.log,
    }
