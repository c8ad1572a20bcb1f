"""The wire's edits of resting orders, and their previews."""

from __future__ import annotations

from dataclasses import replace

from trader247.simex.book import Side
from trader247.simex.exact import QUOTIENT, ZERO, plain
from trader247.simex.exchange import Exchange
from trader247.simex.orders.amendment import NotEdited
from trader247.simex.wire import render
from trader247.simex.wire.estimate import Estimate, best, estimate, slippage
from trader247.simex.wire.request import Reply, Request, invalid


class Editing:
    """Edits orders of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def edit(self, request: Request) -> Reply:
        try:
            self._exchange.edit(
                _order_id(request), price=request.body.get("price"), size=request.body.get("size")
            )
        except NotEdited as refused:
            return Reply(200, render.dumps({"success": False, "errors": [_error(refused)]}))
        return Reply(200, render.dumps({"success": True, "errors": []}))

    def preview(self, request: Request) -> Reply:
        """What an edit would come to; nothing changes."""
        order_id = _order_id(request)
        errors: list[render.Body] = []
        figures, market, side = Estimate(ZERO, ZERO, 0), None, Side.BUY
        try:
            order, terms = self._exchange.amended(
                order_id, price=request.body.get("price"), size=request.body.get("size")
            )
            market, side = self._exchange.listed[terms.product_id], terms.side
            assert terms.lots is not None
            wanted = replace(terms, lots=terms.lots - order.filled_lots)
            figures = estimate(self._exchange, wanted)
        except NotEdited as refused:
            errors.append(_error(refused))
        size = market.size.decimal(figures.lots) if market else ZERO
        average = QUOTIENT.divide(figures.value, size) if size else ZERO
        body = {
            "errors": errors,
            "slippage": slippage(market, side.value, average),
            "order_total": plain(figures.total(side)),
            "commission_total": plain(figures.fees),
            "quote_size": plain(figures.value),
            "base_size": plain(size),
            "best_bid": best(market, Side.BUY),
            "best_ask": best(market, Side.SELL),
            "average_filled_price": plain(average),
            "order_margin_total": "0",
            "commission_detail_total": None,
            "pnl_configuration": None,
        }
        return Reply(200, render.dumps(body))


def _order_id(request: Request) -> str:
    order_id = request.body.get("order_id")
    if not isinstance(order_id, str) or not order_id:
        raise invalid("order_id is required")
    return order_id


def _error(refused: NotEdited) -> render.Body:
    return {
        "edit_failure_reason": refused.reason,
        "preview_failure_reason": refused.preview,
    }
