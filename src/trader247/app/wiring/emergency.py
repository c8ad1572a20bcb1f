"""Several connections at once to a venue that must be heard now, each with a thread of its own.

Half of a troubled venue's answers are lost or late. So what is asked is asked again at once on
another connection, and the first good answer counts: reads and cancels may both be repeated. The
caller alone decides; the threads only ask.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from trader247.adapters.coinbase.urgent import UrgentClient
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import KeyRejected, RateLimited, VenueError
from trader247.domain.time import SECOND

T = TypeVar("T")
Ask = Callable[[UrgentClient, bool], T]
"""What is asked over a connection; the flag says whether to wait patiently."""

COPIES_MAX = 3
"""Copies of one request under way at once."""
READS_PER_SECOND = 20
"""Listings are kept under the venue's limit, so that it never answers a cancel with a 429."""
_LATE = timedelta(milliseconds=300)
_PATIENT_AFTER = 3 * SECOND
_EAGER_FAILURES = 8
_PAUSE = timedelta(milliseconds=100)
_LIMITED_PAUSE = timedelta(milliseconds=300)
_SLICE = timedelta(milliseconds=50)


@dataclass(eq=False, slots=True)
class Call(Generic[T]):
    """One request until it is answered or given up; `trouble` is the last that went wrong."""

    ask: Ask[T]
    is_read: bool
    began: timedelta
    sent_at: timedelta
    not_before: timedelta
    copies: int = 0
    failures: int = 0
    answer: T | None = None
    trouble: str = ""
    is_key_refused: bool = False
    is_over: bool = False


_Task = tuple[Call[object], bool]


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one asking; `worker` is None where the connection ended with it."""

    call: Call[object]
    worker: SimpleQueue[_Task] | None
    answer: object
    error: VenueError | None


class Crew:
    """So many connections. One thread uses it: whoever asks also has to `attend`."""

    def __init__(
        self, clients: Sequence[UrgentClient], *, monotonic: Callable[[], timedelta]
    ) -> None:
        self._monotonic = monotonic
        # The last one that answered is asked next: its connection stands.
        self._idle: list[SimpleQueue[_Task]] = [SimpleQueue() for _ in clients]
        self._results: SimpleQueue[_Result] = SimpleQueue()
        self._open: list[Call[object]] = []
        self._reads: deque[timedelta] = deque(maxlen=READS_PER_SECOND)
        self.answers = 0
        self.trouble = ""
        self.is_key_refused = False
        for number, (client, tasks) in enumerate(zip(clients, self._idle, strict=True)):
            # What still waits for an answer must not keep the process alive.
            threading.Thread(
                target=self._worker(client, tasks), name=f"emergency-{number}", daemon=True
            ).start()

    def call(self, ask: Ask[T], *, is_read: bool = True) -> Call[T]:
        """Begin to ask; the answer is there once `attend` has found it."""
        now = self._monotonic()
        call: Call[T] = Call(ask, is_read, began=now, sent_at=now, not_before=now)
        self._open.append(call)  # type: ignore[arg-type] # each call keeps its own kind of answer
        self._launch(now)
        return call

    def drop(self, call: Call[T]) -> None:
        """Give a request up; what is under way of it comes to nothing."""
        call.is_over = True

    def attend(self) -> None:
        """Wait for the next answer, for an instant at most, and ask again what needs it."""
        with suppress(Empty):
            self._take(self._results.get(timeout=_SLICE.total_seconds()))
            while True:
                self._take(self._results.get_nowait())
        self._launch(self._monotonic())

    def _take(self, result: _Result) -> None:
        call = result.call
        call.copies -= 1
        if result.worker is not None:
            self._idle.append(result.worker)
        if result.error is None:
            self.answers += 1
            self.is_key_refused = False
            if not call.is_over:
                call.answer, call.is_over = result.answer, True
            return
        now = self._monotonic()
        call.failures += 1
        call.trouble = self.trouble = str(result.error)
        self.is_key_refused = call.is_key_refused = isinstance(result.error, KeyRejected)
        if isinstance(result.error, RateLimited):
            call.not_before = now + _LIMITED_PAUSE
        elif call.failures > _EAGER_FAILURES:
            call.not_before = now + _PAUSE

    def _launch(self, now: timedelta) -> None:
        self._open = [call for call in self._open if not call.is_over]
        for call in self._open:
            is_late = now - call.sent_at >= _LATE and call.copies < COPIES_MAX
            if now < call.not_before or (call.copies > 0 and not is_late):
                continue
            if not self._idle:
                return
            if call.is_read and not self._has_leave_to_read(now):
                continue
            call.copies += 1
            call.sent_at = now
            # One of the copies stays quick: a patient one may hang.
            is_patient = now - call.began >= _PATIENT_AFTER and call.copies > 1
            self._idle.pop().put((call, is_patient))

    def _has_leave_to_read(self, now: timedelta) -> bool:
        if len(self._reads) == READS_PER_SECOND and now - self._reads[0] < SECOND:
            return False
        self._reads.append(now)
        return True

    def _worker(self, client: UrgentClient, tasks: SimpleQueue[_Task]) -> Callable[[], None]:
        def work() -> None:
            while True:
                call, is_patient = tasks.get()
                # What nobody thought of ends this thread, and is seen; not its request, too.
                result = _Result(call, None, None, VenueError("asking failed inside of us"))
                try:
                    result = _Result(call, tasks, call.ask(client, is_patient), None)
                except VenueError as error:
                    result = _Result(call, tasks, None, error)
                finally:
                    self._results.put(result)

        return work
