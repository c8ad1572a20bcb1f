"""The few questions of Coinbase's older API, `/v2`, that libraries ask before they trade.

Their answers are wrapped in `data`: to everybody the time, which currencies there are, and what a
dollar is worth in each of them; to whoever has a key the wallets, in total.
"""

from __future__ import annotations

from collections.abc import Callable

from trader247.simex.exact import QUOTIENT, plain
from trader247.simex.exchange import Exchange
from trader247.simex.wire import render, times
from trader247.simex.wire.render import FIAT, Body
from trader247.simex.wire.request import Reply, Request

_ONE_PAGE = {
    "ending_before": None,
    "starting_after": None,
    "limit": 250,
    "order": "desc",
    "previous_uri": None,
    "next_uri": None,
}
_RATE_DIGITS = 16


class Older:
    """Answers about one exchange, by path."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.public: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/v2/time"): self._time,
            ("GET", "/v2/currencies"): self._fiat,
            ("GET", "/v2/currencies/crypto"): self._crypto,
            ("GET", "/v2/exchange-rates"): self._rates,
        }
        self.private: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/v2/accounts"): self._accounts,
        }

    def _time(self, _: Request) -> Reply:
        seconds = self._exchange.now_us // 1_000_000
        return _wrapped({"iso": times.text(seconds * 1_000_000), "epoch": seconds})

    def _fiat(self, _: Request) -> Reply:
        rows = [{"id": code, "name": name, "min_size": "0.01"} for code, name in FIAT.items()]
        return _wrapped(rows)

    def _crypto(self, _: Request) -> Reply:
        return _wrapped([self._currency(code) for code in sorted(self._coins)])

    def _accounts(self, _: Request) -> Reply:
        rows: list[Body] = [
            {
                "id": each.uuid,
                "name": f"{each.currency} Wallet",
                "primary": False,
                "type": "fiat" if each.currency in FIAT else "wallet",
                "currency": self._currency(each.currency),
                "balance": {"amount": plain(each.total), "currency": each.currency},
                "created_at": times.text(each.created_us),
                "updated_at": times.text(each.updated_us),
                "resource": "account",
                "resource_path": f"/v2/accounts/{each.uuid}",
                "allow_deposits": True,
                "allow_withdrawals": True,
            }
            for each in self._exchange.desk.accounts
        ]
        return Reply(200, render.dumps({"pagination": _ONE_PAGE, "data": rows}))

    def _currency(self, code: str) -> Body:
        names = sorted(self._coins)
        return {
            "asset_id": self._exchange.name(f"asset/{code}", 1),
            "code": code,
            "name": FIAT.get(code) or self._coins.get(code, code),
            "color": "",
            "sort_index": names.index(code) + 100 if code in names else 0,
            "exponent": 2 if code in FIAT else 8,
            "type": "fiat" if code in FIAT else "crypto",
            "address_regex": "",
        }

    def _rates(self, _: Request) -> Reply:
        rates = {"USD": "1", "USDC": "1"}
        for market in self._exchange.markets.values():
            if market.listing.quote == "USD" and market.last:
                rate = QUOTIENT.divide(
                    QUOTIENT.create_decimal(1), market.price.decimal(market.last)
                )
                rates[market.listing.base] = plain(round(rate, _RATE_DIGITS))
        return _wrapped({"currency": "USD", "rates": rates})

    @property
    def _coins(self) -> dict[str, str]:
        """Every currency but money, with its name."""
        listings = [market.listing for market in self._exchange.listed.values()]
        coins = {each.quote: each.quote for each in listings if each.quote not in FIAT}
        return coins | {each.base: each.base_name for each in listings if each.base not in FIAT}


def _wrapped(data: Body | list[Body]) -> Reply:
    return Reply(200, render.dumps({"data": data}))
