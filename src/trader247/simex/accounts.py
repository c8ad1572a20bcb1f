"""What the account owns, exactly: a total and a hold for each currency, available the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from trader247.simex.exact import EXACT, ZERO, plain


class InsufficientFunds(Exception):
    """The available balance does not cover what is asked of it."""


@dataclass(slots=True)
class Account:
    """One currency's wallet; `created_us` and `updated_us` in microseconds since 1970."""

    currency: str
    uuid: str
    total: Decimal
    hold: Decimal
    created_us: int
    updated_us: int

    @property
    def available(self) -> Decimal:
        return EXACT.subtract(self.total, self.hold)


class Accounts:
    """Every wallet, in the order in which they were opened; none is ever closed."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts = {account.currency: account for account in accounts}
        self.changed: dict[str, Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def __len__(self) -> int:
        return len(self._accounts)

    def find(self, currency: str) -> Account | None:
        """The wallet of a currency, or None if it was never held."""
        return self._accounts.get(currency)

    def available(self, currency: str) -> Decimal:
        """What may be spent of a currency; nothing where there is no wallet."""
        account = self._accounts.get(currency)
        return ZERO if account is None else account.available

    def open(self, currency: str, uuid: str, now_us: int) -> None:
        """Open an empty wallet."""
        assert currency not in self._accounts, f"there is a {currency} wallet already"
        account = Account(currency, uuid, ZERO, ZERO, now_us, now_us)
        self._accounts[currency] = self.changed[currency] = account

    def post(self, currency: str, amount: Decimal, now_us: int) -> None:
        """Add a signed amount to a wallet's total.

        Raises:
            InsufficientFunds: less than nothing would be available; nothing has changed.
        """
        account = self._accounts[currency]
        total = EXACT.add(account.total, amount)
        if total < account.hold:
            raise InsufficientFunds(
                f"{currency}: {plain(account.available)} available, {plain(-amount)} asked for"
            )
        account.total = total
        self._touch(account, now_us)

    def hold(self, currency: str, amount: Decimal, now_us: int) -> None:
        """Hold a signed amount more; a negative one is released.

        Raises:
            InsufficientFunds: that much is not available; nothing has changed.
        """
        if amount == 0:
            return
        account = self._accounts.get(currency)
        if account is None or amount > account.available:
            raise InsufficientFunds(f"{currency}: {amount} to hold, less is available")
        hold = EXACT.add(account.hold, amount)
        assert hold >= 0, f"{currency}: {-amount} released of a hold of {account.hold}"
        account.hold = hold
        self._touch(account, now_us)

    def _touch(self, account: Account, now_us: int) -> None:
        account.updated_us = now_us
        self.changed[account.currency] = account
