"""Every drill, in the order in which `drill all` holds them."""

from __future__ import annotations

from trader247.app.drills.drill import Drill
from trader247.app.drills.kill import KILL_FILE
from trader247.app.drills.stops import STOPS

ALL_DRILLS: tuple[Drill, ...] = (KILL_FILE, *STOPS)
