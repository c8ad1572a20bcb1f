"""Orders, fills and wallets of a page as JSON, each made once as long as it stays as it is.

Who follows his orders asks for the last hour of them again and again, and little of it is new. What
a row is told as depends on nothing but the row: where anything about an order has changed, its row
has, and it is told anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from trader247.simex.accounts import Account
from trader247.simex.orders.order import Fill, Order
from trader247.simex.schema import Row, account_row, read_account, read_fill, read_order
from trader247.simex.wire.render import Body, dumps

_KEPT = 4096
Text = Callable[[Row], str]


def order_texts(body: Callable[[Order], Body]) -> Text:
    """What makes the JSON of an order's row; `body` says it of an order, the same each time."""
    return lru_cache(maxsize=_KEPT)(lambda row: dumps(body(read_order(row))).decode())


def fill_texts(body: Callable[[Fill], Body]) -> Text:
    """What makes the JSON of a fill's row; `body` says it of a fill, the same each time."""
    return lru_cache(maxsize=_KEPT)(lambda row: dumps(body(read_fill(row))).decode())


def account_texts(body: Callable[[Account], Body]) -> Callable[[Account], str]:
    """What makes the JSON of a wallet; `body` says it of a wallet, the same each time."""
    text: Text = lru_cache(maxsize=_KEPT)(lambda row: dumps(body(read_account(row))).decode())
    return lambda account: text(account_row(account))
