"""Messages of a stream as the venue writes them, and connections that play them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.domain.time import Instant

BEGIN = Instant.parse("2026-10-01T12:00:00Z")


def text(channel: str, sequence: int, *events: dict[str, Any], at: float = 0) -> str:
    when = Instant(BEGIN.us + round(at * 1_000_000))
    return json.dumps(
        {
            "channel": channel,
            "timestamp": str(when),
            "sequence_num": sequence,
            "events": list(events),
        }
    )


def subscribed(sequence: int, *channels: str) -> str:
    ids = {"heartbeats": ["heartbeats"], "level2": ["BTC-USD"], "user": ["all"]}
    return text(
        "subscriptions", sequence, {"subscriptions": {each: ids[each] for each in channels}}
    )


def heartbeat(sequence: int, counter: int | str = 1) -> str:
    return text(
        "heartbeats",
        sequence,
        {"current_time": "2026-10-01 12:00:01.1 +0000 UTC m=+1.5", "heartbeat_counter": counter},
    )


def book(
    sequence: int,
    bids: dict[str, str],
    asks: dict[str, str],
    *,
    kind: str = "snapshot",
    product: str = "BTC-USD",
    at: float = 0,
) -> str:
    updates = [
        {"side": side, "event_time": "1970-01-01T00:00:00Z", "price_level": p, "new_quantity": q}
        for side, levels in (("bid", bids), ("offer", asks))
        for p, q in levels.items()
    ]
    event = {"type": kind, "product_id": product, "updates": updates}
    return text("l2_data", sequence, event, at=at)


@dataclass
class Time:
    """Virtual time: it passes when somebody waits."""

    now: timedelta = timedelta(0)

    def monotonic(self) -> timedelta:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


Step = str | float | StreamBroken
"""A text that comes, seconds in which nothing does, or the end."""


@dataclass
class Played:
    """One connection: plays its script, then is silent and open for ever."""

    time: Time
    steps: Sequence[Step]
    said: list[dict[str, Any]] = field(default_factory=list)
    is_open: bool = True
    is_closed: bool = False
    _at: int = 0
    _quiet: float = 0

    def receive(self, seconds: float) -> list[str]:
        if self._quiet <= 0:
            while self._at < len(self.steps):
                step = self.steps[self._at]
                self._at += 1
                if isinstance(step, str):
                    return [step]
                if isinstance(step, StreamBroken):
                    raise step
                self._quiet = step
                break
        self.time.pause(seconds)
        self._quiet -= seconds
        return []

    @property
    def is_played(self) -> bool:
        return self._at >= len(self.steps)

    def say(self, text: str) -> None:
        self.said.append(json.loads(text))

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Network:
    """Hands out connections in order; when there are none left, it is over."""

    time: Time
    scripts: list[Sequence[Step] | StreamBroken]
    made: list[Played] = field(default_factory=list)
    at: list[timedelta] = field(default_factory=list)

    def connect(self) -> Played:
        self.at.append(self.time.now)
        script = self.scripts.pop(0)
        if isinstance(script, StreamBroken):
            raise script
        self.made.append(Played(self.time, script))
        return self.made[-1]

    def over(self) -> Callable[[], bool]:
        """Over once all scripts were handed out and the last has been played."""
        return lambda: not self.scripts and (not self.made or self.made[-1].is_played)
