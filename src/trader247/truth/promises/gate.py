"""What the gate said of an order: it measured what was there, and let nothing through above it.

An order that is sent has its verdicts in its cycle's event. Each figure among them that follows
from orders and fills is added up here once more, so that what is forgotten is found long before a
limit is near.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from fractions import Fraction

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import Intent
from trader247.truth.paths import ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import DAY_US, HOUR_US, MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World

_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z\Z")
Verdicts = Mapping[str, Told]
_CENT, _TINY = Fraction(1, 100), Fraction(1, 10_000)
_SHOWN = Fraction(2, 10_000)
"""Shares are told in ten-thousandths of a per cent."""
_AT_MOST = {
    "max_order", "quote_age", "quote_sanity", "slippage", "market_volume", "turnover", "capital",
    "product_exposure", "cluster_exposure", "total_exposure", "buying_power", "ladder",
}  # fmt: skip
_AT_LEAST = {"min_notional", "fee_worth", "depth_multiple"}
_UNDER = {"new_positions"}
_OF_EXITS = {"quote_age"}
"""What binds whoever sells as well: a price that is too old is none."""


def verdicts_of(world: World, payload: Told) -> Verdicts | None:
    """What the gate said of an intent that is just recorded; None where it is not told."""
    intent = payload["intent"]
    if intent["client_order_id"] in world.by_name or intent["cycle"] != world.cycle.get("cycle"):
        return None  # taken back from the exchange, or found wrong elsewhere
    if "verdicts" not in world.cycle:
        return None
    return {each["check"]: each for each in world.cycle["verdicts"].get(intent["product"], ())}


def figure(verdicts: Verdicts, check: str, word: str = "value") -> Fraction | None:
    """What a check said that it had measured, or allowed; None where that is no figure."""
    return None if check not in verdicts else _figure(verdicts[check], word)


def _figure(verdict: Told, word: str) -> Fraction | None:
    text = verdict[word]
    return exact(text) if text is not None and _FIGURE.match(text) else None


class Weighed(Promise):
    """What the gate counts as at risk, and as spoken for, is no less than what is.

    Compared with its own figures in the cycle's verdicts when an intent is recorded: product,
    cluster and book, products held or being bought, cash and coins that are free. Less may be there
    than it knows of, never more. Nothing that it found above a limit, or did not allow, is sent,
    and no entry of which one of its checks said nothing.
    """

    id = "I1"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        verdicts = verdicts_of(world, payload)
        if verdicts is None:
            return []
        intent = world.intents[payload["intent"]["client_order_id"]]
        if not verdicts:
            return [f"{intent.name} was recorded, and no verdict on it"]
        found = [
            f"{intent.name} was recorded, and {check} says {each['detail']}"
            for check, each in verdicts.items()
            if not each["is_allowed"]
            or ((intent.side == "BUY" or check in _OF_EXITS) and _is_over(check, each))
        ]
        if intent.side == "SELL":
            return [*found, *self._sold(intent, verdicts)]
        found += [
            f"{intent.name} was recorded, and {check} was not asked"
            for check in world.checks
            if check not in verdicts
        ]
        return [*found, *self._bought(intent, verdicts), *self._sized(intent)]

    def _sized(self, intent: Intent) -> Wrong:
        least = self.world.limits.get("order_min", NONE)
        notional = intent.price * intent.size
        return [f"{intent.name} is of {plain(notional)}"] if notional < least else []

    def _bought(self, intent: Intent, verdicts: Verdicts) -> Wrong:
        world = self.world
        shares = {key: world.exposure(key) for key in world.products_at_risk()}
        equity = _figure({"value": world.cycle.get("equity") or ""}, "value")
        compared = [("capital", "value", sum(shares.values(), NONE) - _CENT)]
        if equity:
            product, total = shares[intent.product], sum(shares.values(), NONE)
            compared.append(("total_exposure", "value", total / equity * 100 - _SHOWN))
            compared.append(("product_exposure", "value", product / equity * 100 - _SHOWN))
            for each in world.clusters.values():
                if intent.product in each["products"]:
                    inside = sum((shares.get(key, NONE) for key in each["products"]), NONE)
                    compared.append(("cluster_exposure", "value", inside / equity * 100 - _SHOWN))
        exposed = self._exposed() - {intent.product}
        compared.append(("max_positions", "value", Fraction(len(exposed))))
        notional = intent.price * intent.size
        compared.append(("buying_power", "value", notional * (1 + world.taker) - _TINY))
        compared.append(("max_order", "value", notional - _TINY))
        found = []
        for check, word, least in compared:
            claimed = None if check not in verdicts else _figure(verdicts[check], word)
            if claimed is None:
                found.append(f"{intent.name} was recorded, and {check} measured nothing")
            elif claimed < least:
                found.append(
                    f"{check} counted {plain(claimed)} for {intent.name}, it is {float(least):.6f}"
                )
        found += self._over_free(intent, verdicts, self._free_cash(intent) + _CENT)
        most = world.limits.get("positions_max")
        if most is not None and len(exposed | {intent.product}) > most:
            found.append(f"{len(exposed) + 1} products are at risk with {intent.name}")
        return [*found, *self._over_own_limits(intent, shares, equity)]

    def _over_own_limits(
        self, intent: Intent, shares: Mapping[str, Fraction], equity: Fraction | None
    ) -> Wrong:
        world = self.world
        total, most = sum(shares.values(), NONE), world.limits.get("at_risk_max")
        found = []
        if most is not None and total > most + _CENT:
            found.append(f"{plain(total)} is at risk with {intent.name}, {plain(most)} may be")
        for name, each in world.clusters.items():
            if equity is None or intent.product not in each["products"]:
                continue
            inside = sum((shares.get(key, NONE) for key in each["products"]), NONE)
            if inside > equity * exact(each["pct"]) / 100 + _CENT:
                found.append(f"{name} is at {plain(inside)} with {intent.name}")
        return found

    def _sold(self, intent: Intent, verdicts: Verdicts) -> Wrong:
        world = self.world
        spoken_for = sum(
            (each.remaining for each in world.live.values() if self._sells(each, intent)), NONE
        )
        spoken_for += sum(
            (
                each.size
                for name, each in world.unresolved.items()
                if name not in world.by_name and self._sells(each, intent)
            ),
            NONE,
        )
        spoken_for += sum(
            (
                each.size
                for each in world.knowable()
                if each.product == intent.product and each.side == "SELL"
            ),
            NONE,
        )
        return self._over_free(intent, verdicts, world.book.held(intent.product) - spoken_for)

    @staticmethod
    def _sells(each: object, intent: Intent) -> bool:
        told = (getattr(each, "product", ""), getattr(each, "side", ""))
        return told == (intent.product, "SELL") and getattr(each, "name", "") != intent.name

    def _over_free(self, intent: Intent, verdicts: Verdicts, free: Fraction) -> Wrong:
        verdict = verdicts.get("buying_power")
        claimed = None if verdict is None else _figure(verdict, "limit")
        if claimed is None:
            return [f"{intent.name} was recorded, and nobody looked at what is free"]
        if claimed > free:
            return [f"{plain(claimed)} was free for {intent.name}, it is {plain(free)}"]
        return []

    def _free_cash(self, intent: Intent) -> Fraction:
        world, spoken_for = self.world, NONE
        for order in world.live.values():
            if order.side == "BUY" and order.price is not None:
                intent_there = world.intents.get(order.name)
                fee = NONE if intent_there is None else intent_there.fee
                spoken_for += order.remaining * order.price * (1 + fee)
        for name, each in world.unresolved.items():
            if each.side == "BUY" and name not in world.by_name and name != intent.name:
                spoken_for += each.price * each.size * (1 + each.fee)
        for fill in world.knowable():
            if fill.side == "BUY":
                spoken_for += fill.size * fill.price + fill.fee
        return world.book.cash - spoken_for

    def _exposed(self) -> set[str]:
        world = self.world
        return {
            *(world.book.holdings.keys() - world.dust.keys()),
            *(each.product for each in world.knowable() if each.side == "BUY"),
            *(each.product for each in world.unresolved.values() if each.side == "BUY"),
            *(each.product for each in world.live.values() if each.side == "BUY"),
        }


def _is_over(check: str, verdict: Told) -> bool:
    """Whether its own figures say that it should not have been allowed."""
    value, limit = _figure(verdict, "value"), _figure(verdict, "limit")
    if value is None or limit is None:
        return False
    return (
        (check in _AT_MOST and value > limit)
        or (check in _AT_LEAST and value < limit)
        or (check in _UNDER and value >= limit)
    )


class Confirmed(Promise):
    """Of the first trades each waits for a person's yes: to its product, and to as much at least.

    A trade is an entry that was filled, as the journal has booked it; a yes stands for ten minutes,
    and is used up by the first fill of one. Asked as its order leaves: what waited for too long
    after it was recorded does not.
    """

    id = "I2"

    _STANDS_US = 10 * MINUTE_US + 10 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: dict[str, tuple[str, Fraction]] = {}
        self._given: list[tuple[int, str, Fraction]] = []
        self._traded: set[str] = set()

    def event_confirmation_asked(self, payload: Told, _: Told) -> Wrong:
        self._asked[payload["id"]] = (payload["product"], exact(payload["notional"]))
        return []

    def event_confirmation_given(self, payload: Told, _: Told) -> Wrong:
        product, most = self._asked[payload["id"]]
        self._given.append((self.world.now_us, product, most))
        return []

    def event_fill_booked(self, payload: Told, _: Told) -> Wrong:
        intent = self.world.intents.get(payload["client_order_id"])
        if intent is None or intent.purpose != "entry" or intent.name in self._traded:
            return []
        self._traded.add(intent.name)
        self._given = [each for each in self._given if each[1] != intent.product]
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        world = self.world
        intent = world.intents.get(world.requests[record["id"]]["name"])
        first = world.limits.get("confirmed_first", NONE)
        if intent is None or intent.purpose != "entry" or len(self._traded) >= first:
            return []
        since_us, notional = world.now_us - self._STANDS_US, intent.price * intent.size
        self._given = [each for each in self._given if each[0] >= since_us]
        if any(each[1] == intent.product and each[2] >= notional for each in self._given):
            return []
        return [f"{intent.name} is trade {len(self._traded) + 1}, and nobody said yes to it"]


_STOP, _LOST_STOP = "stop", "a stop that was lost"


class LeftAlone(Promise):
    """A product is not bought soon after it traded: longer after a loss, longer still after a stop,
    and longest after a second one within a day.

    Counted from the fills that the journal has booked, by the exchange's times. Until when the gate
    says that it waits is no earlier than that, also where that is long past. A journal that went
    back to a backup may have lost for what it sold: at a loss, a stop is one all the same.
    """

    id = "I15"

    _CHECK = "cooldown"
    _NEAR_US = 10 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._until: dict[str, tuple[int, str]] = {}
        self._made: dict[str, Fraction] = {}
        """What the position of a product has made so far."""
        self._realised = NONE
        self._sold: dict[str, tuple[int, str]] = {}
        """When something of a position was sold last, and for which cause."""
        self._stopped: dict[str, int] = {}
        """When a stop closed a position of a product last."""
        self._dust: set[str] = set()

    def event_fill_booked(self, payload: Told, _: Told) -> Wrong:
        world, fill = self.world, payload["fill"]
        product, at_us = fill["product"], instant_us(fill["time"])
        made, self._realised = world.book.realised - self._realised, world.book.realised
        made += self._made.pop(product, NONE)
        self._wait(product, at_us, "fill_pause_s")
        if fill["side"] == "BUY":
            if product in self._dust or world.book.held(product) == exact(fill["quantity"]):
                self._sold.pop(product, None)
            self._made[product] = made
            self._dust.discard(product)
            return []
        intent = world.intents.get(payload["client_order_id"])
        cause = "" if intent is None else intent.exit_cause
        is_lost = cause != _STOP and payload["client_order_id"] in world.lost_stops
        self._sold[product] = (at_us, _LOST_STOP if is_lost else cause)
        if product in world.book.holdings:
            self._made[product] = made
        elif product in self._dust:
            self._dust.discard(product)  # what closed has closed before
        else:
            self._closed(product, made)
        return []

    def event_dust_set_aside(self, payload: Told, _: Told) -> Wrong:
        product = payload["product"]
        self._closed(product, self._made.pop(product, NONE))
        self._dust.add(product)
        return []

    def event_dust_taken_back(self, payload: Told, _: Told) -> Wrong:
        self._dust.discard(payload["product"])
        return []

    def _closed(self, product: str, made: Fraction) -> None:
        """A position is over: what it made, and why it was sold last, say how long it waits."""
        at_us, cause = self._sold.pop(product, (None, ""))
        if at_us is None:
            return
        if made < 0:
            self._wait(product, at_us, "loss_pause_s")
        if cause == _STOP or (cause == _LOST_STOP and made < 0):
            self._wait(product, at_us, "stop_pause_s")
            before_us, self._stopped[product] = self._stopped.get(product), at_us
            if before_us is not None and at_us - before_us < DAY_US:
                self._wait(product, at_us, "stops_pause_s")

    def event_lots_sold_by_hand(self, payload: Told, _: Told) -> Wrong:
        self._realised = self.world.book.realised
        if not self.world.book.held(payload["product"]):
            self._dust.discard(payload["product"])
        return []

    def _wait(self, product: str, at_us: int, pause: str) -> None:
        until = (at_us + self.world.microseconds(pause), pause)
        self._until[product] = max(until, self._until.get(product, until))

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = self.world.intents[payload["intent"]["client_order_id"]]
        if intent.purpose != "entry" or intent.name in self.world.by_name:
            return []
        until_us, pause = self._until.get(intent.product, (0, ""))
        early_us = until_us - self._NEAR_US - self.world.now_us
        if early_us > 0:
            return [f"{intent.name} is {early_us / SECOND_US:.0f} s within the {pause} of a fill"]
        return self._forgotten(intent, verdicts_of(self.world, payload), until_us)

    def _forgotten(self, intent: Intent, verdicts: Verdicts | None, until_us: int) -> Wrong:
        if not until_us or not verdicts or self._CHECK not in verdicts:
            return []
        claimed = verdicts[self._CHECK]["value"]
        if _TIME.match(claimed) and instant_us(claimed) >= until_us:
            return []
        return [f"{intent.product} waited until {claimed}, and until {until_us} it should have"]


class Counted(Promise):
    """Entries keep their distance, and no more are counted as few.

    Those that the exchange took are counted here as the next one's intent is recorded: in a minute,
    an hour and a day, of a cycle, and of a product within its pause. The gate's own count is never
    below it. One that it refused, because it would not have rested, may be tried again at once.
    """

    id = "I15"

    _NEAR_US = 10 * SECOND_US
    """Clocks may differ by five seconds while anything is bought, either way."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._left: deque[tuple[int, str]] = deque()
        self._cycle: tuple[int | None, int] = (None, 0)

    def on_request(self, record: Told) -> Wrong:
        intent = self.world.intents.get(self.world.requests[record["id"]]["name"])
        if intent is None or intent.purpose != "entry":
            return []
        now_us, pause_us = record["at_us"], self.world.microseconds("product_pause_s")
        found = []
        for before_us, name in self._taken(now_us - pause_us + self._NEAR_US):
            other = self.world.intents[name]
            if other.product == intent.product and other is not intent:
                pause = (now_us - before_us) / SECOND_US
                found.append(f"{intent.name} left {pause:.1f} s after another {other.product}")
        self._left.append((now_us, intent.name))
        return found

    def _taken(self, since_us: int) -> list[tuple[int, str]]:
        """Entries that left since then, and that the exchange has."""
        return [each for each in self._left if each[0] > since_us and each[1] in self.world.by_name]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        verdicts = verdicts_of(world, payload)
        if not verdicts or payload["intent"]["purpose"] != "entry":
            return []
        name, number = payload["intent"]["client_order_id"], world.cycle["cycle"]
        found = []
        count = self._cycle[1] + 1 if self._cycle[0] == number else 1
        self._cycle = (number, count)
        if count > world.limits.get("entries_per_cycle", count):
            found.append(f"{name} is entry {count} of its cycle")
        now_us = world.now_us + self._NEAR_US
        while self._left and self._left[0][0] <= now_us - DAY_US:
            self._left.popleft()
        hour, day = len(self._taken(now_us - HOUR_US)), len(self._taken(now_us - DAY_US))
        minute = len(self._taken(world.now_us - MINUTE_US + self._NEAR_US))
        if minute >= world.limits.get("entries_per_minute", minute + 1):
            found.append(f"{name} is recorded after {minute} entries in a minute")
        claimed = verdicts["pace"]["value"] if "pace" in verdicts else "-1/-1"
        counted = [int(each) for each in claimed.split("/")]
        if counted[0] < hour or counted[1] < day:
            found.append(f"pace counted {claimed} entries before {name}, it is {hour}/{day}")
        limits = world.limits
        most = limits.get("entries_per_hour", 60), limits.get("entries_per_day", 500)
        if counted[0] >= most[0] or counted[1] >= most[1]:
            found.append(f"{name} is recorded after {claimed} entries by the gate's own count")
        if hour >= most[0] or day >= most[1]:
            found.append(f"{name} is recorded after {hour} entries in an hour, {day} in a day")
        return found
