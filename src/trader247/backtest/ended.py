"""What the ledger keeps of stops that ended when they were renewed: laid down when a run is over.

The ledger keeps some dozens of ended intents: entries, since one of their size may be one sent
again, and whatever may turn up late. No cycle asks for a stop that ended at its date with nothing
filled, so a run that passes over its renewals does without those until somebody may read them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from trader247.backtest.ladder import Ladder, Rung, Shift
from trader247.core.book.intents import SETTLED_MAX, may_be_doubled
from trader247.domain.ids import ClientOrderId
from trader247.domain.intents import WorkingIntent
from trader247.domain.portfolio import EMPTY, Portfolio
from trader247.domain.time import DAY, MINUTE, Instant, microseconds

_DAY_US = microseconds(DAY)
_ENOUGH = 2 * SETTLED_MAX
"""So many stops that ended later leave no room for one: a chain has one at most that is younger."""

_Intents = Mapping[ClientOrderId, WorkingIntent]


class Ended:
    """The stops of one run that ended when they were renewed; `start` is its first minute."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._ladders: deque[tuple[Ladder, Shift]] = deque()
        self._count = 0
        self._settled: _Intents = EMPTY
        self._settled_at: Instant | None = None
        """When a cycle ended an intent, if none was renewed since."""

    def see(self, portfolio: Portfolio) -> None:
        """Hear where a cycle has left the ledger."""
        if portfolio.settled is not self._settled:
            self._settled, self._settled_at = portfolio.settled, portfolio.time

    def renewed(self, ladder: Ladder, shift: Shift) -> None:
        """Hear of stops that ended when others took their places."""
        self._settled_at = None
        self._ladders.append((ladder, shift))
        self._count += len(ladder)
        while self._count - len(self._ladders[0][0]) >= _ENOUGH:
            self._count -= len(self._ladders.popleft()[0])

    def among(
        self, known: _Intents, over: Callable[[Rung, Shift], WorkingIntent]
    ) -> dict[ClientOrderId, WorkingIntent]:
        """What the ledger keeps of its ended intents, where it has the `known` ones without these.

        As `core.book.intents.places` keeps them one after the other: those of the last day, no more
        than its limit but for young entries, by their age, and the one that ended last behind all
        others. `over` makes a stop that ended.
        """
        intents, last, at = dict(known), next(reversed(tuple(known)), None), self._settled_at
        for ladder, shift in self._ladders:
            for place, rung in ladder.ended(_ENOUGH):
                intents[rung.name] = over(rung, shift)
                if self._settled_at is None:
                    last, at = rung.name, Instant(0) + (self._start + place) * MINUTE
        self._ladders.clear()
        if last is None or at is None:
            return intents
        since = at.us - _DAY_US
        ages = [(each.intent.created.us, name) for name, each in intents.items() if name != last]
        names = [name for created, name in sorted(ages) if created >= since]
        beyond = max(0, len(names) - (SETTLED_MAX - 1))
        kept = [name for name in names[:beyond] if may_be_doubled(intents[name], at)]
        return {name: intents[name] for name in (*kept, *names[beyond:], last)}
