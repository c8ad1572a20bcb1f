"""What is sent, once, as recorded, by whom, and what becomes of it."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from typing import Any, ClassVar

from trader247.truth.exact import NONE, exact, maybe, plain
from trader247.truth.facts import PAST, UNRESOLVED, Intent
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import ORDERS, World

_QUIET_US = 180 * SECOND_US
_GAP_US = 30 * SECOND_US
_LISTINGS_MIN = 3
_KINDS = {
    "post_only_gtd": "limit_limit_gtd",
    "limit_ioc": "sor_limit_ioc",
    "stop_limit_gtd": "stop_limit_stop_limit_gtd",
}
"""The exchange's word for each way in which an order is recorded."""
_DECIDED_US = 2_500_000
"""How long before it leaves an order may have been decided."""


class Recorded(Promise):
    """No order leaves that the journal does not hold, committed before, byte for byte.

    Its body, the hash of it, and its terms are compared with the intent's; later the order that the
    exchange made of it is compared with both. Whoever goes back to a backup has lost intents that
    came after it: their orders are taken back in the end, and no name of theirs is sent again.
    """

    id = "I3"

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        name = self.world.requests[record["id"]]["name"]
        intent = self.world.intents.get(name)
        if intent is None:
            return [f"{name or 'an order without a name'} left, and the journal does not hold it"]
        found = [f"{name} was lost, and is sent again"] if name in self.world.lost else []
        body = record["body"]
        if body != intent.body:
            found.append(f"{name} left with another body than the recorded one")
        if sha256(body.encode()).hexdigest() != intent.body_sha256:
            found.append(f"{name} left with another hash than the recorded one")
        return [*found, *_terms_differ(intent, json.loads(body))]

    def on_exchange(self, record: Told) -> Wrong:
        found = []
        for row in record["orders"]:
            if not row["is_ours"]:
                continue
            intent = self.world.intents.get(row["client_order_id"])
            if intent is None:
                if row["client_order_id"] not in self.world.lost:
                    found.append(f"the exchange has {row['client_order_id']}, the journal does not")
                continue
            order = self.world.orders[row["order_id"]]
            ours = (intent.product, intent.side, intent.price, intent.size)
            theirs = (order.product, order.side, order.price, order.size)
            if order.kind != "OTHER" and ours != theirs:
                found.append(f"{intent.name} is another order at the exchange than was recorded")
        return found

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        """What is taken back after it was lost is the order that it is."""
        intent = self.world.intents[payload["intent"]["client_order_id"]]
        order = self.world.by_name.get(intent.name)
        if order is None or order.kind == "OTHER":
            return []
        ours = (intent.product, intent.side, intent.price, intent.size)
        if ours == (order.product, order.side, order.price, order.size):
            return []
        return [f"{intent.name} was taken back as another order than the exchange has"]

    def on_settled(self, _: Told) -> Wrong:
        world = self.world
        return [
            f"{name} was lost, and never taken back"
            for name in sorted(world.lost.keys() & world.by_name.keys())
            if name not in world.intents
        ]


def _terms_differ(intent: Intent, body: dict[str, Any]) -> Wrong:
    """Where the words of a body say something else than the intent beside it."""
    ((kind, terms),) = body["order_configuration"].items()
    figures = ("base_size", "limit_price", "stop_price")
    says = (body["product_id"], body["side"], *map(terms.get, figures))
    ours = (intent.product, intent.side, intent.size, intent.price, intent.stop_price)
    if _KINDS.get(intent.order_type, kind) != kind:
        return [f"{intent.name} is a {intent.order_type} by its record, and left as {kind}"]
    if (*says[:2], *map(maybe, says[2:])) != ours:
        return [f"{intent.name}: its body says {says} of {kind}, its record something else"]
    return []


class Once(Promise):
    """A decision's leg becomes one order at most, under one name, sent once.

    Counted where nothing can hide it: as first bytes leave, and at the exchange.
    """

    id = "I4"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        told = payload["intent"]
        key, name = (told["decision_id"], told["leg"]), told["client_order_id"]
        other = self.world.legs.setdefault(key, name)
        if other != name:
            return [f"decision {key[0]}, leg {key[1]}, is {name} and {other}"]
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        name = self.world.requests[record["id"]]["name"]
        intent = self.world.intents.get(name)
        if intent is not None and len(intent.sent_us) > 1:
            return [f"{name} was sent {len(intent.sent_us)} times"]
        return []

    def on_exchange(self, record: Told) -> Wrong:
        found = []
        for row in record["orders"]:
            known = self.world.by_name.get(row["client_order_id"])
            if row["is_ours"] and known is not None and known.order_id != row["order_id"]:
                found.append(f"{known.name} is two orders at the exchange")
        return found


