"""The exchange as a trader meets it: its keys, its doors, its streams, and what it shows.

Behind it is the simulated exchange of the run; what stands here is the served exchange's own
request handler, and the faults that a seed draws for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from trader247.domain.time import Instant
from trader247.simex.door.key_files import new_keys
from trader247.simex.door.keyring import Keyring
from trader247.simex.door.limits import Limits
from trader247.simex.faults.hands import Hands
from trader247.simex.faults.inside import Inside
from trader247.simex.faults.line import Line
from trader247.simex.faults.plan import Plan
from trader247.simex.faults.rows import ENDED_EARLY, Rows
from trader247.simex.streams.hub import Streams
from trader247.simex.switches import Switches
from trader247.simex.wire.dialect import Wire
from trader247.simex.wire.request import Reply, Request
from trader247.simulation.judged.history import Record
from trader247.simulation.world.exchange import SimulatedExchange
from trader247.simulation.world.quotes import Quotes, shown
from trader247.simulation.world.sampled import Sampled
from trader247.simulation.world.streams import Said
from trader247.simulation.world.unsaid import Unsaid

_SUMMARY, _FILLS = "/transaction_summary", "/historical/fills"
_ORDERS, _ACCOUNTS = "/orders/historical/", "/brokerage/accounts"
_LISTING, _OPEN, _AGAIN = "/orders/historical/batch", "OPEN", 3
_RESTATED, _UNDERSTATED = "restated_fills", "early_end"
_OURS, _NO_SIDE = "t247-", "UNKNOWN_ORDER_SIDE"
_CIRCLES = ("repeated_cursor", "looping_cursor")
_SMALL = (2, 4, 6)
"""Rows of a page, so that a listing has more than one page, where pages are to go wrong."""


class Counterparty:
    """One exchange at one address. `tell` hears of each best price that it has shown."""

    def __init__(
        self,
        exchange: SimulatedExchange,
        quotes: Quotes,
        *,
        seed: int,
        keys: Path,
        is_streaming: bool,
        has_small_pages: bool,
        rounds_fees: bool,
        now_us: Callable[[], int],
        wall: Callable[[], Instant],
        tell: Callable[[Record], None],
    ) -> None:
        self.plan = Plan(seed=seed)
        self.splits_wallets = False
        """Whether each currency has two wallets, as it may have: both hold what is free."""
        self._listed_as: Callable[[Record], Record] | None = None
        self._listed_sides: Container[str] = ()
        self.left_out: frozenset[str] = frozenset()
        """Orders that no listing has for now, by the exchange's ids."""
        self.fills_left_out: frozenset[str] = frozenset()
        """Orders of whose fills no listing tells for now, by the exchange's ids."""
        self.hides_sides = False
        """Whether no listing tells of an order of ours that rests which side it is of."""
        self.unsaid = Unsaid(now_us, tell)
        self._led: dict[str, str] = {}
        """Where each cursor of the latest listing led."""
        self.tells_older = False
        """Whether every third listing has an older word of each order that ended."""
        self._older: dict[str, Record] = {}
        self._listings = 0
        self.line = Line(self.plan, now_us)
        self.key_file = keys / "key.json"
        self.keyring, self.signing, self.secrets = _with_a_key(self.key_file)
        self._exchange = exchange
        self._quotes = quotes
        self._tell = tell
        self._wire = Wire(
            exchange.exchange,
            switches=Switches(
                usdc_aliases=False,
                page_max=_SMALL[seed % len(_SMALL)] if has_small_pages else Switches().page_max,
            ),
            keyring=self.keyring,
            machine_s=lambda: wall().seconds,
            limits=Limits(Switches(), now_us),
            inside=Inside(self.plan, Hands(exchange.exchange)),
        )
        # The wire has just told the exchange by which rules it goes.
        market = exchange.exchange
        market.rules = replace(market.rules, rounds_fees=rounds_fees)
        self._said = Said(self.plan, now_us, exchange.touch)
        self.streams = (
            Streams(
                exchange.exchange,
                entrance=self._wire.entrance,
                account=self._wire.account,
                switches=Switches(usdc_aliases=False),
                monotonic_us=now_us,
                faults=self._said,
            )
            if is_streaming
            else None
        )

    def said(self, connection: int, text: str) -> dict[str, Record]:
        """The best bid and ask that a message of a streamed book tells of, by product."""
        return self._said.touches(connection, text)

    def are_streams_still(self) -> bool:
        """Whether books that are streamed do not change, though messages of them come."""
        return self._quotes.are_streams_still

    def lower(self) -> Mapping[str, Decimal]:
        """By how much the streamed book of each product is said to be lower than it is."""
        return self._quotes.lower

    def answer(self, request: Request) -> Reply:
        """What it answers, and how that is seen."""
        reply = self._quotes.seen(request, self._wire.answer(request))
        if self.splits_wallets and request.path.endswith(_ACCOUNTS) and reply.status == 200:
            reply = reply._replace(body=_in_two_wallets(reply.body))
        if self._listed_as is not None and _ORDERS in request.path and reply.status == 200:
            reply = self._otherwise(reply)
        if self.left_out and _ORDERS in request.path and reply.status == 200:
            reply = self._without(reply)
        if self.fills_left_out and request.path.endswith(_FILLS) and reply.status == 200:
            reply = self._without_fills(reply)
        if request.path.endswith(_LISTING) and reply.status == 200:
            if self.hides_sides:
                reply = self._without_sides(reply)
            if self.plan.has(*_CIRCLES):
                self._tell_of_a_circle(request, reply)
        reply = self.unsaid.seen(request, reply)
        if self.tells_older and request.path.endswith(_LISTING) and reply.status == 200:
            reply = self._in_older_words(reply)
        touches = shown(request, reply)
        if touches is not None:
            books = dict.fromkeys(touches, reply.body.decode())
            self._tell({"kind": "quotes", "touches": touches, "books": books})
        if request.path.endswith(_FILLS) and self.plan.has(_RESTATED):
            self._tell_what_is_restated(reply)
        if _ORDERS in request.path and self.plan.has(_UNDERSTATED):
            self._tell_what_is_understated(reply)
        if request.path.endswith(_SUMMARY):
            maker, taker = self._exchange.fee_rates()
            self._tell({"kind": "tier", "maker": maker, "taker": taker})
        return reply

    def list_as(
        self, change: Callable[[Record], Record] | None, *, sides: Container[str] = ("BUY",)
    ) -> None:
        """List each order of ours of these sides so from now on, or as it stands."""
        self._listed_as, self._listed_sides = change, sides
        if change is None:
            self._tell({"kind": "otherwise", "orders": []})

    def _otherwise(self, reply: Reply) -> Reply:
        told = json.loads(reply.body)
        changed: list[str] = []

        def seen(row: Record) -> Record:
            if self._listed_as is None or row["side"] not in self._listed_sides:
                return row
            shown = self._listed_as(row)
            if shown != row and row["client_order_id"].startswith(_OURS):
                changed.append(row["client_order_id"])
            return shown

        if "orders" in told:
            told["orders"] = [seen(each) for each in told["orders"]]
        elif "order" in told:
            told["order"] = seen(told["order"])
        else:
            return reply
        if changed:
            self._tell({"kind": "otherwise", "orders": changed})
        return reply._replace(body=json.dumps(told).encode())

    def _without(self, reply: Reply) -> Reply:
        told = json.loads(reply.body)
        if "orders" not in told:
            return reply
        names = [
            each["client_order_id"]
            for each in told["orders"]
            if each["order_id"] in self.left_out and each["client_order_id"].startswith(_OURS)
        ]
        told["orders"] = [each for each in told["orders"] if each["order_id"] not in self.left_out]
        if names:
            self._tell({"kind": "leftout", "orders": names})
        return reply._replace(body=json.dumps(told).encode())

    def _without_fills(self, reply: Reply) -> Reply:
        told = json.loads(reply.body)
        told["fills"] = [
            each for each in told["fills"] if each["order_id"] not in self.fills_left_out
        ]
        return reply._replace(body=json.dumps(told).encode())

    def _without_sides(self, reply: Reply) -> Reply:
        told = json.loads(reply.body)
        hidden = [
            each
            for each in told["orders"]
            if each["status"] == _OPEN and each["client_order_id"].startswith(_OURS)
        ]
        for each in hidden:
            each["side"] = _NO_SIDE
        if hidden:
            self._tell({"kind": "unwhole", "why": "has an order of ours without its side"})
        return reply._replace(body=json.dumps(told).encode())

    def _tell_of_a_circle(self, request: Request, reply: Reply) -> None:
        """Where a page leads to one that led on already; a request sent twice is no circle."""
        told, asked = json.loads(reply.body), request.one("cursor")
        if not asked:
            self._led = {}
        if asked not in self._led and told["has_next"] and told["cursor"] in self._led.values():
            self._tell({"kind": "unwhole", "why": "leads back to where it has been"})
        self._led[asked] = told["cursor"]

    def _in_older_words(self, reply: Reply) -> Reply:
        told = json.loads(reply.body)
        self._listings += 1
        rows, older = told["orders"], self._listings % _AGAIN == 0
        self._older |= {each["order_id"]: each for each in rows if each["status"] == _OPEN}
        if not older:
            return reply
        told["orders"] = [self._older.get(each["order_id"], each) for each in rows]
        changed = [
            now["client_order_id"]
            for was, now in zip(rows, told["orders"], strict=True)
            if was != now
        ]
        if changed:
            self._tell({"kind": "older", "orders": changed})
        return reply._replace(body=json.dumps(told).encode())

    def _tell_what_is_restated(self, reply: Reply) -> None:
        rows = Rows(self.plan, "fills", self._exchange.exchange.now_us)
        listed = json.loads(reply.body)["fills"] if reply.status == 200 else []
        entries = [each["entry_id"] for each in listed if rows.is_restated(each)]
        if entries:
            self._tell({"kind": "retold", "entries": entries})

    def _tell_what_is_understated(self, reply: Reply) -> None:
        told = json.loads(reply.body) if reply.status == 200 else {}
        shown = told.get("orders", [told["order"]] if "order" in told else [])
        names = [
            each["client_order_id"]
            for each in shown
            if each["status"] in ENDED_EARLY
            and each["number_of_fills"] == "0"
            and self.plan.hold(_UNDERSTATED, "orders", each["order_id"]) is not None
        ]
        if names:
            self._tell({"kind": "understated", "orders": names})


