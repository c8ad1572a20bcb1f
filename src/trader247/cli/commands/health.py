"""`trader247 health`: exit 0 if all is well, else 1."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.outside.health import Health, health_of
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json, show


def health(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Answer in one line and an exit code whether all is well: for monitors and cron.

    Well means: the kill switch is off, a trader lives (or cron calls `trader247 cycle`), its
    heartbeat is younger than two intervals and a minute, the journal can be read, no critical
    halt stands, and the last reconciliation found no break. What cannot be found out is not well.
    Nothing is locked and nothing is changed.

    Example, from cron:

      * * * * *  trader247 health --data /home/me/data || mail -s trader247 me

    Exit codes: 0 all is well, 1 it is not, 2 wrong usage.
    """
    found = health_of(Choice(config, data, mode, venue))
    if as_json:
        emit_json({"healthy": found.is_well, "checks": _checks(found)})
    else:
        show(_line(found))
    return ExitCode.DONE if found.is_well else ExitCode.REFUSED


def _checks(found: Health) -> list[dict[str, object]]:
    return [{"id": each.id, "ok": each.is_well, "detail": each.detail} for each in found.facts]


def _line(found: Health) -> str:
    bad = [f"{each.id}: {each.detail}" for each in found.facts if not each.is_well]
    if bad:
        return "UNHEALTHY " + "; ".join(" ".join(each.split()) for each in bad)
    beat = next(each.detail for each in found.facts if each.id == "heartbeat")
    return f"healthy: heartbeat {beat}; journal, halts, reconciliation and kill switch are well"
