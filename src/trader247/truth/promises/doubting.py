"""A price that makes no sense costs a product the belief in it for a while."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US, instant_us, right_us
from trader247.truth.world import World


class Doubted(Promise):
    """A product of which a whole cycle saw a crossed quote is in doubt with that, and is not bought
    for five minutes; nor is any before the time until which the journal doubts it, which is no
    shorter where a doubt begins.

    By the trader's own dates, of cycles that saw and of cycles that buy. A jump that so many later
    quotes confirm is no doubt any more.
    """

    id = "I14"

    _CROSSED, _PRINTS = "crossed_quote", 3

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._crossed: set[str] = set()
        """What this cycle saw crossed, and does not doubt yet."""
        self._until: dict[str, tuple[int, str]] = {}

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        self._crossed.clear()
        if payload.get("regime") == EXITS_ONLY or "doubt_s" not in self.world.limits:
            return []
        until_us = right_us(payload) + self.world.seconds("doubt_s")
        for product, ending in payload["endings"].items():
            if ending["reason"] == self._CROSSED:
                self._crossed.add(product)
                self._until[product] = until_us, "its quote was crossed"
        return []

    def event_product_doubted(self, payload: Told, _: Told) -> Wrong:
        product, until = payload["product"], instant_us(payload["until"])
        found = self._for_how_long(product, until) if not payload["prints"] else []
        if product in self._crossed:
            until = max(until, self._until[product][0])  # the cycle's own word is enough
        self._crossed.discard(product)
        if payload["level"] is not None and payload["prints"] >= self._PRINTS:
            self._until.pop(product, None)
        else:
            self._until[product] = until, payload["cause"]
        return found

    def _for_how_long(self, product: str, until: int) -> Wrong:
        if "doubt_s" not in self.world.limits:
            return []
        span = until - right_us(self.world.cycle)
        if span >= self.world.seconds("doubt_s"):
            return []
        return [f"{product} is in doubt for {span / SECOND_US:.0f} s alone"]

    def on_journal(self, _: Told) -> Wrong:
        crossed = sorted(self._crossed)
        self._crossed.clear()
        return [f"the quote of {each} was crossed, and it is not in doubt" for each in crossed]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        known = self._until.get(intent.product)
        if known is None or intent.purpose != "entry" or intent.name in world.by_name:
            return []
        until_us, cause = known
        early_us = until_us - right_us(world.cycle)
        if early_us <= 0:
            return []
        early = early_us / SECOND_US
        return [f"{intent.name} buys {intent.product} {early:.0f} s too early: {cause}"]


class SeenAnew(Promise):
    """A price that jumped is confirmed by quotes of later times alone: one that is shown again says
    nothing new.

    By the doubts of the journal: each print more has a later time than the one before. Of the last
    one, that ends the doubt, the journal tells no time: where the exchange is seen to have shown
    the one before, it has to have shown a later one too.
    """

    id = "I14"

    _PRINTS = 3

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._doubts: dict[str, tuple[str | None, int, int]] = {}
        """The level of each doubt, its prints, and when the last one was."""
        self._shown: set[str] = set()
        """Those of which the exchange was seen to show the last one."""

    def event_product_doubted(self, payload: Told, _: Told) -> Wrong:
        product, told = payload["product"], payload["last_print"]
        now = payload["level"], payload["prints"], 0 if told is None else instant_us(told)
        before = self._doubts.get(product)
        self._doubts[product] = now
        self._shown.discard(product)
        if any(at_us == now[2] for at_us, _, _ in self.world.touches.get(product, ())):
            self._shown.add(product)
        if before is None or before[0] != now[0] or now[1] <= before[1] or now[2] > before[2]:
            return []
        return [f"{product} was confirmed at {now[0]} by a quote that had confirmed it before"]

    def event_product_trusted(self, payload: Told, _: Told) -> Wrong:
        product = payload["product"]
        level, prints, last_us = self._doubts.pop(product, (None, 0, 0))
        if level is None or prints != self._PRINTS - 1 or product not in self._shown:
            return []
        if any(at_us > last_us for at_us, _, _ in self.world.touches[product]):
            return []
        return [f"{product} is believed at {level} by a quote that had confirmed it before"]
