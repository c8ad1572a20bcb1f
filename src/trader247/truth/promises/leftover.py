"""What a sale leaves behind can be sold as well."""

from __future__ import annotations

from trader247.truth.exact import NONE, plain
from trader247.truth.promise import Promise, Told, Wrong


class LeftOver(Promise):
    """No sale leaves so little of a position that the exchange does not sell it, where it could
    have sold a little less.

    At the sale's own limit, by what the exchange sells of the product at the least, where that is
    told; of what is there in full, without a difference of its coins. Less than a step of its
    quantities is nobody's to sell.
    """

    id = "I17"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        product = intent.product
        is_sale = (intent.side, intent.order_type) == ("SELL", "limit_ioc")
        if not is_sale or intent.name in world.by_name or product not in world.least:
            return []
        base, held = world.bases[product], world.book.held(product)
        total, _hold = world.wallets.get(base, (NONE, NONE))
        if total < held or base in world.differing:
            return []
        step, base_min, quote_min = world.least[product]
        least = max(base_min, step, -(-quote_min / intent.price // step) * step)
        whole = held // step * step
        left = whole - intent.size
        if left <= 0 or left >= least or whole - least < least:
            return []
        return [f"{intent.name} leaves {plain(left)} {product}, of which {plain(least)} is sold"]
