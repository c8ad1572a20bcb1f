"""Everything that was told, kept as both sides have it, with a step's work for a step's news."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache

from trader247.truth.book import Book
from trader247.truth.exact import NONE, exact, fee_share
from trader247.truth.facts import FINAL, PAST, UNRESOLVED, Fill, Intent, Plan, Row
from trader247.truth.fund import Fund
from trader247.truth.outside import Outside
from trader247.truth.times import SECOND_US, instant_us, right_us

_CLOCKS_AGREE_US = 7 * SECOND_US

Moved = tuple[str, str, Fraction, Fraction, Fraction]
"""Sold, foreign or flowed; of which product or currency, how many, at which price or how much
money, and with which fee."""


class World(Outside):
    """What was told from outside, and what the journal says; nothing here judges."""

    def __init__(self) -> None:
        super().__init__()
        self.unresolved: dict[str, Intent] = {}
        self.by_order: dict[str, str] = {}
        self.lost: dict[str, int] = {}
        """Intents that a journal does not hold any more, since somebody went back to a backup, each
        with its epoch."""
        self.lost_stops: set[str] = set()
        """Those of them that sold for a stop."""
        self.lost_coins: dict[str, Fraction] = {}
        """What a person adopted, by product, and such a journal does not know any more."""
        self.cancel_wishes: set[str] = set()
        """Intents of which the journal says that their end was asked for."""
        self.legs: dict[tuple[str, int], str] = {}
        self.quarantined: set[str] = set()
        self.accepted: set[str] = set()
        """Of those, what a person accepted."""
        self.due: list[Moved] = []
        """What that has yet to move, in this order and in the same transaction."""
        self.is_due = False
        """Whether the latest event was the next of it."""
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
        self.differing: set[str] = set()
        """Of which currencies and orders ledger and exchange differ, break or none."""
        self.taker = Fraction(0)
        self._has_tier = False
        self.cycle: Row = {}
        self.cycle_us = 0
        """When the latest cycle was told of."""
        self.losses: dict[str, Decimal] = {}
        self.seq = 0
        self.hash = ""
        self.epoch = 0
        self.holder = 0
        """The incarnation that opened the latest session."""

    def lose(self, intent: Row) -> None:
        """An intent was recorded after the backup that somebody goes back to."""
        self.lost[intent["client_order_id"]] = intent["epoch"]
        if intent.get("exit_cause") == "stop":
            self.lost_stops.add(intent["client_order_id"])

    def lose_coins(self, payload: Row) -> None:
        """A holding was adopted after the backup that somebody goes back to."""
        product = payload["product"]
        lost = self.lost_coins.get(product, NONE)
        self.lost_coins[product] = lost + exact(payload["quantity"])

    # what the journal says, one event at a time

    def learn(self, event: Row) -> str:
        """Fold one event of the journal; what is wrong with it as bookkeeping, or nothing."""
        self.seq, self.hash = event["seq"], event["hash"]
        self.is_due = False
        handler = _handler(event["kind"])
        return "" if handler is None else handler(self, event["payload"], event) or ""

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
        self._moves(("flowed", "", NONE, exact(payload["amount"]), NONE))
        self.book.flow(exact(payload["amount"]))
        self.fund.flow(Decimal(payload["amount"]))

    def _e_foreign_seen(self, payload: Row, _: Row) -> None:
        currency, quantity = payload["currency"], exact(payload["quantity"])
        self._moves(("foreign", currency, quantity, NONE, NONE))
        self.foreign[currency] = quantity

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
        self._moves(("sold", product, quantity, price, fee))
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
        self._lacks_no_more(entry)
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

    def _lacks_no_more(self, entry: str) -> None:
        waiting = self.unbooked.pop(entry, None)
        if waiting is not None:
            name = self.orders[waiting.order_id].name
            self.owing[name] -= 1
            if not self.owing[name]:
                del self.owing[name]

    def _e_fill_quarantined(self, payload: Row, _: Row) -> None:
        self.quarantined.add(payload["fill"]["entry_id"])

    def _e_fills_accepted(self, payload: Row, _: Row) -> None:
        intent = self.intents.get(payload["client_order_id"])
        made = []
        for told in payload["fills"]:
            self._lacks_no_more(told["entry_id"])
            if intent is not None:
                intent.booked += exact(told["quantity"])
                intent.paid += exact(told["fee"])
            fill = self.fills.get(told["entry_id"])
            if fill is not None:
                # What of it was ours is told as sold; the rest never was.
                self.held[fill.product] = self.held.get(fill.product, NONE) - fill.sign * fill.size
                made.append(fill)
        self.due += self._moved_by(made)

    def _moved_by(self, fills: list[Fill]) -> list[Moved]:
        """What fills of one order move that no book has: coins of ours first, at their price and
        with their part of the fee, then foreign ones as far as any are known; money as capital.
        """
        if not fills:
            return []
        product, found, flow = fills[0].product, list[Moved](), NONE
        base, own = self.bases[product], self.book.held(product)
        before = foreign = self.foreign.get(base, NONE)
        for fill in fills:
            if fill.side == "BUY":
                foreign += fill.size
                flow -= fill.price * fill.size + fill.fee
                continue
            part = min(own, fill.size)
            fee = fill.fee if part == fill.size else fee_share(fill.fee, part, fill.size)
            if part:
                found.append(("sold", product, part, fill.price, fee))
            own -= part
            foreign = max(NONE, foreign - (fill.size - part))
            flow += fill.price * (fill.size - part) - (fill.fee - fee)
        if foreign != before:
            found.append(("foreign", base, foreign, NONE, NONE))
        if flow:
            found.append(("flowed", "", NONE, flow, NONE))
        return found

    def _moves(self, moved: Moved) -> None:
        """Whether that is what accepted fills have to move next."""
        self.is_due = bool(self.due) and self.due[0] == moved
        if self.is_due:
            del self.due[0]

    def _e_halt_latched(self, payload: Row, event: Row) -> None:
        self.halts.setdefault(payload["name"], instant_us(event["time"]))

    def _e_halt_cleared(self, payload: Row, _: Row) -> None:
        self.halts.pop(payload["name"], None)
        if payload.get("accepted_peak") is not None:
            self.fund.accept_peak(Decimal(payload["accepted_peak"]))

    def _e_difference_found(self, payload: Row, _: Row) -> None:
        self.differing.add(payload["key"].partition(":")[2])
        if payload["is_break"]:
            self.breaks.add(payload["key"])

    def _e_difference_healed(self, payload: Row, _: Row) -> None:
        self.breaks.discard(payload["key"])
        self.differing.discard(payload["key"].partition(":")[2])

    def _e_cycle_decided(self, payload: Row, _: Row) -> None:
        self.cycle, self.cycle_us = payload, self.now_us
        equity = payload["equity"]
        self.losses = self.fund.mark(
            None if equity is None else Decimal(equity),
            right_us(payload),
            own_us=instant_us(payload["at"]),
        )

    # what follows from it

    def told_us(self, text: str) -> int:
        """A time as the trader tells it; the exchange's, where its clock is clearly off."""
        told_us = instant_us(text)
        return told_us if abs(told_us - self.now_us) <= _CLOCKS_AGREE_US else self.now_us

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

    def products_at_risk(self) -> set[str]:
        """Every product of which anything is held or on its way."""
        return {
            *self.book.holdings,
            *(each.product for each in self.knowable()),
            *(each.product for each in self.unresolved.values()),
            *(each.product for each in self.live.values()),
        }


@cache
def _handler(kind: str) -> Callable[[World, Row, Row], str | None] | None:
    """What folds a kind of event, where anything does."""
    return getattr(World, f"_e_{kind}", None)
