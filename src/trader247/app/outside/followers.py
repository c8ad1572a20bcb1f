"""Everybody outside who follows a trader: the log, the heartbeats, metrics, the service manager."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

from trader247.adapters.service_manager import ServiceManager
from trader247.app.books.overview import Frame
from trader247.app.books.places import Places
from trader247.app.outside.heartbeat import heartbeat
from trader247.app.outside.metering import Meter
from trader247.app.outside.pulse import Pulse
from trader247.app.outside.telling import Telling
from trader247.app.outside.watchdog import WatchedStop
from trader247.app.settings.app_file import AppSettings
from trader247.app.wiring.assembly import Trader
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.ports import StopSignal


class Outside:
    """Told by the trading thread alone: that it lives, what each cycle left, that it ends."""

    def __init__(
        self,
        settings: AppSettings,
        places: Places,
        telling: Telling,
        pulse: Pulse,
        *,
        interval: timedelta,
        stack: ExitStack,
    ) -> None:
        """`interval` is real time between cycles; what is begun here ends with `stack`.

        Raises:
            ConfigInvalid: an address that is configured cannot be used.
        """
        self._telling = telling
        self._pulse = pulse
        self._vitals = heartbeat(settings, telling, interval, stack)
        self._meter = Meter(settings.metrics_file, places.data)
        self._manager = ServiceManager()
        self._places = places
        stack.callback(self._manager.stopping)

    def watched(self, stop: StopSignal) -> StopSignal:
        """The stop, whose every asking by this thread is a sign of life, while cycles are done."""
        return WatchedStop.by_this_thread(stop, self._asked)

    def _asked(self) -> None:
        if self._vitals.goes_on():
            self._manager.alive()

    def turned(self) -> None:
        """The loop turned round."""
        self._vitals.turned()

    def begin(self, trader: Trader, seed: int | None) -> None:
        """The start is over."""
        self._vitals.begun()
        self._meter.begin(Frame(self._places, trader.label, seed, trader.policy))
        self._manager.ready(f"{self._places.book}: {trader.label}")

    def cycled(self, report: CycleReport, due: Instant) -> None:
        """A cycle was done; the next one is due then."""
        self._vitals.cycled(report)
        self._pulse.beat(report, due)
        self._telling.cycle(report)
        self._meter.cycled(report)
