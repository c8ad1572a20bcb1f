"""What is sent, once, as recorded, and what becomes of it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, ClassVar

from trader247.truth.exact import maybe
from trader247.truth.facts import PAST, UNRESOLVED, Intent
from trader247.truth.paths import ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World

_QUIET_US = 180 * SECOND_US
_GAP_US = 30 * SECOND_US
_LISTINGS_MIN = 3
_KINDS = {
    "post_only_gtd": "limit_limit_gtd",
    "limit_ioc": "sor_limit_ioc",
    "stop_limit_gtd": "stop_limit_stop_limit_gtd",
}
"""The exchange's word for each way in which an order is recorded."""


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
        if intent.name in self.world.listed_otherwise:
            return []  # that is what the exchange says of it, however it stands
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
