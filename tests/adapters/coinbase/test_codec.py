from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.coinbase import bodies

from trader247.adapters.coinbase import answers, codec
from trader247.domain.balances import Balance
from trader247.domain.errors import VenueError
from trader247.domain.fills import Fill, IrregularFill, Liquidity
from trader247.domain.market import ProductStatus
from trader247.domain.money import Bps, Money, Price, Quantity
from trader247.domain.orders import OrderState
from trader247.domain.time import Instant

NOW = Instant.parse("2026-10-01T12:00:00Z")


def test_a_product_is_read_with_its_volume_in_quote_currency() -> None:
    product = codec.product(bodies.product(), NOW)
    assert product.status is ProductStatus.ONLINE
    assert product.price_increment == Price.of("0.01")
    assert product.volume_24h == Money.of("660301662.25")
    assert product.listed_at == Instant.parse("2023-01-01T00:00:00Z")
    assert product.read_at == NOW


def test_prices_lie_on_their_own_grid_not_on_that_of_the_currency() -> None:
    finer = bodies.product(price_increment="0.1", quote_increment="0.01")
    assert codec.product(finer, NOW).price_increment == Price.of("0.1")
    finer.pop("price_increment")
    assert codec.product(finer, NOW).price_increment == Price.of("0.01")


def test_without_a_stated_quote_volume_it_is_base_volume_times_price() -> None:
    fields = bodies.product(approximate_quote_24h_volume="", volume_24h="2", price="10.5")
    assert codec.product(fields, NOW).volume_24h == Money.of("21")


@pytest.mark.parametrize("unsaid", ["", None])
def test_an_unknown_volume_is_none_and_not_zero(unsaid: str | None) -> None:
    fields = bodies.product(approximate_quote_24h_volume=unsaid, volume_24h=unsaid)
    assert codec.product(fields, NOW).volume_24h is None


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"is_disabled": True}, ProductStatus.DISABLED),
        ({"trading_disabled": True, "status": "online"}, ProductStatus.DISABLED),
        ({"view_only": True}, ProductStatus.VIEW_ONLY),
        ({"cancel_only": True, "post_only": True}, ProductStatus.CANCEL_ONLY),
        ({"auction_mode": True}, ProductStatus.AUCTION),
        ({"post_only": True}, ProductStatus.POST_ONLY),
        ({"limit_only": True}, ProductStatus.LIMIT_ONLY),
        ({"status": "offline"}, ProductStatus.OFFLINE),
        ({"status": "delisted"}, ProductStatus.DISABLED),
        ({"status": "dancing"}, ProductStatus.UNKNOWN),
        ({"status": ""}, ProductStatus.UNKNOWN),
        ({"trading_disabled": None}, ProductStatus.UNKNOWN),
    ],
)
def test_the_gravest_flag_is_the_status(changes: dict[str, object], status: ProductStatus) -> None:
    assert codec.product(bodies.product(**changes), NOW).status is status


def test_a_malformed_field_is_named() -> None:
    with pytest.raises(VenueError, match="base_increment is 'tiny'"):
        codec.product(bodies.product(base_increment="tiny"), NOW)


@pytest.mark.parametrize(
    "figure", ["NaN", "Infinity", "1_000", "\u0661", " 1", "1e999", True, [], "-1"]
)
def test_what_is_no_plain_number_is_refused(figure: object) -> None:
    with pytest.raises(VenueError, match="base_min_size"):
        codec.product(bodies.product(base_min_size=figure), NOW)


def test_an_order_is_read_with_its_terms() -> None:
    order = codec.order(bodies.order())
    assert order.state is OrderState.FILLED
    assert (order.price, order.quantity) == (Price.of("60000"), Quantity.of("0.001"))
    assert (order.filled, order.fees) == (Quantity.of("0.001"), Money.of("0.3"))
    assert order.fill_count == 2
    assert order.end_time == Instant.parse("2026-10-01T12:05:00Z")
    assert order.reject_reason == ""


