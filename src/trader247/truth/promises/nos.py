"""A no has its reason: what is said to keep a product from being bought does so, and ends."""

from __future__ import annotations

from collections import deque

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import DAY_US, HOUR_US, MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World


class Reasons(Promise):
    """No product is kept from being bought for what is not so.

    By the word in which each product of a whole cycle ends, and the trader's own dates: a halt, a
    ban or a breaker that is named stands when the cycle is on disk; who waits to enter the universe
    is in it after four cycles running; a pause after orders that would not have rested ends, and so
    do those after an entry and after a fill; equity that is told is known; who is armed is.
    """

    id = "I23"

    _ENTERS, _NEAR_US, _REJECTED_US = 4, 10 * SECOND_US, 11 * MINUTE_US
    _WOULD_TAKE = ("INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._standing: dict[str, set[str]] = {"breaker_open": set(), "banned": set()}
        self._said: dict[str, str] = {}
        """Which words this cycle named, and of which product."""
        self._waits: dict[str, int] = {}
        self._rejected_us: dict[str, int] = {}
        self._filled_us: dict[str, int] = {}
        self._entries: deque[tuple[int, str]] = deque(maxlen=4_096)
        self._armed_until_us: int | None = None

    def event_breaker_opened(self, payload: Told, _: Told) -> Wrong:
        self._standing["breaker_open"].add(payload["name"])
        return []

    def event_breaker_closed(self, payload: Told, _: Told) -> Wrong:
        self._standing["breaker_open"].discard(payload["name"])
        return []

    def event_ban_latched(self, payload: Told, _: Told) -> Wrong:
        self._standing["banned"].add(f"{payload['control']}:{payload['scope']}")
        return []

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        self._standing["banned"].discard(f"{payload['control']}:{payload['scope']}")
        return []

    def event_armed(self, payload: Told, _: Told) -> Wrong:
        until = payload.get("until")
        self._armed_until_us = None if until is None else instant_us(until)
        return []

    def event_disarmed(self, _: Told, __: Told) -> Wrong:
        self._armed_until_us = None
        return []

    def event_submission_settled(self, payload: Told, event: Told) -> Wrong:
        intent, outcome = self.world.intents.get(payload["client_order_id"]), payload["outcome"]
        if intent is not None and outcome.get("code") in self._WOULD_TAKE:
            self._rejected_us[intent.product] = instant_us(event["time"])
        return []

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        intent = payload["intent"]
        if intent["purpose"] == "entry":
            self._entries.append((instant_us(event["time"]), intent["product"]))
        return []

    def event_fill_booked(self, payload: Told, event: Told) -> Wrong:
        fill = payload["fill"]
        self._touched(fill["product"], max(instant_us(fill["time"]), instant_us(event["time"])))
        return []

    def event_lots_sold_by_hand(self, payload: Told, event: Told) -> Wrong:
        self._touched(payload["product"], instant_us(event["time"]))
        return []

    def event_holding_adopted(self, payload: Told, event: Told) -> Wrong:
        self._touched(payload["product"], instant_us(event["time"]))
        return []

    def event_dust_set_aside(self, payload: Told, event: Told) -> Wrong:
        self._touched(payload["product"], instant_us(event["time"]))
        return []

    def _touched(self, product: str, at_us: int) -> None:
        self._filled_us[product] = max(at_us, self._filled_us.get(product, 0))

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY or "breaker_cycles" not in self.world.limits:
            return []
        at_us, found = instant_us(payload["at"]), []
        waits, self._waits = self._waits, {}
        for product, ending in payload["endings"].items():
            word = ending["reason"]
            if word == "waiting_to_enter":
                self._waits[product] = waits.get(product, 0) + 1
            else:
                self._said.setdefault(word, product)
            found += [f"{product} ends in {word}: {why}" for why in self._why(product, word, at_us)]
        if "equity_known" in self._said and payload["equity"] not in (None, "0"):
            found.append(f"equity is not known, and told as {payload['equity']}")
        return found

    def _why(self, product: str, word: str, at_us: int) -> Wrong:
        """Why such a word cannot be so."""
        match word:
            case "waiting_to_enter" if self._waits[product] > self._ENTERS:
                return [f"it has waited for {self._waits[product]} cycles running"]
            case "declined_by_venue":
                since_us = at_us - self._rejected_us.get(product, -DAY_US)
                return [] if since_us < self._REJECTED_US else ["nothing was declined for long"]
            case "pace" if not self._is_paced(product, at_us):
                return ["no entries are so many, or so lately"]
            case "cooldown":
                world = self.world
                pauses = ("fill_pause_s", "loss_pause_s", "stop_pause_s", "stops_pause_s")
                most = max(world.microseconds(each) for each in pauses) + self._NEAR_US
                since_us = at_us - self._filled_us.get(product, -DAY_US)
                return [] if since_us <= most else ["nothing of it was traded for so long"]
            case "arming" if self._armed_until_us is not None and at_us < self._armed_until_us:
                return ["the book is armed"]
        return []

    def _is_paced(self, product: str, at_us: int) -> bool:
        """Whether entries keep one more back, those of this very cycle among them."""
        limits = self.world.limits
        most = limits.get("entries_per_cycle", 0)
        pause_us = self.world.microseconds("product_pause_s") + self._NEAR_US
        if any(each == product and at_us - us < pause_us for us, each in self._entries):
            return True
        return any(
            sum(1 for us, _each in self._entries if at_us - us < window_us + self._NEAR_US) + most
            >= limits.get(name, 0)
            for name, window_us in (
                ("entries_per_minute", MINUTE_US),
                ("entries_per_hour", HOUR_US),
                ("entries_per_day", DAY_US),
            )
        )

    def on_journal(self, _: Told) -> Wrong:
        said, self._said = self._said, {}
        if not said:
            return []
        found = [
            f"{said[word]} ends in {word}, and none stands"
            for word, standing in self._standing.items()
            if word in said and not standing and said[word] not in self.world.forbidden
        ]
        if "trading_state" in said and not self.world.halts:
            found.append(f"{said['trading_state']} ends in trading_state, and nothing is halted")
        return found
