"""What is told from outside the journal: of the exchange, of processes, people and messages."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from trader247.truth.exact import NONE, exact
from trader247.truth.facts import Fill, Intent, Order, Row, Shown
from trader247.truth.paths import ACCOUNTS, BOOKS, FILLS, LISTING, ONE, ORDERS
from trader247.truth.times import MINUTE_US, SECOND_US

_LISTINGS_KEPT = 16_384
_BIDS_KEPT = 256
_BOOKS_KEPT = 4
_TOTALS_KEPT = 512


class Outside:
    """The exchange's side first, then the trader's as others see it; nothing here judges.

    Whoever reads the journal tells it which intents and fills that has.
    """

    def __init__(self) -> None:  # noqa: PLR0915 - one line a fact
        self.now_us = 0
        self.quote = "USD"
        self.limits: dict[str, Fraction] = {}
        self.requests_per_s = 0
        self._us: dict[str, int] = {}
        self.bases: dict[str, str] = {}
        self.steps: dict[str, Fraction] = {}
        """The least by which prices of a product differ."""
        self.least: dict[str, tuple[Fraction, Fraction, Fraction]] = {}
        """The step of quantities of a product, the least of it that is sold and what it is
        sold for at the least, where they are told."""
        self.clusters: dict[str, Row] = {}
        """Which products fall together, and their share of equity, by name: where it is told."""
        self.spreads: dict[str, Fraction] = {}
        """How wide the book of a product may be that is bought, in bps: where it is told."""
        self.forbidden: frozenset[str] = frozenset()
        """Products that nobody may buy, by their owner's word."""
        self.checks: tuple[str, ...] = ()
        """Every check that an entry is asked by, where it is told."""
        self.secrets: tuple[str, ...] = ()
        # the exchange
        self.orders: dict[str, Order] = {}
        self.by_name: dict[str, Order] = {}
        self.live: dict[str, Order] = {}
        """Orders of ours that may still fill, by our name."""
        self.fills: dict[str, Fill] = {}
        self.unbooked: dict[str, Fill] = {}
        """Fills of ours that the journal does not have yet."""
        self.irregular: dict[str, Fill] = {}
        """What the exchange took back of ours, or corrected."""
        self.owing: dict[str, int] = {}
        """How many of those each order of ours has, by our name."""
        self.understated: set[str] = set()
        """Orders that were listed as ended with nothing filled, by our name, whatever they had."""
        self.listed_otherwise: set[str] = set()
        """Orders that were ever listed otherwise than they stand, by our name."""
        self.wallets: dict[str, tuple[Fraction, Fraction]] = {}
        self._totals: dict[str, deque[tuple[int, Fraction]]] = {}
        """What each wallet had lately, and since when."""
        self._asked_us: tuple[int | None, int | None] = None, None
        """When the last reading of wallets but one began, and when the last one did."""
        self.held: dict[str, Fraction] = {}
        """What fills of ours add up to, by product, whatever the trader has read of them."""
        self.touches: dict[str, deque[tuple[int, str, str]]] = {}
        """The best bids and asks that the exchange showed lately, and the times it gave them, where
        they are told."""
        self.bids: dict[str, deque[Decimal]] = {}
        """The last bids that the exchange showed, where they are told: many are compared, and
        decimals compare as exactly as fractions, and thirty times as fast."""
        self.books: dict[str, deque[Shown]] = {}
        """The last books that the exchange answered with, where they are told."""
        self.booked: set[str] = set()
        """Entries of fills that the journal has."""
        self.intents: dict[str, Intent] = {}
        """By our name, as the journal recorded them and messages told of them since."""
        self.gone_back_to = -1
        """The last event of that backup."""
        # processes, people, messages
        self.incarnation = 0
        self.is_up = False
        self.is_recovered = False
        self.is_taken = False
        """Whether another process has taken the journal from the one that lives."""
        self.up_since_us = self.ended_us = 0
        self.kill_us: int | None = None
        self.keeps_sales = False
        """Whether somebody who raised the switch wished that sales stay."""
        self.stricter_us: int | None = None
        """Since when a switch that kept sales keeps none any more."""
        self.may_send = True
        """Whether app.yaml lets orders be sent."""
        self.calm_us: int | None = None
        self.requests: dict[int, Row] = {}
        self.path_read = ""
        """What was read, where the latest answer is to a request that changes nothing."""
        self.fills_read = 0
        """How many pages of fills were answered."""
        self.wallets_read = 0
        """How many pages of wallets were answered."""
        self.read_us: dict[str, int] = {}
        """When the last answered reading of orders, fills and wallets began, by its path."""
        self.untold_us = -1
        """When the exchange was last asked for one order by its id, and did not tell of it."""
        self.listings: deque[int] = deque(maxlen=_LISTINGS_KEPT)
        """When complete listings of this process began, those that were answered."""

    def see(self, record: Row) -> None:
        """Take what was told, but for the journal's events: those come one by one."""
        self.now_us = record["at_us"]
        handler = _handler(record["kind"])
        if handler is not None:
            handler(self, record)

    # what is told of the exchange

    def _begun(self, record: Row) -> None:
        self.quote = record["quote"]
        limits: dict[str, Any] = record["limits"]
        self.limits = {name: Fraction(value) for name, value in limits.items()}
        self.requests_per_s = int(self.limits.get("requests_per_s", NONE))
        self._us = {name: int(each * SECOND_US) for name, each in self.limits.items()}
        self.bases = {each["product_id"]: each["base"] for each in record["products"]}
        self.steps = {
            each["product_id"]: exact(each["price_increment"]) for each in record["products"]
        }
        self.least = {
            each["product_id"]: (
                exact(each["base_increment"]),
                exact(each["base_min"]),
                exact(each["quote_min"]),
            )
            for each in record["products"]
            if "quote_min" in each
        }
        self.clusters = record.get("clusters", {})
        self.spreads = {key: exact(each) for key, each in record.get("spreads", {}).items()}
        self.checks = tuple(record.get("checks", ()))
        self.forbidden = frozenset(record.get("forbidden", ()))
        self.secrets = tuple(record["secrets"])
        for key, total in record["wallets"].items():
            self._wallet(key, exact(total), NONE)

    def _exchange(self, record: Row) -> None:
        for row in record["orders"]:
            self._order(Order.of(row))
        for row in record["fills"]:
            self._fill(row)
        for row in record["wallets"]:
            self._wallet(row["currency"], exact(row["total"]), exact(row["hold"]))

    def _wallet(self, currency: str, total: Fraction, hold: Fraction) -> None:
        self.wallets[currency] = total, hold
        had = self._totals.setdefault(currency, deque(maxlen=_TOTALS_KEPT))
        if not had or had[-1][1] != total:
            had.append((self.now_us, total))

    def _order(self, order: Order) -> None:
        self.orders[order.order_id] = order
        if not order.is_ours:
            return
        self.by_name[order.name] = order
        if order.is_live:
            self.live[order.name] = order
        else:
            self.live.pop(order.name, None)

    def _fill(self, row: Row) -> None:
        order = self.orders.get(row["order_id"])
        fill = Fill(
            entry_id=row["entry_id"],
            order_id=row["order_id"],
            product=row["product_id"],
            side=row["side"],
            price=exact(row["price"]),
            size=exact(row["size"]),
            fee=exact(row["fee"]),
            kind=row["kind"],
            is_ours=order is not None and order.is_ours,
        )
        self.fills[fill.entry_id] = fill
        if fill.is_ours and order is not None:
            self.held[fill.product] = self.held.get(fill.product, NONE) + fill.sign * fill.size
            if fill.kind in ("REVERSAL", "CORRECTION"):
                self.irregular[fill.entry_id] = fill
            if fill.kind == "FILL" and fill.entry_id not in self.booked:
                self.unbooked[fill.entry_id] = fill
                self.owing[order.name] = self.owing.get(order.name, 0) + 1

    def _quotes(self, record: Row) -> None:
        for product, touch in record["touches"].items():
            if touch["bid"] is None or touch["ask"] is None:
                continue
            shown = self.touches.get(product)
            if shown is None:
                shown = self.touches[product] = deque()
                self.bids[product] = deque(maxlen=_BIDS_KEPT)
                self.books[product] = deque(maxlen=_BOOKS_KEPT)
            at_us, bid, ask = touch.get("time_us", self.now_us), touch["bid"], touch["ask"]
            shown.append((at_us, bid, ask))
            while shown and shown[0][0] < self.now_us - 2 * MINUTE_US:
                shown.popleft()
            self.bids[product].append(Decimal(bid))
            if "books" in record and product in record["books"]:
                self.books[product].append(Shown(at_us, bid, ask, record["books"][product]))

    # what is told of processes, people and messages

    def _process(self, record: Row) -> None:
        what = record["what"]
        self.incarnation = record["incarnation"]
        if what == "started":
            self.is_up, self.is_recovered, self.up_since_us = True, False, self.now_us
            self.is_taken = False
            self.listings.clear()
        elif what == "recovered":
            self.is_recovered = True
        else:
            self.is_up = self.is_recovered = False
            self.ended_us = self.now_us
            self.requests.clear()

    def _understated(self, record: Row) -> None:
        self.understated |= set(record["orders"])

    def _otherwise(self, record: Row) -> None:
        self.listed_otherwise |= set(record["orders"])

    def _taken(self, _: Row) -> None:
        self.is_taken = True

    def _kill(self, record: Row) -> None:
        keeps_sales = bool(record.get("keeps_sales"))
        if not record["is_on"]:
            self.kill_us = self.stricter_us = None
        elif self.kill_us is None:
            self.kill_us, self.keeps_sales = self.now_us, keeps_sales
        elif keeps_sales:
            self.keeps_sales = True  # maybe nobody has seen the file as it was before
        elif self.keeps_sales:
            self.keeps_sales, self.stricter_us = False, self.now_us

    def _settings(self, record: Row) -> None:
        self.may_send = record["may_send"]

    def _restored(self, record: Row) -> None:
        self.gone_back_to = record["seq"]

    def _calm(self, _: Row) -> None:
        self.calm_us = self.now_us

    def _request(self, record: Row) -> None:
        name, path = "", record["path"]
        if record["method"] == "POST" and path == ORDERS:
            try:
                name = str(json.loads(record["body"]).get("client_order_id", ""))
            except (ValueError, AttributeError):
                name = ""
            intent = self.intents.get(name)
            if intent is not None:
                intent.sent_us.append(self.now_us)
        before_us, last_us = self._asked_us
        if path == FILLS and last_us is not None:
            self._asked_us = last_us, None  # wallets are read after fills
        elif path == ACCOUNTS and last_us is None:
            self._asked_us = before_us, self.now_us
        self.requests[record["id"]] = {
            "path": path,
            "at_us": record["at_us"],
            "name": name,
            "is_read": record["method"] == "GET",
        }

    def _answer(self, record: Row) -> None:
        request = self.requests.pop(record["id"], None)
        self.path_read = ""
        if request is None:
            return
        path = request["path"]
        if request["is_read"]:
            self.path_read = path
        if path.startswith(ONE) and path not in BOOKS and record["status"] != 200:
            self.untold_us = self.now_us
        if path in BOOKS and record["status"] == 200:
            self.read_us[path] = request["at_us"]
            self.fills_read += path == FILLS
            self.wallets_read += path == ACCOUNTS
            if path == LISTING:
                self.listings.append(request["at_us"])
        intent = self.intents.get(request["name"])
        if intent is not None:
            intent.answered.append(record["status"])

    # what follows from it

    def totals(self, currency: str, *, is_latest: bool = False) -> set[Fraction]:
        """Whatever a wallet had since the last reading of them but one began, or the last one."""
        asked_us = [each for each in self._asked_us if each is not None]
        since = max if is_latest else min
        since_us, found = since(asked_us, default=self.now_us), set[Fraction]()
        for begun_us, total in reversed(self._totals.get(currency, ())):
            found.add(total)
            if begun_us < since_us:
                break
        return found or {NONE}

    def less_since_us(self, currency: str, amount: Fraction) -> int | None:
        """Since when a wallet has had less than that; None where it has as much, or nobody knows
        when it had.
        """
        since_us = None
        for begun_us, total in reversed(self._totals.get(currency, ())):
            if total >= amount:
                return since_us
            since_us = begun_us
        return None

    def is_sellable(self, product: str, quantity: Fraction, bid: Fraction) -> bool | None:
        """Whether the exchange takes a sale of so much, as far under this bid as any may be; None
        where nobody told what it takes.
        """
        if product not in self.least:
            return None
        step, base_min, quote_min = self.least[product]
        whole = quantity // step * step
        lowest = bid * (1 - self.limits["collar_bps"] / 10_000)
        return whole >= max(base_min, step) and whole * lowest >= quote_min

    def seconds(self, name: str) -> int:
        """A limit that is a time, in microseconds."""
        return self._us[name]

    def microseconds(self, name: str) -> int:
        """The same of one that may not be told of: then it binds nobody."""
        return self._us.get(name, 0)


@cache
def _handler(kind: str) -> Callable[[Outside, Row], None] | None:
    """What takes a kind of record, where anything does."""
    return getattr(Outside, f"_{kind}", None)
