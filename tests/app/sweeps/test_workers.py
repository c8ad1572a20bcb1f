"""The workers of a sweep, as processes."""

from __future__ import annotations

import os
import signal
from threading import Thread

from tests.backtest.markets import setup, walk

from trader247.app.wiring.sweep import Cores


def test_a_worker_that_is_stopped_keeps_nobody_waiting() -> None:
    cores = Cores(setup([walk(1, 3000)]), 1)
    cores.begin(0, {})
    (worker,) = cores._pool._processes
    os.kill(worker, signal.SIGSTOP)
    closing = Thread(target=cores.close, daemon=True)
    closing.start()
    closing.join(20)
    is_ended = not closing.is_alive()
    if not is_ended:
        os.kill(worker, signal.SIGKILL)
    assert is_ended
