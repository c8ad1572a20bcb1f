"""What an order would take from the book and hold of the wallet, before anything happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from trader247.simex.accounts import Accounts
from trader247.simex.band import within
from trader247.simex.book import Level
from trader247.simex.market import Market
from trader247.simex.orders.costs import Rates, affordable, first_hold, paid_in, remaining_hold
from trader247.simex.orders.order import Lifetime, Order, Terms
from trader247.simex.rules import Rules
from trader247.simex.wire.refusal import Refused


class Judge:
    """Judges orders by the books of all markets and by the wallets; it changes nothing."""

    def __init__(
        self,
        *,
        markets: Mapping[str, Market],
        accounts: Accounts,
        rules: Callable[[], Rules],
        rates: Callable[[], Rates],
    ) -> None:
        self._markets = markets
        self._accounts = accounts
        self._rules = rules
        self._rates = rates

    def walk(self, terms: Terms) -> tuple[list[Level], bool]:
        """What an order would take from the crowd now, and whether that is all that it wants."""
        market = self._markets[terms.product_id]
        if terms.is_post_only or terms.stop is not None:
            return [], False
        limit = terms.limit
        if self._rules().has_price_band:
            limit = within(market, terms.side, limit)
        if terms.quote_size is not None:
            return affordable(market, terms.quote_size, self._rates().taker, limit)
        assert terms.lots is not None
        walked = market.matching.walk(terms.side, terms.lots, limit)
        is_whole = sum(lots for _, lots in walked) == terms.lots
        return (
            ([], False) if terms.lifetime is Lifetime.FOK and not is_whole else (walked, is_whole)
        )

    def hold(self, terms: Terms) -> Decimal:
        """What an order will hold, or has to spend.

        Raises:
            Refused: it would cross though it is post-only, or the wallet does not cover it.
        """
        market = self._markets[terms.product_id]
        if terms.is_post_only:
            # The limit of a ladder is that of the rung next to the market.
            assert terms.limit is not None
            if market.matching.is_crossing(terms.side, terms.limit):
                raise Refused(
                    "INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"
                )
        walked, _ = self.walk(terms)
        hold = first_hold(market, terms, walked, self._rates(), self._rules())
        currency = paid_in(market, terms.side)
        if self._accounts.find(currency) is None:
            raise Refused(
                "INVALID_LEDGER_BALANCE",
                "PREVIEW_INVALID_LEDGER_BALANCE",
                "account is not available",
            )
        if hold > self._accounts.available(currency):
            raise Refused(
                "INSUFFICIENT_FUND",
                "PREVIEW_INSUFFICIENT_FUND",
                "Insufficient balance in source account",
            )
        return hold

    def hold_of(self, order: Order) -> Decimal:
        """What an order has to hold that may trade at once."""
        market = self._markets[order.terms.product_id]
        walked, _ = self.walk(order.wanted)
        rates = Rates(order.maker_rate, order.taker_rate)
        at_first = first_hold(market, order.wanted, walked, rates, self._rules())
        return max(at_first, remaining_hold(market, order, self._rules()))

    def is_cut(self, terms: Terms, walked: list[Level]) -> bool:
        """Whether a limit order could take more, were it not for the price band."""
        if terms.limit is None or terms.is_post_only or terms.stop is not None:
            return False
        assert terms.lots is not None
        market = self._markets[terms.product_id]
        free = market.matching.walk(terms.side, terms.lots, terms.limit)
        return sum(lots for _, lots in free) > sum(lots for _, lots in walked)
