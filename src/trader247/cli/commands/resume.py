"""`trader247 resume`: end a pause."""

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


def resume(
    *,
    reason: Reason = "",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """End a pause. Every other halt stands, and is named.

    The kill switch ends with `trader247 kill off`; the other halts with `trader247 unlock halt`.

    Exit codes: 0 not paused any more; 1 the trader did not answer; 2 no such book yet; 8 storage
    failed.
    """
    answers = pausing.resume(Choice(config, data, mode, venue), reason=reason)
    return answered(answers, as_json=as_json)
