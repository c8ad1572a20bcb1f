"""What a person accepts of an order whose fills were set aside: all that lacked, and no more."""

from __future__ import annotations

from trader247.truth.exact import exact, plain
from trader247.truth.promise import Promise, Told, Wrong


class Accepted(Promise):
    """Fills that somebody accepts were set aside before, each is accepted once, and each is what
    the exchange made of that order, in every figure. They are all that lacked of it: it is over.

    In the same breath they move cash and coins by exactly what they are: coins of the trader's own
    are sold at their price, foreign ones go as far as any are known, and all else is capital.
    """

    id = "I7"

    def event_fills_accepted(self, payload: Told, _: Told) -> Wrong:
        world, name = self.world, payload["client_order_id"]
        found = []
        for told in payload["fills"]:
            found += self._one(told, name)
            world.accepted.add(told["entry_id"])
        order, intent = world.by_name.get(name), world.intents.get(name)
        if order is None or intent is None or not payload["fills"]:
            return [*found, f"{name} was ended by fills, and is no order that has any"]
        if order.is_live:
            found.append(f"{name} was ended by fills that were set aside, and goes on")
        if order.filled != intent.booked:
            found.append(
                f"{name} was ended by fills that were set aside: {plain(intent.booked)} of it are "
                f"known, {plain(order.filled)} are filled"
            )
        return found

    def _one(self, told: Told, name: str) -> Wrong:
        entry, world = told["entry_id"], self.world
        fill = world.fills.get(entry)
        if fill is None:
            return [f"fill {entry} was accepted, and the exchange never made it"]
        found = []
        if entry in world.accepted:
            found.append(f"fill {entry} was accepted twice")
        if entry not in world.quarantined:
            found.append(f"fill {entry} was accepted, and was not set aside")
        if fill.kind != "FILL":
            found.append(f"entry {entry} is a {fill.kind}, and was accepted as a fill")
        if world.orders[fill.order_id].name != name:
            found.append(f"fill {entry} was accepted for {name}, and is another order's")
        ours = (
            told["product"],
            told["side"],
            *(exact(told[each]) for each in ("price", "quantity", "fee")),
        )
        if ours != (fill.product, fill.side, fill.price, fill.size, fill.fee):
            found.append(f"fill {entry} was accepted with other figures than it has")
        return found

    def on_journal(self, _: Told) -> Wrong:
        due, self.world.due = self.world.due, []
        return [
            f"what was accepted did not move what it should have: {what} {name} {plain(size)} "
            f"{plain(money)} {plain(fee)}".replace("  ", " ")
            for what, name, size, money, fee in due
        ]
