"""The door to an arena for somebody who remembers: its books tell what is new in them.

A reading of orders and fills goes back to the oldest order that works, and most of what it finds
is known. Where nothing is doubtful, what has not changed since the last reading says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trader247.backtest.venue import ArenaVenue
from trader247.domain.balances import Balance
from trader247.domain.fills import Fill
from trader247.domain.orders import Order
from trader247.domain.time import Instant
from trader247.simex.accounts import Accounts
from trader247.simex.arena import Arena


class NewsVenue(ArenaVenue):
    """Tells the books as the wire does while `is_whole`, else what is new in that time."""

    def __init__(self, arena: Arena) -> None:
        super().__init__(arena)
        self.is_whole = True
        self._told = 0

    def orders(self, since: Instant) -> tuple[Order, ...]:
        """The orders created at or after `since` that have changed, newest first."""
        if self.is_whole:
            return super().orders(since)
        news = self._arena.news
        found = [each for each in news.values() if each.created_us >= since.us]
        found.sort(key=lambda each: each.number, reverse=True)
        news.clear()
        return tuple([self._order(each) for each in found])

    def fills(self, since: Instant) -> tuple[Fill, ...]:
        """The fills at or after `since` that were not told before, oldest first."""
        told, self._told = self._told, len(self._arena.fills)
        if self.is_whole:
            return super().fills(since)
        if told == self._told:
            return ()
        return tuple([each for each in self._told_since(told) if each.time >= since])

    def balances(self) -> Mapping[str, Balance]:
        """Every currency of the account; read when somebody looks, before anything moves."""
        return super().balances() if self.is_whole else _Balances(self._arena.desk.accounts)


class _Balances(Mapping[str, Balance]):
    """Balances, each read when it is looked at: most readings hold nothing against them."""

    __slots__ = ("_accounts",)

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def __getitem__(self, currency: str) -> Balance:
        found: Balance | None = self.get(currency)
        if found is None:
            raise KeyError(currency)
        return found

    def get(self, currency: str, default: Any = None) -> Any:
        """A balance, or `default` where there is none."""
        wallet = self._accounts.find(currency)
        return default if wallet is None else Balance(wallet.available, wallet.hold)

    def __iter__(self) -> Iterator[str]:
        return iter([each.currency for each in self._accounts])

    def __len__(self) -> int:
        return len(self._accounts)
