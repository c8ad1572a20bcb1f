"""Where threads are made: each works beside the trading thread, and only posts to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence


def background(work: Sequence[Callable[[], None]], *, name: str) -> Callable[[float], None]:
    """Run each function in a thread of its own: the only place where threads are made.

    Answers a function that waits, at most so many seconds, until all have returned. What still
    runs then does not keep the process alive.
    """
    threads = [
        threading.Thread(target=each, name=f"{name}-{number}", daemon=True)
        for number, each in enumerate(work)
    ]
    for thread in threads:
        thread.start()

    def finish(seconds_max: float) -> None:
        for thread in threads:
            thread.join(seconds_max / len(threads))

    return finish
