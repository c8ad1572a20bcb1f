"""The exchange itself: a clock, its markets, its desk, and the file that makes them last.

Time only passes in `advance`. Each change is committed before its caller hears of it; should a
commit fail, the exchange stands again where the last one left it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL

from trader247.domain.ids import derived_name
from trader247.simex.accounts import Accounts, InsufficientFunds
from trader247.simex.alias import canonical
from trader247.simex.beginning import begin
from trader247.simex.calendar import Calendar
from trader247.simex.changes import Changes, Committed
from trader247.simex.connection import sound
from trader247.simex.desk import Desk
from trader247.simex.errors import ReadOnly, StoreFailed
from trader247.simex.exact import ZERO
from trader247.simex.feeds.feed import Feed, FeedEnded
from trader247.simex.fees import Fees, FeeTerms
from trader247.simex.hall import Hall
from trader247.simex.history import History
from trader247.simex.market import Flags, Market
from trader247.simex.matching import Match, owner
from trader247.simex.orders.admission import read_terms
from trader247.simex.orders.amendment import amended
from trader247.simex.orders.order import USUAL_SOURCE, Fill, Kind, Order, Status, Terms
from trader247.simex.rules import Rules
from trader247.simex.store import Query, Store
from trader247.simex.turnover import Turnover, turnover
from trader247.simex.watching import Unwatched, Watcher
from trader247.simex.wire.refusal import Refused, Rejection

_FILLS_MAX = 1_000_000
_COMMIT_EVERY = 240  # minutes of one long advance that share a transaction


Configuration = Mapping[str, Mapping[str, Any]]


class Exchange:
    """One simulated exchange; without a feed it can only be looked at.

    `now_us` is its clock in microseconds since 1970. Whether the second names of products are open
    to clients is `has_aliases`.
    """

    now_us: int
    desk: Desk

    def __init__(self, store: Store, feed: Feed | None, funding: Mapping[str, Decimal]) -> None:
        self.store = store
        self._feed = feed
        self._hall = Hall(store, feed)
        self._is_astray = False
        self.has_aliases = False
        self.watcher: Watcher = Unwatched()
        self._rules = Rules()
        self.fees = Fees(
            FeeTerms(), traded=self._traded, balance=self._usdc, now_us=lambda: self.now_us
        )
        self.calendar = Calendar()
        if feed is not None:
            store.check(feed)
            if not store.is_begun:
                begin(store, feed, funding, self.name)
        self._load()
        if feed is not None and self._hall.due_us <= self.now_us:
            self.advance(self.now_us)

    def name(self, kind: str, number: int) -> str:
        """The n-th id of a kind: the same on every run of the same market."""
        return derived_name(NAMESPACE_URL.bytes, f"{self.store.identity.identity}/{kind}/{number}")

    @property
    def rules(self) -> Rules:
        """What it does where Coinbase is not known for sure."""
        return self._rules

    @rules.setter
    def rules(self, rules: Rules) -> None:
        self._rules = self.desk.rules = rules

    @property
    def minute(self) -> int:
        """The minute that the markets are in."""
        return self._hall.minute

    @property
    def points(self) -> int:
        """How many of the minute's points they have passed."""
        return self._hall.points

    @property
    def markets(self) -> dict[str, Market]:
        """The books by product."""
        return self._hall.markets

    @property
    def listed(self) -> dict[str, Market]:
        """The same with their second names."""
        return self._hall.listed

    @property
    def history(self) -> History:
        """The closed minutes."""
        return self._hall.history

    def advance(self, to_us: int) -> None:
        """Let time pass until `to_us`: the markets move, orders fill and expire, all is committed.

        Raises:
            FeedEnded: the market ends before that; the clock stands at its end.
            StoreFailed: nothing has happened.
            ReadOnly: time does not pass for an onlooker.
        """
        self._check_writable()
        assert to_us >= self.now_us, "time does not run backwards"
        end_us = to_us
        while (due_us := self._hall.due_us) <= to_us:
            self.desk.expire(due_us)
            self._hall.keep(self.calendar, due_us)
            try:
                self._hall.pass_point(self.calendar, partial(self._passed, due_us))
            except FeedEnded:
                end_us = due_us
                break
            self.now_us = due_us
            self.watcher.moved()
            if len(self._hall.minutes) >= _COMMIT_EVERY:
                self._commit()
        self.desk.expire(end_us)
        self.now_us = end_us
        self._hall.keep(self.calendar, end_us)
        self._commit()
        if end_us < to_us:
            raise FeedEnded(f"{self.store.identity.label} ends at {end_us // 1_000_000} s")

    def drift(self, to_us: int) -> None:
        """Let time pass as `advance` does, but write down only a time at which something happens.

        After a crash the clock may stand where something last happened. Raises as `advance`.
        """
        self.refresh()
        if to_us <= self.now_us:
            return
        is_quiet = self._hall.due_us > to_us and not self.desk.is_anything_over(to_us)
        if is_quiet and not self.calendar.has_edge(self.now_us, to_us):
            self.now_us = to_us
        else:
            self.advance(to_us)

    def trade_through(
        self,
        product_id: str,
        *,
        low: int | None,
        high: int | None,
        lots: int,
        has_rested: Callable[[Order], bool],
    ) -> None:
        """Fill what trades of another market went through, as `Matching.trade_through` says.

        Raises:
            StoreFailed: nothing has happened.
        """
        self._check_writable()
        live = self.desk.live
        matches = self.markets[product_id].matching.trade_through(
            low=low, high=high, volume=lots, has_rested=lambda name: has_rested(live[owner(name)])
        )
        if matches:
            self.desk.book(matches, self.now_us)
        is_any_awake = self.desk.wake(
            self.markets[product_id], self.now_us, low=low, high=high, is_meant=has_rested
        )
        if matches or is_any_awake:
            self._commit()

    def find(self, product_id: str) -> Market | None:
        """The product of this id; one that is only a second name, where those are open."""
        return (self.listed if self.has_aliases else self.markets).get(product_id)

    def book_of(self, product_id: str) -> str:
        """The product whose book this one has: itself, unless it is a second name."""
        return canonical(self.listed[product_id]).listing.product_id

    def read_terms(
        self,
        *,
        product_id: str,
        side: str,
        configuration: Configuration,
        attached: Configuration | None = None,
    ) -> Terms:
        """What an order asks for, and the one that it brings along. Raises Refused."""
        market = self.find(product_id)
        return read_terms(
            market=market,
            side=side,
            configuration=configuration,
            now_us=self.now_us,
            rules=self.rules,
            attached=attached,
        )

    def place(
        self,
        *,
        client_order_id: str,
        product_id: str,
        side: str,
        configuration: Configuration,
        attached: Configuration | None = None,
        source: str = USUAL_SOURCE,
    ) -> Order | Rejection:
        """Take an order, once: a client order id that is known answers with its first order.

        Raises:
            StoreFailed: nothing has happened.
        """
        known = self.store.order_of_client(client_order_id)
        if known is not None:
            return known
        self._check_writable()
        try:
            order = self.desk.place(
                terms=self.read_terms(
                    product_id=product_id,
                    side=side,
                    configuration=configuration,
                    attached=attached,
                ),
                client_order_id=client_order_id,
                configuration=json.dumps(configuration, separators=(",", ":")),
                now_us=self.now_us,
                source=source,
            )
        except Refused as refused:
            return refused.rejection
        self._commit()
        return order

    def cancel(self, order_ids: Sequence[str]) -> list[str | None]:
        """Cancel orders: for each the wire's reason why not, or None where it is cancelled.

        Raises:
            StoreFailed: nothing has happened.
        """
        self._check_writable()
        live = {order.order_id: order for order in self.desk.live.values()}
        answers: list[str | None] = []
        for place, order_id in enumerate(order_ids):
            if order_id in order_ids[:place]:
                answers.append("DUPLICATE_CANCEL_REQUEST")
            elif order_id in live:
                if live[order_id].status is Status.CANCEL_QUEUED:
                    answers.append("DUPLICATE_CANCEL_REQUEST")
                    continue
                self.desk.ask_to_cancel(live[order_id], self.now_us)
                answers.append(None)
            else:
                order = self.store.order(order_id)
                is_filled = order is not None and order.status is Status.FILLED
                answers.append("ORDER_IS_FULLY_FILLED" if is_filled else "UNKNOWN_CANCEL_ORDER")
        if self.desk.changed:
            self._commit()
        return answers

    def fill_resting(self, order_id: str, *, hundredths: int, lots_max: int | None = None) -> bool:
        """Let somebody trade with a resting order at its limit: so much of what remains, upwards,
        and no more than `lots_max`.

        Whether there was one.

        Raises:
            StoreFailed: nothing has happened.
        """
        self._check_writable()
        for order in self.desk.live.values():
            if order.order_id != order_id:
                continue
            matching = self.listed[order.terms.product_id].matching
            for name in [each for each in matching.resting if owner(each) == order.number]:
                lots = -(-order.remaining * hundredths // 100)
                lots = lots if lots_max is None else min(lots, lots_max)
                self.desk.book([matching.meet(name, lots)], self.now_us)
                self._commit()
                return True
        return False

    def amended(self, order_id: str, *, price: object, size: object) -> tuple[Order, Terms]:
        """An order, and its terms with a new price and size. Raises NotEdited."""
        order = next((each for each in self.desk.live.values() if each.order_id == order_id), None)
        if order is None:
            order = self.store.order(order_id)
        market = None if order is None else self.listed[order.terms.product_id]
        terms = amended(order, market, price=price, size=size)
        assert order is not None
        return order, terms

    def edit(self, order_id: str, *, price: object, size: object) -> None:
        """Give a resting order a new price and size.

        Raises:
            NotEdited: it stays as it is.
            StoreFailed: nothing has happened.
        """
        self._check_writable()
        order, terms = self.amended(order_id, price=price, size=size)
        self.desk.replace(order, terms, self.now_us)
        self._commit()

    def deposit(self, currency: str, amount: Decimal) -> None:
        """Move money in, or out with a negative amount. Raises InsufficientFunds, StoreFailed."""
        self._check_writable()
        self.desk.ledger.fund(currency, amount, self.now_us)
        self._commit()

    def set_flags(self, product_id: str, flags: Flags) -> None:
        """Open or close a product. Raises KeyError, StoreFailed."""
        self._check_writable()
        self.markets[product_id].flags = flags
        self._hall.keep(self.calendar, self.now_us)
        self._commit()

    def revise(self, fill: Fill, price: int | None) -> list[Fill]:
        """Take a fill back, and let it come again at `price` if there is one: the new rows.

        Raises:
            InsufficientFunds: what it brought is spent; nothing has happened.
            StoreFailed: nothing has happened.
        """
        self._check_writable()
        order = self.store.order(fill.order_id)
        assert order is not None
        try:
            rows = self.desk.revise(order, fill, price, self.now_us)
        except InsufficientFunds:
            self._load()
            raise
        self._commit()
        return rows

    def note(self, fill: Fill) -> Fill:
        """Add a row like this fill's that moves nothing. Raises StoreFailed."""
        self._check_writable()
        row = self.desk.ledger.note(fill, Kind.SYNTHETIC, self.now_us)
        self._commit()
        return row

    def schedule(self, calendar: Calendar) -> None:
        """Let this happen at its time. Raises StoreFailed."""
        self._check_writable()
        self.calendar = calendar.without_past(self.now_us, self.minute)
        self._hall.keep(self.calendar, self.now_us)
        self._commit()

    @property
    def is_closed(self) -> bool:
        """Whether it is under maintenance as a whole, and answers nobody."""
        return self.calendar.is_closed(self.now_us)

    def charge(self, terms: FeeTerms) -> None:
        """Charge the account by these terms from now on. Raises StoreFailed."""
        self._check_writable()
        self.fees.change(terms)
        self._commit()

    def _traded(self, from_us: int, to_us: int) -> Turnover:
        """What was traded from one time up to another."""
        query = Query()
        query.where("time_us >= ?", from_us)
        query.where("time_us < ?", to_us)
        pending = [each for each in self.desk.ledger.fills if from_us <= each.time_us < to_us]
        return turnover((*self.store.fills(query, _FILLS_MAX), *pending), self.listed)

    def _usdc(self) -> Decimal:
        wallet = self.desk.accounts.find("USDC")
        return ZERO if wallet is None else wallet.total

    def refresh(self) -> None:
        """Look at what the writing process has committed meanwhile. Raises StoreFailed."""
        is_changed = self._feed is None and self.store.stamp != self._stamp
        if is_changed or self._is_astray:
            self._load()

    def _check_writable(self) -> None:
        if self._feed is None:
            raise ReadOnly("this exchange was opened read-only")
        self.refresh()

    def _passed(self, due_us: int, market: Market, before: int, matches: list[Match]) -> None:
        """What a market's move does to the orders in it."""
        self.desk.passed(market, before, matches, due_us)

    def _load(self) -> None:
        """Stand where the last commit stands. Raises StoreFailed."""
        with sound(self.store.path):
            self._stand(self.store.committed())
        self._is_astray = False

    def _stand(self, last: Committed) -> None:
        state = last.state
        self._stamp = last.stamp
        self.now_us = int(state["now_us"])
        self._hall.stand(last)
        self.desk = Desk(
            name=self.name,
            markets=self.listed,
            accounts=Accounts(last.accounts),
            live=last.live,
            orders=int(state["orders"]),
            fills=int(state["fills"]),
            rules=self._rules,
            rates=lambda: self.fees.rates,
        )
        self.fees.change(FeeTerms.from_json(state.get("terms", {})))
        self.calendar = Calendar.from_json(state.get("calendar", {}))
        self._hall.keep(self.calendar, self.now_us)

    def _commit(self) -> None:
        self.watcher.settling()
        orders, fills = self.desk.settle()
        changes = Changes(
            state=self._state(),
            orders=orders,
            fills=fills,
            accounts=list(self.desk.accounts.changed.values()),
            minutes=self._hall.minutes,
            feed_state=self._hall.feed_state(),
        )
        try:
            self.store.commit(changes)
        except StoreFailed:
            # Memory holds what never happened: nothing may build on it before a load succeeds.
            self._is_astray = True
            self.watcher.undone()
            self._load()
            raise
        self.desk.accounts.changed.clear()
        self._hall.minutes = []
        self.watcher.settled()

    def _state(self) -> dict[str, Any]:
        return {
            "now_us": self.now_us,
            "orders": self.desk.orders,
            "fills": self.desk.ledger.count,
            "terms": self.fees.terms.to_json(),
            "calendar": self.calendar.to_json(),
            **self._hall.state(),
        }
