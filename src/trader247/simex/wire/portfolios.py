"""The wire's portfolios: there is one, and it is only looked at."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from trader247.simex.accounts import Account
from trader247.simex.exact import EXACT, QUOTIENT, ZERO, plain
from trader247.simex.exchange import Exchange
from trader247.simex.wire import render
from trader247.simex.wire.request import Reply, Request, not_found

_CASH = ("USD", "USDC")


def worth(exchange: Exchange, account: Account, amount: Decimal) -> Decimal:
    """An amount of a wallet's currency in dollars at the last price; nothing if it has none."""
    if account.currency in _CASH:
        return amount
    market = exchange.markets.get(f"{account.currency}-USD")
    if market is None:
        return ZERO
    return EXACT.multiply(amount, market.price.decimal(market.last))


def total_worth(exchange: Exchange, accounts: Iterable[Account]) -> Decimal:
    """Wallets in dollars, what they hold included."""
    total = ZERO
    for account in accounts:
        total = EXACT.add(total, worth(exchange, account, account.total))
    return total


class Portfolios:
    """Answers about the one portfolio of an exchange, whose id is `uuid`."""

    def __init__(self, exchange: Exchange, uuid: str) -> None:
        self._exchange = exchange
        self._uuid = uuid
        self._portfolio = {"name": "Default", "uuid": uuid, "type": "DEFAULT", "deleted": False}

    def listed(self, request: Request) -> Reply:
        kind = request.one("portfolio_type", "UNDEFINED")
        is_wanted = kind in ("UNDEFINED", "DEFAULT")
        body = {"portfolios": [self._portfolio] if is_wanted else []}
        return Reply(200, render.dumps(body))

    def breakdown(self, _request: Request, uuid: str) -> Reply:
        """What the portfolio consists of, by wallet."""
        if uuid != self._uuid:
            raise not_found("portfolio was not found")
        accounts = list(self._exchange.desk.accounts)
        total = total_worth(self._exchange, accounts)
        cash = total_worth(self._exchange, [each for each in accounts if each.currency in _CASH])
        balances = {
            "total_balance": _dollars(total),
            "total_futures_balance": _dollars(ZERO),
            "total_cash_equivalent_balance": _dollars(cash),
            "total_crypto_balance": _dollars(EXACT.subtract(total, cash)),
            "futures_unrealized_pnl": _dollars(ZERO),
            "perp_unrealized_pnl": _dollars(ZERO),
        }
        positions = render.joined(self._position(each, total) for each in accounts)
        body = (
            f'{{"breakdown":{{"portfolio":{render.dumps(self._portfolio).decode()},'
            f'"portfolio_balances":{render.dumps(balances).decode()},'
            f'"spot_positions":{positions},"perp_positions":[],"futures_positions":[]}}}}'
        )
        return Reply(200, body.encode())

    def _position(self, account: Account, total: Decimal) -> str:
        """One wallet; its figures in dollars are numbers on the wire, written as they are exact."""
        value = worth(self._exchange, account, account.total)
        free = worth(self._exchange, account, account.available)
        share = QUOTIENT.divide(value, total) if total else ZERO
        is_cash = "true" if account.currency in _CASH else "false"
        return (
            f'{{"asset":"{account.currency}","account_uuid":"{account.uuid}",'
            f'"total_balance_fiat":{plain(value)},"total_balance_crypto":{plain(account.total)},'
            f'"available_to_trade_fiat":{plain(free)},"allocation":{plain(share)},'
            f'"cost_basis":{{"value":"","currency":"USD"}},"asset_img_url":"",'
            f'"is_cash":{is_cash},"average_entry_price":{{"value":"","currency":"USD"}},'
            f'"available_to_trade_crypto":{plain(account.available)}}}'
        )


def _dollars(amount: Decimal) -> render.Body:
    return {"value": plain(amount), "currency": "USD"}
