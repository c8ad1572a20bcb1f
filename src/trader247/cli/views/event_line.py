"""An event of the journal on one line, for people; programs read `--json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

from trader247.cli import figures
from trader247.cli.output import clean
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.time import Instant

Payload = Mapping[str, Any]

_KIND_WIDTH = 18
_WIDTH = 80
_HANGING = 22


def event_lines(event: Mapping[str, Any]) -> list[str]:
    """Number, time, kind, and what it is about; `event` is as `--json` shows it.

    A long text goes on under its kind: no line is wider than 80 columns.
    """
    return wrap(
        clean(_line(event)).replace("\n", " "),
        _WIDTH,
        subsequent_indent=" " * _HANGING,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )


def _line(event: Mapping[str, Any]) -> str:
    when = str(Instant.parse(event["time"]))[5:19].replace("T", " ")
    return f"{event['seq']:>6} {when} {event['kind']:<{_KIND_WIDTH}} {_words(event)}".rstrip()


def _words(event: Mapping[str, Any]) -> str:
    phrase = _PHRASES.get(str(event["kind"]))
    try:
        return str(event["ref"]) if phrase is None else phrase(event["payload"])
    except (KeyError, TypeError, AttributeError, ValueError):
        # A shape of another version: what it is about is shown in place of its words.
        return str(event["ref"])


def _opened(payload: Payload) -> str:
    return f"{payload['book']} on {payload['feed']}"


def _started(payload: Payload) -> str:
    end = "" if payload["was_clean"] else ", the last one did not end properly"
    return f"tenure {payload['epoch']}, version {payload['code_version']}{end}"


def _ended(payload: Payload) -> str:
    return f"tenure {payload['epoch']}: {payload['cause']}"


def _key(payload: Payload) -> str:
    permissions = payload["permissions"]
    may = [word for word in ("view", "trade", "transfer") if permissions[f"can_{word}"]]
    return f"may {', '.join(may) or 'nothing'}; portfolio {permissions['portfolio']}"


def _policy(payload: Payload) -> str:
    return str(payload["policy_hash"])[:16]


def _flow(payload: Payload) -> str:
    return f"{figures.money(Money.of(payload['amount']), is_signed=True)}: {payload['cause']}"


def _foreign(payload: Payload) -> str:
    return f"{payload['quantity']} {payload['currency']} that no fill of ours explains"


def _others(payload: Payload) -> str:
    return f"{payload['count']} not ours: {payload['told']}"


def _fees(payload: Payload) -> str:
    tier = payload["tier"]
    return f"{tier['name']}: maker {tier['maker']} bps, taker {tier['taker']} bps"


def _intent(payload: Payload) -> str:
    intent = payload["intent"]
    return f"{intent['purpose']}: {_traded(intent)}"


def _settled(payload: Payload) -> str:
    outcome = payload["outcome"]
    said = outcome.get("message") or outcome.get("detail") or f"order {outcome['order_id']}"
    return f"{outcome['is']}: {said}"


def _order(payload: Payload) -> str:
    order = payload["order"]
    filled = figures.quantity(Quantity.of(order["filled"]))
    return f"{order['state']}: {order['side']} {order['product']}, filled {filled}"


def _cause(payload: Payload) -> str:
    return str(payload["cause"])


def _fill(payload: Payload) -> str:
    fill = payload["fill"]
    return f"{_traded(fill)}, fee {figures.money(Money.of(fill['fee']))}"


def _quarantined(payload: Payload) -> str:
    return f"{_traded(payload['fill'])}: {payload['cause']}"


def _accepted(payload: Payload) -> str:
    traded = ", ".join(map(_traded, payload["fills"]))
    return (
        f"{payload['client_order_id']} ended by what was set aside: {traded}: {payload['reason']}"
    )


def _dust(payload: Payload) -> str:
    return f"{payload['product']} {payload['quantity']}: {payload['cause']}"


def _found(payload: Payload) -> str:
    return f"{payload['name']}: {payload['cause']}"


def _cleared(payload: Payload) -> str:
    return f"{payload['name']} by {payload['operator']}: {payload['reason']}"


def _difference(payload: Payload) -> str:
    word = "BREAK" if payload["is_break"] else "pending"
    return f"{word} {payload['key']}: ledger {payload['ledger']}, venue {payload['venue']}"


def _cycle(payload: Payload) -> str:
    equity = None if payload["equity"] is None else Money.of(payload["equity"])
    return f"#{payload['cycle']} {payload['regime']}, equity {figures.money(equity)}"


def _alert(payload: Payload) -> str:
    return f"{payload['severity']} {payload['text']}"


def _traded(trade: Payload) -> str:
    quantity = figures.quantity(Quantity.of(trade["quantity"]))
    price = figures.price(Price.of(trade["price"]))
    return f"{trade['side']} {quantity} {trade['product']} at {price}"


_PHRASES: Mapping[str, Callable[[Payload], str]] = {
    "journal_opened": _opened,
    "session_started": _started,
    "session_ended": _ended,
    "policy_adopted": _policy,
    "cash_flowed": _flow,
    "foreign_seen": _foreign,
    "foreign_orders_seen": _others,
    "fees_read": _fees,
    "key_read": _key,
    "intent_recorded": _intent,
    "submission_settled": _settled,
    "order_seen": _order,
    "cancel_requested": _cause,
    "fill_booked": _fill,
    "fill_quarantined": _quarantined,
    "fills_accepted": _accepted,
    "dust_set_aside": _dust,
    "dust_taken_back": _dust,
    "halt_latched": _found,
    "halt_cleared": _cleared,
    "breaker_opened": _found,
    "difference_found": _difference,
    "cycle_decided": _cycle,
    "alert_raised": _alert,
}
"""How a kind's payload reads; what is not here is told by what it is about."""
