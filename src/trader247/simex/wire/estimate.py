"""What an order would come to if it were placed now, for previews."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from trader247.simex.book import Side
from trader247.simex.exact import EXACT, QUOTIENT, ZERO, plain
from trader247.simex.exchange import Exchange
from trader247.simex.market import Market
from trader247.simex.orders.order import Lifetime, Terms


@dataclass(frozen=True, slots=True)
class Estimate:
    """Value and fees in quote currency, and the size in lots."""

    value: Decimal
    fees: Decimal
    lots: int

    def plus(self, other: Estimate) -> Estimate:
        """Both together."""
        return Estimate(
            EXACT.add(self.value, other.value),
            EXACT.add(self.fees, other.fees),
            self.lots + other.lots,
        )

    def total(self, side: Side) -> Decimal:
        """What a buy costs, or a sell brings, fees included."""
        return (EXACT.add if side is Side.BUY else EXACT.subtract)(self.value, self.fees)


def estimate(exchange: Exchange, terms: Terms) -> Estimate:
    """What trades at once as a taker, and what rests at its limit as a maker."""
    market = exchange.listed[terms.product_id]
    found = [_estimate(exchange, market, each) for each in terms.parts]
    return reduce(Estimate.plus, found)


def _estimate(exchange: Exchange, market: Market, terms: Terms) -> Estimate:
    walked, _ = exchange.desk.judge.walk(terms)
    rates = exchange.desk.rates
    value = fees = ZERO
    lots = 0
    for price, part in walked:
        traded = market.value(price, part)
        value = EXACT.add(value, traded)
        fees = EXACT.add(fees, EXACT.multiply(traded, rates.taker))
        lots += part
    if terms.lifetime in (Lifetime.GTC, Lifetime.GTD):
        assert terms.limit is not None
        assert terms.lots is not None
        rests = market.value(terms.limit, terms.lots - lots)
        value = EXACT.add(value, rests)
        fees = EXACT.add(fees, EXACT.multiply(rests, rates.taker if terms.stop else rates.maker))
        lots = terms.lots
    return Estimate(value, fees, lots)


def best(market: Market | None, side: Side) -> str:
    """The best price of one side as text, empty where there is none."""
    levels = market.matching.levels(side) if market else []
    return market.price.text(levels[0][0]) if market and levels else ""


def slippage(market: Market | None, side: str, average: Decimal) -> str:
    """How far the average lies from the best opposite price, as a fraction; never negative."""
    if market is None or side not in ("BUY", "SELL") or not average:
        return "0"
    levels = market.matching.levels(Side(side).opposite)
    if not levels:
        return "0"
    price = market.price.decimal(levels[0][0])
    worse = (
        QUOTIENT.subtract(average, price) if side == "BUY" else QUOTIENT.subtract(price, average)
    )
    return plain(max(ZERO, QUOTIENT.divide(worse, price)))
