"""What the exchange itself does where Coinbase is not known for sure; the first value is likely."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The open points that orders and wallets are treated by.

    `hold_rate` is whose fee a live buy holds: that of its `role` (the maker's if it is post-only,
    else the taker's), or always the `maker`'s or the `taker`'s for what rests. A cancel takes
    `cancel_delay_us` to come about, and an order outlives its date by `end_late_us`. While it
    `joins_trades`, one fill of an order after the other is an entry of the same trade.
    """

    takes_stops: bool = True
    takes_brackets: bool = True
    has_price_band: bool = True
    hold_rate: str = "role"
    cancel_delay_us: int = 0
    end_late_us: int = 0
    joins_trades: bool = False
    spends_all: bool = False
    """Whether a market buy for a sum spends it to the last digit, and gets no whole lots then."""
    rounds_wallets: bool = False
    """Whether a wallet keeps ten decimals, and what is beyond them is lost to its owner."""
    rounds_fees: bool = False
    """Whether a commission keeps eight decimals, and the exchange forgoes what is beyond them."""
    fails_late: bool = True
    """Whether one open order too many is accepted, and fails then, instead of being refused."""
    halted_reason: str = "TRADING_DISABLED"
