"""`trader247 disarm`: an arming is taken back."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.granting import confirming
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, Reason, VenueChoice
from trader247.cli.views.standing import answered


def disarm(
    *,
    reason: Reason = "",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Take the arming of a live book back: nothing is bought, and the next start is refused.

    A running trader is asked and answers at once; what it holds still leaves by its stops and
    targets. To send nothing at all: trader247 kill on.

    Example:

      trader247 disarm --venue sim --reason "holidays"

    Exit codes: 0 disarmed; 1 the trader did not answer; 2 no such book yet; 8 storage failed.
    """
    answers = confirming.disarm(Choice(config, data, Mode.LIVE, venue), reason=reason)
    return answered(answers, as_json=as_json)
