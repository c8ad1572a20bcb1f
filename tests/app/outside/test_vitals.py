"""The outbound heartbeat: it stops when anything hangs or is stale, and never pings alone."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.adapters.loopback import Hook

from trader247.adapters import channels
from trader247.adapters.channels import ChannelRefused
from trader247.adapters.outbound_ping import OutboundPing, PingTarget
from trader247.app.outside.vitals import Vitals
from trader247.domain.events.cycles import EXITS_ONLY
from trader247.domain.reports import CycleReport


class Scene:
    """A trader's signs of life, and the pings that they let out, second by second."""

    def __init__(self, interval: int = 60) -> None:
        self.now = 0.0
        self.are_workers_alive = True
        self.pings: list[float] = []
        self.failure = ""
        self.logged: list[str] = []
        self.vitals = Vitals(
            interval=timedelta(seconds=interval),
            are_others_alive=lambda _: self.are_workers_alive,
            monotonic=lambda: self.now,
        )
        self.ping = OutboundPing(
            self._pinged,
            is_well=self.vitals.is_well,
            log=self.logged.append,
            monotonic=lambda: self.now,
        )

    def _pinged(self) -> str:
        self.pings.append(self.now)
        return self.failure

    def live(
        self,
        seconds: int,
        *,
        is_turning: bool = True,
        is_cycling: bool = True,
        error: str = "",
        regime: str = "NORMAL",
    ) -> None:
        for _ in range(seconds):
            if is_turning:
                self.vitals.turned()
            if is_turning and is_cycling and self.now % 60 == 0:
                collected = SimpleNamespace(error=error)
                report = SimpleNamespace(regime=regime, collected=collected)
                self.vitals.cycled(cast(CycleReport, cast(Any, report)))
            self.ping.look()
            self.now += 1


def test_it_pings_each_minute_while_all_is_well() -> None:
    scene = Scene()
    scene.live(600)
    assert scene.pings == [float(second) for second in range(0, 600, 60)]


def test_nothing_is_sent_before_the_first_cycle() -> None:
    scene = Scene()
    scene.live(300, is_cycling=False)
    assert scene.pings == []


@pytest.mark.parametrize(
    ("most", "hang"),
    [
        (60, {"is_turning": False}),
        (180, {"is_cycling": False}),
        (180, {"error": "the venue does not answer"}),
        (180, {"regime": EXITS_ONLY}),
    ],
    ids=["the loop", "cycles", "reconciliation", "whole cycles"],
)
def test_whatever_hangs_ends_the_pings_in_time(most: int, hang: dict[str, Any]) -> None:
    scene = Scene()
    scene.live(601)
    scene.live(2_000, **hang)
    assert scene.pings[-1] - 601 <= most
    scene.live(60)
    assert scene.pings[-1] > 2_600, "and they come again once it is well"


def test_a_worker_of_a_channel_that_hangs_ends_the_pings() -> None:
    scene = Scene()
    scene.live(61)
    scene.are_workers_alive = False
    scene.live(600)
    assert scene.pings == [0, 60]


def test_a_long_interval_has_a_longer_patience() -> None:
    scene = Scene(interval=600)
    scene.live(1)
    scene.live(1_260, is_cycling=False)
    assert scene.pings[-1] == 1_260


def test_a_loop_that_turns_and_does_no_whole_cycle_goes_on_no_longer_than_one_may_take() -> None:
    scene = Scene()
    scene.live(5_000, is_cycling=False)
    assert scene.vitals.goes_on(), "the start has a limit of its own"
    scene.vitals.begun()
    scene.live(720, is_cycling=False)
    assert scene.vitals.goes_on()
    scene.live(1, is_cycling=False)
    assert not scene.vitals.goes_on()

    scene.live(60, error="the venue does not answer")
    assert scene.vitals.goes_on(), "a cycle that could read nothing is one"
    scene.live(720, regime=EXITS_ONLY)
    assert not scene.vitals.goes_on(), "one for exits alone is none"
    scene.live(60)
    assert scene.vitals.goes_on()


def test_a_ping_that_fails_is_said_once_and_tried_again_soon() -> None:
    scene = Scene()
    scene.failure = "it answered 500"
    scene.live(60)
    assert scene.pings == [0, 10, 20, 30, 40, 50]
    scene.failure = ""
    scene.live(120)
    assert scene.pings[6:] == [60, 120]
    assert scene.logged == ["heartbeat fails: it answered 500", "heartbeat is sent again"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("manner", "said"), [("well", ""), ("broken", "it answered 500"), ("mute", "TimeoutError")]
)
def test_a_real_service_is_pinged_within_its_time(
    manner: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "HOOK_SECONDS", 0.4)
    server = Hook(manner)
    try:
        target = PingTarget(f"http://127.0.0.1:{server.port}/uuid", is_private_allowed=True)
        assert target.ping() == said
        assert "uuid" not in repr(target)
        assert server.taken == ["/uuid"]
    finally:
        server.close()


@pytest.mark.parametrize("url", ["http://hc.example/x", "https://u:p@hc.example/x", "ftp://x"])
def test_an_odd_address_is_refused(url: str) -> None:
    with pytest.raises(ChannelRefused):
        PingTarget(url)
