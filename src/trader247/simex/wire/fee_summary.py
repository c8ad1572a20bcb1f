"""The wire's account of what trading costs: `transaction_summary`."""

from __future__ import annotations

from trader247.simex.exact import plain
from trader247.simex.exchange import Exchange
from trader247.simex.fees import Tier
from trader247.simex.wire import render
from trader247.simex.wire.portfolios import total_worth
from trader247.simex.wire.render import Body


def fee_summary(exchange: Exchange, *, has_texts: bool) -> bytes:
    """The body. Its sums are numbers on the wire, written as they are exact, or texts as once."""
    fees = exchange.fees
    lately = fees.turnover()
    quote = '"' if has_texts else ""
    volume = f"{quote}{plain(lately.value)}{quote}"
    paid = f"{quote}{plain(lately.fees)}{quote}"
    none = f"{quote}0{quote}"
    total = plain(total_worth(exchange, exchange.desk.accounts))
    tier = _tier(exchange, fees.tier)
    has_promotion = fees.terms.promotion is not None
    more = ""
    if has_promotion:
        tier |= _rates(exchange)
        without = render.dumps(_without_promotion(exchange)).decode()
        more = f',"fee_tier_without_promotion":{without}'
    return (
        f'{{"total_volume":{volume},"total_fees":{paid},'
        f'"fee_tier":{render.dumps(tier).decode()},"margin_rate":null,'
        f'"goods_and_services_tax":null,"advanced_trade_only_volume":{volume},'
        f'"advanced_trade_only_fees":{paid},"coinbase_pro_volume":{none},'
        f'"coinbase_pro_fees":{none},"total_balance":"{total}",'
        f'"has_promo_fee":{"true" if has_promotion else "false"},'
        f'"volume_breakdown":[{{"volume_type":"VOLUME_TYPE_SPOT","volume":{volume}}},'
        f'{{"volume_type":"VOLUME_TYPE_US_DERIVATIVES","volume":{none}}}],'
        f'"has_cost_plus_commission":false{more}}}'
    ).encode()


def _tier(exchange: Exchange, tier: Tier) -> Body:
    after = exchange.fees.tier_after(tier)
    ends = "" if after is None else plain(after.volume)
    range_ = {
        "volume_types": ["VOLUME_TYPE_SPOT"],
        "vol_from": plain(tier.volume),
        "vol_to": ends,
    }
    # What derivatives qualify for is known of the first tier alone.
    derivatives = {
        "volume_types": ["VOLUME_TYPE_US_DERIVATIVES"],
        "vol_from": "0",
        "vol_to": "100000",
    }
    ends_at = None if after is None else after.balance
    return {
        "pricing_tier": tier.name,
        "usd_from": "",
        "usd_to": "",
        "taker_fee_rate": plain(tier.rates.taker),
        "maker_fee_rate": plain(tier.rates.maker),
        "aop_from": "" if tier.balance is None else plain(tier.balance),
        "aop_to": "" if ends_at is None else plain(ends_at),
        "volume_types_and_range": [range_, *([derivatives] if tier.volume == 0 else [])],
    }


def _rates(exchange: Exchange) -> Body:
    rates = exchange.fees.rates
    return {"taker_fee_rate": plain(rates.taker), "maker_fee_rate": plain(rates.maker)}


def _without_promotion(exchange: Exchange) -> Body:
    fees = exchange.fees
    after = fees.tier_after(fees.tier)
    return {
        "pricing_tier": fees.tier.name,
        "qualification_type": "QUALIFICATION_TYPE_VOLUME",
        "current_value": plain(fees.turnover().value),
        "next_tier_threshold": "" if after is None else plain(after.volume),
        "current_tier": _tier(exchange, fees.tier),
        "next_tier": None if after is None else _tier(exchange, after),
    }
