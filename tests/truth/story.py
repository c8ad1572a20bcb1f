"""A small history, told as a simulation tells it, in which one thing at a time can be made wrong.

Nothing here is the program's: the rows are written by hand, and chained by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from trader247.truth.checker import Checker
from trader247.truth.violation import Violation

Row = dict[str, Any]
START_US = 1_767_571_200_000_000  # 2026-01-05T00:00:00Z, a Monday
SECOND_US = 1_000_000
ORDERS = "/api/v3/brokerage/orders"
LISTING = "/api/v3/brokerage/orders/historical/batch"
LIMITS = {
    "product_pct": "5", "total_pct": "15", "quote_age_s": 30, "collar_bps": 50, "order_life_s": 900,
    "late_s": 60, "kill_s": 1, "alert_s": 5, "settle_s": 600, "requests_per_s": 30,
}  # fmt: skip
PLAN = {"stop_fraction": "0.02", "target_fraction": "0.04", "longest_hold": 3_600_000_000}
SECRET = "MHcCAQEEIOriginalSecretBytes"


ASKED = {
    "halt_cleared": "clear_halt", "confirmation_given": "confirm", "holding_adopted": "adopt",
    "alert_acknowledged": "alert_ack", "cash_flowed": "accept_movement",
    "lots_sold_by_hand": "accept_movement", "foreign_seen": "accept_movement",
    "fills_accepted": "accept_movement",
}  # fmt: skip


def time_text(at_us: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    return at.isoformat().replace("+00:00", "Z")


class Story:
    """Told so far, with both sides' state as far as telling needs it."""

    def __init__(self) -> None:
        self.told: list[Row] = []
        self.now_us = START_US
        self.incarnation = 0
        self.epoch = 0
        self.seq = 0
        self.hash = "0" * 64
        self.cycles = 0
        self.requests = 0
        self.fills = 0
        self.wallets = {"USD": Decimal(100_000), "BTC": Decimal(0), "ETH": Decimal(0)}
        self.held_by_orders: dict[str, Decimal] = {}
        self.rows: dict[str, Row] = {}
        self.bodies: dict[str, str] = {}
        self.cash = Decimal(100_000)
        self.positions: dict[str, tuple[Decimal, Decimal]] = {}
        self.dust: set[str] = set()
        self.realised = Decimal(0)
        self.fees = Decimal(0)
        self.halts: list[str] = []
        self.working: dict[str, str] = {}
        self.mark = Decimal(100_000)

    # telling

    def told_of(self, what: str, code: str, text: str, *, is_taken: bool = True) -> None:
        """A message goes out, and the trader says what became of the latest event in it."""
        self.tell("message", title=f"{code} (live-coinbase)", body=text, is_taken=is_taken)
        self.tell("alert", what=what, id=self.seq, code="c", severity="", text="")

    def tell(self, kind: str, **more: Any) -> Row:
        record = {"kind": kind, "at_us": self.now_us, "incarnation": self.incarnation, **more}
        self.told.append(record)
        return record

    def wait(self, seconds: float) -> None:
        self.now_us += int(seconds * SECOND_US)

    def journal(self, *events: tuple[str, Row], is_asked: bool = True) -> Row:
        """A transaction of the trader's; what a person has to ask for was asked for before."""
        rows = []
        for kind, payload in events if is_asked else ():
            if kind in ASKED and payload.get("cause") != "opening":
                word = payload.get("name", payload.get("id", ""))
                what = "release_kill" if word == "kill_switch" else ASKED[kind]
                is_named = what in ("clear_halt", "confirm")
                told = {"name": word} if is_named else {}
                if kind == "fills_accepted":
                    told = {"orders": payload["client_order_id"]}
                self.tell("asked", what=what, arguments=told)
        for kind, payload in events:
            self.seq += 1
            row = {
                "seq": self.seq, "v": 1, "time": time_text(self.now_us), "kind": kind, "ref": "",
                "payload": payload,
            }  # fmt: skip
            text = self.hash + json.dumps(row, sort_keys=True, separators=(",", ":"))
            before, self.hash = self.hash, sha256(text.encode()).hexdigest()
            rows.append({**row, "prev_hash": before, "hash": self.hash})
        return self.tell("journal", events=rows)

    def join(self) -> None:
        """The last two transactions were one."""
        last = self.told.pop()
        self.told[-1]["events"] += last["events"]

    def begin(self) -> None:
        self.tell(
            "begun", seed=1, quote="USD",
            wallets={key: str(value) for key, value in self.wallets.items()},
            products=[
                {
                    "product_id": f"{base}-USD", "base": base, "quote": "USD",
                    "price_increment": "0.01", "base_increment": "0.00000001",
                }
                for base in ("BTC", "ETH")
            ],
            limits=LIMITS, secrets=[SECRET],
        )  # fmt: skip
        self.start()
        self.journal(("cash_flowed", {"amount": "100000", "cause": "opening"}))
        tier = {"maker": "50", "name": "Intro", "taker": "90", "read_at": time_text(self.now_us)}
        self.journal(("fees_read", {"tier": tier}))

    def start(self) -> None:
        self.incarnation += 1
        self.epoch += 1
        self.tell("process", what="started")
        if self.seq:
            self.tell("reopened", seq=self.seq, hash=self.hash)
        session = {"epoch": self.epoch, "code_version": "0", "was_clean": True}
        self.journal(("session_started", session))
        self.tell("process", what="recovered")

    def die(self, what: str = "died") -> None:
        self.tell("process", what=what, cause="")

    def cycle(
        self, marks: dict[str, str] | None = None, equity: str | None = "", *,
        word: str = "holding", verdicts: dict[str, list[Row]] | None = None,
    ) -> None:  # fmt: skip
        self.cycles += 1
        marks = marks or {}
        if equity == "":
            worth = sum(
                (each[0] * Decimal(marks[key]) for key, each in self.positions.items()), Decimal(0)
            )
            equity = str(self.cash + worth - worth * Decimal("0.009"))
        payload = {
            "at": time_text(self.now_us), "cycle": self.cycles, "marks": marks, "equity": equity,
            "endings": {key: {"reason": word, "detail": ""} for key in marks}, "regime": "chop",
        }  # fmt: skip
        if verdicts is not None:
            payload["verdicts"] = verdicts
        self.journal(("cycle_decided", payload))
        if equity is not None:
            self.mark = max(self.mark, Decimal(equity))

    def fold(self) -> Row:
        state = "ACTIVE"
        if self.halts:
            state = "HALTED" if "kill_switch" in self.halts else "REDUCING"
        return self.tell(
            "folded",
            portfolio={
                "cash": str(self.cash), "equity": None, "fees": str(self.fees),
                "realised": str(self.realised), "flows": "100000",
                "positions": [
                    {"product": key, "quantity": str(quantity), "cost": str(cost)}
                    for key, (quantity, cost) in sorted(self.positions.items())
                    if key not in self.dust
                ],
                "dust": [
                    {"product": key, "quantity": str(self.positions[key][0]), "cost": str(cost)}
                    for key, (_, cost) in sorted(self.positions.items())
                    if key in self.dust
                ],
                "halts": sorted(self.halts), "state": state,
                "working": [
                    {
                        "client_order_id": name, "order_id": None, "product": "", "side": "",
                        "state": state_of,
                    }
                    for name, state_of in self.working.items()
                ],
                "high_water_mark": str(self.mark) if self.cycles else None,
            },
        )  # fmt: skip

    # orders

    def record(
        self, name: str, *, side: str = "BUY", product: str = "BTC-USD", price: str = "50000",
        size: str = "0.004", decision: str | None = None, leg: int = 0, cause: str | None = None,
        reference: str | None = None,
    ) -> Row:  # fmt: skip
        """The intent of an order; answers its payload."""
        end = time_text(self.now_us + 300 * SECOND_US)
        terms: Row = {"base_size": size, "limit_price": price}
        kind = "sor_limit_ioc"
        if side == "BUY":
            kind, terms = "limit_limit_gtd", {**terms, "end_time": end, "post_only": True}
        body = json.dumps(
            {
                "client_order_id": name, "product_id": product, "side": side,
                "order_configuration": {kind: terms},
            }
        )  # fmt: skip
        self.bodies[name] = body
        payload = {
            "intent": {
                "client_order_id": name, "decision_id": decision or f"{self.cycles}:{product}",
                "leg": leg, "cycle": self.cycles, "product": product, "side": side,
                "purpose": "entry" if side == "BUY" else "exit",
                "order_type": "post_only_gtd" if side == "BUY" else "limit_ioc", "price": price,
                "quantity": size, "reference": reference or price, "body": body,
                "body_sha256": sha256(body.encode()).hexdigest(), "epoch": self.epoch,
                "plan": PLAN if side == "BUY" else None, "exit_cause": cause,
            }
        }  # fmt: skip
        self.journal(("intent_recorded", payload))
        self.working[name] = "SUBMITTING"
        return payload

    def ask(self, method: str, path: str, body: str = "", **more: Any) -> int:
        self.requests += 1
        self.tell("request", id=self.requests, method=method, path=path, body=body, **more)
        return self.requests

    def send(self, name: str, *, bid: str = "49990", ask: str = "50010") -> int:
        return self.ask("POST", ORDERS, self.bodies[name], touch={"bid": bid, "ask": ask})

    def answer(self, number: int, status: int | None = 200) -> None:
        self.tell("answer", id=number, status=status)

    def create(self, name: str, *, status: str = "OPEN", life_s: int = 300) -> Row:
        """The exchange takes an order; answers its row."""
        body = json.loads(self.bodies[name])
        ((kind, terms),) = body["order_configuration"].items()
        rests = kind == "limit_limit_gtd"
        row = {
            "order_id": f"order of {name}", "client_order_id": name,
            "product_id": body["product_id"], "side": body["side"], "kind": "LIMIT",
            "post_only": rests, "price": terms["limit_price"], "stop_price": None,
            "size": terms["base_size"], "filled": "0", "filled_value": "0", "fees": "0",
            "status": status, "created_us": self.now_us, "updated_us": self.now_us,
            "end_us": self.now_us + life_s * SECOND_US if rests else None, "is_ours": True,
        }  # fmt: skip
        self.rows[name] = row
        self.exchange(orders=[row])
        return row

    def exchange(
        self, *, orders: list[Row] | None = None, fills: list[Row] | None = None,
        wallets: list[Row] | None = None,
    ) -> Row:  # fmt: skip
        return self.tell(
            "exchange", orders=[dict(each) for each in orders or []], fills=fills or [],
            wallets=wallets or [],
        )  # fmt: skip

    def fill(self, name: str, size: str | None = None, *, price: str | None = None) -> Row:
        """The exchange fills an order, in part or whole; answers the fill's row."""
        row = self.rows[name]
        amount = Decimal(size or row["size"])
        at = Decimal(price or row["price"])
        fee = amount * at * Decimal("0.005")
        self.fills += 1
        fill = {
            "number": self.fills, "entry_id": f"entry {self.fills}",
            "trade_id": f"trade {self.fills}", "order_id": row["order_id"],
            "product_id": row["product_id"], "side": row["side"], "price": str(at),
            "size": str(amount), "fee": str(fee), "is_maker": True, "time_us": self.now_us,
            "kind": "FILL",
        }  # fmt: skip
        row["filled"] = str(Decimal(row["filled"]) + amount)
        row["fees"] = str(Decimal(row["fees"]) + fee)
        if Decimal(row["filled"]) == Decimal(row["size"]):
            row["status"] = "FILLED"
        sign = 1 if row["side"] == "BUY" else -1
        base = row["product_id"].split("-")[0]
        self.wallets[base] += sign * amount
        self.wallets["USD"] -= sign * amount * at + fee
        wallets = [
            {"currency": key, "total": str(self.wallets[key]), "hold": "0"} for key in (base, "USD")
        ]
        self.exchange(orders=[row], fills=[fill], wallets=wallets)
        return fill

    def settle(self, name: str, outcome: Row) -> None:
        """The journal learns what came of sending."""
        self.journal(("submission_settled", {"client_order_id": name, "outcome": outcome}))
        self.working[name] = {"Acknowledged": "ACCEPTED", "Unknown": "UNKNOWN"}.get(
            outcome["is"], ""
        )
        if not self.working[name]:
            del self.working[name]

    def take(self, name: str) -> None:
        self.settle(name, {"is": "Acknowledged", "order_id": f"order of {name}"})

    def see_end(self, name: str, state: str) -> None:
        """The journal learns that an order ended."""
        order = {"client_order_id": name, "order_id": f"order of {name}", "state": state}
        self.journal(("order_seen", {"order": order}))
        self.working.pop(name, None)

    def book(self, name: str, fill: Row, **instead: str) -> None:
        """The journal books a fill, and the trader's figures follow."""
        told = {
            "entry_id": fill["entry_id"], "order_id": fill["order_id"],
            "product": fill["product_id"], "side": fill["side"], "price": fill["price"],
            "quantity": fill["size"], "fee": fill["fee"], "time": time_text(fill["time_us"]),
            **instead,
        }  # fmt: skip
        self.journal(("fill_booked", {"client_order_id": name, "fill": told}))
        amount, price = Decimal(told["quantity"]), Decimal(told["price"])
        fee, product = Decimal(told["fee"]), told["product"]
        quantity, cost = self.positions.get(product, (Decimal(0), Decimal(0)))
        self.fees += fee
        if told["side"] == "BUY":
            self.cash -= amount * price + fee
            self.positions[product] = (quantity + amount, cost + amount * price + fee)
            return
        if not quantity:
            return  # nothing to sell: the checker says so
        share = cost if amount == quantity else cost * amount / quantity
        self.cash += amount * price - fee
        self.realised += amount * price - fee - share
        self.positions[product] = (quantity - amount, cost - share)
        if amount == quantity:
            del self.positions[product]

    def list_orders(self) -> None:
        self.answer(self.ask("GET", LISTING))

    # whole passages

    def rests(self, name: str = "t247-a-1-1") -> None:
        """A cycle, and an order of it that rests."""
        self.cycle()
        self.record(name)
        number = self.send(name)
        self.create(name)
        self.answer(number)
        self.take(name)

    def bought(self, name: str = "t247-a-1-1") -> None:
        """A cycle, an order that rests, its fill, and the books after it."""
        self.cycle()
        self.record(name)
        number = self.send(name)
        self.tell("arrived", id=number)
        self.create(name)
        self.answer(number)
        self.take(name)
        self.wait(20)
        fill = self.fill(name)
        self.wait(20)
        self.book(name, fill)
        self.see_end(name, "FILLED")
        self.fold()
        self.wait(20)

    def sold(self, name: str = "t247-a-1-2", *, price: str = "51000") -> None:
        """The same for a sale of what was bought."""
        self.cycle({"BTC-USD": price})
        self.record(name, side="SELL", price=price, leg=1, decision="1:BTC-USD")
        number = self.send(name, bid=price, ask=price)
        self.tell("arrived", id=number)
        self.create(name, status="FILLED")
        fill = self.fill(name)
        self.answer(number)
        self.take(name)
        self.book(name, fill)
        self.see_end(name, "FILLED")
        self.fold()
        self.wait(60)

    def bought_again(self) -> None:
        """Two buys in parts, and one sale out of both: lots, and a part of a fee."""
        for number, (size, parts) in enumerate((("0.003", 3), ("0.002", 2))):
            name = f"t247-a-1-b{number}"
            self.cycle(dict.fromkeys(self.positions, "50000"))
            self.record(name, size=size)
            sent = self.send(name)
            self.create(name)
            self.answer(sent)
            self.take(name)
            for _ in range(parts):
                self.wait(3)
                self.book(name, self.fill(name, "0.001"))
            self.see_end(name, "FILLED")
            self.wait(60)
        self.fold()

    def deposit(self, amount: str, *, flow: bool = True) -> None:
        """Money comes or goes by hand; or, where it is no flow, is lost as if by trading."""
        self.cash += Decimal(amount)
        self.wallets["USD"] += Decimal(amount)
        if flow:
            self.tell("moved", currency="USD", amount=amount)
            total = str(self.wallets["USD"])
            self.exchange(wallets=[{"currency": "USD", "total": total, "hold": "0"}])
            self.journal(("cash_flowed", {"amount": amount, "cause": "by hand"}))
            self.mark += Decimal(amount)

    def end(self) -> None:
        """Calm, one more cycle, and the end."""
        self.tell("calm")
        self.wait(60)
        self.cycle(dict.fromkeys(self.positions, "51000"))
        self.fold()
        self.tell("settled")


def judged(*parts: Callable[[Story], object]) -> list[Violation]:
    """What is broken in a story of these parts, after its beginning."""
    story = Story()
    story.begin()
    for part in parts:
        part(story)
    checker = Checker()
    return [each for record in story.told for each in checker.see(record)]


def broken(*parts: Callable[[Story], object]) -> set[str]:
    """Which promises are."""
    return {each.invariant for each in judged(*parts)}


def said(*parts: Callable[[Story], object], **limits: object) -> list[str]:
    """In which words, where the judge is told of more limits than most stories need."""

    def limited(story: Story) -> None:
        story.told[0]["limits"] = {**LIMITS, **limits}

    return [each.text for each in judged(limited, *parts)]
