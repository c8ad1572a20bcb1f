"""What may be bought, how much, and when not."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from fractions import Fraction

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import HALTING, Intent
from trader247.truth.paths import ORDERS
from trader247.truth.promise import EACH, Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World

_CANARY = Fraction(25)
_ORDER_PCT_MAX = Fraction(2)
_ORDER_MAX = Fraction(250)
_NEAR = Fraction(1, 10**20)
_OK = 200
_OK = 200


class Exposure(Promise):
    """No buy takes a product or the whole book above its share of equity.

    Looked at when an entry's intent is recorded, at the marks and the equity of its decision. What
    is held counts at its mark, which is a bid that the exchange has shown lately; fills that the
    trader has not read at their price, open buys at their limit, and an intent of unknown fate
    whole. Equity itself is computed again, from the
    journal's fills and flows. An order is at most 2 % of equity and 250: the ceilings in code.
    """

    id = "I1"

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        claimed = payload["equity"]
        if claimed is None:
            return []
        book, marks = self.world.book, payload["marks"]
        unseen = [
            product
            for product, mark in marks.items()
            if product in self.world.bids and Decimal(mark) not in self.world.bids[product]
        ]
        if unseen:
            return [f"{', '.join(unseen)} is marked at what nobody was seen to bid"]
        unmarked = [product for product in book.holdings if product not in marks]
        if unmarked:
            return [f"equity {claimed} was told without a mark of {', '.join(unmarked)}"]
        worth = sum(
            (each.quantity * exact(marks[key]) for key, each in book.holdings.items()), NONE
        )
        equity = book.cash + worth * (1 - self.world.taker)
        if abs(equity - exact(claimed)) > _NEAR:
            return [f"equity was told as {claimed}, and it is {plain(equity)}"]
        return []

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        if intent.side != "BUY" or intent.name in world.by_name:
            return []  # taken back after the journal was lost: it was looked at when it was sent
        claimed = world.cycle.get("equity")
        if claimed is None:
            return [f"{intent.name} buys {intent.product} while equity is unknown"]
        equity, found = exact(claimed), []
        notional = intent.price * intent.size
        if notional > min(equity * _ORDER_PCT_MAX / 100, _ORDER_MAX) and notional > _CANARY:
            found.append(f"{intent.name} is of {plain(notional)}, above 2 % of equity or 250")
        shares = {key: world.exposure(key) for key in world.products_at_risk()}
        total = sum(shares.values(), NONE)
        for what, value, limit in (
            (intent.product, shares[intent.product], "product_pct"),
            ("all products", total, "total_pct"),
        ):
            allowed = max(equity * world.limits[limit] / 100, _CANARY)
            if value > allowed:
                found.append(
                    f"after {intent.name} {what} is at {plain(value)}, allowed is {plain(allowed)}"
                )
        return found


class Risked(Promise):
    """No entry would lose more at its stop than its share of equity, and what its owner forbids is
    not bought at all.

    By the plan of its intent, at its limit; where the share is told.
    """

    id = "I1"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        if intent.purpose != "entry" or intent.name in world.by_name:
            return []
        if intent.product in world.forbidden:
            return [f"{intent.name} buys {intent.product}, which its owner forbids"]
        share, equity = world.limits.get("risk_pct"), world.cycle.get("equity")
        if share is None or equity is None or intent.plan is None:
            return []
        risked = intent.price * intent.size * intent.plan.stop_fraction
        most = exact(equity) * share / 100
        if risked <= most * (1 + _NEAR):
            return []
        return [f"{intent.name} would lose {plain(risked)} at its stop, {plain(most)} are allowed"]


class Costs(Promise):
    """What trading is said to cost is what the exchange takes for it: worth and limits follow.

    Compared where the trader tells of a tier, with what it was since it was last asked for. Whoever
    has known it for an hour asks again, in each cycle until it is answered: two may leave it out.
    """

    id = "I1"
    of_reads = ("transaction_summary",)

    _LATELY = 8
    """Answers may be late, and come twice."""
    _SUMMARY, _KNOWN_US, _CYCLES = "/transaction_summary", 65 * MINUTE_US, 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._so: deque[tuple[Fraction, Fraction]] = deque(maxlen=self._LATELY)
        self._read_us: int | None = None
        """When it was read last, as the trader dates it."""
        self._left_out = 0
        self._is_heard = False
        """Whether anything was answered since the last cycle: who hears nothing asks in vain."""

    def on_request(self, record: Told) -> Wrong:
        if record["path"].endswith(self._SUMMARY):
            self._left_out = 0
        return []

    def on_answer(self, record: Told) -> Wrong:
        self._is_heard = self._is_heard or record["status"] == _OK
        return []

    def on_process(self, _: Told) -> Wrong:
        self._left_out, self._is_heard = 0, False
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        age_us = 0 if self._read_us is None else instant_us(event["time"]) - self._read_us
        if payload.get("regime") == EXITS_ONLY or not self._is_heard:
            return []
        self._is_heard = False
        self._left_out = self._left_out + 1 if age_us > self._KNOWN_US else 0
        if self._left_out <= self._CYCLES:
            return []
        self._left_out = 0
        return [f"what trading costs was read {age_us // MINUTE_US} min ago, and is not asked for"]

    def on_tier(self, record: Told) -> Wrong:
        self._so.append((exact(record["maker"]) * 10_000, exact(record["taker"]) * 10_000))
        return []

    def event_fees_read(self, payload: Told, _: Told) -> Wrong:
        told = payload["tier"]
        self._read_us, self._left_out = instant_us(told["read_at"]), 0
        maker, taker = exact(told["maker"]), exact(told["taker"])
        if not self._so or (maker, taker) in self._so:
            return []
        so = ", ".join(f"{plain(each[0])}/{plain(each[1])}" for each in self._so)
        return [f"{plain(maker)}/{plain(taker)} bps were read as what trading costs: it is {so}"]


class Stopped(Promise):
    """No order leaves after the kill switch was raised, or under a halt that forbids it, or while
    app.yaml does not let any be sent.

    The file counts from the moment that it is there: the trader looks at it as its last act before
    the first byte. A halt counts from its commit; one that lets positions go still forbids buying.
    Whoever goes through a cycle a while after it was raised has asked for the end of every buy,
    and of every sale that nobody wished to stay, or whose wish somebody has taken back since;
    whoever answers it asks for all of them at once, and says that nothing rests when nothing does.
    """

    id = "I2"

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        world, found = self.world, []
        name = world.requests[record["id"]]["name"]
        if world.kill_us is not None:
            late = (record["at_us"] - world.kill_us) / 1_000_000
            found.append(f"{name} left {late:.3f} s after the kill switch was raised")
        if not world.may_send:
            found.append(f"{name} left while app.yaml lets none be sent")
        intent = world.intents.get(name)
        for halt in world.halts:
            if halt in HALTING:
                found.append(f"{name} left while {halt} stands, which allows cancels alone")
            elif intent is None or intent.side == "BUY":
                found.append(f"{name} buys while {halt} stands")
        return found

    _ASKED_US = 20 * SECOND_US
    _CAUSE = "kill switch"

    def on_journal(self, record: Told) -> Wrong:
        world = self.world
        asked = [
            each["payload"].get("cause")
            for each in record["events"]
            if each["kind"] == "cancel_requested"
        ]
        if self._CAUSE not in asked:
            return []
        return [
            f"{name} rests beside those whose end was asked for"
            for name in world.live
            if name not in world.cancel_wishes
            and (intent := world.intents.get(name)) is not None
            and intent.state == "ACCEPTED"
            and self._must_end(intent)
        ]

    def _must_end(self, intent: Intent) -> bool:
        world = self.world
        if intent.side == "BUY":
            return True
        if world.kill_us is None or world.keeps_sales:
            return False
        # Whoever wants no sale kept any more is heard a while later than who never wanted it.
        since_us = world.stricter_us
        return since_us is None or world.now_us - since_us >= self._ASKED_US

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        if world.kill_us is None or world.now_us - world.kill_us < self._ASKED_US:
            return []
        return [
            f"{each.name} rests in cycle {payload['cycle']}, and nobody asked for its end"
            for each in map(world.intents.get, world.live)
            if each is not None
            and self._must_end(each)
            and each.state == "ACCEPTED"
            and each.name not in world.cancel_wishes
            and world.now_us - each.recorded_us >= self._ASKED_US
        ]

    def on_cleared(self, _: Told) -> Wrong:
        """What a person reads under a raised switch is so, as far as the journal goes."""
        world = self.world
        if world.kill_us is None or world.is_taken:
            return []
        return [
            f"{name} rests, and people read that nothing does"
            for name in world.live
            if name not in world.lost
            and (intent := world.intents.get(name)) is not None
            and self._must_end(intent)
        ]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = payload["intent"]
        name, world = intent["client_order_id"], self.world
        if name in world.by_name:
            return []  # taken back after the journal was lost: nothing is sent
        forbids = [halt for halt in world.halts if halt in HALTING or intent["purpose"] == "entry"]
        return [f"{name} was decided while {halt} stands" for halt in forbids]


class Pace(Promise):
    """Requests stay under the venue's documented rate, entries under 60 an hour, or what the policy
    says, and 500 a day.

    Counted as their first bytes leave, in windows that slide. The trader counts an entry from its
    record, and its bytes leave two seconds later at most: a window is shorter by that. An entry
    that the exchange declined because it would not have rested traded nothing, and counts for none:
    three times in a row for a product, then it does. Those that are further apart than ten minutes
    are not in a row.
    """

    id = "I15"
    of_reads = EACH

    _LATE_US = 2_000_000
    _FORGIVEN_MAX = 3
    _ROW_US = 10 * MINUTE_US
    _WOULD_TAKE = ("INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY")

    _HOUR_US, _DAY_US, _SECOND_US = 3_600_000_000, 86_400_000_000, 1_000_000

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._all: deque[int] = deque()
        self._entries: deque[tuple[int, str]] = deque()
        self._forgiven: dict[str, tuple[int, int]] = {}
        """How many in a row, and when the last one was, by product."""

    def on_request(self, record: Told) -> Wrong:
        at_us, found = record["at_us"], []
        self._all.append(at_us)
        while self._all[0] <= at_us - self._SECOND_US:
            self._all.popleft()
        rate = self.world.requests_per_s
        if len(self._all) > rate:
            found.append(f"{len(self._all)} requests within a second, {rate} are allowed")
        if record["method"] == "GET":
            return found
        intent = self.world.intents.get(self.world.requests[record["id"]]["name"])
        if intent is not None and intent.purpose == "entry":
            self._entries.append((at_us, intent.name))
            while self._entries[0][0] <= at_us + self._LATE_US - self._DAY_US:
                self._entries.popleft()
            since_us = at_us + self._LATE_US - self._HOUR_US
            hour = sum(1 for each, _ in self._entries if each > since_us)
            if hour > self.world.limits.get("entries_per_hour", 60) or len(self._entries) > 500:
                found.append(f"{hour} entries within an hour, {len(self._entries)} within a day")
        return found

    def event_submission_settled(self, payload: Told, event: Told) -> Wrong:
        name, outcome = payload["client_order_id"], payload["outcome"]
        intent = self.world.intents.get(name)
        if intent is None or intent.purpose != "entry":
            return []
        if outcome["is"] == "Acknowledged":
            self._forgiven.pop(intent.product, None)
        elif outcome.get("code") in self._WOULD_TAKE and outcome.get("is_sent"):
            at_us = instant_us(event["time"])
            count, last_us = self._forgiven.get(intent.product, (0, at_us))
            count = 1 if at_us - last_us > self._ROW_US else count + 1
            self._forgiven[intent.product] = count, at_us
            if count <= self._FORGIVEN_MAX:
                self._entries = deque(each for each in self._entries if each[1] != name)
        return []


class Losses(Promise):
    """A loss of 3 % in a day, 7 % in a week or 10 % from the peak latches its stop in that cycle.
    Nobody clears it while so much is lost; and no peak is accepted below what is there.

    The value of a unit is followed here, from the equity of every cycle and every flow; each stop
    compares it with all of its bases. What is due latches in the transaction of its cycle: who dies
    just after it would go on without.
    """

    id = "I17"

    _LIMITS = (("daily_stop", Decimal(3)), ("weekly_stop", Decimal(7)), ("drawdown", Decimal(10)))
    _CLEARLY = Decimal("1e-9")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._due: dict[str, str] = {}

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        for name, limit in self._LIMITS:
            loss = self.world.losses.get(name)
            if loss is None or name in self.world.halts:
                continue
            if loss * 100 >= limit + self._CLEARLY:
                why = f"down {loss * 100:.3f} % in cycle {payload['cycle']}, allowed are {limit} %"
                self._due[name] = why
        return []

    def on_journal(self, _: Told) -> Wrong:
        late = [f"{name} did not latch: {why}" for name, why in self._due.items()]
        self._due.clear()
        return late

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        self._due.pop(payload["name"], None)
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        name, limits = payload["name"], dict(self._LIMITS)
        loss = self.world.losses.get(name)
        peak, equity = payload.get("accepted_peak"), self.world.cycle.get("equity")
        if peak is not None and equity is not None and Decimal(peak) < Decimal(equity):
            return [f"{name} was cleared by a peak of {peak}, and {equity} is there"]
        # Whoever clears a drawdown accepts another peak with it.
        if name not in limits or peak is not None or loss is None:
            return []
        if loss * 100 < limits[name] + self._CLEARLY:
            return []
        return [f"{name} was cleared while {loss * 100:.3f} % are lost"]


class Marks(Promise):
    """High-water mark, stop bases and halts survive restarts, and a restart adds no headroom.

    The trader's own are compared with those that follow from its journal, after every cycle.
    """

    id = "I16"

    _RELATIVE = Decimal("1e-12")

    def on_folded(self, record: Told) -> Wrong:
        portfolio, world = record["portfolio"], self.world
        found = []
        ours, theirs = sorted(world.halts), sorted(portfolio["halts"])
        if ours != theirs:
            found.append(f"the journal's halts are {ours}, the trader's {theirs}")
        for name, base in world.fund.bases().items():
            if name not in portfolio:
                continue
            told, what = portfolio[name], name.replace("_", " ").replace("high water", "high-water")
            if told is None:
                found.append(f"the {what} {base:f} was forgotten")
            elif abs(Decimal(told) - base) > abs(base) * self._RELATIVE:
                found.append(f"the {what} is {base:.12f}, the trader's {told}")
        state = "ACTIVE"
        if world.halts:
            state = "HALTED" if HALTING & world.halts.keys() else "REDUCING"
        if portfolio["state"] != state:
            found.append(f"the trader is {portfolio['state']} under {ours}: that is {state}")
        return found
