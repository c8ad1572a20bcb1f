"""The live orders of an account: how they meet the book, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from trader247.simex.accounts import Accounts, InsufficientFunds
from trader247.simex.deadlines import Deadline, Timetable
from trader247.simex.exact import ZERO
from trader247.simex.ledger import Ledger
from trader247.simex.market import Market
from trader247.simex.matching import Match, owner
from trader247.simex.orders.amendment import NotEdited
from trader247.simex.orders.attachment import bracket_configuration, bracket_terms
from trader247.simex.orders.costs import INTRO, Rates
from trader247.simex.orders.judging import Judge
from trader247.simex.orders.order import (
    USUAL_SOURCE,
    Edit,
    Fill,
    Lifetime,
    Order,
    Rung,
    Status,
    Terms,
)
from trader247.simex.pit import Pit
from trader247.simex.rules import Rules
from trader247.simex.stops import Waiting
from trader247.simex.wire.refusal import Refused

OPEN_ORDERS_MAX = 500
EDITS_KEPT = 5
_CAUSE = "User requested cancel"


@dataclass(frozen=True, slots=True)
class Renewal:
    """An order that waits, and by which number, name and date one of its terms follows it."""

    order: Order
    number: int
    client_order_id: str
    configuration: str
    end_us: int
    now_us: int


class Desk:
    """The account's live orders on every market; its `ledger` has what they do to the wallets.

    `name` gives the n-th id of a kind. `changed` gathers what is new until `settle`.
    """

    def __init__(
        self,
        *,
        name: Callable[[str, int], str],
        markets: Mapping[str, Market],
        accounts: Accounts,
        live: Iterable[Order] = (),
        orders: int = 0,
        fills: int = 0,
        rules: Rules | None = None,
        rates: Callable[[], Rates] = lambda: INTRO,
    ) -> None:
        self.rules = Rules() if rules is None else rules
        self._rates = rates
        self._name = name
        self._markets = markets
        self.accounts = accounts
        self.ledger = Ledger(name=name, accounts=accounts, count=fills, rules=lambda: self.rules)
        self.judge = Judge(
            markets=markets, accounts=accounts, rules=lambda: self.rules, rates=rates
        )
        self.live = {order.number: order for order in live}
        self.orders = orders
        """Orders ever placed."""
        self.changed: dict[int, Order] = {}
        self._waiting = Waiting(self.live.values())
        self._times = Timetable()
        self._ended: list[Order] = []
        """Orders that have ended since the last look, and bring others along."""
        self._pit = Pit(
            markets=markets,
            judge=self.judge,
            ledger=self.ledger,
            rules=lambda: self.rules,
            cancel=self._cancel_met,
        )
        for order in self.live.values():
            self._pit.restore(order)
            self._times.note(order)

    @property
    def rates(self) -> Rates:
        """What an order that is placed now pays for its fills."""
        return self._rates()

    @property
    def waiting(self) -> int:
        """How many live orders wait for a price."""
        return len(self._waiting)

    def place(
        self,
        *,
        terms: Terms,
        client_order_id: str,
        configuration: str,
        now_us: int,
        source: str = USUAL_SOURCE,
    ) -> Order:
        """Take an order: trade what crosses, rest or cancel what remains.

        Raises:
            Refused: as `judge`; nothing has happened.
        """
        hold = self.judge.hold(terms)
        market = self._markets[terms.product_id]
        is_one_too_many = self._is_one_too_many(market, terms)
        if is_one_too_many and not self.rules.fails_late:
            raise Refused(
                "COMMANDER_REJECTED_NEW_ORDER",
                "UNKNOWN_PREVIEW_FAILURE_REASON",
                "too many open orders",
            )
        order = self._new(
            terms,
            order_id=self._name("order", self.orders + 1),
            client_order_id=client_order_id,
            configuration=configuration,
            now_us=now_us,
            source=source,
        )
        if is_one_too_many:
            _fail(order, "TOO_MANY_OPEN_ORDERS")
            return order
        if terms.attached is not None:
            order.attached_id = self._name("attached", order.number)
        self._hold(order, hold, now_us)
        self.live[order.number] = order
        self._times.note(order)
        self._waiting.add(order)
        if terms.ladder:
            order.rungs = [Rung(price, lots) for price, lots in terms.ladder]
            self._conclude(order, self._pit.climb(order, now_us), now_us)
        elif terms.schedule is not None:
            self._conclude(order, self._pit.come_due(order, now_us), now_us)
        elif order.is_in_book:
            self._execute(order, order.wanted, now_us)
        self._bring_along()
        return order

    def renew(self, renewal: Renewal) -> Order:
        """Let a stop that waits end at its date, and one of its terms wait as another order.

        What the one held of the wallet, the other holds from then on.
        """
        order = renewal.order
        ended_us = order.terms.end_us
        assert ended_us is not None, "an order without a date does not end by itself"
        assert order.terms.is_sleeping, "what is in the book has its place there"
        assert not order.is_triggered, "its price has come"
        assert not order.filled_lots, "it has traded"
        self.orders = renewal.number - 1
        renewed = self._new(
            order.terms.until(renewal.end_us),
            order_id=self._name("order", renewal.number),
            client_order_id=renewal.client_order_id,
            configuration=renewal.configuration,
            now_us=renewal.now_us,
            source=order.source,
        )
        # It waited in no book, and what it held stays held: its end moves nothing else.
        renewed.held, order.held = order.held, ZERO
        order.status, order.updated_us = Status.EXPIRED, ended_us
        self._waiting.remove(order.number)
        del self.live[order.number]
        self._times.drop(order)
        self.changed[order.number] = order
        self.live[renewed.number] = renewed
        self._times.note(renewed)
        self._waiting.add(renewed)
        return renewed

    def _new(
        self,
        terms: Terms,
        *,
        order_id: str,
        client_order_id: str,
        configuration: str,
        now_us: int,
        source: str,
    ) -> Order:
        self.orders += 1
        rates = self.rates
        order = Order(
            number=self.orders,
            order_id=order_id,
            client_order_id=client_order_id,
            terms=terms,
            configuration=configuration,
            maker_rate=rates.maker,
            taker_rate=rates.taker,
            created_us=now_us,
            updated_us=now_us,
            source=source,
        )
        self.changed[order.number] = order
        return order

    def cancel(self, order: Order, now_us: int, *, cause: str = _CAUSE) -> None:
        """End a live order."""
        order.cancel_message = cause
        self._finish(order, Status.CANCELLED, now_us)

    def ask_to_cancel(self, order: Order, now_us: int) -> None:
        """End a live order as soon as the rules have it; until then it may fill."""
        if not self.rules.cancel_delay_us:
            self.cancel(order, now_us)
            self._bring_along()
            return
        order.status = Status.CANCEL_QUEUED
        order.cancel_due_us = now_us + self.rules.cancel_delay_us
        self._times.note(order)
        order.updated_us = now_us
        self.changed[order.number] = order

    def wake(
        self,
        market: Market,
        now_us: int,
        *,
        low: int | None,
        high: int | None,
        is_meant: Callable[[Order], bool] = lambda _: True,
    ) -> bool:
        """Let trades from `low` to `high` reach the stops of those orders that `is_meant` names.

        Whether there were any: they have a limit now, and trade at it what they can.
        """
        names = [name for name, each in self._markets.items() if each.matching is market.matching]
        woken = [each for each in self._waiting.woken(names, low=low, high=high) if is_meant(each)]
        for order in woken:
            # One that came before it may have met it, and have ended it.
            if order.number not in self.live:
                continue
            self._trigger(order, now_us)
        self._bring_along()
        return bool(woken)

    def replace(self, order: Order, terms: Terms, now_us: int) -> None:
        """Give a live order new terms; it keeps its place in the queue only if it just shrinks.

        Raises:
            NotEdited: the wallet does not cover it; nothing has happened.
        """
        market = self._markets[terms.product_id]
        old = order.terms
        assert terms.lots is not None
        assert old.lots is not None
        order.terms = terms
        try:
            self._hold(order, self.judge.hold_of(order), now_us)
        except InsufficientFunds:
            order.terms = old
            raise NotEdited("COMMANDER_REJECTED_EDIT_ORDER", "PREVIEW_INSUFFICIENT_FUND") from None
        assert terms.limit is not None
        edit = Edit(market.price.text(terms.limit), market.size.text(terms.lots), now_us)
        order.edits = (*order.edits, edit)[-EDITS_KEPT:]
        order.configuration = _edited(order.configuration, edit)
        order.updated_us = now_us
        self.changed[order.number] = order
        if not order.is_in_book:
            return
        if terms.limit == old.limit and terms.lots < old.lots:
            market.matching.shrink(order.number, order.remaining)
            return
        market.matching.remove(order.number)
        self._execute(order, order.wanted, now_us)
        self._bring_along()

    def is_anything_over(self, until_us: int) -> bool:
        """Whether some live order's time is over at `until_us`; asked at each step of time."""
        return self._times.is_anything_over(until_us, late_us=self.rules.end_late_us)

    def expire(self, until_us: int) -> None:
        """Let all come about whose time is over at `until_us`, each at its own time.

        An order ends at its date, or when the cancel that was asked for comes about.
        """
        if not self.is_anything_over(until_us):
            return
        while due := self._times.due(until_us, late_us=self.rules.end_late_us):
            for time_us, number, deadline in due:
                order = self.live.get(number)
                if order is None:
                    continue
                if deadline is Deadline.BUCKET:
                    self._conclude(order, self._pit.come_due(order, time_us), time_us)
                    # The next one may be due before what is due of others.
                    break
                if deadline is Deadline.CANCEL:
                    order.cancel_message = _CAUSE
                is_cancel = deadline is Deadline.CANCEL
                self._finish(order, Status.CANCELLED if is_cancel else Status.EXPIRED, time_us)
            self._bring_along()

    def book(self, matches: Iterable[Match], time_us: int) -> None:
        """Book what the market's move filled of the resting orders."""
        for match in matches:
            order = self.live[owner(match.number)]
            # Orders in one book may have named it differently.
            own = self._markets[order.terms.product_id]
            self.ledger.trade(own, order, match, time_us, is_maker=True)
            self.changed[order.number] = order
            if order.remaining == 0:
                self._finish(order, Status.FILLED, time_us)
        self._bring_along()

    def passed(self, market: Market, before: int, matches: list[Match], time_us: int) -> None:
        """What a market's move from the price `before` does to the orders in it."""
        if matches:
            self.book(matches, time_us)
        if self.waiting and market.last != before:
            low, high = sorted((before, market.last))
            self.wake(market, time_us, low=low, high=high)

    def settle(self) -> tuple[list[Order], list[Fill]]:
        """Everything that changed since the last time: orders and new fills."""
        for order in self.live.values():
            if self._pit.has_moved_up(order):
                self.changed[order.number] = order
        settled = list(self.changed.values()), self.ledger.fills
        self.changed, self.ledger.fills = {}, []
        return settled

    def _is_one_too_many(self, market: Market, terms: Terms) -> bool:
        if len(market.matching.resting) + len(self._waiting) + len(terms.parts) <= OPEN_ORDERS_MAX:
            return False
        return (
            terms.lifetime in (Lifetime.GTC, Lifetime.GTD)
            and len(market.matching.resting) + self._asleep(market) + len(terms.parts)
            > OPEN_ORDERS_MAX
        )

    def _asleep(self, market: Market) -> int:
        return sum(
            not order.is_in_book and self._markets[order.terms.product_id] is market
            for order in self._waiting
        )

    def _execute(self, order: Order, terms: Terms, now_us: int) -> None:
        """Let an order meet the book by these terms, and end it where that ends it."""
        self._conclude(order, self._pit.meet(order, terms, now_us), now_us)

    def _conclude(self, order: Order, status: Status | None, now_us: int) -> None:
        self.changed[order.number] = order
        if status is not None:
            self._finish(order, status, now_us)

    def _cancel_met(self, number: int, now_us: int) -> None:
        if number in self.live:
            self.cancel(self.live[number], now_us, cause="Self trade prevented")

    def _bring_along(self) -> None:
        """Place the brackets of the orders that have ended with something bought."""
        while self._ended:
            parent = self._ended.pop(0)
            self._attach(parent, parent.updated_us)

    def _attach(self, parent: Order, now_us: int) -> None:
        """Place a bracket over what an order bought.

        Where it is sold already, or there are too many orders, the bracket has failed.
        """
        market = self._markets[parent.terms.product_id]
        child = self._new(
            bracket_terms(parent),
            order_id=parent.attached_id,
            client_order_id=self._name("attached-client", parent.number),
            configuration=bracket_configuration(parent, market),
            now_us=now_us,
            source=parent.source,
        )
        child.originating_id = parent.order_id
        if self._is_one_too_many(market, child.terms):
            _fail(child, "TOO_MANY_OPEN_ORDERS")
            return
        try:
            self._hold(child, market.size.decimal(child.remaining), now_us)
        except InsufficientFunds:
            _fail(child, "HOLD_FAILURE")
            return
        self.live[child.number] = child
        self._waiting.add(child)
        self._begin_bracket(market, child, now_us)

    def _begin_bracket(self, market: Market, child: Order, now_us: int) -> None:
        """Let a bracket stand: the market may be beyond one of its prices already."""
        terms = child.terms
        assert terms.stop is not None
        assert terms.limit is not None
        is_taking = market.flags.is_taking
        if is_taking and terms.stop.is_reached(low=market.last, high=market.last):
            self._trigger(child, now_us)
        elif is_taking and market.matching.is_crossing(terms.side, terms.limit):
            self._execute(child, replace(terms, stop=None), now_us)
        else:
            self._execute(child, child.wanted, now_us)

    def _trigger(self, order: Order, now_us: int) -> None:
        self._waiting.remove(order.number)
        self._pit.leave(order)
        order.is_triggered = True
        order.updated_us = now_us
        self._execute(order, order.wanted, now_us)

    def revise(self, order: Order, fill: Fill, price: int | None, time_us: int) -> list[Fill]:
        """Take a fill of an order that has ended back, as `Ledger.revise`."""
        self.changed[order.number] = order
        return self.ledger.revise(self._markets[fill.product_id], order, fill, price, time_us)

    def _hold(self, order: Order, held: Decimal, now_us: int) -> None:
        self.ledger.hold(self._markets[order.terms.product_id], order, held, now_us)

    def _finish(self, order: Order, status: Status, time_us: int) -> None:
        self._pit.leave(order)
        order.rungs = []
        self._waiting.remove(order.number)
        self._hold(order, ZERO, time_us)
        order.status = status
        order.cancel_due_us = None
        order.updated_us = time_us
        order.ahead = 0
        del self.live[order.number]
        self._times.drop(order)
        self.changed[order.number] = order
        if order.terms.attached is not None and order.filled_lots:
            self._ended.append(order)


def _fail(order: Order, reason: str) -> None:
    order.status = Status.FAILED
    order.reject_reason = reason


def _edited(configuration: str, edit: Edit) -> str:
    """An order's configuration with its new price and size."""
    kinds: dict[str, dict[str, object]] = json.loads(configuration)
    for fields in kinds.values():
        fields.update(base_size=edit.size, limit_price=edit.price)
    return json.dumps(kinds, separators=(",", ":"))
