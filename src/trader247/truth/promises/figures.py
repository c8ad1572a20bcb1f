"""What the gate said that it had measured: of the market, of the calendar, and of its own cycle.

What people read of a verdict is so, whether it let an order through or not: a figure is that of a
book that the exchange showed, or of what is held, and one that nobody can know is none.
"""

from __future__ import annotations

import json
from fractions import Fraction

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import Intent, Shown
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.gate import Verdicts, figure, verdicts_of
from trader247.truth.times import SECOND_US, WEEK_US, instant_us
from trader247.truth.world import World

_CENT, _TINY = Fraction(1, 100), Fraction(1, 10_000)
_BPS, _BAND = 10_000, Fraction(20, 10_000)
_SHOWN_S = Fraction(1, 1_000)
"""Ages are told in milliseconds at the least."""


class Measured(Promise):
    """Age, depth and cost of a price are those of a book that the exchange has shown.

    Looked at when an intent is recorded, in the books that it answered lately with the middle that
    its decision names. A price ahead of the clock is none either. Depth counts what rests within 20
    bps of that middle, on the lesser side; an entry is a part of it.
    """

    id = "I14"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        verdicts, ahead = verdicts_of(world, payload), world.limits.get("quote_ahead_s")
        if not verdicts or ahead is None:
            return []
        intent = world.intents[payload["intent"]["client_order_id"]]
        books = self._books(intent)
        ages = {Fraction(instant_us(world.cycle["at"]) - each.at_us, SECOND_US) for each in books}
        found = _aged(intent, verdicts, ages, ahead)
        if intent.side == "SELL":
            return found
        found += _costs(intent, verdicts)
        return [*found, *self._deep(intent, verdicts, [_depth(each.text) for each in books])]

    def _books(self, intent: Intent) -> list[Shown]:
        """Those that its decision may have seen; none where a stream showed the same middle."""
        world, product = self.world, intent.product
        books = [each for each in world.books.get(product, ()) if each.middle == intent.reference]
        times = {each.at_us for each in books}
        is_streamed = any(
            at_us not in times and (exact(bid) + exact(ask)) / 2 == intent.reference
            for at_us, bid, ask in world.touches.get(product, ())
        )
        return [] if is_streamed else books

    def _deep(self, intent: Intent, verdicts: Verdicts, depths: list[Fraction]) -> Wrong:
        claimed = figure(verdicts, "depth_multiple")
        asked = figure(verdicts, "depth_multiple", "limit")
        multiple = self.world.limits.get("depth_multiple")
        if multiple is None:
            return []
        if claimed is None or asked is None:
            return [f"{intent.name} was recorded, and nobody knows what rests beside it"]
        found = []
        if asked < intent.price * intent.size * multiple - _CENT:
            found.append(f"{intent.name} asks for {plain(asked)} beside it, and is too large")
        if depths and claimed > max(depths) + _CENT:
            least = float(max(depths))
            found.append(f"{plain(claimed)} rests beside {intent.name}, shown was {least:.2f}")
        return found


def _aged(intent: Intent, verdicts: Verdicts, ages: set[Fraction], ahead: Fraction) -> Wrong:
    claimed = figure(verdicts, "quote_age")
    if claimed is None:
        return [f"{intent.name} was recorded, and nobody knows how old its price is"]
    if claimed < -ahead:
        return [f"{intent.name} was decided on a price {plain(-claimed)} s ahead of the clock"]
    if ages and all(abs(each - claimed) > _SHOWN_S for each in ages):
        so = ", ".join(plain(each) for each in sorted(ages))
        return [f"the price of {intent.name} is {so} s old, and not {plain(claimed)}"]
    return []


def _costs(intent: Intent, verdicts: Verdicts) -> Wrong:
    claimed = figure(verdicts, "slippage")
    cost = (intent.price / intent.reference - 1) * _BPS
    if claimed is not None and claimed >= cost - _TINY:
        return []
    told = "nothing" if claimed is None else plain(claimed)
    return [f"{intent.name} costs {float(cost):.4f} bps, and {told} was said"]


