"""Every drill, in the order in which `drill all` holds them."""

from __future__ import annotations

from trader247.app.drills.account import ACCOUNT
from trader247.app.drills.drill import Drill
from trader247.app.drills.kill import KILL_FILE
from trader247.app.drills.quotes import QUOTES
from trader247.app.drills.stops import STOPS
from trader247.app.drills.trust import TRUST
from trader247.app.drills.venue import VENUE

ALL_DRILLS: tuple[Drill, ...] = (KILL_FILE, *STOPS, *QUOTES, *VENUE, *ACCOUNT, *TRUST)
