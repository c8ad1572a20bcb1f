"""The live orders of an account: how they meet the book, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from trader247.simex.accounts import Accounts, InsufficientFunds
from trader247.simex.admission import Refused
from trader247.simex.amendment import NotEdited
from trader247.simex.book import Level
from trader247.simex.costs import INTRO, Rates
from trader247.simex.exact import ZERO
from trader247.simex.judging import Judge
from trader247.simex.ledger import Ledger
from trader247.simex.market import Market
from trader247.simex.matching import Match, Resting
from trader247.simex.orders import USUAL_SOURCE, Edit, Fill, Lifetime, Order, Status, Terms
from trader247.simex.rules import Rules
from trader247.simex.stops import Waiting

OPEN_ORDERS_MAX = 500
EDITS_KEPT = 5
_CAUSE = "User requested cancel"


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
        for order in self.live.values():
            terms = order.wanted
            if not order.is_in_book:
                continue
            assert terms.limit is not None
            resting = Resting(order.number, terms.side, terms.limit, order.remaining, order.ahead)
            markets[terms.product_id].matching.resting[order.number] = resting

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
        self.orders += 1
        order = Order(
            number=self.orders,
            order_id=self._name("order", self.orders),
            client_order_id=client_order_id,
            terms=terms,
            configuration=configuration,
            maker_rate=self.rates.maker,
            taker_rate=self.rates.taker,
            created_us=now_us,
            updated_us=now_us,
            source=source,
        )
        if is_one_too_many:
            order.status = Status.FAILED
            order.reject_reason = "TOO_MANY_OPEN_ORDERS"
            self.changed[order.number] = order
            return order
        self._hold(order, hold, now_us)
        self.live[order.number] = order
        self.changed[order.number] = order
        self._waiting.add(order)
        if order.is_in_book:
            self._execute(market, order, now_us)
        return order

    def cancel(self, order: Order, now_us: int, *, cause: str = _CAUSE) -> None:
        """End a live order."""
        order.cancel_message = cause
        self._finish(order, Status.CANCELLED, now_us)

    def ask_to_cancel(self, order: Order, now_us: int) -> None:
        """End a live order as soon as the rules have it; until then it may fill."""
        if not self.rules.cancel_delay_us:
            self.cancel(order, now_us)
            return
        order.status = Status.CANCEL_QUEUED
        order.cancel_due_us = now_us + self.rules.cancel_delay_us
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
            self._waiting.remove(order.number)
            market.matching.remove(order.number)
            order.is_triggered = True
            order.updated_us = now_us
            self.changed[order.number] = order
            self._execute(self._markets[order.terms.product_id], order, now_us)
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
        self._execute(market, order, now_us)

    def is_anything_over(self, until_us: int) -> bool:
        """Whether some live order's time is over at `until_us`."""
        return any(
            end_us is not None and end_us <= until_us
            for order in self.live.values()
            for end_us in (order.terms.end_us, order.cancel_due_us)
        )

    def expire(self, until_us: int) -> None:
        """End every live order whose time is over at `until_us`, each at its own end.

        An order ends at its date, or when the cancel that was asked for comes about.
        """
        if not self.live:
            return
        ended = [
            (end_us, order.number, status)
            for order in self.live.values()
            for end_us, status in (
                (order.cancel_due_us, Status.CANCELLED),
                (order.terms.end_us, Status.EXPIRED),
            )
            if end_us is not None and end_us <= until_us
        ]
        for end_us, number, status in sorted(ended, key=lambda each: each[:2]):
            order = self.live.get(number)
            if order is None:
                continue
            if status is Status.CANCELLED:
                order.cancel_message = _CAUSE
            self._finish(order, status, end_us)

    def book(self, matches: Iterable[Match], time_us: int) -> None:
        """Book what the market's move filled of the resting orders."""
        for match in matches:
            order = self.live[match.number]
            # Orders in one book may have named it differently.
            own = self._markets[order.terms.product_id]
            self.ledger.trade(own, order, match, time_us, is_maker=True)
            self.changed[order.number] = order
            if order.remaining == 0:
                self._finish(order, Status.FILLED, time_us)

    def settle(self) -> tuple[list[Order], list[Fill]]:
        """Everything that changed since the last time: orders and new fills."""
        for order in self.live.values():
            if not order.is_in_book:
                continue
            resting = self._markets[order.terms.product_id].matching.resting[order.number]
            if order.ahead != resting.ahead:
                order.ahead = resting.ahead
                self.changed[order.number] = order
        settled = list(self.changed.values()), self.ledger.fills
        self.changed, self.ledger.fills = {}, []
        return settled

    def _is_one_too_many(self, market: Market, terms: Terms) -> bool:
        return (
            terms.lifetime in (Lifetime.GTC, Lifetime.GTD)
            and len(market.matching.resting) + self._asleep(market) >= OPEN_ORDERS_MAX
        )

    def _asleep(self, market: Market) -> int:
        return sum(
            not order.is_in_book and self._markets[order.terms.product_id] is market
            for order in self._waiting
        )

    def _execute(self, market: Market, order: Order, now_us: int) -> None:
        terms = order.wanted
        matching = market.matching
        # A bracket rests while it waits: it does not take until it is woken.
        walked, is_whole = self.judge.walk(terms)
        is_cut = not is_whole and self.judge.is_cut(terms, walked)
        self._cancel_met(market, order, walked, now_us, is_whole=is_whole or is_cut)
        matches = matching.take(order.number, terms.side, walked)
        spends_all = self.rules.spends_all and terms.quote_size is not None and is_whole
        for match in matches:
            is_rest = spends_all and match is matches[-1]
            self.ledger.trade(market, order, match, now_us, is_maker=False, is_rest=is_rest)
        if is_whole:
            self._finish(order, Status.FILLED, now_us)
        elif terms.lifetime in (Lifetime.IOC, Lifetime.FOK) or is_cut:
            self._finish(order, Status.CANCELLED, now_us)
        else:
            assert terms.limit is not None
            order.ahead = matching.rest(
                number=order.number, side=terms.side, price=terms.limit, lots=order.remaining
            )
            self.changed[order.number] = order

    def _cancel_met(
        self,
        market: Market,
        order: Order,
        walked: list[Level],
        now_us: int,
        *,
        is_whole: bool,
    ) -> None:
        """No one trades with himself: own orders that this one would meet leave the book."""
        terms = order.wanted
        if terms.is_post_only or (terms.lifetime is Lifetime.FOK and not is_whole):
            return
        reach = walked[-1][0] if walked else None
        if terms.limit is not None and not is_whole:
            reach = terms.limit
        if reach is not None:
            for number in market.matching.own_within(terms.side, reach):
                self.cancel(self.live[number], now_us, cause="Self trade prevented")

    def revise(self, order: Order, fill: Fill, price: int | None, time_us: int) -> list[Fill]:
        """Take a fill of an order that has ended back, as `Ledger.revise`."""
        self.changed[order.number] = order
        return self.ledger.revise(self._markets[fill.product_id], order, fill, price, time_us)

    def _hold(self, order: Order, held: Decimal, now_us: int) -> None:
        self.ledger.hold(self._markets[order.terms.product_id], order, held, now_us)

    def _finish(self, order: Order, status: Status, time_us: int) -> None:
        self._markets[order.terms.product_id].matching.remove(order.number)
        self._waiting.remove(order.number)
        self._hold(order, ZERO, time_us)
        order.status = status
        order.cancel_due_us = None
        order.updated_us = time_us
        order.ahead = 0
        del self.live[order.number]
        self.changed[order.number] = order


def _edited(configuration: str, edit: Edit) -> str:
    """An order's configuration with its new price and size."""
    kinds: dict[str, dict[str, object]] = json.loads(configuration)
    for fields in kinds.values():
        fields.update(base_size=edit.size, limit_price=edit.price)
    return json.dumps(kinds, separators=(",", ":"))
