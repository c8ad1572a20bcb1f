"""The connections of an emergency: no request is lost with one of them."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import cast

import pytest

from trader247.adapters.coinbase.urgent import UrgentClient
from trader247.app.wiring.emergency import Crew
from trader247.domain.errors import VenueUnreachable

pytestmark = pytest.mark.slow


def monotonic() -> timedelta:
    return timedelta(seconds=time.monotonic())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("failure", [VenueUnreachable("no answer"), AssertionError("odd")])
def test_a_request_that_fails_in_any_way_is_asked_again_by_another(failure: Exception) -> None:
    """A thread that ended with it took its request along: `kill on` heard nothing for 20 s."""
    before = set(threading.enumerate())
    crew = Crew([cast(UrgentClient, None)] * 5, monotonic=monotonic)
    own = set(threading.enumerate()) - before
    left = [failure] * 4

    def ask(_client: UrgentClient, _is_patient: bool) -> str:
        if left:
            raise left.pop()
        return "the orders"

    call = crew.call(ask)
    end = monotonic() + timedelta(seconds=10)
    while not call.is_over and monotonic() < end:
        crew.attend()
    assert call.answer == "the orders"
    assert call.failures == 4
    assert crew.trouble in ("no answer", "asking failed inside of us")
    assert crew.call(lambda *_: "more").copies == 1, "a connection is left"
    ending = 0 if isinstance(failure, VenueUnreachable) else 4
    # A thread tells why it ended once its result is out: within this test, where that is foreseen.
    while sum(each.is_alive() for each in own) > len(own) - ending:
        assert monotonic() < end
        time.sleep(0.01)
