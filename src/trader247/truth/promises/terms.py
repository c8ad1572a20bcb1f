"""What an order may say: of what and how much, for how long, at which price, decided when."""

from __future__ import annotations

import heapq
import json
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import ClassVar

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import Intent
from trader247.truth.paths import ACCOUNTS, ORDERS
from trader247.truth.promise import Lasting, Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World

_OK = 200
_DECIDED_US = 2_500_000
"""How long before it leaves an order may have been decided."""


class Selling(Promise):
    """Nothing is sold that is not held, nothing is borrowed, and no market order exists.

    What is held is what fills of our orders add up to at the exchange, whatever the trader read of
    them; sales that rest count against it.
    """

    id = "I12"

    _KINDS: ClassVar = {
        "limit_limit_gtd": {"base_size", "limit_price", "end_time", "post_only"},
        "sor_limit_ioc": {"base_size", "limit_price"},
        "stop_limit_stop_limit_gtd": {
            "base_size", "limit_price", "stop_price", "stop_direction", "end_time",
        },
    }  # fmt: skip
    _DOWN = "STOP_DIRECTION_STOP_DOWN"
    _WORDS: ClassVar = {"client_order_id", "product_id", "side", "order_configuration"}
    _MORE: ClassVar = {"self_trade_prevention_id", "retail_portfolio_id"}

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        body = json.loads(record["body"])
        name = body.get("client_order_id", "")
        strange = body.keys() - self._WORDS - self._MORE
        found = [f"{name} says {', '.join(sorted(strange))}"] if strange else []
        ((kind, terms),) = body["order_configuration"].items()
        if kind not in self._KINDS or terms.keys() - self._KINDS[kind]:
            found.append(f"{name} is a {kind} with {', '.join(sorted(terms))}")
        if body["side"] == "BUY" and (kind != "limit_limit_gtd" or terms["post_only"] is not True):
            found.append(f"{name} buys by {kind}, and not by an order that only rests")
        if terms.get("stop_direction", self._DOWN) != self._DOWN:
            found.append(f"{name} waits for a price above, to sell where it protects nothing")
        if body["side"] == "SELL":
            found += self._oversold(name, body["product_id"], exact(terms["base_size"]))
        return found

    def _oversold(self, name: str, product: str, size: Fraction) -> Wrong:
        world = self.world
        resting = sum(
            (
                each.remaining
                for each in world.live.values()
                if each.product == product and each.side == "SELL" and each.name != name
            ),
            NONE,
        )
        held = world.held.get(product, NONE)
        if size + resting > held:
            return [f"{name} sells {plain(size)} beside {plain(resting)}, of {plain(held)} held"]
        return []

    def on_exchange(self, record: Told) -> Wrong:
        found = []
        for row in record["wallets"]:
            total, hold = exact(row["total"]), exact(row["hold"])
            if total < 0 or hold < 0 or hold > total:
                currency = row["currency"]
                found.append(f"the wallet of {currency} has {row['total']}, {row['hold']} on hold")
        return found


class There(Promise):
    """Nobody sells what the exchange has not had for two readings of wallets that were answered.

    Its owner may have taken it away: an order for more than is there is declined again and again,
    and what is left never leaves. Two readings of one process, twenty seconds apart.
    """

    id = "I12"
    of_reads = of_yeses = ("accounts",)

    _APART_US = 20 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: dict[int, int] = {}
        self._read_us: deque[int] = deque(maxlen=64)
        """When wallets were asked for that were answered."""

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "started":
            self._asked.clear()
            self._read_us.clear()
        return []

    def on_answer(self, record: Told) -> Wrong:
        at_us = self._asked.pop(record["id"], None)
        if at_us is not None and record["status"] == _OK:
            self._read_us.append(at_us)
        return []

    def on_request(self, record: Told) -> Wrong:
        world = self.world
        if record["path"] == ACCOUNTS:
            self._asked[record["id"]] = record["at_us"]
            return []
        intent = world.intents.get(world.requests[record["id"]]["name"])
        if record["path"] != ORDERS or intent is None or intent.side != "SELL":
            return []
        since_us = world.less_since_us(world.bases[intent.product], intent.size)
        if since_us is None:
            return []
        read_us = [each for each in self._read_us if each > since_us]
        if not read_us or read_us[-1] - read_us[0] < self._APART_US:
            return []
        gone_s = (record["at_us"] - since_us) // SECOND_US
        return [f"{intent.name} sells {plain(intent.size)}, which was gone {gone_s} s ago"]


class Apart(Promise):
    """Orders of ours never trade with each other: each names the same owner to the exchange."""

    id = "I12"

    _WORD = "self_trade_prevention_id"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._owner: str | None = None

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        body = json.loads(record["body"])
        owner, before = body.get(self._WORD), self._owner
        self._owner = before or owner
        if owner == self._owner:
            return []
        name = body.get("client_order_id", "")
        return [f"{name} names {owner} as its owner, and those before it {before}"]


