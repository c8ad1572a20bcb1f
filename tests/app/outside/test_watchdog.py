"""Only the trading thread's own questions are signs of life."""

from __future__ import annotations

import threading

from tests.app.small_books import NoStop

from trader247.app.outside.watchdog import WatchedStop


def test_asking_for_the_stop_is_a_sign_of_life_of_the_thread_that_trades_alone() -> None:
    asked: list[int] = []
    stop = WatchedStop.by_this_thread(NoStop(), lambda: asked.append(1))
    assert not stop.is_raised()
    assert len(asked) == 1
    other = threading.Thread(target=stop.is_raised)
    other.start()
    other.join()
    assert len(asked) == 1
    assert stop.cause() == NoStop().cause()
    assert stop.keeps_sales() is NoStop().keeps_sales()
