"""Stops that rest at the exchange, for what is held."""

from __future__ import annotations

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker
from trader247.simulation.judged.witnesses.readings import Readings
from trader247.simulation.judged.witnesses.restored import Restored

STOP = "stop_limit_gtd"
_GIVES_WAY = ("order_working", "no_quote", "stale_quote")
_EXITS = "exits"
_UNTOLD = "nothing tells of the end of its stop"
_GATE = ("product_status", "collar", "quote_age", "quote_sanity", "buying_power")


class Stops(Onlooker):
    """Each by our name."""

    def __init__(self, readings: Readings, restored: Restored) -> None:
        self._readings, self._restored = readings, restored
        self.declined = 0
        self.switched_off: set[str] = set()
        """What a raised switch asked to end."""
        self.laid_meanwhile = 0
        """Laid for what is due, and whose sale the collar has refused."""
        self.given_up_for_nothing: set[str] = set()
        """What made way for a sale that was then refused."""
        self.given_up_unread: set[str] = set()
        """What was asked to end since a list was last refused."""
        self.stayed_between = 0
        """Exits that were due between two cycles, and waited: nothing told of their stop's end."""
        self.taken_back = 0
        """Of orders that a restored journal had lost."""
        self._products: dict[str, str] = {}
        """What each stop that may rest is of."""
        self._making_way: dict[str, str] = {}
        """The stop that made way for a sale of each product."""
        self._refused: set[str] = set()
        """Products whose sale the collar refused in the last cycle."""

    @property
    def lost(self) -> int:
        """How many the exchange had that a restored journal did not know."""
        return len(self._restored.forgotten & self._products.keys())

    def _read_cycle_decided(self, event: Record) -> None:
        endings = event["payload"]["endings"].items()
        if event["payload"].get("regime") == _EXITS:
            self.stayed_between += sum(_UNTOLD in each["detail"] for _, each in endings)
        self._refused = {product for product, each in endings if each["reason"] == "collar"}
        for product, ending in endings:
            word = ending["reason"]
            name = self._making_way.get(product)
            if name is not None and word not in _GIVES_WAY:
                del self._making_way[product]
                if word in _GATE:
                    self.given_up_for_nothing.add(name)

    def _read_intent_recorded(self, event: Record) -> None:
        intent = event["payload"]["intent"]
        name = intent["client_order_id"]
        self.taken_back += name in self._restored.forgotten and name in self._products
        if intent["order_type"] == STOP:
            self._products[name] = intent["product"]
            self.laid_meanwhile += intent["product"] in self._refused

    def _read_submission_settled(self, event: Record) -> None:
        name, outcome = event["payload"]["client_order_id"], event["payload"]["outcome"]["is"]
        self.declined += outcome == "Declined" and name in self._products

    def _read_cancel_requested(self, event: Record) -> None:
        name, cause = event["payload"]["client_order_id"], event["payload"]["cause"]
        if name not in self._products:
            return
        if self._readings.is_unread:
            self.given_up_unread.add(name)
        if cause == "kill switch":
            self.switched_off.add(name)
        if cause.endswith(" is due"):
            self._making_way[self._products[name]] = name