def _in_two_wallets(body: bytes) -> bytes:
    """The same listing with two of each currency: the second has whole units, half of the free."""
    told, rows = json.loads(body), list[Record]()
    for row in told["accounts"]:
        free = Decimal(row["available_balance"]["value"])
        whole = free // 2
        rows += [
            {
                **row,
                "available_balance": {**row["available_balance"], "value": f"{free - whole:f}"},
            },
            {
                **row,
                "uuid": str(uuid5(NAMESPACE_URL, row["uuid"])),
                "available_balance": {**row["available_balance"], "value": f"{whole:f}"},
                "hold": {**row["hold"], "value": "0"},
                "default": False,
            },
        ]
    return json.dumps({**told, "accounts": rows, "size": len(rows)}).encode()


def _with_a_key(path: Path) -> tuple[Keyring, Sampled, list[str]]:
    """A ring with one new key, which is written down; what sees to its signatures; and what of it
    may be told nowhere.
    """
    organization, *ids = (f"00000000-0000-4000-8000-{n:012x}" for n in range(5))
    _, key, _, _ = new_keys(organization, (ids[0], ids[1], ids[2], ids[3]))
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(key.content)
    pem = str(json.loads(key.content)["privateKey"]).splitlines()
    # Each line of it by itself.
    secrets = [line for line in pem if line and not line.startswith("-")]
    signing = Sampled.of(key.key.public)
    return Keyring([replace(key.key, public=signing.public)]), signing, secrets