class Lifetime(Lasting):
    """No order of ours lives longer than its end and a minute, whether the trader lives or not.

    And each has an end, within its longest life: nothing of ours rests until cancelled.
    """

    id = "I13"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._ends: list[tuple[int, str]] = []

    def on_exchange(self, record: Told) -> Wrong:
        found = []
        for row in record["orders"]:
            order = self.world.orders[row["order_id"]]
            if not order.is_ours or not order.is_live:
                continue
            if order.end_us is None:
                found.append(f"{order.name} rests without an end")
                continue
            life_us = self.world.seconds("order_life_s")
            if order.end_us - order.created_us > life_us + self.world.seconds("late_s"):
                found.append(f"{order.name} may rest longer than {life_us // SECOND_US} s")
            heapq.heappush(self._ends, (order.end_us, order.name))
            self._await()
        return found

    def _await(self) -> None:
        """The earliest end, and what it may be late by, are next."""
        late_us = self.world.seconds("late_s")
        self.due_us = self._ends[0][0] + late_us + 1 if self._ends else self.NEVER_US

    def every(self) -> Wrong:
        found: Wrong = []
        while self.due_us <= self.world.now_us:
            end_us, name = heapq.heappop(self._ends)
            order = self.world.live.get(name)
            if order is not None and order.end_us == end_us:
                late = (self.world.now_us - end_us) // SECOND_US
                found.append(f"{name} lives {late} s after its end")
            self._await()
        return found


class Collar(Promise):
    """No order is priced outside the collar of a price not older than thirty seconds.

    Those prices are the middles that the exchange has shown so lately, and that of its own best bid
    and ask as the order's first byte leaves. A buy may be as low, and a sale as high, as it likes.
    A resting stop's limit is compared with its stop price.
    """

    id = "I14"

    def on_request(self, record: Told) -> Wrong:
        if "touch" not in record or record["touch"] is None:
            return []
        intent = self.world.intents.get(self.world.requests[record["id"]]["name"])
        bid, ask = record["touch"]["bid"], record["touch"]["ask"]
        if intent is not None and intent.order_type == "stop_limit_gtd":
            return self._of_stop(intent)
        if intent is None or bid is None or ask is None:
            return []
        middles = [_middle(bid, ask), *_shown_lately(self.world, intent.product, record["at_us"])]
        collar = Fraction(self.world.limits["collar_bps"], 10_000)
        if intent.side == "BUY" and intent.price > (highest := max(middles)) * (1 + collar):
            return [f"{intent.name} buys at {plain(intent.price)}, the middle is {plain(highest)}"]
        if intent.side == "SELL" and intent.price < (lowest := min(middles)) * (1 - collar):
            return [f"{intent.name} sells at {plain(intent.price)}, the middle is {plain(lowest)}"]
        return []

    def _of_stop(self, intent: Intent) -> Wrong:
        stop = intent.stop_price or NONE
        lowest = stop * (1 - self.world.limits["collar_bps"] / 10_000)
        if lowest <= intent.price <= stop:
            return []
        return [f"{intent.name} sells at {plain(intent.price)} once {plain(stop)} is reached"]


def _middle(bid: str, ask: str) -> Fraction:
    return (exact(bid) + exact(ask)) / 2


def _shown_lately(world: World, product: str, at_us: int) -> Iterator[Fraction]:
    """The middles on which what leaves now may have been decided."""
    since_us = at_us - world.seconds("quote_age_s") - _DECIDED_US
    for shown_us, bid, ask in world.touches.get(product, ()):
        if shown_us >= since_us:
            yield _middle(bid, ask)


class Fresh(Promise):
    """An order leaves within two seconds of its decision, on prices that the market really had.

    The middle that a decision claims to have seen is one that the exchange showed not longer before
    than a quote may be old; and the cycle that decided it was recorded just before it left.
    """

    id = "I14"

    def on_request(self, record: Told) -> Wrong:
        world = self.world
        intent = world.intents.get(world.requests[record["id"]]["name"])
        if intent is None:
            return []
        found = []
        age_us = record["at_us"] - world.cycle_us
        if intent.cycle != world.cycle.get("cycle"):
            found.append(f"{intent.name} of cycle {intent.cycle} left in a later one")
        elif age_us > _DECIDED_US:
            found.append(f"{intent.name} left {age_us / 1_000_000:.3f} s after its decision")
        if intent.product in world.touches and intent.reference not in _shown_lately(
            world, intent.product, record["at_us"]
        ):
            found.append(f"{intent.name} was decided at {plain(intent.reference)}, long gone")
        return found
