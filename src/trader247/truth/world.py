"""Everything that was told, kept as both sides have it, with a step's work for a step's news."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from trader247.truth.book import Book
from trader247.truth.exact import NONE, exact
from trader247.truth.facts import FINAL, PAST, UNRESOLVED, Fill, Intent, Order, Plan, Row, Shown
from trader247.truth.fund import Fund
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us

ORDERS = "/api/v3/brokerage/orders"
LISTING = "/api/v3/brokerage/orders/historical/batch"
FILLS = "/api/v3/brokerage/orders/historical/fills"
ACCOUNTS = "/api/v3/brokerage/accounts"
BOOKS = (LISTING, FILLS, ACCOUNTS)
"""What whoever knows how the account stands has read."""
_LISTINGS_KEPT = 16_384
_BIDS_KEPT = 256
_BOOKS_KEPT = 4
_TOTALS_KEPT = 512


class World:
    """The exchange's side first, then the trader's; nothing here judges."""

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
        # the trader
        self.intents: dict[str, Intent] = {}
        self.unresolved: dict[str, Intent] = {}
        self.by_order: dict[str, str] = {}
        self.lost: dict[str, int] = {}
        """Intents that a journal does not hold any more, since somebody went back to a backup, each
        with its epoch."""
        self.gone_back_to = -1
        """The last event of that backup."""
        self.cancel_wishes: set[str] = set()
        """Intents of which the journal says that their end was asked for."""
        self.legs: dict[tuple[str, int], str] = {}
        self.booked: set[str] = set()
        self.quarantined: set[str] = set()
        self.book = Book()
        self.plans: dict[str, tuple[Plan | None, int]] = {}
        """How each position is to end, as its first entry said, and since when it is held."""
        self.openers: dict[str, str] = {}
        """The decision of each position's first entry."""
        self.dust: dict[str, tuple[Plan | None, int]] = {}
        """The same of what is left of positions, and was set aside as too little to sell."""
        self.wanted_sold: dict[str, tuple[int, int]] = {}
        """Positions that a person wants sold, by the journal: since when, and until when."""
        self.fund = Fund()
        self.foreign: dict[str, Fraction] = {}
        self.halts: dict[str, int] = {}
        self.breaks: set[str] = set()
        self.taker = Fraction(0)
        self._has_tier = False
        self.cycle: Row = {}
        self.cycle_us = 0
        """When the latest cycle was told of."""
        self.touches: dict[str, deque[tuple[int, str, str]]] = {}
        """The best bids and asks that the exchange showed lately, and the times it gave them, where
        they are told."""
        self.bids: dict[str, deque[Fraction]] = {}
        """The last bids that the exchange showed, where they are told."""
        self.books: dict[str, deque[Shown]] = {}
        """The last books that the exchange answered with, where they are told."""
        self.losses: dict[str, Decimal] = {}
        self.seq = 0
        self.hash = ""
        self.epoch = 0
        self.holder = 0
        """The incarnation that opened the latest session."""
        # processes, people, messages
        self.incarnation = 0
        self.is_up = False
        self.is_recovered = False
        self.is_taken = False
        """Whether another process has taken the journal from the one that lives."""
        self.up_since_us = self.ended_us = 0
        self.kill_us: int | None = None
        self.keeps_sales = False
        self.stricter_us: int | None = None
        """Since when a switch that kept sales keeps none any more."""
        """Whether somebody who raised the switch wished that sales stay."""
        self.may_send = True
        """Whether app.yaml lets orders be sent."""
        self.calm_us: int | None = None
        self.requests: dict[int, Row] = {}
        self.fills_read = 0
        """How many pages of fills were answered."""
        self.wallets_read = 0
        """How many pages of wallets were answered."""
        self.read_us: dict[str, int] = {}
        """When the last answered reading of orders, fills and wallets began, by its path."""
        self.listings: deque[int] = deque(maxlen=_LISTINGS_KEPT)
        """When complete listings of this process began, those that were answered."""

    def see(self, record: Row) -> None:
        """Take what was told, but for the journal's events: those come one by one."""
        self.now_us = record["at_us"]
        handler = getattr(self, f"_{record['kind']}", None)
        if handler is not None:
            handler(record)

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
            shown = self.touches.setdefault(product, deque())
            at_us, bid, ask = touch.get("time_us", self.now_us), touch["bid"], touch["ask"]
            shown.append((at_us, bid, ask))
            while shown and shown[0][0] < self.now_us - 2 * MINUTE_US:
                shown.popleft()
            bids = self.bids.setdefault(product, deque(maxlen=_BIDS_KEPT))
            bids.append(exact(bid))
            if product in record.get("books", ()):
                books = self.books.setdefault(product, deque(maxlen=_BOOKS_KEPT))
                books.append(Shown(at_us, bid, ask, record["books"][product]))

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
        name = ""
        if record["method"] == "POST" and record["path"] == ORDERS:
            try:
                name = str(json.loads(record["body"]).get("client_order_id", ""))
            except (ValueError, AttributeError):
                name = ""
            intent = self.intents.get(name)
            if intent is not None:
                intent.sent_us.append(self.now_us)
        before_us, last_us = self._asked_us
        if record["path"] == FILLS and last_us is not None:
            self._asked_us = last_us, None  # wallets are read after fills
        elif record["path"] == ACCOUNTS and last_us is None:
            self._asked_us = before_us, self.now_us
        self.requests[record["id"]] = {
            "path": record["path"],
            "at_us": record["at_us"],
            "name": name,
        }

    def _answer(self, record: Row) -> None:
        request = self.requests.pop(record["id"], None)
        if request is None:
            return
        self.fills_read += request["path"] == FILLS and record["status"] == 200
        self.wallets_read += request["path"] == ACCOUNTS and record["status"] == 200
        if request["path"] in BOOKS and record["status"] == 200:
            self.read_us[request["path"]] = request["at_us"]
        if request["path"] == LISTING and record["status"] == 200:
            self.listings.append(request["at_us"])
        intent = self.intents.get(request["name"])
        if intent is not None:
            intent.answered.append(record["status"])

    # what the journal says, one event at a time

    def learn(self, event: Row) -> str:
        """Fold one event of the journal; what is wrong with it as bookkeeping, or nothing."""
        self.seq, self.hash = event["seq"], event["hash"]
        handler = getattr(self, f"_e_{event['kind']}", None)
        return "" if handler is None else handler(event["payload"], event) or ""

    def _e_session_started(self, payload: Row, _: Row) -> None:
        self.epoch = payload["epoch"]
        self.holder = self.incarnation

    def _e_policy_adopted(self, payload: Row, _: Row) -> None:
        if not self._has_tier:
            # Until the venue has said what it takes, what its policy fears is what counts.
            execution = json.loads(payload["text"])["policy"]["execution"]
            self.taker = exact(execution["fallback_taker_bps"]) / 10_000

    def _e_fees_read(self, payload: Row, _: Row) -> None:
        self.taker, self._has_tier = exact(payload["tier"]["taker"]) / 10_000, True

    def _e_cash_flowed(self, payload: Row, _: Row) -> None:
        self.book.flow(exact(payload["amount"]))
        self.fund.flow(Decimal(payload["amount"]))

    def _e_foreign_seen(self, payload: Row, _: Row) -> None:
        self.foreign[payload["currency"]] = exact(payload["quantity"])

    def _e_holding_adopted(self, payload: Row, event: Row) -> None:
        product, quantity = payload["product"], exact(payload["quantity"])
        price, fee = exact(payload["price"]), exact(payload["fee"])
        if product not in self.book.holdings or product in self.dust:
            self._opens(product, payload["decision_id"])
            self.plans[product] = (Plan.of(payload["plan"]), instant_us(event["time"]))
        self.book.adopt(product, quantity, price, fee)
        self.held[product] = self.held.get(product, NONE) + quantity
        base = self.bases[product]
        self.foreign[base] = self.foreign.get(base, NONE) - quantity
        self.fund.flow(Decimal(payload["mark"]) * Decimal(payload["quantity"]))

    def _e_lots_sold_by_hand(self, payload: Row, _: Row) -> str:
        product, quantity = payload["product"], exact(payload["quantity"])
        self.held[product] = self.held.get(product, NONE) - quantity
        price, fee = exact(payload["price"]), exact(payload["fee"])
        wrong = self.book.trade(product, "SELL", quantity, price, fee)
        if not self.book.held(product):
            self.plans.pop(product, None)
            self.dust.pop(product, None)
            self.wanted_sold.pop(product, None)
        return wrong

    def _e_flatten_asked(self, payload: Row, event: Row) -> None:
        if payload["product"] in self.plans:
            until_us = instant_us(payload["until"])
            self.wanted_sold[payload["product"]] = instant_us(event["time"]), until_us

    def _e_dust_set_aside(self, payload: Row, _: Row) -> str:
        product = payload["product"]
        self.wanted_sold.pop(product, None)
        if product in self.dust or self.book.held(product) != exact(payload["quantity"]):
            return f"{payload['quantity']} {product} was set aside, which is not what is held"
        self.dust[product] = self.plans.pop(product, (None, 0))
        return ""

    def _e_dust_taken_back(self, payload: Row, _: Row) -> str:
        product = payload["product"]
        if product not in self.dust or self.book.held(product) != exact(payload["quantity"]):
            return f"{payload['quantity']} {product} was taken back, which was not set aside"
        self.plans[product] = self.dust.pop(product)
        return ""

    def _opens(self, product: str, decision: str) -> None:
        """A position begins, or goes on where more of its own entry comes after it was set aside:
        what was left before is none of another entry's.
        """
        aside = self.dust.pop(product, None)
        if aside is not None and decision == self.openers.get(product):
            self.plans[product] = aside
        elif aside is not None:
            holding = self.book.holdings[product]
            holding.older = len(holding.lots)
        self.openers[product] = decision

    def _e_intent_recorded(self, payload: Row, _: Row) -> None:
        # What a process recorded just before its end is told of once the next one reads it.
        is_left = self.holder != self.incarnation
        intent = Intent.of(payload, self.ended_us if is_left else self.now_us)
        intent.fee = self.taker
        self.intents[intent.name] = intent
        self.unresolved[intent.name] = intent

    def _e_submission_settled(self, payload: Row, _: Row) -> None:
        intent = self.intents.get(payload["client_order_id"])
        if intent is None:
            return
        outcome = payload["outcome"]
        match outcome["is"]:
            case "Acknowledged":
                intent.order_id = outcome["order_id"]
                self.by_order[intent.order_id] = intent.name
                intent.goes("ACCEPTED")
            case "Unknown":
                intent.goes("UNKNOWN")
            case _:
                is_rejected = outcome["is_sent"] and intent.state == "SUBMITTING"
                intent.goes("REJECTED" if is_rejected else "NOT_CREATED")
        if intent.state in UNRESOLVED:
            self.unresolved[intent.name] = intent
        else:
            self.unresolved.pop(intent.name, None)

    def _e_cancel_requested(self, payload: Row, _: Row) -> None:
        self.cancel_wishes.add(payload["client_order_id"])

    def _e_order_seen(self, payload: Row, _: Row) -> None:
        order = payload["order"]
        intent = self.intents.get(order["client_order_id"])
        if intent is None:
            return
        intent.order_id = order["order_id"]
        self.by_order[intent.order_id] = intent.name
        intent.is_end_seen = intent.is_end_seen or order["state"] in FINAL
        if intent.state in PAST:
            intent.goes("ACCEPTED")

    def _e_fill_booked(self, payload: Row, _: Row) -> str:
        fill = payload["fill"]
        entry = fill["entry_id"]
        self.booked.add(entry)
        waiting = self.unbooked.pop(entry, None)
        if waiting is not None:
            name = self.orders[waiting.order_id].name
            self.owing[name] -= 1
            if not self.owing[name]:
                del self.owing[name]
        intent = self.intents.get(payload["client_order_id"])
        size = exact(fill["quantity"])
        if intent is not None:
            intent.booked += size
            intent.paid += exact(fill["fee"])
        product, side = fill["product"], fill["side"]
        if side == "BUY" and product not in self.plans:
            self._opens(product, "" if intent is None else intent.decision)
        wrong = self.book.trade(product, side, size, exact(fill["price"]), exact(fill["fee"]))
        if not self.book.held(product):
            self.plans.pop(product, None)
            self.dust.pop(product, None)
            self.wanted_sold.pop(product, None)
        elif side == "BUY":
            plan = None if intent is None else intent.plan
            self.plans.setdefault(product, (plan, instant_us(fill["time"])))
        return wrong

    def _e_fill_quarantined(self, payload: Row, _: Row) -> None:
        self.quarantined.add(payload["fill"]["entry_id"])

    def _e_halt_latched(self, payload: Row, event: Row) -> None:
        self.halts.setdefault(payload["name"], instant_us(event["time"]))

    def _e_halt_cleared(self, payload: Row, _: Row) -> None:
        self.halts.pop(payload["name"], None)
        if payload.get("accepted_peak") is not None:
            self.fund.accept_peak(Decimal(payload["accepted_peak"]))

    def _e_difference_found(self, payload: Row, _: Row) -> None:
        if payload["is_break"]:
            self.breaks.add(payload["key"])

    def _e_difference_healed(self, payload: Row, _: Row) -> None:
        self.breaks.discard(payload["key"])

    def _e_cycle_decided(self, payload: Row, _: Row) -> None:
        self.cycle, self.cycle_us = payload, self.now_us
        equity = payload["equity"]
        self.losses = self.fund.mark(
            None if equity is None else Decimal(equity), instant_us(payload["at"])
        )

    # what follows from it

    def exposure(self, product: str) -> Fraction:
        """What a product may cost, at worst: held at its mark, unread fills, and all open buys."""
        quantity = self.book.held(product)
        mark = self.cycle["marks"].get(product) if self.cycle else None
        found = NONE
        if quantity:
            found = quantity * exact(mark) if mark is not None else self.book.holdings[product].cost
        for fill in self.knowable():
            if fill.product == product and fill.side == "BUY":
                found += fill.size * fill.price
        for name, intent in self.unresolved.items():
            if intent.product == product and intent.side == "BUY" and name not in self.by_name:
                found += intent.price * intent.size
        for order in self.live.values():
            if order.product == product and order.side == "BUY" and order.price is not None:
                found += order.remaining * order.price
        return found

    def knowable(self) -> Iterator[Fill]:
        """Fills that are not booked, but for those of orders that the exchange told as ended with
        nothing filled: until they are listed nobody can count them.
        """
        for fill in self.unbooked.values():
            if not self.understated or self.orders[fill.order_id].name not in self.understated:
                yield fill

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

    def products_at_risk(self) -> set[str]:
        """Every product of which anything is held or on its way."""
        return {
            *self.book.holdings,
            *(each.product for each in self.knowable()),
            *(each.product for each in self.unresolved.values()),
            *(each.product for each in self.live.values()),
        }

    def seconds(self, name: str) -> int:
        """A limit that is a time, in microseconds."""
        return self._us[name]

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

    def microseconds(self, name: str) -> int:
        """The same of one that may not be told of: then it binds nobody."""
        return self._us.get(name, 0)