@pytest.mark.parametrize(
    "configuration",
    [None, {}, {"market_market_ioc": {"quote_size": "100"}}, {"twap_limit_gtd": None}, "odd"],
)
def test_an_order_of_any_kind_is_read(configuration: object) -> None:
    order = codec.order(bodies.order(order_configuration=configuration))
    assert order.price is None
    assert order.quantity is None


def test_an_unknown_status_is_not_final() -> None:
    order = codec.order(bodies.order(status="PARTIALLY_DREAMT"))
    assert order.state is OrderState.UNKNOWN
    assert not order.state.is_final


def test_a_filled_order_without_its_figures_is_malformed_and_not_empty() -> None:
    with pytest.raises(VenueError, match="filled_size"):
        codec.order(bodies.order(filled_size=""))
    with pytest.raises(VenueError, match="total_fees"):
        codec.order(bodies.order(total_fees=None))


@pytest.mark.parametrize("status", ["CANCELLED", "EXPIRED"])
def test_what_an_order_that_ended_has_filled_is_not_nothing_where_it_is_not_said(
    status: str,
) -> None:
    """Both may have fills that are listed later: taken for none, nothing would wait for them."""
    for unsaid in ("", None):
        with pytest.raises(VenueError, match="filled_size"):
            codec.order(bodies.order(status=status, filled_size=unsaid, total_fees=unsaid))
    told = codec.order(bodies.order(status=status, filled_size="0", total_fees=""))
    assert told.filled.is_zero


def test_a_fresh_order_may_leave_its_figures_out() -> None:
    order = codec.order(bodies.order(status="PENDING", filled_size="", total_fees=""))
    assert order.filled.is_zero


def test_a_foreign_order_of_another_kind_is_left_out_and_our_own_is_not() -> None:
    future = bodies.order(product_id="BIT-31JAN26-CDE")
    foreign = {**future, "client_order_id": "someone-else"}
    assert len(codec.orders([foreign, bodies.order()])) == 1
    with pytest.raises(VenueError, match="product_id"):
        codec.orders([future])


def test_a_size_in_quote_becomes_base_by_its_own_price() -> None:
    fields = bodies.fill(size_in_quote=True, price="21220.64", size="4.6830664333996")
    fill = codec.fill(fields)
    assert isinstance(fill, Fill)
    assert fill.quantity < Quantity.of("0.00022069")
    assert abs(fill.notional.value - Decimal("4.6830664333996")) < Decimal("1e-40")


@pytest.mark.parametrize("kind", ["REVERSAL", "CORRECTION", "SYNTHETIC", "", "NEW_KIND"])
def test_what_is_no_plain_execution_is_never_a_fill(kind: str) -> None:
    assert isinstance(codec.fill(bodies.fill(trade_type=kind)), IrregularFill)


def test_a_fill_of_a_future_cannot_be_ours() -> None:
    assert codec.fill(bodies.fill(product_id="BIT-31JAN26-CDE")) is None


def test_a_fill_without_its_fee_is_malformed_and_not_free() -> None:
    with pytest.raises(VenueError, match="commission"):
        codec.fill(bodies.fill(commission=""))


def test_an_unknown_liquidity_is_unknown() -> None:
    fill = codec.fill(bodies.fill(liquidity_indicator="SHAKER"))
    assert isinstance(fill, Fill)
    assert fill.liquidity is Liquidity.UNKNOWN


def test_several_wallets_of_a_currency_are_one_balance() -> None:
    balances: dict[str, Balance] = {}
    codec.add_balance(balances, bodies.account("USD", "10", "1"))
    codec.add_balance(balances, bodies.account("USD", "5", "0"))
    assert balances == {"USD": Balance(Decimal(15), Decimal(1))}


