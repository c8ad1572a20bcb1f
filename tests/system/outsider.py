"""An independent recomputation of a book, which imports nothing of the program that it judges.

It reads the journal's tables and the simulated exchange's own file as any stranger with SQLite
would, matches sales to lots first in first out, and says where the two books or the figures that
the program shows disagree, to the last digit.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Context, Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw

_EXACT = Context(prec=60)
_FEE_STEP = Decimal("1E-16")


@dataclass
class Lot:
    """What is left of one buy."""

    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass
class Book:
    """Cash, holdings and profit, as they follow from a list of fills."""

    cash: Decimal
    realised: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    lots: dict[str, list[Lot]] = field(default_factory=dict)

    def book(self, fill: dict[str, str]) -> None:
        """Take one fill: a buy opens a lot, a sale consumes the oldest."""
        price, quantity = Decimal(fill["price"]), Decimal(fill["quantity"])
        fee = Decimal(fill["fee"])
        notional = _EXACT.multiply(price, quantity)
        self.fees = _EXACT.add(self.fees, fee)
        lots = self.lots.setdefault(fill["product"], [])
        if fill["side"] == "BUY":
            lots.append(Lot(quantity, price, fee))
            self.cash = _EXACT.subtract(self.cash, _EXACT.add(notional, fee))
            return
        proceeds = _EXACT.subtract(notional, fee)
        self.cash = _EXACT.add(self.cash, proceeds)
        cost = Decimal(0)
        while quantity:
            assert lots, f"{fill['product']}: more was sold than bought"
            lot = lots[0]
            if lot.quantity <= quantity:
                cost = _sum(cost, _EXACT.multiply(lot.price, lot.quantity), lot.fee)
                quantity = _EXACT.subtract(quantity, lot.quantity)
                lots.pop(0)
                continue
            exact = _EXACT.divide(_EXACT.multiply(lot.fee, quantity), lot.quantity)
            share = min(exact.quantize(_FEE_STEP, rounding=ROUND_CEILING, context=_EXACT), lot.fee)
            cost = _sum(cost, _EXACT.multiply(lot.price, quantity), share)
            lot.fee = _EXACT.subtract(lot.fee, share)
            lot.quantity = _EXACT.subtract(lot.quantity, quantity)
            quantity = Decimal(0)
        self.realised = _EXACT.add(self.realised, _EXACT.subtract(proceeds, cost))

    def holdings(self) -> dict[str, Decimal]:
        """What is held of each base currency."""
        held = {
            product.split("-")[0]: _sum(*(each.quantity for each in lots))
            for product, lots in self.lots.items()
        }
        return {currency: quantity for currency, quantity in held.items() if quantity}


def _sum(*values: Decimal) -> Decimal:
    result = Decimal(0)
    for value in values:
        result = _EXACT.add(result, value)
    return result


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """A question to a SQLite file, read-only."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        connection.set_busy_timeout(5_000)
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def journal_fills(journal: Path) -> list[dict[str, str]]:
    """Every booked fill of a journal, in the order of booking."""
    names = ("entry_id", "order_id", "client_order_id", "product", "side", "price", "quantity")
    columns = ", ".join((*names, "fee"))
    found = rows(journal, f"SELECT {columns} FROM fills WHERE quarantine IS NULL ORDER BY seq")
    return [dict(zip((*names, "fee"), each, strict=True)) for each in found]


def exchange_fills(exchange: Path) -> list[dict[str, str]]:
    """Every fill that the exchange made, in its own order, in plain decimals."""
    ((identity,),) = rows(exchange, "SELECT value FROM meta WHERE key = 'identity'")
    steps = {
        each["product_id"]: (Decimal(each["price_increment"]), Decimal(each["base_increment"]))
        for each in json.loads(identity)["listings"]
    }
    found = rows(
        exchange,
        "SELECT entry_id, order_id, product_id, side, price, lots, commission FROM fills "
        "ORDER BY number",
    )
    return [
        {
            "entry_id": entry,
            "order_id": order,
            "product": product,
            "side": side,
            "price": str(_EXACT.multiply(steps[product][0], ticks)),
            "quantity": str(_EXACT.multiply(steps[product][1], lots)),
            "fee": commission,
        }
        for entry, order, product, side, ticks, lots, commission in found
    ]


def opening_cash(journal: Path) -> Decimal:
    """What flowed in and out of the account, the opening balance included."""
    found = rows(journal, "SELECT payload FROM events WHERE kind = 'cash_flowed' ORDER BY seq")
    return _sum(*(Decimal(json.loads(payload)["amount"]) for (payload,) in found))


def recomputed(journal: Path) -> Book:
    """The book that follows from the journal's fills."""
    book = Book(opening_cash(journal))
    for fill in journal_fills(journal):
        book.book(fill)
    return book


def balances(exchange: Path) -> dict[str, Decimal]:
    """The exchange's own wallets."""
    return {
        currency: Decimal(total)
        for currency, total in rows(exchange, "SELECT currency, total FROM accounts")
        if Decimal(total) or currency == "USD"
    }


