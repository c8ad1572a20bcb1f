"""The wire's orders: create, preview, cancel."""

from __future__ import annotations

import json
from typing import Any

from trader247.simex.book import Side
from trader247.simex.exact import QUOTIENT, ZERO, plain
from trader247.simex.exchange import Configuration, Exchange
from trader247.simex.market import Market
from trader247.simex.orders.order import Order
from trader247.simex.switches import Switches
from trader247.simex.wire import render
from trader247.simex.wire.estimate import Estimate, best, estimate, slippage
from trader247.simex.wire.refusal import UNKNOWN, Refused, Rejection
from trader247.simex.wire.request import Reply, Request, invalid

_CANCELS_MAX = 100
_CLIENT_ID_MAX = 128
_DUPLICATE = Rejection(
    "DUPLICATE_CLIENT_ORDER_ID", "UNKNOWN_PREVIEW_FAILURE_REASON", "client order id is not unique"
)


class Trading:
    """Takes orders for one exchange."""

    def __init__(self, exchange: Exchange, switches: Switches) -> None:
        self._exchange = exchange
        self._switches = switches

    def create(self, request: Request) -> Reply:
        product_id, side, configuration = _asked(request)
        client_order_id = _needed(request, "client_order_id")
        if len(client_order_id) > _CLIENT_ID_MAX:
            raise invalid("client_order_id is too long")
        is_known = self._exchange.store.order_of_client(client_order_id) is not None
        if is_known and self._switches.duplicate_id == "error":
            return _rejected(_DUPLICATE, configuration)
        placed = self._exchange.place(
            client_order_id=client_order_id,
            product_id=product_id,
            side=side,
            configuration=configuration,
            attached=_given(request, "attached_order_configuration"),
        )
        if isinstance(placed, Rejection):
            return _rejected(placed, configuration)
        return Reply(200, render.dumps(self._accepted(placed)))

    def preview(self, request: Request) -> Reply:
        product_id, side, configuration = _asked(request)
        market = self._exchange.find(product_id)
        errors: list[str] = []
        figures = Estimate(ZERO, ZERO, 0)
        try:
            terms = self._exchange.read_terms(
                product_id=product_id,
                side=side,
                configuration=configuration,
                attached=_given(request, "attached_order_configuration"),
            )
            figures = estimate(self._exchange, terms)
            self._exchange.desk.judge.hold(terms)
        except Refused as refused:
            errors.append(refused.rejection.preview)
        return Reply(200, render.dumps(self._previewed(request, market, side, figures, errors)))

    def cancel(self, request: Request) -> Reply:
        order_ids = request.body.get("order_ids")
        if not isinstance(order_ids, list) or not all(isinstance(each, str) for each in order_ids):
            raise invalid("order_ids is invalid")
        if not order_ids:
            raise invalid("order_ids is empty")
        if len(order_ids) > _CANCELS_MAX:
            raise invalid(f"Too many orderIDs entered, limit is {_CANCELS_MAX}")
        answers = [
            None if reason is not None and self._is_forgiven(order_id) else reason
            for order_id, reason in zip(order_ids, self._exchange.cancel(order_ids), strict=True)
        ]
        results = [
            {
                "success": reason is None,
                "failure_reason": reason or "UNKNOWN_CANCEL_FAILURE_REASON",
                "order_id": order_id,
            }
            for order_id, reason in zip(order_ids, answers, strict=True)
        ]
        return Reply(200, render.dumps({"results": results}))

    def close_position(self, request: Request) -> Reply:
        """There are no positions on spot: always a refusal."""
        _needed(request, "product_id")
        rejection = Rejection("UNTRADABLE_PRODUCT", "PREVIEW_UNTRADABLE_PRODUCT", "")
        return _rejected(rejection, {})

    def _accepted(self, placed: Order) -> render.Body:
        """The answer to an order that was taken, in the shape that is switched on."""
        response = {
            "order_id": placed.order_id,
            "product_id": placed.terms.product_id,
            "side": placed.terms.side.value,
            "client_order_id": placed.client_order_id,
        }
        if self._switches.create_body == "legacy":
            return {
                "success": True,
                "failure_reason": UNKNOWN,
                "order_id": placed.order_id,
                "success_response": response,
                "order_configuration": json.loads(placed.configuration),
            }
        is_null = self._switches.create_body == "null"
        return {
            "success": True,
            "success_response": {**response, "attached_order_id": placed.attached_id},
            "order_configuration": None if is_null else json.loads(placed.configuration),
        }

    def _is_forgiven(self, order_id: str) -> bool:
        """Whether cancelling an order that has ended counts as done."""
        is_switched = self._switches.cancel_of_done == "accepted"
        return is_switched and self._exchange.store.order(order_id) is not None

    def _previewed(
        self,
        request: Request,
        market: Market | None,
        side: str,
        figures: Estimate,
        errors: list[str],
    ) -> render.Body:
        total = figures.total(Side.BUY if side == "BUY" else Side.SELL)
        size = market.size.decimal(figures.lots) if market else ZERO
        average = QUOTIENT.divide(figures.value, size) if size else ZERO
        return {
            "order_total": plain(total),
            "commission_total": plain(figures.fees),
            "errs": errors,
            "warning": [],
            "quote_size": plain(figures.value),
            "base_size": plain(size),
            "best_bid": best(market, Side.BUY),
            "best_ask": best(market, Side.SELL),
            "is_max": False,
            "order_margin_total": "0",
            "leverage": "1",
            "long_leverage": "0",
            "short_leverage": "0",
            "slippage": slippage(market, side, average),
            "preview_id": self._exchange.name(
                f"preview/{request.raw_body!r}", self._exchange.now_us
            ),
            "current_liquidation_buffer": "0",
            "projected_liquidation_buffer": "0",
            "max_leverage": "",
            "est_average_filled_price": plain(average),
        }


def _needed(request: Request, name: str) -> str:
    value = request.body.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is required")
    return value


def _asked(request: Request) -> tuple[str, str, Configuration]:
    """Product, side and configuration."""
    configuration = _given(request, "order_configuration")
    if configuration is None:
        raise invalid("order_configuration is required")
    return _needed(request, "product_id"), _needed(request, "side"), configuration


def _given(request: Request, name: str) -> Configuration | None:
    """A configuration; the official client sends what it leaves out as null."""
    configuration = request.body.get(name)
    if configuration is None:
        return None
    if not isinstance(configuration, dict):
        raise invalid(f"{name} is invalid")
    given: dict[str, dict[str, Any]] = {}
    for kind, fields in configuration.items():
        if not isinstance(fields, dict):
            raise invalid(f"{name}.{kind} is invalid")
        given[kind] = {key: value for key, value in fields.items() if value is not None}
    return given


def _rejected(rejection: Rejection, configuration: Configuration) -> Reply:
    body = {
        "success": False,
        "error_response": {
            "error": rejection.error,
            "message": rejection.message,
            "error_details": "",
            "preview_failure_reason": rejection.preview,
            "new_order_failure_reason": rejection.error,
        },
        "order_configuration": configuration,
    }
    return Reply(200, render.dumps(body))
