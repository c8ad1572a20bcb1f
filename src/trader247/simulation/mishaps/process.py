"""What happens to the process that trades, and what people do to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from trader247.adapters.instance_guard import InstanceGuard
from trader247.domain.errors import AlreadyRunning
from trader247.ports import CommandKind
from trader247.simulation.death import Cause
from trader247.simulation.judged.history import Record
from trader247.simulation.mishaps.people import People
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.timeline import Timeline

_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_LOOK_US, _PATIENCE = 7 * _SECOND_US, 90
"""How often, and how many times, somebody looks whether a buy rests."""
_ODD = "exchange: [\n"


class Living(Protocol):
    """The process that trades now, if one does."""

    @property
    def is_alive(self) -> bool: ...

    def die(self, cause: Cause, where: str) -> None:
        """End it; nothing happens where none lives."""

    def terminate(self) -> None:
        """Ask it to end, as SIGTERM does."""

    def back_up(self) -> None:
        """Make a backup of its journal."""

    def go_back(self) -> None:
        """End it, and put that backup in its place before another one starts."""

    def set_channel(self, *, is_up: bool) -> None:
        """Let alerts through, or not."""

    def raise_somehow(self, *, keeps_sales: bool) -> None:
        """Raise the kill switch, in some way."""

    @property
    def products(self) -> tuple[str, ...]:
        """What it trades in."""


class ProcessMishaps:
    """Does them to whichever process trades on one folder."""

    def __init__(
        self,
        dice: Dice,
        timeline: Timeline,
        living: Living,
        people: People,
        *,
        data: Path,
        settings: Path,
        pass_by: Callable[[int], None],
        tell: Callable[[Record], None],
    ) -> None:
        self._dice = dice
        self._timeline = timeline
        self._living = living
        self._people = people
        self._data = data
        self._settings = settings
        self._pass_by = pass_by
        self._tell = tell

    def kill(self) -> None:
        """SIGKILL, whatever it does; not always at the moment in which it only waits."""
        self._living.die(Cause.KILLED, "any time")

    def power(self) -> None:
        """The power fails."""
        self._living.die(Cause.POWER, "any time")

    def terminate(self) -> None:
        """SIGTERM."""
        self._living.terminate()

    def stall(self) -> None:
        """It hangs, or is stopped; when it goes on, everything that it knows is old."""
        span_us = self._dice.pick((90 * _SECOND_US, 600 * _SECOND_US))
        self._pass_by(span_us)
        self._tell({"kind": "stalled", "span_us": span_us})

    def start_second(self) -> None:
        """Somebody starts another one on the same folder: it must not come in."""
        if not self._living.is_alive:
            return
        guard = InstanceGuard(self._data)
        try:
            guard.take(since="2026-01-05T00:00:00Z")
        except AlreadyRunning:
            return
        raise AssertionError("a second instance took the guard of a living one")

    def raise_switch(self) -> None:
        """The kill switch is raised, once in a while with the wish that sales stay.

        Not always at any moment: rather while a buy rests, if one does before long.
        """
        self._raise_soon(_PATIENCE if self._dice.chance(700_000) else 0)

    def _raise_soon(self, times: int) -> None:
        if self._people.is_at_peace:
            return
        if times and not self._people.is_buying():
            self._timeline.after(_LOOK_US, lambda: self._raise_soon(times - 1))
            return
        self._living.raise_somehow(keeps_sales=self._dice.chance(300_000))

    def restore(self) -> None:
        """Somebody makes a backup, and goes back to it a few minutes later.

        Mostly other processes have traded in between: their epochs are lost as well, with the names
        that they gave. So somebody goes back while something is bought, if it is before long.
        """
        self._living.back_up()
        for number in range(self._dice.pick((0, 1, 2, 2))):
            at_s = 150 * number + self._dice.between(1, 50)
            self._timeline.after(at_s * _SECOND_US, self.kill)
        self._timeline.after(
            self._dice.between(2, 12) * _MINUTE_US, lambda: self._go_back_soon(_PATIENCE)
        )

    def _go_back_soon(self, times: int) -> None:
        if times and not self._people.is_buying():
            self._timeline.after(_LOOK_US, lambda: self._go_back_soon(times - 1))
        else:
            self._living.go_back()

    def edit_settings(self) -> None:
        """app.yaml forbids sending, or cannot be read, for a while."""
        path = self._settings / "app.yaml"
        right = path.read_text(encoding="utf-8")
        if "read_only: false" not in right:
            return  # it is edited already
        is_odd = self._dice.chance(400_000)
        wrong = _ODD if is_odd else right.replace("read_only: false", "read_only: true")
        path.write_text(wrong, encoding="utf-8")
        self._tell({"kind": "settings", "may_send": False})

        def restore() -> None:
            path.write_text(right, encoding="utf-8")
            self._tell({"kind": "settings", "may_send": True})

        self._timeline.after(self._dice.between(1, 15) * _MINUTE_US, restore)

    def meddle(self) -> None:
        """Somebody pauses, cancels, or sells what is held."""
        kind = self._dice.below(4)
        if kind == 0:
            self._people.ask(CommandKind.PAUSE, {"reason": "simulated"})
        elif kind == 1:
            orders = " ".join(self._people.orders())
            self._people.ask(CommandKind.CANCEL_ORDERS, {"orders": orders, "reason": "simulated"})
        elif kind == 2:
            product = self._dice.pick(self._living.products)
            words = {"products": product, "reason": "simulated", "operator": "simulation"}
            self._people.ask(CommandKind.FLATTEN, words)
        else:
            self._people.ask(CommandKind.ALERT_TEST, {})

    def mute(self) -> None:
        """Nobody can be told for a while."""
        self._living.set_channel(is_up=False)
        self._timeline.after(
            self._dice.between(1, 20) * _MINUTE_US,
            lambda: self._living.set_channel(is_up=True),
        )