def test_a_balance_that_is_not_said_is_malformed_and_not_zero() -> None:
    with pytest.raises(VenueError, match="value"):
        codec.add_balance({}, bodies.account("USD", ""))


def test_fee_rates_become_basis_points() -> None:
    tier = {"pricing_tier": "Intro", "taker_fee_rate": "0.009", "maker_fee_rate": "0.005"}
    fees = codec.fee_tier({"fee_tier": tier}, NOW)
    assert (fees.maker, fees.taker) == (Bps.of("50"), Bps.of("90"))


def test_a_fee_rate_in_per_cent_is_refused() -> None:
    tier = {"pricing_tier": "Intro", "taker_fee_rate": "0.9", "maker_fee_rate": "0.5"}
    with pytest.raises(VenueError, match="fee_rate"):
        codec.fee_tier({"fee_tier": tier}, NOW)


def test_the_venues_time_is_read_to_the_millisecond() -> None:
    body = {"iso": "2026-10-01T12:00:00Z", "epochMillis": "1790856000123"}
    assert str(codec.time(body)) == "2026-10-01T12:00:00.123000Z"
    assert codec.time({"iso": body["iso"]}) == NOW


def test_a_taken_cancel_has_no_reason() -> None:
    result = codec.cancel_result(
        {"success": True, "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON", "order_id": "a"}
    )
    assert result.is_taken
    assert result.reason == ""


PERMISSIONS = {
    "can_view": True,
    "can_trade": True,
    "can_transfer": False,
    "portfolio_uuid": "P-1",
}


@pytest.mark.parametrize("name", ["can_view", "can_trade", "can_transfer"])
@pytest.mark.parametrize("value", [None, "", "false", 0, []])
def test_what_a_key_may_do_is_said_plainly_or_not_known(name: str, value: object) -> None:
    with pytest.raises(VenueError):
        codec.permissions({**PERMISSIONS, name: value})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
Shape = tuple[Callable[[Mapping[str, object]], object], dict[str, object]]
SHAPES: list[Shape] = [
    (lambda fields: codec.product(fields, NOW), bodies.product()),
    (codec.order, bodies.order()),
    (codec.fill, bodies.fill()),
    (codec.cancel_result, {"success": False, "failure_reason": "x", "order_id": "a"}),
    (codec.time, {"iso": "2026-10-01T12:00:00Z", "epochMillis": "1"}),
    (codec.permissions, {"can_view": True}),
    (lambda fields: codec.add_balance({}, fields), bodies.account()),
]


def attempt(reader: Callable[[Mapping[str, object]], object], fields: Mapping[str, object]) -> str:
    try:
        reader(fields)
    except VenueError as error:
        return str(error)
    return ""


@given(data=st.data(), shape=st.sampled_from(SHAPES))
def test_any_field_changed_gives_a_value_or_a_typed_error(
    data: st.DataObject, shape: Shape
) -> None:
    reader, fields = shape
    name = data.draw(st.sampled_from(list(fields)))
    assert len(attempt(reader, {**fields, name: data.draw(JSON)})) < 300


@given(JSON, st.sampled_from(SHAPES))
def test_any_object_gives_a_value_or_a_typed_error(body: object, shape: Shape) -> None:
    if isinstance(body, dict):
        assert len(attempt(shape[0], body)) < 300


def test_fee_rates_are_read_as_text_or_as_numbers_in_whatever_promotion() -> None:
    said = answers.parse(
        b'{"total_volume": 12.5, "total_fees": "0.5", "has_promo_fee": true, "margin_rate": null,'
        b' "fee_tier": {"pricing_tier": "Promo", "taker_fee_rate": 0.004, "maker_fee_rate": 0,'
        b' "usd_to": ""}, "fee_tier_without_promotion": {"pricing_tier": "Intro"}}'
    )
    fees = codec.fee_tier(said, NOW)
    assert (fees.name, fees.maker, fees.taker) == ("Promo", Bps.of("0"), Bps.of("40"))
