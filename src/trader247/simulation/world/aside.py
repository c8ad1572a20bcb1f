"""Somebody who works beside the trader, in the same virtual time: one of the two acts at a time.

He has a thread of his own, so that he may wait amid his work as the trader does amid its own. But
the two never run at once: where he waits, his moment is put on the timeline, and the trader's
thread goes on; where that moment comes, it stands still until he waits again. So the same seed
gives the same run, and everything that happens does so in the trader's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore

from trader247.simulation.world.timeline import Act, Timeline


class _Over(BaseException):
    """The run is over amid the work."""


class Aside(Timeline):
    """The timeline as somebody sees it who works beside the trader."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline._market, timeline._clock)
        self._timeline = timeline
        self._his, self._ours = Semaphore(0), Semaphore(0)
        self._work: Future[None] | None = None
        self._is_waiting = self._is_over = False

    @property
    def is_at_work(self) -> bool:
        """Whether he has begun, and is not done. Two at once would wake each other for ever."""
        return self._work is not None

    def begin(self, work: Callable[[], None]) -> None:
        """Let him begin, now, and go on until he first waits."""

        def worked() -> None:
            try:
                work()
            finally:
                self._is_waiting = False
                self._ours.release()

        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")
        self._work = thread.submit(worked)
        thread.shutdown(wait=False)
        self._stand_still()

    def at(self, when_us: int, act: Act) -> None:
        self._timeline.at(when_us, act)

    def step(self, to_us: int) -> None:
        """Wait for the next thing that happens, or for `to_us` if nothing does before."""
        due_us = self._timeline.next_us
        self._timeline.at(to_us if due_us is None else min(due_us, to_us), self._go_on)
        self._is_waiting = True
        self._ours.release()
        self._his.acquire()
        if self._is_over:
            raise _Over

    def run_to(self, to_us: int) -> None:
        """Wait until `to_us`."""
        while self.now_us < to_us:
            self.step(to_us)

    def end(self) -> None:
        """The run is over, whatever he is at."""
        self._is_over = True
        self._go_on()

    def _go_on(self) -> None:
        """Let him work until he waits again, or is done. Raises what went wrong with him."""
        if self._work is not None:
            self._his.release()
            self._stand_still()

    def _stand_still(self) -> None:
        self._ours.acquire()
        if self._is_waiting or self._work is None:
            return
        error, self._work = self._work.exception(), None
        if error is not None and not isinstance(error, _Over):
            raise error
