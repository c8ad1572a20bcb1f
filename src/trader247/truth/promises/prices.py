"""What a cycle takes for a price: a young one, of a narrow book, after minutes that were read."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import exact, plain
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World

_BPS = 10_000


class Young(Promise):
    """What is held is marked at a bid that was shown with a time of half a minute ago at the most,
    and of five seconds to come.

    By the times that the exchange gave its prices, and the trader's own date of its cycle.
    """

    id = "I14"

    _NEAR_US = SECOND_US

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        if "quote_age_s" not in world.limits or "quote_ahead_s" not in world.limits:
            return []
        at_us, old_us = instant_us(payload["at"]), world.seconds("quote_age_s") + self._NEAR_US
        ahead_us = world.seconds("quote_ahead_s") + self._NEAR_US
        return [
            f"{product} is marked at {mark}, which nobody bid within half a minute"
            for product, mark in payload["marks"].items()
            if product in world.touches
            and not any(
                -ahead_us <= at_us - shown_us <= old_us and exact(bid) == exact(mark)
                for shown_us, bid, _ask in world.touches[product]
            )
        ]


class Marked(Promise):
    """What is held has its mark, dust too, where the exchange shows a young price of it: equity is
    told from them, and every limit of it.

    Ten whole cycles of one process and ten minutes running may go by without. Cycles are not
    counted that say of it what keeps a price from being looked at, nor those of a clock that is
    off.
    """

    id = "I14"

    _CYCLES, _LATE_US, _OFF_US = 10, 10 * MINUTE_US, 5 * SECOND_US
    _UNPRICED = frozenset(
        {"no_quote", "stale_quote", "crossed_quote", "not_at_venue", "not_tradable"}
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._without: dict[str, tuple[int, int]] = {}
        """Since when each has no mark, and for how many cycles."""

    def on_process(self, _: Told) -> Wrong:
        self._without.clear()
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._without.clear()
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world, before = self.world, self._without
        if payload.get("regime") == EXITS_ONLY or "quote_age_s" not in world.limits:
            return []
        self._without = {}
        if abs(instant_us(payload["at"]) - world.now_us) > self._OFF_US:
            return []
        for product in world.book.holdings:
            word = payload["endings"].get(product, {}).get("reason", "")
            is_looked_at = word not in self._UNPRICED and self._is_shown(product)
            if product not in payload["marks"] and is_looked_at:
                since_us, count = before.get(product, (world.now_us, 0))
                self._without[product] = since_us, count + 1
        late = {
            product: count
            for product, (since_us, count) in self._without.items()
            if count > self._CYCLES and world.now_us - since_us > self._LATE_US
        }
        for product in late:
            del self._without[product]
        return [
            f"{product} is held and has a price, and for {count} cycles it was not marked"
            for product, count in late.items()
        ]

    def _is_shown(self, product: str) -> bool:
        """Whether the exchange has shown a price of now."""
        world = self.world
        since_us = world.now_us - world.seconds("quote_age_s")
        return any(
            shown_us >= since_us and exact(bid) < exact(ask)
            for shown_us, bid, ask in world.touches.get(product, ())
        )


class StillYoung(Promise):
    """No order leaves that was recorded when the quote it was decided on had grown too old: by as
    much as a cycle takes for its other orders.

    By the times that the exchange gave the quotes of the middle which the decision names, the
    newest of them, and the trader's own date of the record.
    """

    id = "I14"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._old: dict[str, Fraction] = {}
        """Intents of which the quote was too old as they were recorded, and by how many seconds."""

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        self._old.pop(intent.name, None)
        if "quote_age_s" not in world.limits or intent.name in world.by_name:
            return []
        shown = [
            shown_us
            for shown_us, bid, ask in world.touches.get(intent.product, ())
            if (exact(bid) + exact(ask)) / 2 == intent.reference
        ]
        at_us = instant_us(event["time"])
        if shown and at_us - max(shown) > world.seconds("quote_age_s"):
            self._old[intent.name] = Fraction(at_us - max(shown), SECOND_US)
        return []

    def on_request(self, record: Told) -> Wrong:
        name = self.world.requests[record["id"]]["name"]
        if not name or name not in self._old:
            return []
        return [f"{name} was sent on a quote {float(self._old[name]):.1f} s old"]


class Narrow(Promise):
    """Nothing is bought in a book that is wider than its tier allows.

    By a book of the middle that the decision names; where several have it, by the narrowest.
    """

    id = "I14"

    _NEAR = Fraction(1, 1_000)

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        most = world.spreads.get(intent.product)
        if most is None or intent.purpose != "entry" or intent.name in world.by_name:
            return []
        wide = [
            (exact(ask) - exact(bid)) / intent.reference * _BPS
            for _shown_us, bid, ask in world.touches.get(intent.product, ())
            if (exact(bid) + exact(ask)) / 2 == intent.reference
        ]
        if not wide or min(wide) <= most + self._NEAR:
            return []
        found = float(min(wide))
        return [f"{intent.name} buys in a book {found:.2f} bps wide, {plain(most)} are allowed"]


class Over(Promise):
    """No candle is asked for whose time is not over: whatever was asked for counts as closed.

    By the trader's own clock, as it dates its cycles: under one clock no three whole cycles in a
    row that asked for any ask for more.
    """

    id = "I14"
    of_reads, of_yeses = ("candles",), ()

    _CYCLES, _SAME_US = 2, 3 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._until_us: int | None = None
        """How far beyond the true time candles were asked for since the cycle before."""
        self._off_us: int | None = None
        """How far ahead the clock was in that one."""
        self._count = 0

    def on_process(self, _: Told) -> Wrong:
        self._until_us = self._off_us = None
        self._count = 0
        return []

    def on_request(self, record: Told) -> Wrong:
        if "until_us" in record:
            beyond_us = record["until_us"] - record["at_us"]
            known_us = self._until_us
            self._until_us = beyond_us if known_us is None else max(known_us, beyond_us)
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        before_us, self._off_us = self._off_us, instant_us(event["time"]) - self.world.now_us
        until_us, self._until_us = self._until_us, None
        if before_us is None or abs(self._off_us - before_us) > self._SAME_US:
            self._count = 0
        elif until_us is not None:
            is_ahead = until_us - self._off_us > self._SAME_US
            self._count = self._count + 1 if is_ahead else 0
        if self._count <= self._CYCLES:
            return []
        return [f"{self._count} cycles asked for candles whose time is not over"]


class Minutes(Promise):
    """Nothing is bought of a product whose minutes were asked for in its cycle, and not answered.

    Where one request asked for them: several may ask for other parts of them, and for hours.
    """

    id = "I14"
    of_reads = of_yeses = ("candles",)

    _CANDLES, _OK = "candles", 200

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: dict[int, str] = {}
        self._lately: dict[str, list[int | None]] = {}
        """What was answered to each request since the cycle before, by product."""
        self._unread: set[str] = set()

    def on_process(self, _: Told) -> Wrong:
        self._asked.clear()
        self._lately.clear()
        self._unread.clear()
        return []

    def on_request(self, record: Told) -> Wrong:
        _, product, what = record["path"].rsplit("/", 2)
        if what == self._CANDLES:
            self._asked[record["id"]] = product
        return []

    def on_answer(self, record: Told) -> Wrong:
        product = self._asked.pop(record["id"], None)
        if product is not None:
            self._lately.setdefault(product, []).append(record["status"])
        return []

    def event_cycle_decided(self, _: Told, __: Told) -> Wrong:
        lately, self._lately = self._lately, {}
        self._unread = {
            product
            for product, answers in lately.items()
            if len(answers) == 1 and answers[0] != self._OK
        }
        return []

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = payload["intent"]
        name, product = intent["client_order_id"], intent["product"]
        is_another = intent["purpose"] != "entry" or name in self.world.by_name
        if is_another or product not in self._unread or "reads" not in self.world.limits:
            return []
        return [f"{name} buys {product}, whose minutes could not be read in its cycle"]