def disagreements(
    data: Path, *, book: str = "paper-sim", exchange: Path | None = None, is_settled: bool = True
) -> list[str]:
    """Where journal, exchange and a fresh recomputation do not say the same.

    `exchange` is the exchange's file where it is not beside the journal. `is_settled` says that the
    trader has read the exchange's books since anything changed there: only then must every fill of
    the exchange be in the journal.
    """
    journal, exchange = data / f"{book}.db", exchange or data / f"{book}.exchange.db"
    found: list[str] = [*_chain_faults(journal), *_order_faults(journal, exchange)]
    ours, theirs = journal_fills(journal), exchange_fills(exchange)
    found += [
        f"{name}: fill {entry} {count} times"
        for name, fills in (("journal", ours), ("exchange", theirs))
        for entry, count in Counter(each["entry_id"] for each in fills).items()
        if count > 1
    ]
    known = {each["entry_id"]: each for each in theirs}
    for fill in ours:
        other = known.pop(fill["entry_id"], None)
        if other is None:
            found.append(f"journal: fill {fill['entry_id']} that the exchange never made")
            continue
        for key in ("order_id", "product", "side"):
            if fill[key] != other[key]:
                found.append(f"fill {fill['entry_id']}: {key} {fill[key]} and {other[key]}")
        for key in ("price", "quantity", "fee"):
            if Decimal(fill[key]) != Decimal(other[key]):
                found.append(f"fill {fill['entry_id']}: {key} {fill[key]} and {other[key]}")
    if not is_settled:
        return found
    found += [f"journal: fill {entry} of the exchange is missing" for entry in known]
    recount = recomputed(journal)
    wallets = balances(exchange)
    if wallets.pop("USD", Decimal(0)) != recount.cash:
        found.append(f"cash: recomputed {recount.cash}, exchange {balances(exchange).get('USD')}")
    if wallets != recount.holdings():
        found.append(f"holdings: recomputed {recount.holdings()}, exchange {wallets}")
    return found


def pnl_disagreements(data: Path, pnl: dict[str, Any], *, book: str = "paper-sim") -> list[str]:
    """Where the figures that the program shows differ from the recomputation."""
    recount = recomputed(data / f"{book}.db")
    return [
        f"{name}: shown {pnl[name]}, recomputed {value}"
        for name, value in (
            ("realised", recount.realised),
            ("fees", recount.fees),
            ("cash", recount.cash),
        )
        if Decimal(pnl[name]) != value
    ]


def _order_faults(journal: Path, exchange: Path) -> list[str]:
    """Orders that the journal did not intend, intended twice, or sent with another body."""
    intended = {
        name: (decision, leg, json.loads(body), digest)
        for name, decision, leg, body, digest in rows(
            journal, "SELECT client_order_id, decision_id, leg, body, body_sha256 FROM intents"
        )
    }
    legs = Counter((decision, leg) for decision, leg, _, _ in intended.values())
    found = [f"decision {leg}: intended {count} times" for leg, count in legs.items() if count > 1]
    created = rows(exchange, "SELECT client_order_id, product_id, side, configuration FROM orders")
    names = Counter(name for name, *_ in created)
    found += [f"order {name}: created {count} times" for name, count in names.items() if count > 1]
    for name, product, side, configuration in created:
        if name not in intended:
            found.append(f"order {name}: at the exchange, but never intended")
            continue
        _, _, body, _ = intended[name]
        wanted = (body["product_id"], body["side"], body["order_configuration"])
        if (product, side, json.loads(configuration)) != wanted:
            found.append(f"order {name}: the exchange has another body than the journal")
    return found


def _payload(stored: str | bytes, known: bytes) -> str | bytes:
    """What comes in masses is deflated against a text that stands in the journal."""
    if isinstance(stored, str):
        return stored
    assert stored[0] == 1
    return zlib.decompressobj(-15, known).decompress(stored[1:])


def _chain_faults(journal: Path) -> list[str]:
    """The first event that does not follow the one before it."""
    before = None
    found_text = rows(journal, "SELECT value FROM meta WHERE key = 'packing_1'")
    known = str(found_text[0][0]).encode()
    columns = ("seq", "v", "time", "kind", "ref", "payload")
    for *values, prev_hash, found in rows(
        journal, f"SELECT {', '.join(columns)}, prev_hash, hash FROM events ORDER BY seq"
    ):
        event = dict(zip(columns, values, strict=True))
        event["payload"] = json.loads(_payload(event["payload"], known))
        text = prev_hash + json.dumps(event, sort_keys=True, separators=(",", ":"))
        if sha256(text.encode()).hexdigest() != found:
            return [f"event {event['seq']}: its hash does not hold"]
        if before is not None and prev_hash != before:
            return [f"event {event['seq']}: does not follow the event before it"]
        before = found
    return []
