"""What a person asked of a run, beyond its configuration."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person asked of a run, beyond its configuration.

    `speed` is simulated time over real time, None for as fast as it goes; `cycles` and `span` end
    the run, None means never.
    """

    interval: timedelta | None = None
    cycles: int | None = None
    span: timedelta | None = None
    seed: int | None = None
    replay: Path | None = None
    speed: Decimal | None = Decimal(1)
    is_fresh: bool = False


def refuse_odd(plan: Plan, places: Places, *, is_once: bool) -> None:
    """Refuse what this book's market cannot be asked for.

    Raises:
        UsageError: which option does not go with it, and what does.
    """
    if places.mode is Mode.LIVE and (plan.seed is not None or plan.replay is not None):
        raise UsageError(
            "--seed and --replay choose a market inside the trader; LIVE trades on another's",
            hint="give them to `trader247 sim serve`, on which LIVE on sim rehearses",
        )
    if places.venue is VenueName.SIM:
        return
    # One cycle has no speed.
    if plan.speed != 1 and not is_once:
        raise UsageError(
            f"--speed is for simulated markets; {places.venue.value} has a time of its own",
            hint="leave --speed out, or use --venue sim",
        )
    if plan.seed is not None or plan.replay is not None:
        raise UsageError(
            "--seed and --replay choose a simulated market", hint="use them with --venue sim"
        )
