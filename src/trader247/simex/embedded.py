"""The simulated exchange inside the process that trades on it, and as another one sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from trader247.simex.door.keyring import Keyring
from trader247.simex.errors import StoreFailed
from trader247.simex.exchange import Exchange
from trader247.simex.feeds.feed import Feed
from trader247.simex.mirror import Mirror
from trader247.simex.schema import Identity
from trader247.simex.store import Store
from trader247.simex.switches import Switches
from trader247.simex.wire.account_reading import EVERY_SOURCE
from trader247.simex.wire.dialect import Wire
from trader247.simex.wire.render import Body
from trader247.simex.wire.request import Reply, Request

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from trader247.simex.faults.plan import Plan
    from trader247.simex.wire.asgi import Application


class Embedded:
    """One exchange file, with the wire over it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._wire = Wire(exchange)

    @staticmethod
    def open(path: str | Path, feed: Feed, funding: Mapping[str, Decimal]) -> Embedded:
        """Go on where the file stopped; where there is none, make it and fund the account.

        A new exchange lives through the feed's history first, and stands at its start. Its wallets
        are those of `funding`, by currency. `:memory:` keeps nothing. Where an earlier process was
        cut short while it made one, it is made again.

        Raises:
            FeedMismatch: the file belongs to another market.
            StoreFailed: the file cannot be read or written.
            FeedEnded: the feed ends before its own start.
        """
        store = None if str(path) == ":memory:" else Store.open(path)
        if store is None:
            store = Store.create(path, Identity.of(feed))
        try:
            if not store.is_begun and store.identity != Identity.of(feed):
                store.claim(Identity.of(feed))
            return Embedded(Exchange(store, feed, funding))
        except BaseException:
            store.close()
            raise

    @staticmethod
    def orders_ever(path: str | Path) -> int | None:
        """How many orders an exchange ever took; None where there is no exchange.

        One that was cut short while it was made is none yet.

        Raises:
            StoreFailed: the file cannot be read, or is something else.
        """
        store = Store.open(path, is_read_only=True)
        if store is None:
            return None
        try:
            return int(store.committed().state["orders"]) if store.is_begun else None
        finally:
            store.close()

    @staticmethod
    def view(path: str | Path) -> Embedded:
        """Look at an exchange, also while another process runs it: what it last committed.

        Raises:
            StoreFailed: there is no exchange that can be read.
        """
        store = Store.open(path, is_read_only=True)
        if store is None or not store.is_begun:
            raise StoreFailed(f"there is no simulated exchange in {path} yet")
        return Embedded(Exchange(store, None, {}))

    @property
    def now_us(self) -> int:
        """The exchange's clock, in microseconds since 1970."""
        self._exchange.refresh()
        return self._exchange.now_us

    @property
    def identity(self) -> str:
        """The exact name of its market."""
        return self._exchange.store.identity.identity

    @property
    def label(self) -> str:
        """What to call its market wherever its figures are shown."""
        return self._exchange.store.identity.label

    @property
    def products(self) -> tuple[str, ...]:
        """Every product that it lists."""
        return tuple(each.product_id for each in self._exchange.store.identity.listings)

    def named(self, name: str) -> str:
        """What its book is called for ever: `name` the first time. Two of one market differ by it.

        Raises:
            StoreFailed: the disk did not take it.
        """
        return self._exchange.store.named(name)

    def advance(self, to_us: int) -> None:
        """Let time pass until `to_us`.

        Raises:
            FeedEnded: the market ends before that; the clock stands at its end.
            StoreFailed: nothing has happened.
        """
        self._exchange.advance(to_us)

    def application(
        self,
        *,
        keyring: Keyring,
        save_keys: Callable[[], None],
        switches: Switches,
        speed: Decimal,
        from_us: int,
        monotonic_us: Callable[[], int],
        machine_s: Callable[[], int],
        warn: Callable[[str], None],
        admin_token: str,
        is_in_step: bool,
        book: str,
        plan: Plan | None = None,
    ) -> Application:
        """The exchange for others to reach, over any ASGI server; its time passes from now on.

        Who is answered is in `keyring`, which `save_keys` writes down; who shows `admin_token` also
        has the paths under `/sim/`. Its time goes on from `from_us`, at `speed` over that of
        `monotonic_us`, which counts real microseconds, and so is the machine's if it `is_in_step`;
        `machine_s` is the machine's date. What goes wrong is in `plan`. `book` is its name.
        """
        from trader247.simex.deeds.admin import Admin
        from trader247.simex.deeds.by_name import Deeds
        from trader247.simex.deeds.clock_desk import ClockDesk
        from trader247.simex.door.limits import Limits
        from trader247.simex.faults.console import Console
        from trader247.simex.faults.hands import Hands
        from trader247.simex.faults.inside import Inside
        from trader247.simex.faults.line import Line
        from trader247.simex.faults.plan import Plan
        from trader247.simex.faults.streaming import PlannedFaults
        from trader247.simex.pace import Pace
        from trader247.simex.streams.hub import Streams
        from trader247.simex.wire.asgi import Application

        plan = Plan() if plan is None else plan
        inside = Inside(plan, Hands(self._exchange))

        def passed() -> None:
            streams.pump()

        pace = Pace(
            self._exchange,
            from_us=from_us,
            monotonic_us=monotonic_us,
            speed=speed,
            on_passed=passed,
        )
        wire = Wire(
            self._exchange,
            switches=switches,
            keyring=keyring,
            machine_s=machine_s,
            keep_time=pace.keep,
            limits=Limits(switches, lambda: self._exchange.now_us, is_led=lambda: pace.is_led),
            inside=inside,
        )
        streams = Streams(
            self._exchange,
            entrance=wire.entrance,
            account=wire.account,
            switches=switches,
            monotonic_us=monotonic_us,
            is_led=lambda: pace.is_led,
            faults=PlannedFaults(plan, lambda: self._exchange.now_us),
        )
        deeds = Deeds(self._exchange, keyring=keyring, save_keys=save_keys, keep_time=pace.keep)
        clock = ClockDesk(pace, is_in_step=is_in_step, market=self.identity, book=book)
        handlers = {**clock.handlers(), **deeds.handlers(), **Console(plan).handlers()}
        return Application(
            wire,
            streams,
            keep_time=pace.keep,
            close=self.close,
            warn=warn,
            admin=Admin(admin_token, handlers),
            is_told_first=switches.user_update == "before",
            line=Line(plan, lambda: self._exchange.now_us),
            date_s=lambda: (self._exchange.now_us + inside.skew_us()) // 1_000_000,
        )

    def adapter(self, keep_time: Callable[[], None] | None = None) -> BaseAdapter:
        """What to mount for `https://` on the official client's session.

        `keep_time` is called before each answer, where the exchange's time is not its user's.
        """
        from trader247.simex.wire.transport import InProcess

        wire = self._wire if keep_time is None else Wire(self._exchange, keep_time=keep_time)
        return InProcess(wire)

    def troubled_adapter(
        self, plan: Plan, *, pass_us: Callable[[int], None], keyring: Keyring | None = None
    ) -> BaseAdapter:
        """The same with a plan of what goes wrong, and with a door that asks for a key.

        What a client waits for in vain, or late, is told to `pass_us` in microseconds: the time
        of the exchange passes there.
        """
        from trader247.simex.faults.hands import Hands
        from trader247.simex.faults.inside import Inside
        from trader247.simex.faults.line import Line
        from trader247.simex.wire.transport import InProcess

        inside = Inside(plan, Hands(self._exchange))
        wire = Wire(self._exchange, keyring=keyring, inside=inside)
        return InProcess(wire, Line(plan, lambda: self._exchange.now_us), pass_us)

    def mirror(self) -> Mirror:
        """What shows this exchange its market, where its feed is a `MirrorFeed`."""
        return Mirror(self._exchange)

    def answer(self, request: Request) -> Reply:
        """Answer a request without any client."""
        return self._wire.answer(request)

    def accounts_json(self) -> Body:
        """Every wallet, in the wire's body."""
        return self._listed(self._wire.account.accounts, "accounts", 250)

    def orders_json(self) -> Body:
        """Every order ever placed, newest first, in the wire's body."""
        every = {"order_placement_source": EVERY_SOURCE}
        return self._listed(self._wire.account.orders, "orders", 1000, **every)

    def fills_json(self) -> Body:
        """Every fill ever made, newest first, in the wire's body."""
        return self._listed(self._wire.account.fills, "fills", 1000)

    def deposit(self, currency: str, amount: Decimal) -> None:
        """Move money in as its owner would, or out with a negative amount.

        Raises:
            InsufficientFunds: there is not that much available.
            StoreFailed: nothing has happened.
        """
        self._exchange.deposit(currency, amount)

    def do(
        self,
        asked: Mapping[str, Any],
        *,
        keyring: Keyring | None = None,
        save_keys: Callable[[], None] | None = None,
    ) -> Body:
        """Do what whoever runs the exchange can do to it, and to its keys where there are any.

        Raises:
            Undone: nothing has happened; it says why.
            StoreFailed: nothing has happened.
        """
        from trader247.simex.deeds.by_name import Deeds

        return Deeds(self._exchange, keyring=keyring, save_keys=save_keys).do(asked)

    def _listed(self, ask: Callable[[Request], Reply], name: str, limit: int, **asked: str) -> Body:
        """All pages of a listing as one."""
        self._exchange.refresh()
        rows: list[Body] = []
        cursor = ""
        while True:
            query = urlencode({"limit": limit, "cursor": cursor, **asked})
            page: Body = json.loads(ask(Request("GET", "", "", query, b"", None)).body)
            rows += page[name]
            cursor = page["cursor"]
            if not cursor:
                return {**page, name: rows}

    def close(self) -> None:
        """Let go of the file."""
        self._exchange.store.close()