class OneUnresolved(Promise):
    """One order of a product and side may be of unknown fate: never a second one beside it."""

    id = "I5"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        told = payload["intent"]
        return [
            f"{told['client_order_id']} was recorded while {each.name} is {each.state}"
            for each in self.world.unresolved.values()
            if each.name != told["client_order_id"]
            and (each.product, each.side) == (told["product"], told["side"])
        ]


class Lawful(Promise):
    """An intent goes only where its protocol leads, and is over only when its order is.

    A no needs the venue's answer, or that no byte left. An order that was never seen is given up
    only on evidence: three complete listings, thirty seconds apart, each begun 180 s after the
    record; and never while the exchange has it. No process wants to write what its own journal
    forbids: two orders of one name, a step that leads nowhere. Whatever lives at the exchange, or
    has fills that are not booked, still works in the trader's own books, unless it was listed as
    ended with nothing filled.
    """

    id = "I11"

    _EDGES: ClassVar = {
        ("SUBMITTING", "ACCEPTED"), ("SUBMITTING", "REJECTED"), ("SUBMITTING", "UNKNOWN"),
        ("SUBMITTING", "NOT_CREATED"), ("UNKNOWN", "ACCEPTED"), ("UNKNOWN", "NOT_CREATED"),
        ("UNKNOWN", "UNKNOWN"),
    }  # fmt: skip

    def event_submission_settled(self, payload: Told, _: Told) -> Wrong:
        name = payload["client_order_id"]
        intent = self.world.intents.get(name)
        if intent is None:
            return [f"{name} was settled, and never recorded"]
        if (intent.before or "SUBMITTING", intent.state) not in self._EDGES:
            return [f"{name} went from {intent.before} to {intent.state}"]
        if intent.state == "ACCEPTED":
            return self._taken(intent)
        if intent.state in PAST:
            return self._given_up(intent, payload["outcome"])
        return self._still_unknown(intent)

    def _still_unknown(self, intent: Intent) -> Wrong:
        """What was unknown stays so by evidence alone: that another order has its name."""
        if (intent.before, intent.state) != ("UNKNOWN", "UNKNOWN"):
            return []
        order = self.world.by_name.get(intent.name)
        ours = (intent.product, intent.side, intent.price, intent.size)
        if order is None:
            return [f"{intent.name} was found to be another order, and the exchange has none"]
        if order.kind != "OTHER" and ours == (order.product, order.side, order.price, order.size):
            return [f"{intent.name} was found to be another order than the one that it is"]
        return []

    def _taken(self, intent: Intent) -> Wrong:
        order = self.world.orders.get(intent.order_id)
        if order is None or order.name != intent.name:
            return [f"{intent.name} was taken for order {intent.order_id}, which is another's"]
        return []

    def _given_up(self, intent: Intent, outcome: Told) -> Wrong:
        name, found = intent.name, []
        order = self.world.by_name.get(name)
        if order is not None and (order.is_live or order.filled != intent.booked):
            found.append(f"{name} is over in the journal, and {order.status} at the exchange")
        if intent.before == "UNKNOWN":
            found += self._without_evidence(intent)
        elif outcome["is_sent"]:
            if not any(each is not None for each in intent.answered):
                found.append(f"{name} was taken for refused, and no answer had come")
        elif intent.sent_us:
            found.append(f"{name} was taken for not sent, and had left")
        return found

    def _without_evidence(self, intent: Intent) -> Wrong:
        count, last = 0, None
        for begun_us in self.world.listings:
            if begun_us - intent.recorded_us < _QUIET_US - SECOND_US:
                continue
            if last is None or begun_us - last >= _GAP_US - SECOND_US:
                count, last = count + 1, begun_us
        unseen = self.unseen.get(intent.name, 0)
        if count + unseen < _LISTINGS_MIN:
            return [f"{intent.name} was given up after {count + unseen} late enough listings"]
        return []

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.unseen: dict[str, int] = {}
        """Sightings of nothing that earlier processes recorded: evidence too, when it was so."""

    _FORBIDDEN: ClassVar = ("the ledger forbids it", "LedgerError")

    def on_process(self, record: Told) -> Wrong:
        if record["what"] in ("ended", "died", "power", "failed"):
            for name, intent in self.world.unresolved.items():
                self.unseen[name] = self.unseen.get(name, 0) + self._late_listings(intent)
        cause = record.get("cause", "")
        return [f"it ended by itself: {cause}" for each in self._FORBIDDEN if each in cause]

    def _late_listings(self, intent: Intent) -> int:
        late = intent.recorded_us + _QUIET_US - SECOND_US
        return sum(1 for begun_us in self.world.listings if begun_us >= late)

    def on_folded(self, record: Told) -> Wrong:
        world = self.world
        working = {
            each["client_order_id"]: each["state"] for each in record["portfolio"]["working"]
        }
        found = [
            f"{name} is {each.status} at the exchange, and works no more in the trader's books"
            for name, each in world.live.items()
            if name not in working and name in world.intents
        ]
        found += [
            f"{name} has fills that are not booked, and works no more in the trader's books"
            for name in world.owing
            if name not in working and name in world.intents and name not in world.understated
        ]
        found += [
            f"{name} is {each.state}, and reserves nothing in the trader's books"
            for name, each in world.unresolved.items()
            if name not in working
        ]
        found += [
            f"{name} is {world.intents[name].state} by the journal, {state} by the trader"
            for name, state in working.items()
            if name in world.intents
            and (world.intents[name].state in UNRESOLVED) != (state in UNRESOLVED)
        ]
        return found


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


