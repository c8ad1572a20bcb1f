"""C60: the official client reads every answer, and gives it back as it was sent.

Each answer also has the fields that the client's classes know, and no others: what the venue has
beyond them, and what a spot account never has, stands here by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from coinbase.rest import RESTClient
from coinbase.rest.types.orders_types import OrderConfiguration
from requests import PreparedRequest, Response
from tests.simex.scripted import ScriptedFeed
from tests.simex.sdk_models import model_of, seen_in
from tests.simex.stand import Stand

from trader247.simex.wire.transport import InProcess

BTC = "BTC-USD"
SPAN = ("1767567600", "1767571200", "ONE_MINUTE")
DOWN, UP = "STOP_DIRECTION_STOP_DOWN", "STOP_DIRECTION_STOP_UP"
LATER = "2026-01-06T00:00:00Z"
PRICED = {"limit_price": "65000", "stop_trigger_price": "55000"}
ALONG = {"attached_order_configuration": {"trigger_bracket_gtc": PRICED}}
RUNGS = {"base_size": "0.04", "num_orders": 4, "min_price": "50000", "max_price": "51000"}
LADDER = {"scaled_limit_gtc": RUNGS}
TWAP = {
    "twap_limit_gtd": {
        "base_size": "0.04",
        "limit_price": "61000",
        "start_time": "2026-01-05T00:00:00Z",
        "end_time": LATER,
        "number_buckets": "4",
        "bucket_size": "0.01",
        "bucket_duration": "300s",
    }
}


class Recording(InProcess):
    """Remembers the last body that went through."""

    last = b""

    def send(self, request: PreparedRequest, *rest: Any, **more: Any) -> Response:
        response = super().send(request, *rest, **more)
        Recording.last = response.content
        return response


class Scene:
    """An account with orders of every kind."""

    def __init__(self, feed: ScriptedFeed) -> None:
        self.stand = Stand(feed, "private_per_s=1000000", "public_per_s=1000000")
        self.client = self.stand.client()
        self.client.session.mount("https://", Recording(self.stand.wire))
        self.stand.do("deposit", currency="BTC", amount="2")
        self.filled = self.placed(self.client.market_order_buy("f", BTC, quote_size="50"))
        self.rests = self.placed(self.client.limit_order_gtc_buy("r", BTC, "0.001", "50000"))

    def placed(self, answer: Any) -> str:
        assert answer.success is True, answer.to_dict()
        return str(answer.success_response["order_id"])

    def refused(self) -> Any:
        return self.client.limit_order_gtc_buy("n", BTC, "0.001", "0.001")

    def promoted(self) -> Any:
        self.stand.do("promotion", maker="0", taker="0.001")
        return self.client.get_transaction_summary()

    def revised(self) -> Any:
        (fill,) = self.client.get_fills(order_ids=[self.filled]).fills
        self.stand.do("correct", entry_id=fill.entry_id, price="59999")
        return self.client.get_fills()

    def in_parts(self) -> Any:
        self.placed(self.client.create_order("l", BTC, "BUY", LADDER))
        self.placed(self.client.create_order("t", BTC, "BUY", TWAP))
        self.placed(self.client.market_order_buy("b", BTC, base_size="0.01", **ALONG))
        return self.client.list_orders()


OF_A_PRODUCT = {
    "about_description", "base_cbrn", "best_ask_price", "best_bid_price", "display_name_overwrite",
    "icon_color", "icon_url", "is_alpha_testing", "market_cap", "new_at", "product_cbrn",
    "quote_cbrn",
}  # fmt: skip
BEYOND = {
    "ListProductsResponse": {"pagination"},
    "Product": OF_A_PRODUCT,
    "GetProductResponse": OF_A_PRODUCT,
    "HistoricalMarketTrade": {"ask", "bid"},
    "Portfolio": {"deleted"},
    "PortfolioBalances": {"futures_unrealized_pnl", "perp_unrealized_pnl"},
    "PortfolioPosition": {
        "asset_img_url", "available_to_trade_crypto", "average_entry_price", "is_cash",
    },
    "GetTransactionSummaryResponse": {
        "advanced_trade_only_volume", "fee_tier_without_promotion", "has_cost_plus_commission",
        "volume_breakdown",
    },
    "FeeTier": {"volume_types_and_range"},
    "Order": {"attached_order_configuration", "last_update_time"},
    "Fill": {"commission_detail_total", "fillSource"},
    "OrderConfiguration": {"scaled_limit_gtc", "twap_limit_gtd"},
    "PreviewOrderResponse": {"est_average_filled_price"},
    "EditOrderPreviewResponse": {
        "best_ask", "commission_detail_total", "order_margin_total", "pnl_configuration",
    },
}  # fmt: skip
"""What the venue has and its client's classes have not."""
LEFT_OUT = {
    "Product": {"future_product_details"},
    "GetProductResponse": {"future_product_details"},
    "PortfolioBalances": {"total_neptune_balance"},
    "PortfolioPosition": {"expires_at", "leverage", "one_day_change", "rate"},
    # The venue says `advanced_trade_only_volume`; the class has one letter more.
    "GetTransactionSummaryResponse": {"advanced_trade_only_volumes"},
    "PreviewOrderResponse": {"pnl_configuration"},
    # An edit answers with `errors`.
    "EditOrderResponse": {"success_response", "error_response"},
}
"""What spot has not, and the client's classes have."""
ONE_OF = {
    "CreateOrderResponse": {"success_response", "error_response", "failure_reason", "order_id"},
    "ClosePositionResponse": {"success_response", "error_response"},
    "MarketMarketIoc": {"base_size", "quote_size"},
    "OrderConfiguration": set(model_of(OrderConfiguration).fields),
}
"""Of which an answer has one or some: those of an older form among them."""

