"""The channel `user`: the account's orders, each as it stands; every value is text.

It tells how orders stand, not what they filled: two fills may be told as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from trader247.simex.alias import canonical
from trader247.simex.exact import plain
from trader247.simex.exchange import Exchange
from trader247.simex.orders.order import Order, Status
from trader247.simex.streams.memory import Known
from trader247.simex.switches import Switches
from trader247.simex.wire.account_reading import AccountReading
from trader247.simex.wire.render import Body, dumps

NAME = "user"
BATCH = 50
_UNSET = "0001-01-01T00:00:00Z"
_NO_POSITIONS = '"positions":{"perpetual_futures_positions":[],"expiring_futures_positions":[]}'


class UserNews(NamedTuple):
    """One order as it now stands, and the products under which it may have been asked for."""

    products: tuple[str, ...]
    events: str


class UserChannel:
    """The orders of the one account."""

    def __init__(self, exchange: Exchange, account: AccountReading, switches: Switches) -> None:
        self._exchange = exchange
        self._account = account
        self._is_canonical = switches.user_product == "canonical"
        self._told: Known[int, tuple[object, ...]] = Known()
        self._ended: list[int] = []

    def openings(self, wanted: dict[str, None]) -> Iterator[str]:
        """The open orders in batches, newest first; the first that is not full is the last."""
        self.begin()
        live = sorted(self._exchange.desk.live.values(), key=lambda order: -order.number)
        rows = [
            dumps(self._body(order)).decode()
            for order in live
            if not wanted or not wanted.keys().isdisjoint(self._products(order))
        ]
        for first in range(0, len(rows) + 1, BATCH):
            yield _event("snapshot", rows[first : first + BATCH])

    def begin(self) -> None:
        """From here on, `news` are what has changed since."""
        self._told = Known()
        for order in self._exchange.desk.live.values():
            self._told.set(order.number, _state(order))
        self._told.keep()

    def news(self) -> Iterator[UserNews]:
        """Every order that stands otherwise than it was told."""
        for order in self._exchange.desk.changed.values():
            state = _state(order)
            if self._told.get(order.number) != state:
                self._told.set(order.number, state)
                if order.number not in self._exchange.desk.live:
                    self._ended.append(order.number)
                row = dumps(self._body(order)).decode()
                yield UserNews(self._products(order), _event("update", [row]))

    def keep(self) -> None:
        """What was told has happened."""
        self._told.keep()
        for number in self._ended:
            self._told.drop(number)
        self._ended.clear()

    def undo(self) -> None:
        """What was told since the last `keep` has not happened."""
        self._told.undo()
        self._ended.clear()

    def _products(self, order: Order) -> tuple[str, ...]:
        named = order.terms.product_id
        book = canonical(self._exchange.listed[named]).listing.product_id
        return (named,) if named == book else (named, book)

    def _body(self, order: Order) -> Body:
        rest = self._account.order_body(order)
        fields = _asked(order)
        return {
            "avg_price": rest["average_filled_price"],
            "cancel_reason": rest["cancel_message"],
            "client_order_id": rest["client_order_id"],
            "completion_percentage": rest["completion_percentage"],
            "contract_expiry_type": "UNKNOWN_CONTRACT_EXPIRY_TYPE",
            "cumulative_quantity": rest["filled_size"],
            "filled_value": rest["filled_value"],
            "leaves_quantity": self._leaves(order),
            "limit_price": fields.get("limit_price") or "0",
            "number_of_fills": rest["number_of_fills"],
            "order_id": rest["order_id"],
            "order_side": rest["side"],
            "order_type": rest["order_type"].replace("_", " ").title(),
            "outstanding_hold_amount": rest["outstanding_hold_amount"],
            "post_only": "true" if order.terms.is_post_only else "false",
            "product_id": self._products(order)[-1 if self._is_canonical else 0],
            "product_type": rest["product_type"],
            "reject_reason": "" if order.status is not Status.FAILED else rest["reject_reason"],
            "retail_portfolio_id": rest["retail_portfolio_id"],
            "risk_managed_by": "UNKNOWN_RISK_MANAGEMENT_TYPE",
            "status": rest["status"],
            "stop_price": fields.get("stop_price") or fields.get("stop_trigger_price") or "",
            "time_in_force": rest["time_in_force"],
            "total_fees": rest["total_fees"],
            "total_value_after_fees": rest["total_value_after_fees"],
            "trigger_status": rest["trigger_status"],
            "creation_time": rest["created_time"],
            "end_time": fields.get("end_time") or _UNSET,
            "start_time": fields.get("start_time") or _UNSET,
        }

    def _leaves(self, order: Order) -> str:
        """What may still fill, in base currency; nothing of an order that has ended."""
        if order.number not in self._exchange.desk.live or order.terms.lots is None:
            return "0"
        size = self._exchange.listed[order.terms.product_id].size
        return plain(size.decimal(order.remaining))


def _state(order: Order) -> tuple[object, ...]:
    """What tells how an order stands from how it stood; its place in the queue is nobody's."""
    figures = order.updated_us, order.fill_count, order.held, len(order.edits)
    return order.status, order.is_triggered, *figures


def _asked(order: Order) -> dict[str, str]:
    """The fields of the order's configuration."""
    (fields,) = json.loads(order.configuration).values()
    return dict(fields)


def _event(kind: str, rows: list[str]) -> str:
    return f'{{"type":"{kind}","orders":[{",".join(rows)}],{_NO_POSITIONS}}}'
