"""What somebody moved, or sold by hand, as the trader books it once that was explained."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from trader247.truth.exact import NONE, exact
from trader247.truth.facts import Fill
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class SoldByHand(Promise):
    """What is booked as sold by hand was sold so: a sale that the exchange made of no order of
    ours, with its price and its fee, and each such sale once.

    Whoever explains it may state a price instead; what he states is his to know. What an order of
    ours sold by fills that were set aside, and that somebody accepted, is asked for elsewhere.
    """

    id = "I8"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._sales: list[Fill] = []
        """Sales by hand that nothing was booked by yet."""
        self._stated: set[str] = set()
        """Products that somebody stated a price of."""

    def on_asked(self, record: Told) -> Wrong:
        prices = record["arguments"].get("prices", "")
        self._stated |= {each.partition("=")[0].upper() for each in prices.split()}
        return []

    def on_exchange(self, record: Told) -> Wrong:
        fills = [self.world.fills[row["entry_id"]] for row in record["fills"]]
        self._sales += [
            each
            for each in fills
            if each.side == "SELL" and each.kind == "FILL" and not each.is_ours
        ]
        return []

    def event_lots_sold_by_hand(self, payload: Told, _: Told) -> Wrong:
        product = payload["product"]
        if product in self._stated or self.world.is_due:
            return []
        told = product, exact(payload["quantity"]), exact(payload["price"]), exact(payload["fee"])
        for each in reversed(self._sales):
            if (each.product, each.size, each.price, each.fee) == told:
                self._sales.remove(each)
                return []
        sold = f"{payload['quantity']} {product} at {payload['price']}, fee {payload['fee']}"
        return [f"{sold}: booked as sold by hand, and no sale that is not booked was that"]


class Explained(Promise):
    """What comes in as capital, or goes out, is what somebody moved: no order of ours explains it.

    All that was explained since the beginning comes to what was moved by then: money put in and
    taken out, and what was traded by hand. A reading is half a minute old at the most. It is not
    asked once fills were taken back or set aside, or a journal was gone back to.
    """

    id = "I9"

    _OLD_US, _NEAR = 30 * SECOND_US, Fraction(1, 10_000)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._moved = self._told = NONE
        self._before: deque[tuple[int, Fraction]] = deque(maxlen=64)
        """What had been moved before each movement, and until when."""
        self._is_open = self._is_new = self._is_over = False

    def on_restored(self, _: Told) -> Wrong:
        self._is_over = True
        return []

    def _move(self, amount: Fraction) -> None:
        self._before.append((self.world.now_us, self._moved))
        self._moved += amount

    def on_moved(self, record: Told) -> Wrong:
        if record["currency"] == self.world.quote:
            self._move(exact(record["amount"]))
        return []

    def on_exchange(self, record: Told) -> Wrong:
        for row in record["fills"]:
            fill = self.world.fills[row["entry_id"]]
            if not fill.is_ours and fill.sign:
                self._move(-fill.sign * fill.size * fill.price - fill.fee)
        return []

    def event_cash_flowed(self, payload: Told, _: Told) -> Wrong:
        if self._is_open:
            self._told += exact(payload["amount"])
            self._is_new = True
        self._is_open = True
        return []

    def event_lots_sold_by_hand(self, payload: Told, _: Told) -> Wrong:
        worth = exact(payload["price"]) * exact(payload["quantity"])
        self._told += worth - exact(payload["fee"])
        self._is_new = True
        return []

    def on_journal(self, _: Told) -> Wrong:
        world = self.world
        is_new, self._is_new = self._is_new, False
        if not is_new or self._is_over or world.irregular or world.quarantined:
            return []
        since_us = world.now_us - self._OLD_US
        known = [moved for until_us, moved in self._before if until_us >= since_us]
        if any(abs(self._told - each) <= self._NEAR for each in (self._moved, *known)):
            return []
        return [
            f"{float(self._told):.4f} was explained as moved by hand so far, and "
            f"{float(self._moved):.4f} was moved"
        ]
