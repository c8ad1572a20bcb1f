"""What people are told is proven has been looked at."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import BOOKS


class Proven(Promise):
    """Nobody says under a raised switch that nothing rests who has not read orders, fills and
    wallets since it was raised: a ledger that knows of none is no proof.
    """

    id = "I2"

    def on_cleared(self, _: Told) -> Wrong:
        world = self.world
        if world.kill_us is None:
            return []
        unread = [path for path in BOOKS if world.read_us.get(path, -1) < world.kill_us]
        if not unread:
            return []
        after = (world.now_us - world.kill_us) / SECOND_US
        names = ", ".join(path.rpartition("brokerage/")[2] for path in unread)
        return [
            f"{after:.0f} s after the switch was raised nothing is said to rest: unread: {names}"
        ]
