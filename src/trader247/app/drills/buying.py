"""Whether anything is ever bought: where it is not, that nothing was bought shows nothing."""

from __future__ import annotations

from trader247.app.drills import steps
from trader247.app.drills.drill import Yard
from trader247.app.drills.ground import Ground


def must_buy(yard: Yard) -> None:
    """Let the market rise until the operator's rules buy.

    Raises:
        Unheld: nothing was bought.
    """
    ground = Ground(yard, "buying")
    ground.start()
    ground.play(steps.entry(ground))
    ground.stop()
