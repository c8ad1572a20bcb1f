"""What a person does with orders and positions: by the running trader, else by this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from trader247.adapters.sqlite.listings import OrderRow
from trader247.app.books.choice import Choice
from trader247.app.books.ledger_view import Source, source_of
from trader247.app.books.places import Places
from trader247.app.books.reading import opened
from trader247.app.people.asking import Answered, carried_out_at_venue
from trader247.app.people.attending import attended
from trader247.app.people.operator import operator
from trader247.app.running.patience import patiently
from trader247.app.wiring.assembly import Trader
from trader247.core.orders.flattening import is_less, quantity_wanted_sold
from trader247.core.orders.venue_stops import covered_products
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import ReadAborted, UsageError
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.halts import HaltCleared, HaltLatched
from trader247.domain.reasons import HaltName
from trader247.domain.time import DAY
from trader247.ports import Command, CommandKind

CYCLES_MAX = 100
"""Slices of one flattening by this process; each sells something, or it ends."""
WAITS_MAX = 10
"""Cycles without a sale, while one waits for the venue's last word on a stop."""


@dataclass(frozen=True, slots=True)
class OrdersView:
    """Our orders that are under way, and those that ended within a day, oldest first."""

    source: Source
    live: Sequence[OrderRow]
    ended: Sequence[OrderRow]


def orders(choice: Choice, *, limit: int) -> OrdersView:
    """Our orders as the ledger knows them; at most `limit` that ended.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, StorageError, FeedMismatch: as for every command on a book.
    """
    with opened(choice) as book:
        source = source_of(book)
        rows = book.journal.orders(since=source.time - DAY, limit=None)
        under_way = set(book.portfolio().working)
        live = [each for each in rows if each.client_order_id in under_way]
        # What works for longer than a day is no order of ours, but would be shown.
        shown = {each.client_order_id for each in live}
        if under_way - shown:
            older = book.journal.orders(since=None, limit=None)
            live = [each for each in older if each.client_order_id in under_way]
        ended = [each for each in rows if each.client_order_id not in under_way]
        return OrdersView(source, live, ended[-limit:] if limit else [])


def cancel(choice: Choice, named: Sequence[str], *, is_all: bool, reason: str) -> Answered | None:
    """Cancel the orders under way that `named` begin to name, or all; None where there is none.

    Raises:
        UsageError: a name is no order's, or more than one's; or there is no such book.
        NotAllowed: the trader does not answer.
        Trader247Error: as for every command that takes the venue.
    """
    live = orders(choice, limit=0).live
    names = [each.client_order_id for each in live]
    if not is_all:
        names = list(dict.fromkeys(_named(text, live) for text in named))
    if not names:
        return None
    arguments = {"orders": " ".join(names), "reason": reason}
    return carried_out_at_venue(
        choice, CommandKind.CANCEL_ORDERS, arguments, alone=_alone(choice, _nothing_more)
    )


def adopt(choice: Choice, arguments: Mapping[str, str]) -> Answered:
    """Make foreign coins a position of ours. Raises as `cancel` does."""
    said = {**arguments, "operator": operator()}
    return carried_out_at_venue(
        choice, CommandKind.ADOPT, said, alone=_alone(choice, _nothing_more)
    )


def flatten(choice: Choice, products: Sequence[str], *, reason: str) -> Answered:
    """Sell what is held of `products`, or all. Raises as `cancel` does, and where LIVE may not."""
    arguments = {"products": " ".join(products), "reason": reason, "operator": operator()}
    alone = _alone(choice, _sold_out, is_sending=True)
    return carried_out_at_venue(choice, CommandKind.FLATTEN, arguments, alone=alone)


def _named(text: str, live: Sequence[OrderRow]) -> str:
    """The one order that a text begins to name, or ends with, by our name or by the venue's."""
    found = [
        each.client_order_id
        for each in live
        if each.client_order_id.startswith(text)
        or each.client_order_id.endswith(text)
        or (each.order_id or "").startswith(text)
    ]
    if len(found) == 1 and text:
        return found[0]
    there = ", ".join(each.client_order_id for each in live) or "none"
    if found:
        raise UsageError(
            f"{text!r} names {len(found)} orders: {', '.join(found)}",
            hint="name more of it, or --all",
        )
    raise UsageError(
        f"no order of ours that is under way begins or ends with {text!r}; there is: {there}",
        hint="trader247 orders shows them with their state",
    )


def _alone(
    choice: Choice, then: Callable[[Trader], str], *, is_sending: bool = False
) -> Callable[[Places, Command], Answered]:
    """What does a thing here: the book's own trader, opened for it and put away again."""

    def here(places: Places, command: Command) -> Answered:
        settings, _ = choice.settle()
        with attended(choice, settings, places, is_sending=is_sending) as trader:
            trader.startup.recover()
            try:
                if is_sending and trader.key_watch is not None:
                    # Whatever was read of a key lately may have been read of another one.
                    patiently(trader, trader.key_watch.begin, is_stopped=_never)
                is_done, text = trader.commands.obey(command)
                if is_done:
                    text = then(trader) or text
            finally:
                epoch = trader.ledger.portfolio.epoch
                trader.ledger.record(SessionEnded(epoch, command.kind.value))
                trader.journal.save_portfolio(trader.ledger.portfolio)
        return Answered(places.book, None, is_done, text)

    return here


def _never() -> bool:
    return False


def _nothing_more(_trader: Trader) -> str:
    return ""


def _sold_out(trader: Trader) -> str:
    """Run cycles in which only exits may be sent, until what is wanted sold is, or nothing goes.

    Answers what was sold and what is left, in a sentence.
    """
    ledger = trader.ledger
    wanted = quantity_wanted_sold(ledger.portfolio)
    is_ours = HaltName.PAUSE not in ledger.portfolio.halts
    if is_ours:
        ledger.record(HaltLatched(HaltName.PAUSE, "only exits while a person flattens"))
    waited = 0
    for _ in range(CYCLES_MAX):
        before = quantity_wanted_sold(ledger.portfolio)
        try:
            report = trader.cycle.run()
        except ReadAborted:
            continue  # the next one answers the stop, and sells nothing
        is_sold = is_less(quantity_wanted_sold(ledger.portfolio), before)
        # A sale may have to wait for the end of the stop that rests at the venue.
        waited = 0 if is_sold else waited + 1
        if not is_sold and not (report.is_pressing and waited <= WAITS_MAX):
            break
    if is_ours:
        ledger.record(HaltCleared(HaltName.PAUSE, "flattened", operator()))
    words = []
    for product, quantity in wanted.items():
        held = ledger.portfolio.holdings.get(product)
        left = Decimal(0) if held is None else held.quantity.value
        rest = ""
        if held is not None and product in ledger.portfolio.dust:
            rest = f", {held.quantity} left: dust, less than the venue sells"
        elif held is not None:
            rest = f", {held.quantity} left: {_why(trader, str(product))}"
            if product not in covered_products(ledger.portfolio):
                # Its stop made way for a sale that did not come about, and this process ends.
                rest += "; no stop of it rests at the venue: trader247 run watches it"
        words.append(f"{product}: {quantity.value - left} of {quantity} sold{rest}")
    return "; ".join(words)


def _why(trader: Trader, product: str) -> str:
    """Why a position did not leave, as its last cycle says."""
    reasons = trader.ledger.portfolio.reasons
    found = next((each for key, each in reasons.items() if str(key) == product), "")
    return f"{found or 'no reason is known'}; trader247 why {product} tells more"
