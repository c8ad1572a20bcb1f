"""What goes wrong with a run's machine: its clock, its disk, its power."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import partial
from pathlib import Path

import apsw

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.remains import events_in, old_events, settle
from trader247.simulation.world.clock import MachineClock
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.timeline import Timeline

_SECOND_US = 1_000_000
_ROOM = 50_000
"""Megabytes that are free."""
_TRIES = 9
"""So many bits are looked for one that is of an event: else any will do."""
_ROW_BYTES = 300
"""So far before its hash a bit of an event may lie."""
_FIGURES = b"01234567"
_LEGIBLE = 700_000
"""The chance that a flipped bit leaves a text that can be read, where it is up to chance."""
_MINUTE_US = 60 * _SECOND_US
_HOUR_US = 60 * _MINUTE_US


class MachineMishaps:
    """Does them to one machine. `pass_by` lets time pass in which no process runs."""

    def __init__(
        self,
        dice: Dice,
        timeline: Timeline,
        clock: MachineClock,
        journal: Path,
        *,
        pass_by: Callable[[int], None],
        tell: Callable[[Record], None],
    ) -> None:
        self._dice = dice
        self._timeline = timeline
        self._clock = clock
        self._journal = journal
        self._pass_by = pass_by
        self._tell = tell
        self._failing_until_us = 0
        self._failing = 0
        self._times_right = 0
        """How often the clock was set right."""
        self._fails_next = False
        self._room: int | None = _ROOM
        self.is_flip_due = False
        """Whether a bit of the journal flips while the next process is not there yet."""

    def touch(self, act: str, path: str) -> int:
        """The error that strikes what is done to a file now, or 0."""
        del path
        if self._fails_next and act in ("write", "pwrite", "sync"):
            self._fails_next = False
            return errno.EIO
        is_failing = self._timeline.now_us < self._failing_until_us
        # What is full or read-only still takes that something is removed, or is not written.
        return self._failing if is_failing and act in ("write", "pwrite", "open") else 0

    def room(self) -> int | None:
        """How many megabytes are free where the journal is; None where that cannot be told."""
        is_full = self._failing == errno.ENOSPC and self._timeline.now_us < self._failing_until_us
        return 0 if is_full else self._room

    def leave(self, megabytes: int | None) -> None:
        """So much is free from now on, or nobody can tell."""
        self._room = megabytes
        self._tell({"kind": "room", "megabytes": megabytes})

    def jump(self) -> None:
        """The wall clock is set wrong, and right again after a while."""
        by_us = self._dice.pick((_HOUR_US, -_HOUR_US, -5 * _SECOND_US, _SECOND_US))
        self._clock.ahead_us += by_us
        before = self._times_right

        def back() -> None:
            # Whoever set it right meanwhile has taken this away.
            if self._times_right == before:
                self._clock.ahead_us -= by_us

        self._timeline.after(self._dice.between(1, 30) * _MINUTE_US, back)

    def suspend(self) -> None:
        """The machine sleeps for a while."""
        self.sleep(self._dice.between(10, self._dice.pick((20, 40, 480))) * _MINUTE_US)

    def sleep(self, span_us: int) -> None:
        """The machine sleeps for so long: its monotonic clock does not count that."""
        self._clock.slept_us += span_us
        self._pass_by(span_us)
        self._tell({"kind": "slept", "span_us": span_us})

    def wander(self) -> None:
        """The wall clock goes wrong slowly, up to a minute, and is set right."""
        self._clock.drift(self._dice.pick((100, -100, 5_000, -5_000)))

        self._timeline.after(self._dice.between(30, 200) * _MINUTE_US, self._set_right)

    def fill_up(self) -> None:
        """The disk is full for a while."""
        self._fail(errno.ENOSPC)

    def remount(self) -> None:
        """The disk is read-only for a while."""
        self._fail(errno.EROFS)

    def fail_once(self) -> None:
        """The next write or sync fails."""
        self._fails_next = True

    def flip(self) -> bool:
        """A bit of the journal flips at the next start, or a reader holds it meanwhile.

        Answers whether it is a bit.
        """
        if self._dice.chance(500_000):
            self.is_flip_due = True
        elif self._journal.exists():
            reader = apsw.Connection(str(self._journal), flags=apsw.SQLITE_OPEN_READONLY)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            self._timeline.after(30 * _SECOND_US, lambda: reader.close(force=True))
        return self.is_flip_due

    def flipped(self) -> Callable[[], None] | None:
        """Flip the bit that is due; what turns it back."""
        if not self.is_flip_due or not self._journal.exists():
            return None
        self.is_flip_due = False
        settle(self._journal)
        before = events_in(self._journal)
        for _ in range(_TRIES):
            place, mask = self._drawn()
            turn = partial(_turned, self._journal, place, mask)
            turn()
            # Not every bit is one of an event: what nobody reads may be as it likes.
            matters = events_in(self._journal) != before
            if matters:
                break
            turn()
        else:
            turn()
        self._tell({"kind": "flipped", "matters": matters})
        with self._journal.open("rb") as file:
            file.seek(place)
            wrong = file.read(1)

        def back() -> None:
            with self._journal.open("rb") as file:
                file.seek(place)
                is_as_it_was = file.read(1) == wrong
            if is_as_it_was:  # else it was written anew meanwhile
                turn()

        return back

    def _drawn(self) -> tuple[int, int]:
        """A bit of an older event; mostly one that makes another figure of a figure.

        No parser notices that one, only the chain.
        """
        near = old_events(self._journal)
        if not near:
            return self._dice.below(self._journal.stat().st_size), 1 << self._dice.below(8)
        end = self._dice.pick(near)
        with self._journal.open("rb") as file:
            file.seek(max(0, end - _ROW_BYTES))
            row = file.read(_ROW_BYTES)
        figures = [at for at, byte in enumerate(row) if byte in _FIGURES]
        if figures and self._dice.chance(_LEGIBLE):
            return max(0, end - _ROW_BYTES) + self._dice.pick(figures), 1
        return max(0, end - self._dice.below(_ROW_BYTES)), 1 << self._dice.below(8)

    def mend(self) -> None:
        """Nothing of it goes on."""
        self._failing_until_us, self._fails_next, self.is_flip_due = 0, False, False
        if self._room != _ROOM:
            self.leave(_ROOM)
        self._set_right()

    def _set_right(self) -> None:
        self._clock.drift(0)
        self._clock.ahead_us = 0
        self._times_right += 1

    def _fail(self, number: int) -> None:
        self._failing = number
        self._failing_until_us = self._timeline.now_us + self._dice.between(1, 10) * _MINUTE_US


def _turned(journal: Path, place: int, mask: int) -> None:
    """Turn a bit of a file, or turn it back."""
    with journal.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ mask]))
