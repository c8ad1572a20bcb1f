"""Where live orders meet the book: what they take at once, what rests, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from trader247.simex.book import Level, Side
from trader247.simex.ledger import Ledger
from trader247.simex.market import Market
from trader247.simex.matching import Resting, owner, place
from trader247.simex.orders.judging import Judge
from trader247.simex.orders.order import Lifetime, Order, Rung, Status, Terms
from trader247.simex.rules import Rules


class Pit:
    """The account's orders in the books of all markets.

    `cancel` ends the order of a number, where it still lives, because it would meet another one.
    """

    def __init__(
        self,
        *,
        markets: Mapping[str, Market],
        judge: Judge,
        ledger: Ledger,
        rules: Callable[[], Rules],
        cancel: Callable[[int, int], None],
    ) -> None:
        self._markets = markets
        self._judge = judge
        self._ledger = ledger
        self._rules = rules
        self._cancel = cancel

    def restore(self, order: Order) -> None:
        """Let an order rest where it stood."""
        terms = order.wanted
        resting = self._markets[terms.product_id].matching.resting
        for at, rung in enumerate(order.rungs):
            if rung.lots:
                name = place(order.number, at)
                resting[name] = Resting(name, terms.side, rung.price, rung.lots, rung.ahead)
        if order.is_in_book:
            assert terms.limit is not None
            resting[order.number] = Resting(
                order.number, terms.side, terms.limit, order.remaining, order.ahead
            )

    def leave(self, order: Order) -> None:
        """Take all of an order out of the book."""
        matching = self._markets[order.terms.product_id].matching
        for at in range(max(1, len(order.rungs))):
            matching.remove(place(order.number, at))

    def has_moved_up(self, order: Order) -> bool:
        """Note where an order stands in the queue; whether that is another place."""
        resting = self._markets[order.terms.product_id].matching.resting
        if not resting:
            return False  # nearly every order is a stop that waits, in a market where nothing rests
        is_moved = False
        for at, rung in enumerate(order.rungs):
            stands = resting.get(place(order.number, at))
            if stands is not None and stands.ahead != rung.ahead:
                rung.ahead, is_moved = stands.ahead, True
        if order.is_in_book and resting[order.number].ahead != order.ahead:
            order.ahead, is_moved = resting[order.number].ahead, True
        return is_moved

    def meet(self, order: Order, terms: Terms, now_us: int) -> Status | None:
        """Trade what an order takes of `terms`, and let the remainder rest.

        How it ends by that; None where it lives on.
        """
        market = self._markets[terms.product_id]
        is_whole, is_cut = self._take(market, order, terms, now_us)
        if is_whole:
            return Status.FILLED
        if terms.lifetime in (Lifetime.IOC, Lifetime.FOK) or is_cut:
            return Status.CANCELLED
        assert terms.limit is not None
        order.ahead = market.matching.rest(
            number=order.number, side=terms.side, price=terms.limit, lots=order.remaining
        )
        return None

    def climb(self, order: Order, now_us: int) -> Status | None:
        """The same with an order in parts, the rung next to the market first.

        A rung that the price band stops ends a ladder; a schedule's waits for its next bucket.
        """
        terms = order.terms
        market = self._markets[terms.product_id]
        by_price = sorted(enumerate(order.rungs), key=lambda each: each[1].price)
        for at, rung in reversed(by_price) if terms.side is Side.BUY else by_price:
            part = replace(terms, limit=rung.price, lots=rung.lots, ladder=(), schedule=None)
            is_whole, is_cut = self._take(market, order, part, now_us, at)
            if is_cut and terms.ladder:
                return Status.CANCELLED
            if is_cut:
                rung.lots = 0
            elif not is_whole:
                rung.ahead = market.matching.rest(
                    number=place(order.number, at),
                    side=terms.side,
                    price=rung.price,
                    lots=rung.lots,
                )
        return None if order.remaining else Status.FILLED

    def come_due(self, order: Order, now_us: int) -> Status | None:
        """Let the buckets of an order's schedule that have begun trade what is due of it.

        While the product does not take orders like it, a bucket joins the next one.
        """
        terms, schedule = order.terms, order.terms.schedule
        assert schedule is not None
        assert terms.limit is not None
        assert terms.lots is not None
        order.begun = schedule.begun(now_us)
        market = self._markets[terms.product_id]
        if order.begun == 0 or not market.flags.is_taking:
            return None
        self.leave(order)
        due = schedule.due(order.begun, terms.lots) - order.filled_lots
        order.rungs = [Rung(terms.limit, due)]
        return self.climb(order, now_us)

    def _take(
        self, market: Market, order: Order, terms: Terms, now_us: int, at: int = 0
    ) -> tuple[bool, bool]:
        """Trade what crosses: whether that is all, and whether the price band stopped it."""
        # A bracket rests while it waits: it does not take until it is woken.
        walked, is_whole = self._judge.walk(terms)
        is_cut = not is_whole and self._judge.is_cut(terms, walked)
        self._cancel_met(market, terms, walked, now_us, is_whole=is_whole or is_cut)
        matches = market.matching.take(place(order.number, at), terms.side, walked)
        spends_all = self._rules().spends_all and terms.quote_size is not None and is_whole
        for match in matches:
            is_rest = spends_all and match is matches[-1]
            self._ledger.trade(market, order, match, now_us, is_maker=False, is_rest=is_rest)
        return is_whole, is_cut

    def _cancel_met(
        self, market: Market, terms: Terms, walked: list[Level], now_us: int, *, is_whole: bool
    ) -> None:
        """No one trades with himself: own orders that this one would meet leave the book."""
        if terms.is_post_only or (terms.lifetime is Lifetime.FOK and not is_whole):
            return
        reach = walked[-1][0] if walked else None
        if terms.limit is not None and not is_whole:
            reach = terms.limit
        if reach is not None:
            for name in market.matching.own_within(terms.side, reach):
                self._cancel(owner(name), now_us)