class Lifetime(Promise):
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
        return found

    def every(self) -> Wrong:
        found: Wrong = []
        if not self._ends:
            return found
        late_us = self.world.seconds("late_s")
        while self._ends and self._ends[0][0] + late_us < self.world.now_us:
            end_us, name = heapq.heappop(self._ends)
            order = self.world.live.get(name)
            if order is not None and order.end_us == end_us:
                late = (self.world.now_us - end_us) // SECOND_US
                found.append(f"{name} lives {late} s after its end")
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


class OneSender(Promise):
    """The process of the latest session sends, and no other; epochs only rise.

    An intent carries the epoch of the session that decided it, and is sent by that process alone;
    none is of an epoch that was lost, or before it, whose orders were listed when that one started.
    Nor does a process whose journal was taken write another word into it.
    """

    id = "I20"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._epoch = 0

    def event_session_started(self, payload: Told, _: Told) -> Wrong:
        before, self._epoch = self._epoch, payload["epoch"]
        if payload["epoch"] <= before:
            return [f"epoch {payload['epoch']} began after epoch {before}"]
        return []

    def on_journal(self, record: Told) -> Wrong:
        if not self.world.is_taken:
            return []
        kinds = ", ".join(sorted({each["kind"] for each in record["events"]}))
        return [f"{kinds} were written after another process had taken the journal"]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        told = payload["intent"]
        name = told["client_order_id"]
        if name in self.world.by_name:
            return []  # taken back after the journal was lost
        if told["epoch"] != self.world.epoch:
            return [f"{name} is of epoch {told['epoch']}, the session's is {self.world.epoch}"]
        if told["epoch"] <= self._lost():
            return [f"{name} is of epoch {told['epoch']}, which was lost"]
        return []

    _LISTED_US = 130 * SECOND_US

    def _lost(self) -> int:
        """The latest lost epoch of which the process that lives could see an order as it began."""
        world = self.world
        return max(
            (
                epoch
                for name, epoch in world.lost.items()
                if (order := world.by_name.get(name)) is not None
                and order.created_us + self._LISTED_US < world.up_since_us
            ),
            default=0,
        )

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        world, found = self.world, []
        name = world.requests[record["id"]]["name"]
        if world.is_taken:
            found.append(f"{name} was sent after another process had taken the journal")
        if record["incarnation"] != world.holder:
            found.append(
                f"{name} was sent by process {record['incarnation']}, not by {world.holder}"
            )
        intent = world.intents.get(name)
        if intent is not None and intent.epoch != world.epoch:
            found.append(f"{name} of epoch {intent.epoch} was sent in epoch {world.epoch}")
        return found


class Recovery(Promise):
    """A start sends no order, and starting twice is starting once.

    Nothing is sent between a process's start and the end of its recovery. A second recovery in a
    row, with nothing new at the exchange, finds nothing to record but that it began.
    """

    id = "I22"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_still = False
        """Whether the last recovery ended, and nothing has happened since."""
        self._found: list[str] = []
        self._has_begun = False
        """Whether the process that lives has written its first word."""

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "started":
            self._found, self._has_begun = [], False
        elif record["what"] == "recovered":
            found, self._found = self._found, []
            was_still, self._is_still = self._is_still, True
            if was_still and found:
                return [f"a second recovery in a row recorded {', '.join(sorted(set(found)))}"]
        return []

    def on_exchange(self, _: Told) -> Wrong:
        self._is_still = False
        return []

    def on_kill(self, _: Told) -> Wrong:
        self._is_still = False
        return []

    def on_restored(self, _: Told) -> Wrong:
        self._is_still = False
        return []

    def on_journal(self, record: Told) -> Wrong:
        if self.world.is_recovered:
            self._is_still = False
            return []
        facts = {"fill_booked", "cash_flowed", "intent_recorded", "order_seen"}
        for each in record["events"]:
            self._has_begun = self._has_begun or each["kind"] == "session_started"
            if not self._has_begun:
                # The last words of the process before: it did more than start.
                self._is_still = False
            elif each["kind"] in facts:
                self._found.append(each["kind"])
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["method"] == "POST" and record["path"] == ORDERS and not self.world.is_recovered:
            return [f"{self.world.requests[record['id']]['name']} was sent in a recovery"]
        return []