Asking = Callable[[Scene, RESTClient], Any]

ASKED: dict[str, Asking] = {
    "time": lambda _, c: c.get_unix_time(),
    "public products": lambda _, c: c.get_public_products(),
    "public product": lambda _, c: c.get_public_product(BTC),
    "public book": lambda _, c: c.get_public_product_book(BTC),
    "public candles": lambda _, c: c.get_public_candles(BTC, *SPAN),
    "public trades": lambda _, c: c.get_public_market_trades(BTC, 5),
    "products": lambda _, c: c.get_products(get_tradability_status=True),
    "product": lambda _, c: c.get_product(BTC),
    "book": lambda _, c: c.get_product_book(BTC, limit=3),
    "best": lambda _, c: c.get_best_bid_ask([BTC]),
    "candles": lambda _, c: c.get_candles(BTC, *SPAN),
    "trades": lambda _, c: c.get_market_trades(BTC, 5),
    "accounts": lambda _, c: c.get_accounts(),
    "account": lambda s, c: c.get_account(c.get_accounts().accounts[0].uuid),
    "portfolios": lambda _, c: c.get_portfolios(),
    "portfolio": lambda _, c: c.get_portfolio_breakdown(c.get_portfolios().portfolios[0].uuid),
    "fees": lambda _, c: c.get_transaction_summary(),
    "fees of a promotion": lambda s, _: s.promoted(),
    "permissions": lambda _, c: c.get_api_key_permissions(),
    "order": lambda s, c: c.get_order(s.filled),
    "orders": lambda _, c: c.list_orders(),
    "no orders": lambda _, c: c.list_orders(product_ids=["ETH-USD"]),
    "fills": lambda _, c: c.get_fills(),
    "no fills": lambda _, c: c.get_fills(order_ids=["none"]),
    "fills of every type": lambda s, _: s.revised(),
    "refused": lambda s, _: s.refused(),
    "market": lambda _, c: c.market_order_sell("1", BTC, "0.001"),
    "ioc": lambda _, c: c.limit_order_ioc_buy("1", BTC, "0.001", "61000"),
    "fok": lambda _, c: c.limit_order_fok_buy("1", BTC, "0.001", "61000"),
    "gtd": lambda _, c: c.limit_order_gtd_buy("1", BTC, "0.001", "50000", LATER),
    "stop": lambda _, c: c.stop_limit_order_gtc_sell("1", BTC, "0.1", "58000", "59000", DOWN),
    "dated stop": lambda _, c: c.stop_limit_order_gtd_buy(
        "1", BTC, "0.1", "62000", "61000", LATER, UP
    ),
    "bracket": lambda _, c: c.trigger_bracket_order_gtc_sell("1", BTC, "0.1", "65000", "55000"),
    "dated bracket": lambda _, c: c.trigger_bracket_order_gtd_sell(
        "1", BTC, "0.1", "65000", "55000", LATER
    ),
    "scaled": lambda _, c: c.create_order("1", BTC, "BUY", LADDER),
    "twap": lambda _, c: c.create_order("1", BTC, "BUY", TWAP),
    "bought with a bracket": lambda _, c: c.market_order_buy("1", BTC, base_size="0.1", **ALONG),
    "orders in parts and brought along": lambda s, _: s.in_parts(),
    "preview of a ladder": lambda _, c: c.preview_order(BTC, "BUY", LADDER),
    "preview of a twap": lambda _, c: c.preview_order(BTC, "BUY", TWAP, **ALONG),
    "preview": lambda _, c: c.preview_market_order_buy(BTC, quote_size="50"),
    "preview of what is refused": lambda _, c: c.preview_market_order_buy(BTC, quote_size="0.5"),
    "preview of a stop": lambda _, c: c.preview_stop_limit_order_gtc_sell(
        BTC, "0.1", "58000", "59000", DOWN
    ),
    "edit": lambda s, c: c.edit_order(s.rests, size="0.002", price="50000"),
    "no edit": lambda s, c: c.edit_order(s.filled, size="0.002", price="50000"),
    "edit preview": lambda s, c: c.preview_edit_order(s.rests, size="0.002", price="50000"),
    "cancel": lambda s, c: c.cancel_orders([s.rests, s.filled, "none"]),
    "close": lambda _, c: c.close_position("1", BTC),
}


@pytest.fixture
def scene(feed: ScriptedFeed) -> Iterator[Scene]:
    made = Scene(feed)
    yield made
    made.stand.exchange.store.close()


@pytest.mark.parametrize("asking", ASKED)
def test_c60_an_answer_is_read_whole(scene: Scene, asking: str) -> None:
    answer = ASKED[asking](scene, scene.client)
    sent = json.loads(Recording.last)
    assert sent
    given = answer.to_dict()
    for name, called in (("epochSeconds", "epoch_seconds"), ("epochMillis", "epoch_millis")):
        if name in sent:
            sent[called] = sent.pop(name)
    assert plain(given) == plain(sent)
    for each in seen_in(answer):
        some = ONE_OF.get(each.model, set())
        assert each.unknown <= BEYOND.get(each.model, set()), each
        assert each.absent <= LEFT_OUT.get(each.model, set()) | some, each
        assert not some or some - each.absent or each.model == "OrderConfiguration", each


def plain(value: Any) -> Any:
    """A body as the client's classes have it: what is nothing there is left out here."""
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value
