"""The exchange's streams: who is connected, what each one hears, and when.

Everything happens on the server's one event loop. What the exchange has not written down is told to
nobody. Times are the exchange's; how long a connection may be idle, and how often one may knock,
goes by the machine's monotonic clock, for a client's patience is not simulated.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from trader247.simex.door.entrance import Entrance
from trader247.simex.exchange import Exchange
from trader247.simex.streams.book import BookChannel
from trader247.simex.streams.candles import CandlesChannel
from trader247.simex.streams.faults import Connection, NoFaults
from trader247.simex.streams.heartbeat import Heartbeat
from trader247.simex.streams.news import Event, News
from trader247.simex.streams.reception import HEARTBEATS, Reception, StreamRefused
from trader247.simex.streams.session import Session
from trader247.simex.streams.status import StatusChannel
from trader247.simex.streams.ticker import Days, TickerBatchChannel, TickerChannel
from trader247.simex.streams.trades import TradesChannel
from trader247.simex.streams.user import NAME as USER
from trader247.simex.streams.user import UserChannel
from trader247.simex.switches import Switches
from trader247.simex.wire.account_reading import AccountReading
from trader247.simex.wire.render import dumps

SESSIONS_MAX = 1000
_REPLAYED = 5
_NORMAL = 1000
_FAILED = 1011


class Streams:
    """Every connection to one exchange; `monotonic_us` counts the machine's microseconds.

    While a client leads the exchange's clock (`is_led`), nobody is put out for being silent: where
    time stands still there is nothing to say.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        entrance: Entrance,
        account: AccountReading,
        switches: Switches,
        monotonic_us: Callable[[], int],
        is_led: Callable[[], bool] = lambda: False,
        faults: NoFaults | None = None,
    ) -> None:
        self._exchange = exchange
        self._is_led = is_led
        self._account = account.user
        self._switches = switches
        self._monotonic_us = monotonic_us
        self._faults = NoFaults() if faults is None else faults
        self._sessions: dict[int, Session] = {}
        self._count = 0
        self._heartbeat = Heartbeat(exchange.now_us, switches)
        self._replay: deque[Event] = deque(maxlen=_REPLAYED if switches.user_replay else 0)
        days = Days(exchange)
        self._news = News(
            exchange,
            (
                TickerChannel(exchange, days),
                TradesChannel(exchange),
                BookChannel(exchange),
                CandlesChannel(exchange),
                TickerBatchChannel(exchange, days),
                StatusChannel(exchange),
            ),
            UserChannel(exchange, account, switches),
            tell=self._tell,
            give_up=self._give_up,
            is_user_always_wanted=switches.user_replay,
        )
        self._reception = Reception(
            exchange,
            public=self._news.channels,
            entrance=entrance,
            switches=switches,
            monotonic_us=monotonic_us,
        )
        exchange.watcher = self._news

    def connect(self, peer: str) -> Session | int:
        """Take up a connection; or the HTTP status with which it is refused."""
        connection = Connection(self._count, peer)
        self._count += 1
        status = self._faults.connection_refused(connection)
        if status is not None:
            return status
        if len(self._sessions) >= SESSIONS_MAX:
            return 503
        if not self._reception.may_connect(peer):
            return 429
        session = Session(
            connection,
            switches=self._switches,
            faults=self._faults,
            begun_us=self._monotonic_us(),
        )
        self._sessions[connection.number] = session
        return session

    def leave(self, session: Session) -> None:
        """Forget a connection that is over."""
        if self._sessions.pop(session.connection.number, None) is not None:
            self._look_for_what_is_wanted()

    def hear(self, session: Session, text: str) -> None:
        """Do what a client asks for. Raises StoreFailed: what it asks about cannot be read."""
        if session.is_over:
            return
        try:
            request = self._reception.judge(text, session.connection.peer)
        except StreamRefused as refused:
            session.refuse(str(refused))
            return
        finally:
            session.has_asked = True
        channel, products = request.channel, request.products
        if not request.is_subscribing:
            self._unsubscribe(session, channel, products)
        elif self._faults.is_subscription_refused(session.connection, channel, products):
            session.refuse("failure to subscribe")
        else:
            self._subscribe(session, channel, products)

    def pump(self) -> None:
        """Tell what time alone brings, and end what has been silent for too long."""
        if not self._sessions:
            return
        now_us = self._exchange.now_us
        if (beat := self._heartbeat.beat(now_us)) is not None:
            self._tell(Event(HEARTBEATS, HEARTBEATS, ("",), beat, now_us))
        self._news.pass_time()
        for session in list(self._sessions.values()):
            session.let_pass(now_us)
            if not self._is_led():
                self._end_if_silent(session)

    def _subscribe(self, session: Session, channel: str, products: tuple[str, ...]) -> None:
        # What it begins with comes first: should that fail, it is not subscribed.
        begun = list(self._openings(channel, products))
        known = session.subscriptions.get(channel)
        # On the user channel none named means all, and all stays all.
        is_all = not products or (known is not None and not known)
        session.subscriptions[channel] = {} if is_all else {**(known or {}), **_each(products)}
        self._look_for_what_is_wanted()
        self._tell_subscriptions(session)
        for event in begun:
            self._say(session, event)
        if channel == USER:
            for event in self._replay:
                self._say(session, event)
        session.said_us = self._monotonic_us()

    def _openings(self, channel: str, products: tuple[str, ...]) -> Iterator[Event]:
        """What a subscription begins with."""
        now_us = self._exchange.now_us
        if channel == USER:
            for events in self._news.user.openings(_each(products)):
                yield Event(USER, USER, products, events, now_us)
        elif channel != HEARTBEATS:
            found = self._news.channels[channel]
            for product in products:
                yield Event(channel, found.message, (product,), found.opening(product), now_us)

    def _unsubscribe(self, session: Session, channel: str, products: tuple[str, ...]) -> None:
        kept = session.subscriptions.get(channel, {})
        for product in products or list(kept):
            kept.pop(product, None)
        if not kept:
            session.subscriptions.pop(channel, None)
        self._look_for_what_is_wanted()
        self._tell_subscriptions(session)

    def _tell_subscriptions(self, session: Session) -> None:
        told = {
            channel: [each or channel for each in products] or [self._account]
            for channel, products in session.subscriptions.items()
        }
        body = dumps({"subscriptions": told}).decode()
        session.say("subscriptions", "subscriptions", "", body, self._exchange.now_us)

    def _look_for_what_is_wanted(self) -> None:
        asked: dict[str, set[str]] = {}
        for session in self._sessions.values():
            for channel, products in session.subscriptions.items():
                asked.setdefault(channel, set()).update(products)
        self._news.want(asked)

    def _tell(self, event: Event) -> None:
        if event.channel == USER:
            self._replay.append(event)
        for session in self._sessions.values():
            self._say(session, event)

    def _say(self, session: Session, event: Event) -> None:
        products = session.subscriptions.get(event.channel)
        if products is None:
            return
        is_all = event.channel == USER and not products
        if is_all or not products.keys().isdisjoint(event.products):
            product = "" if event.channel == USER else event.products[0]
            session.say(event.channel, event.message, product, event.events, event.now_us)
            session.said_us = self._monotonic_us()

    def _give_up(self) -> None:
        for session in self._sessions.values():
            session.end(_FAILED)

    def _end_if_silent(self, session: Session) -> None:
        now_us, switches = self._monotonic_us(), self._switches
        is_late = (
            not session.has_asked
            and now_us - session.begun_us >= switches.subscribe_within_ms * 1000
        )
        if is_late or now_us - session.said_us >= switches.stream_idle_ms * 1000:
            session.end(_NORMAL if switches.stream_close == "normal" else None)


def _each(products: tuple[str, ...]) -> dict[str, None]:
    return dict.fromkeys(products)
