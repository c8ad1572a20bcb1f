"""What there is to tell on each channel: seen while the exchange moves, told when it is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from trader247.simex.errors import StoreFailed
from trader247.simex.exchange import Exchange
from trader247.simex.streams.channel import EACH_COMMIT, EACH_MOVE, Channel
from trader247.simex.streams.user import NAME as USER
from trader247.simex.streams.user import UserChannel


class Event(NamedTuple):
    """Something to tell on a channel: about one product, or an order under all of its names."""

    channel: str
    message: str
    products: tuple[str, ...]
    events: str
    now_us: int


class News:
    """The watcher of one exchange; `tell` is given each event when it has happened for good.

    Should the past not be readable, what is told would no longer follow from what was told before:
    `give_up` is called, and nothing more is told until something is wanted anew.
    """

    def __init__(
        self,
        exchange: Exchange,
        channels: Iterable[Channel],
        user: UserChannel,
        *,
        tell: Callable[[Event], None],
        give_up: Callable[[], None],
        is_user_always_wanted: bool,
    ) -> None:
        self._exchange = exchange
        self.channels = {each.name: each for each in channels}
        self.user = user
        self._tell = tell
        self._give_up = give_up
        self._is_user_always_wanted = is_user_always_wanted
        self._is_user_wanted = is_user_always_wanted
        self._wanted: dict[str, list[str]] = {}
        self._told_us = dict.fromkeys(self.channels, exchange.now_us)
        self._pending: list[Event] = []
        self.user.begin()

    def want(self, asked: Mapping[str, Collection[str]]) -> None:
        """Look at these products of each channel from now on, and at no others."""
        was_wanted = self._is_user_wanted
        self._is_user_wanted = self._is_user_always_wanted or USER in asked
        if self._is_user_wanted and not was_wanted:
            self.user.begin()
        # In the order of the listings: the same on every run.
        self._wanted = {
            name: [each for each in self._exchange.markets if each in asked[name]]
            for name in self.channels
            if name in asked
        }

    def pass_time(self) -> None:
        """Tell what time alone brings."""
        now_us = self._exchange.now_us
        for name, channel in self.channels.items():
            if channel.period_us > 0 and now_us - self._told_us[name] >= channel.period_us:
                self._told_us[name] = now_us
                self._look((channel,))
        if self._pending:
            self.settled()

    def moved(self) -> None:
        """The markets have moved."""
        if self._wanted:
            self._look(each for each in self.channels.values() if each.period_us == EACH_MOVE)
        self._look_at_orders()

    def settling(self) -> None:
        """All that belongs into the next commit has happened."""
        if self._wanted:
            at_once = (EACH_MOVE, EACH_COMMIT)
            self._look(each for each in self.channels.values() if each.period_us in at_once)
        self._look_at_orders()

    def settled(self) -> None:
        """It is written down: tell it."""
        pending, self._pending = self._pending, []
        for event in pending:
            self._tell(event)
        for name in self._wanted:
            self.channels[name].keep()
        self.user.keep()

    def undone(self) -> None:
        """It has not happened."""
        self._pending.clear()
        for channel in self.channels.values():
            channel.undo()
        self.user.undo()

    def _look(self, channels: Iterable[Channel]) -> None:
        try:
            for channel in channels:
                self._pending += self._news(channel)
        except StoreFailed:
            # The exchange itself goes on: who listens to it must not break it.
            self.undone()
            self._wanted.clear()
            self._give_up()

    def _news(self, channel: Channel) -> Iterator[Event]:
        now_us = self._exchange.now_us
        for product in self._wanted.get(channel.name, ()):
            events = channel.news(product)
            if events is not None:
                yield Event(channel.name, channel.message, (product,), events, now_us)

    def _look_at_orders(self) -> None:
        if self._is_user_wanted:
            now_us = self._exchange.now_us
            for products, events in self.user.news():
                self._pending.append(Event(USER, USER, products, events, now_us))
