"""What a run left behind, whole: trades, columns, days, refusals, and all that it stood on.

A backtest and the journal of a trader that really ran both become this, so that one report shows
either. Amounts are exact; columns are whole hundredths of the quote currency.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from trader247.domain.dataclass import dataclass
from trader247.domain.fills import Liquidity
from trader247.domain.ids import ClientOrderId, DecisionId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderState, OrderType, Side
from trader247.domain.proposals import ExitCause, Purpose
from trader247.domain.time import Instant

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FillRow:
    """One execution. `reference` is the mid that its order was decided on.

    `slippage` is what it cost beyond that mid, fees apart: below zero where it was better.
    """

    client_order_id: ClientOrderId
    product: ProductId
    side: Side
    price: Price
    quantity: Quantity
    fee: Money
    liquidity: Liquidity
    time: Instant
    reference: Price
    slippage: Money


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as it was sent, and how it ended; `ended` is None while it rests."""

    client_order_id: ClientOrderId
    decision_id: DecisionId
    leg: int
    product: ProductId
    side: Side
    purpose: Purpose
    order_type: OrderType
    price: Price
    stop_price: Price | None
    quantity: Quantity
    filled: Quantity
    state: OrderState
    created: Instant
    ended: Instant | None
    detail: str


@dataclass(frozen=True, slots=True)
class Trade:
    """One position from its first buy to its last sale, with every figure of it.

    `closed` and `cause` are None for a position that the run left open: `exit_price` is what its
    sales so far were at, None without one, and `realised` what they have made. `bought` and
    `sold` are notionals without fees, `stop` and `target` the prices that were fixed at entry, and
    `regime` the market's when it was decided.
    """

    number: int
    product: ProductId
    cluster: str
    tier: str
    strategy: str
    rule: str
    decision_id: DecisionId
    decided: Instant
    opened: Instant
    closed: Instant | None
    cause: ExitCause | None
    regime: str
    quantity: Quantity
    entry_price: Price
    exit_price: Price | None
    stop: Price
    target: Price
    leaves_at: Instant
    bought: Money
    sold: Money
    entry_fee: Money
    exit_fee: Money
    realised: Money
    slippage: Money
    fills: tuple[FillRow, ...]
    lowest: Price | None = None
    highest: Price | None = None
    """The least and the greatest bid that a cycle marked it at."""

    @property
    def fees(self) -> Money:
        return self.entry_fee + self.exit_fee

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def held(self) -> timedelta | None:
        """From the first buy to the last sale; None while it is open."""
        return None if self.closed is None else self.closed - self.opened


@dataclass(frozen=True, slots=True, eq=False)
class EquitySeries:
    """Equity at each cycle, as the stops see it: cash, and what is held at the bid less its fee.

    `minute` counts since 1970, `cents` are whole hundredths of the quote currency.
    """

    minute: Ints
    cents: Ints

    def __len__(self) -> int:
        return len(self.minute)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The minutes at whose cycle some of a product was held, and what at the bid, in hundredths."""

    minute: Ints
    cents: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """What was held of each product; `caps` are the policy's, as shares of equity in per cent."""

    products: Mapping[str, Held]
    caps: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, eq=False)
class Hold:
    """What equal amounts of the products would have become, had each been bought once and kept.

    `nav` is their worth over what was paid, without fees, as the cycle of each `minute` knew it: by
    the last closes before. They are bought when the last of them first trades, at its open.
    """

    products: tuple[str, ...]
    minute: Ints
    nav: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DayRow:
    """One UTC day. `equity` is its last, in whole hundredths, None where it was not known.

    `entries` were sent on it, and `filled` of those traded, wholly or in part, whenever.
    `refusals` counts product-cycles by the reason in which they ended; the funnel is made of it.
    """

    day: Instant
    equity: Money | None
    realised: Money
    fees: Money
    fills: int
    entries: int
    filled: int
    cycles: int
    refusals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StopRow:
    """A halt, a ban or a breaker, by `kind`: when it came, why, and when it went.

    `ended` is None while it stands. A ban is named by what found fault, and with whom.
    """

    name: str
    kind: str
    cause: str
    since: Instant
    ended: Instant | None


@dataclass(frozen=True, slots=True)
class DataRow:
    """Where one product's candles came from, by their own word, and what was wrong with them.

    `label` is to be shown wherever figures are: it says what the data is where it is not the
    venue's own. `checksum` is the sha256 of the candles, whatever the file's spelling of them.
    """

    product: str
    source: str
    label: str
    checksum: str
    first: Instant
    last: Instant
    bars: int
    missing: int
    interval_minutes: int


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """One product's bars for a chart, of `minutes` each: prices as floats, as a chart has them."""

    minutes: int
    minute: Ints
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    """Traded in the quote currency."""


@dataclass(frozen=True, slots=True, eq=False)
class BacktestResult:
    """One run. `kind` is `backtest`, or the mode whose journal was read.

    `settings` is everything that was asked for, by name, ready to be shown; `policy_text` the whole
    policy in force. `decision_hash` is one hash over every order that was decided on, in order (of
    a stop placed anew as it was, how often and when last), and every halt: two runs that decided
    alike have it alike. `assumptions` are sentences for the first screen. `fees` and `slippage` are
    sums over all fills, `realised` and `unrealised` the ledger's own figures: dust counts among
    what is held; `unrealised`, and `selling_fee`, which equity takes off, are None where something
    held has no mark.
    """

    kind: str
    code_version: str
    quote_currency: str
    start: Instant
    end: Instant
    starting_equity: Money
    final_equity: Money | None
    trades: tuple[Trade, ...]
    orders: Collection[OrderRow]
    fills: tuple[FillRow, ...]
    equity: EquitySeries
    exposure: Exposure
    days: tuple[DayRow, ...]
    stops: tuple[StopRow, ...]
    fees: Money
    slippage: Money
    realised: Money
    unrealised: Money | None
    selling_fee: Money | None
    settings: Mapping[str, str]
    policy_hash: str
    policy_text: str
    data: tuple[DataRow, ...]
    candles: Mapping[str, Candles]
    hold: Hold | None
    decision_hash: str
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    reference: str
    """The product that buy-and-hold is measured by."""

    @property
    def refusals(self) -> Mapping[str, int]:
        """The reasons in which product-cycles ended, over all days."""
        counts: dict[str, int] = {}
        for day in self.days:
            for reason, count in day.refusals.items():
                counts[reason] = counts.get(reason, 0) + count
        return counts
