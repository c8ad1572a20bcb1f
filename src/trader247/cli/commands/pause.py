"""`trader247 pause`: no new entries until `trader247 resume`."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.people import pausing
from trader247.cli.exits import ExitCode
from trader247.cli.options import (
    DEFAULT_DATA,
    ConfigDir,
    DataDir,
    Json,
    ModeChoice,
    Reason,
    VenueChoice,
)
from trader247.cli.views.standing import answered


def pause(
    *,
    reason: Reason = "",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Buy nothing until `trader247 resume`; stops, targets and other exits go on.

    A running trader is asked and answers at once. Where none runs, the pause is journalled, and
    the next start finds it. It outlasts restarts. To send nothing at all: trader247 kill on.

    Exit codes: 0 paused; 1 the trader did not answer; 2 no such book yet; 8 storage failed.
    """
    answers = pausing.pause(Choice(config, data, mode, venue), reason=reason)
    return answered(answers, as_json=as_json)
