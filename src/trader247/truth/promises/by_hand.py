"""What somebody sold by hand, as the trader books it once that was explained."""

from __future__ import annotations

from trader247.truth.exact import exact
from trader247.truth.facts import Fill
from trader247.truth.promise import Promise, Told, Wrong
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