def _depth(text: str) -> Fraction:
    """What rests within the band of a book's middle, on its lesser side, by its own words."""
    book = json.loads(text)["pricebook"]
    bids, asks = (
        [(exact(each["price"]), exact(each["size"])) for each in book[side]]
        for side in ("bids", "asks")
    )
    middle = (bids[0][0] + asks[0][0]) / 2
    low, high = middle * (1 - _BAND), middle * (1 + _BAND)
    return min(
        sum((price * size for price, size in side if low <= price <= high), NONE)
        for side in (bids, asks)
    )


class Laddered(Promise):
    """The largest entry of an armed book is what it was armed with, and a fifth more for each full
    week since.

    By the trader's dates: the cycle's, and that of its ladder's foot.
    """

    id = "I1"

    _GROWTH = Fraction(6, 5)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._foot: tuple[Fraction, int] | None = None

    def event_armed(self, payload: Told, _: Told) -> Wrong:
        largest, since_us = exact(payload["largest"]), instant_us(payload["ladder_since"])
        if self._foot is not None and largest > self._most(instant_us(payload["ladder_since"])):
            return [f"the book was armed again, and its largest order is {plain(largest)} now"]
        self._foot = largest, since_us
        return []

    def _most(self, at_us: int) -> Fraction:
        largest, since_us = self._foot or (NONE, 0)
        return largest * self._GROWTH ** max(0, (at_us - since_us) // WEEK_US)

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        verdicts = verdicts_of(world, payload)
        if not verdicts or payload["intent"]["purpose"] != "entry" or self._foot is None:
            return []
        name = payload["intent"]["client_order_id"]
        most = self._most(instant_us(world.cycle["at"]))
        claimed = figure(verdicts, "ladder", "limit")
        if claimed is None:
            return [f"{name} was recorded, and nobody looked at how far the book has grown"]
        if claimed > most:
            return [f"{name} may be of {plain(claimed)} by its ladder, which is at {plain(most)}"]
        return []


class Reasoned(Promise):
    """What a cycle says of an entry counts those that it approved before.

    By every verdict that it tells, of what it refused too: as many entries more in an hour and in a
    day as it had approved until then.
    """

    id = "I15"

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        counts: dict[int, list[tuple[int, ...]]] = {}
        for verdicts in _told(payload):
            before = figure(verdicts, "new_positions")
            if before is not None and "pace" in verdicts:
                count = tuple(map(int, verdicts["pace"]["value"].split("/")))
                counts.setdefault(int(before), []).append(count)
        if not counts:
            return []
        first = min(counts)
        base = min(counts[first])
        return [
            f"{_slashed(count)} entries were counted after {place} of this cycle, and "
            f"{_slashed(base)} after {first}"
            for place, found in sorted(counts.items())
            for count in found
            if any(one < least + place - first for one, least in zip(count, base, strict=True))
        ]


class Unpriced(Promise):
    """What is held without a price is not said to be nothing.

    By every verdict that a cycle tells, of what it refused too: no less is at risk than what is
    held would bring at the lowest bid shown lately.
    """

    id = "I1"

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        claims = [
            claimed
            for verdicts in _told(payload)
            if (claimed := figure(verdicts, "capital")) is not None
        ]
        if not claims:
            return []
        world = self.world
        least = sum(
            (
                each.quantity * exact(min(world.bids[product]))
                for product, each in world.book.holdings.items()
                if world.bids.get(product)
            ),
            NONE,
        )
        return [
            f"{plain(each)} was said to be at risk, what is held alone is {float(least):.2f}"
            for each in claims
            if each < least - _CENT
        ]


def _told(payload: Told) -> list[dict[str, Told]]:
    return [
        {each["check"]: each for each in verdicts}
        for verdicts in payload.get("verdicts", {}).values()
    ]


def _slashed(counts: tuple[int, ...]) -> str:
    return "/".join(map(str, counts))
