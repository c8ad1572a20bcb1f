"""What a new process of a run finds beneath it, in the place of the machine's own world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from requests.adapters import BaseAdapter

from trader247.adapters.alerts import AlertOutbox, Route
from trader247.app.wiring.world import Beneath, Finish, World
from trader247.core.market.senses import Senses
from trader247.domain.milestones import Passing
from trader247.ports import Alert, Delivery
from trader247.simulation.deliveries import Channel, Pump, delivery_row, raised_row
from trader247.simulation.judged.chronicle import Chronicle
from trader247.simulation.judged.history import Record
from trader247.simulation.lives import Lives
from trader247.simulation.mishaps.people import People
from trader247.simulation.world.clock import MachineClock
from trader247.simulation.world.counterparty import Counterparty
from trader247.simulation.world.disk import NAME
from trader247.simulation.world.exchange import SimulatedExchange
from trader247.simulation.world.network import Network
from trader247.simulation.world.streams import Ears
from trader247.simulation.world.timeline import Timeline
from trader247.simulation.world.wire import SimulatedWire
from trader247.simulation.world.words import last_send


class Surroundings:
    """Clock, wire, ears and channel, made anew for each process on the one machine of a run."""

    def __init__(
        self,
        timeline: Timeline,
        clock: MachineClock,
        network: Network,
        exchange: SimulatedExchange,
        counterparty: Counterparty,
        *,
        people: People,
        lives: Lives,
        chronicle: Chronicle,
        channel: Channel,
        passing: Passing,
        on_connected: Callable[[], None],
        senses: Senses,
        ahead: Callable[[], int],
        data: Path,
    ) -> None:
        self.account = ""
        """Whose account it is, once that is known."""
        self._timeline = timeline
        self._clock = clock
        self._network = network
        self._exchange = exchange
        self._counterparty = counterparty
        self._people = people
        self._lives = lives
        self._chronicle = chronicle
        self._channel = channel
        self._passing = passing
        self._on_connected = on_connected
        self._senses = senses
        self._ahead = ahead
        self._data = data
        self._pump: Pump | None = None

    def world(self) -> World:
        """All of it."""
        return World(
            clock=self._clock,
            delivering=self._delivering,
            routes=(Route(self._channel),),
            passing=self._passing,
            on_alert=self._alerted,
            on_delivery=self._delivered,
            is_screen_silent=True,
            beneath=Beneath(
                transport=self._transport,
                account=self.account,
                vfs=NAME,
                hearing=self._ears(),
                senses=self._senses,
            ),
            ahead=self._ahead,
        )

    def _transport(self, is_stopped: Callable[[], bool]) -> BaseAdapter:
        return SimulatedWire(
            self._timeline,
            self._network,
            self._counterparty.line,
            answer=self._counterparty.answer,
            tell=self._chronicle.tell,
            touch=self._exchange.touch,
            is_stopped=self._people.looked_through(is_stopped),
            on_leaving=self._lives.catch_up,
            on_connected=self._on_connected,
            kept=lambda: last_send(self._data),
        )

    def _ears(self) -> Ears | None:
        streams, mine = self._counterparty.streams, self._chronicle.incarnation
        if streams is None:
            return None
        return Ears(
            self._timeline,
            self._network,
            streams,
            is_living=lambda: self._lives.is_going_on and self._chronicle.incarnation == mine,
            said=self._counterparty.said,
            tell=self._chronicle.tell,
            monotonic=self._clock.monotonic,
            are_still=self._counterparty.are_streams_still,
            lower=self._counterparty.lower,
        )

    def _delivering(self, outbox: AlertOutbox) -> Finish:
        mine = self._chronicle.incarnation
        pump = self._pump = Pump(
            outbox,
            self._timeline,
            is_living=lambda: self._lives.death is None and self._chronicle.incarnation == mine,
            is_hanging=lambda: self._channel.is_hanging,
        )
        return pump.finish

    def _alerted(self, alert: Alert) -> None:
        # What is told of was committed before: whoever judges hears of it in this order.
        self._lives.catch_up()
        self._tell_of(raised_row(alert))
        if self._pump is not None:
            self._pump.soon()

    def _delivered(self, delivery: Delivery) -> None:
        self._lives.catch_up()
        self._tell_of(delivery_row(delivery))

    def _tell_of(self, record: Record) -> None:
        if self._lives.death is None:
            self._chronicle.tell(record)
