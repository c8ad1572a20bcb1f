"""An alert that waits for its channels, how each channel does, and what one message holds."""

from __future__ import annotations

from collections.abc import Sequence

from trader247.domain.dataclass import dataclass
from trader247.ports import Alert

BODY_MAX = 2_000
_BATCH_MAX = 20
_BATCH_BODY_MAX = 3_500
FRESH_PAUSE_SECONDS = 0.25
"""Between two attempts of a channel that failed, where the second is of something new."""


@dataclass(slots=True)
class Try:
    """One channel's attempts at one alert."""

    opens: float
    attempts: int = 0
    is_running: bool = False
    is_delivered: bool = False


@dataclass(slots=True)
class Waiting:
    """An alert on its way, with the tries of the channels that it is for, by place."""

    alert: Alert
    since: float
    is_for_all: bool
    is_resumed: bool
    tries: dict[int, Try]
    held: tuple[int, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The alerts that it tells of."""
        return self.held or (self.alert.id,)

    @property
    def is_delivered(self) -> bool:
        return any(each.is_delivered for each in self.tries.values())

    @property
    def is_over(self) -> bool:
        found = [each.is_delivered for each in self.tries.values()]
        return all(found) if self.is_for_all else any(found)


@dataclass(slots=True)
class Line:
    """How a channel does: when it may be tried again, and which attempts run since when."""

    due: float = 0.0
    ended: float = -FRESH_PAUSE_SECONDS
    failures: int = 0
    running: int = 0
    began: float = 0.0


def in_a_line(alert: Alert) -> str:
    """An alert as a part of a message that tells of several."""
    return f"{alert.severity.value} {alert.code}: {alert.text}"[:BODY_MAX]


def fitting(ready: Sequence[Waiting]) -> list[Waiting]:
    """As many of the first as one message holds; at least one."""
    batch, size = [ready[0]], len(in_a_line(ready[0].alert))
    for each in ready[1:_BATCH_MAX]:
        size += len(in_a_line(each.alert)) + 2
        if size > _BATCH_BODY_MAX:
            break
        batch.append(each)
    return batch
