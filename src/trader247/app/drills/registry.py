"""Every drill, in the order in which `drill all` holds them."""

from __future__ import annotations

from trader247.app.drills.account import ACCOUNT
from trader247.app.drills.channels import CHANNELS
from trader247.app.drills.disk import DISK
from trader247.app.drills.drill import Drill
from trader247.app.drills.kill import KILL_FILE
from trader247.app.drills.leaving import LEAVING
from trader247.app.drills.names import ALL_NAMES
from trader247.app.drills.processes import PROCESSES
from trader247.app.drills.quotes import QUOTES
from trader247.app.drills.stops import STOPS
from trader247.app.drills.stress import STRESS
from trader247.app.drills.trust import TRUST
from trader247.app.drills.venue import VENUE

_FOUND = {
    each.name: each
    for each in (
        KILL_FILE,
        *PROCESSES,
        LEAVING,
        *STOPS,
        *QUOTES,
        *VENUE,
        *ACCOUNT,
        *DISK,
        STRESS,
        *TRUST,
        *CHANNELS,
    )
}
assert set(_FOUND) == set(ALL_NAMES), "every drill has its name, and every name its drill"
ALL_DRILLS: tuple[Drill, ...] = tuple(_FOUND[name] for name in ALL_NAMES)
