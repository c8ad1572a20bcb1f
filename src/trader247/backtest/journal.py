"""A journal in memory: it keeps what the engine asks of one, and tells an onlooker the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from trader247.domain.events.cycles import SegmentRef
from trader247.domain.events.orders import FillBooked, FillQuarantined, IntentRecorded
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant
from trader247.ports import Delivery

Listener = Callable[[AnyEvent, Instant], None]

_SEEN = SegmentRef("backtest", 0, 0, "")


class MemoryJournal:
    """The journal of one backtest. `heard` is told of each event as it is appended."""

    def __init__(self, heard: Listener) -> None:
        self._heard = heard
        self._seq = 0
        self._first: Recorded | None = None
        self._fills: dict[str, Fill] = {}
        self._aside: list[FillQuarantined] = []
        self._trades: set[tuple[str, str]] = set()
        self._orders: set[ClientOrderId] = set()

    @property
    def epoch(self) -> int:
        """The number of this process's tenure: there is one."""
        return 1

    def raise_epoch(self, epoch: int) -> None:
        """Nothing of it was ever lost."""
        raise AssertionError(f"a backtest has one epoch, not {epoch}")

    def record_market(self, snapshot: Snapshot) -> SegmentRef:  # noqa: ARG002 - it can be read again
        """The candles are there to be read again: nothing is stored."""
        return _SEEN

    def append(self, events: Sequence[AnyEvent], time: Instant) -> tuple[Recorded, ...]:
        """Take all of `events`."""
        recorded = Recorded(seq=self._seq + len(events), time=time, event=events[-1], hash="")
        if self._first is None:
            self._first = Recorded(seq=1, time=time, event=events[0], hash="")
        for event in events:
            match event:
                case FillBooked(fill) | FillQuarantined(fill):
                    if isinstance(event, FillQuarantined):
                        self._aside.append(event)
                    self._fills[fill.entry_id] = fill
                    self._trades.add((fill.order_id, fill.trade_id))
                case IntentRecorded(intent):
                    self._orders.add(intent.client_order_id)
                case _:
                    pass
            self._heard(event, time)
        self._seq += len(events)
        return (recorded,)

    def pass_over(self, events: int, orders: Iterable[ClientOrderId]) -> None:
        """Count events that nobody needs one by one, and the orders that they are about."""
        self._seq += events
        self._orders.update(orders)

    def events(self, after: int = 0) -> Iterator[Recorded]:
        """The first event alone is kept: when the book was begun."""
        if self._first is not None and after < self._first.seq:
            yield self._first

    def briefly(self, after: int = 0) -> Iterator[Recorded]:
        """As `events`: no cycle is kept."""
        return self.events(after)

    def has_fill(self, entry_id: str) -> bool:
        """Whether a fill of this entry id is already booked or quarantined."""
        return entry_id in self._fills

    def contradicts(self, fill: Fill) -> bool:
        """Whether a fill of this entry id stands here with other figures."""
        return self._fills.get(fill.entry_id, fill) != fill

    def repeats_trade(self, fill: Fill) -> bool:
        """Whether another entry of the same trade of the same order is booked."""
        return (fill.order_id, fill.trade_id) in self._trades

    def set_aside(self, order_id: OrderId) -> Sequence[FillQuarantined]:
        """The entries of an order that are quarantined, in the order in which they were."""
        return [each for each in self._aside if each.fill.order_id == order_id]

    def knows_order(self, client_order_id: ClientOrderId) -> bool:
        """Whether an intent of this id was ever recorded."""
        return client_order_id in self._orders

    def record_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Nobody is told anything."""

    def save_portfolio(self, *portfolios: Portfolio) -> None:
        """Nothing goes on after a backtest."""

    def unreadable_portfolios(self) -> Collection[int]:
        """A backtest has no earlier version."""
        return ()

    def load_portfolio(self) -> Portfolio | None:
        """A backtest begins anew."""
        return None
