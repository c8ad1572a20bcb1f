"""What trades do to the account: its wallets, what orders hold of them, and every row of fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_FLOOR, Context, Decimal

from trader247.simex.accounts import Accounts
from trader247.simex.book import Side
from trader247.simex.exact import EXACT, ZERO
from trader247.simex.market import Market
from trader247.simex.matching import Match, rung
from trader247.simex.orders.costs import paid_in, remaining_hold, rest_of_budget
from trader247.simex.orders.order import Fill, Kind, Order
from trader247.simex.rules import Rules

_WALLET_STEP = Decimal("1e-10")
_FEE_STEP = Decimal("1e-8")
_ROUNDING = Context(prec=50)


class Ledger:
    """The books of one account. `name` gives the n-th id of a kind; `fills` are the new rows."""

    def __init__(
        self,
        *,
        name: Callable[[str, int], str],
        accounts: Accounts,
        count: int = 0,
        rules: Callable[[], Rules] = Rules,
    ) -> None:
        self._name = name
        self._rules = rules
        self.accounts = accounts
        self.count = count
        """Rows ever written."""
        self.fills: list[Fill] = []
        self._latest = ("", "")
        """The order of the last fill, and its trade."""

    def fund(self, currency: str, amount: Decimal, now_us: int) -> None:
        """Add to a wallet, or take from it with a negative amount, opening it where needed.

        Raises:
            InsufficientFunds: it does not hold that much.
        """
        if self.accounts.find(currency) is None:
            self.accounts.open(currency, self._name("account", len(self.accounts) + 1), now_us)
        self.accounts.post(currency, amount, now_us)

    def hold(self, market: Market, order: Order, held: Decimal, time_us: int) -> None:
        """Let an order hold so much in all of what pays for it.

        Raises:
            InsufficientFunds: that much is not available; nothing has changed.
        """
        currency = paid_in(market, order.terms.side)
        self.accounts.hold(currency, EXACT.subtract(held, order.held), time_us)
        order.held = held

    def trade(
        self,
        market: Market,
        order: Order,
        match: Match,
        time_us: int,
        *,
        is_maker: bool,
        is_rest: bool = False,
    ) -> None:
        """Book a trade; `is_rest`: it takes all that is left of a budget, lots or not."""
        value = market.value(match.price, match.lots)
        commission = self._charged(value, order, is_maker=is_maker)
        size = market.size.decimal(match.lots)
        dust = ZERO
        if is_rest:
            value, commission, dust = rest_of_budget(market, order, match)
            order.dust, size = dust, EXACT.add(size, dust)
        order.filled_lots += match.lots
        order.filled_value = EXACT.add(order.filled_value, value)
        order.fees = EXACT.add(order.fees, commission)
        order.fill_count += 1
        order.last_fill_us = order.updated_us = time_us
        if order.rungs:
            order.rungs[rung(match.number)].lots -= match.lots
        self.hold(market, order, remaining_hold(market, order, self._rules()), time_us)
        side = order.terms.side
        self._pay(market, side, value=value, commission=commission, size=size, time_us=time_us)
        self._record(order, match, commission, time_us, is_maker=is_maker, dust=dust)

    def note(self, fill: Fill, kind: Kind, time_us: int) -> Fill:
        """Add a row about a trade, like the one that it had."""
        self.count += 1
        entry_id = self._name("entry", self.count)
        row = replace(fill, number=self.count, entry_id=entry_id, kind=kind, time_us=time_us)
        self.fills.append(row)
        return row

    def revise(
        self, market: Market, order: Order, fill: Fill, price: int | None, time_us: int
    ) -> list[Fill]:
        """Take a fill of an order that has ended back; it may come again at another price.

        Raises:
            InsufficientFunds: what it brought is spent, and half of it may be booked.
        """
        rows = [self.note(fill, Kind.REVERSAL, time_us)]
        self._move(market, order, fill, time_us, sign=-1)
        if price is not None:
            value = market.value(price, fill.lots)
            commission = self._charged(value, order, is_maker=fill.is_maker)
            corrected = replace(fill, price=price, commission=commission)
            self._move(market, order, corrected, time_us, sign=1)
            rows.append(self.note(corrected, Kind.CORRECTION, time_us))
        order.updated_us = time_us
        return rows

    def _move(self, market: Market, order: Order, fill: Fill, time_us: int, *, sign: int) -> None:
        """Book a fill's effect on its order and on the wallets, or the opposite of it."""
        signed = Decimal(sign)
        value = EXACT.multiply(market.value(fill.price, fill.lots), signed)
        commission = EXACT.multiply(fill.commission, signed)
        size = EXACT.multiply(market.size.decimal(fill.lots), signed)
        order.filled_lots += sign * fill.lots
        order.filled_value = EXACT.add(order.filled_value, value)
        order.fees = EXACT.add(order.fees, commission)
        order.fill_count += sign
        self._pay(market, fill.side, value=value, commission=commission, size=size, time_us=time_us)

    def _pay(
        self,
        market: Market,
        side: Side,
        *,
        value: Decimal,
        commission: Decimal,
        size: Decimal,
        time_us: int,
    ) -> None:
        """Move what a trade moves between the two wallets."""
        listing = market.listing
        is_buy = side is Side.BUY
        money = EXACT.add(value, commission) if is_buy else EXACT.subtract(value, commission)
        gives, takes = (listing.quote, listing.base) if is_buy else (listing.base, listing.quote)
        given, taken = (money, size) if is_buy else (size, money)
        self.fund(gives, self._posted(gives, EXACT.minus(given)), time_us)
        self.fund(takes, self._posted(takes, taken), time_us)

    def _charged(self, value: Decimal, order: Order, *, is_maker: bool) -> Decimal:
        """What a trade of a value costs."""
        commission = EXACT.multiply(value, order.maker_rate if is_maker else order.taker_rate)
        if not self._rules().rounds_fees:
            return commission
        return commission.quantize(_FEE_STEP, rounding=ROUND_FLOOR, context=_ROUNDING)

    def _posted(self, currency: str, amount: Decimal) -> Decimal:
        """What a wallet takes of an amount: never more than is there, however it is rounded."""
        if not self._rules().rounds_wallets:
            return amount
        floored = amount.quantize(_WALLET_STEP, rounding=ROUND_FLOOR, context=_ROUNDING)
        return max(floored, min(amount, EXACT.minus(self.accounts.available(currency))))

    def _record(
        self,
        order: Order,
        match: Match,
        commission: Decimal,
        time_us: int,
        *,
        is_maker: bool,
        dust: Decimal,
    ) -> None:
        self.count += 1
        before, trade_id = self._latest
        if before != order.order_id or not self._rules().joins_trades:
            trade_id = self._name("trade", self.count)
        self._latest = (order.order_id, trade_id)
        self.fills.append(
            Fill(
                number=self.count,
                entry_id=self._name("entry", self.count),
                trade_id=trade_id,
                order_id=order.order_id,
                product_id=order.terms.product_id,
                side=order.terms.side,
                price=match.price,
                lots=match.lots,
                commission=commission,
                is_maker=is_maker,
                time_us=time_us,
                dust=dust,
            )
        )
