"""The steps of price and size in which a tape's market trades, where its file is too coarse.

A market's steps are the finest decimals that its file shows: of a month of real candles those are
the venue's own. A file of rounded figures would be a market in which nobody could trade: prices of
100 and 101 are a spread of a whole dollar, volumes of 5 and 6 orders of whole coins. There the
steps are made finer: a step of price is no more than the product's own where the simulated market
lists it, else 10 bps of its lowest price; a step of size is worth at most one unit of the quote
currency at its highest, the venue's smallest order.
"""

from __future__ import annotations

from dataclasses import replace

from trader247.simex.feeds.listings import CHARACTERS
from trader247.simex.feeds.tape import Tape
from trader247.simex.feeds.tape_numbers import (
    BASE_DECIMALS_MAX,
    PRICE_DECIMALS_MAX,
    PRICE_MAX,
    VOLUME_MAX,
    Column,
)

TICKS_MIN = 1000
"""Steps in the lowest price of a product that the simulated market does not list."""

_LISTED = {
    each.listing.product_id: -int(each.listing.price_increment.as_tuple().exponent)
    for each in CHARACTERS
}


def fine(tape: Tape) -> Tape:
    """The tape in steps that its product can be traded in; mostly it is itself."""
    lowest, highest = int(tape.low.min()), int(tape.high.max())
    price = _finer_price(tape, lowest, highest)
    size = _finer_size(tape, highest)
    if not price and not size:
        return tape
    return replace(
        tape,
        price_decimals=tape.price_decimals + price,
        base_decimals=tape.base_decimals + size,
        open=_times(tape.open, price),
        high=_times(tape.high, price),
        low=_times(tape.low, price),
        close=_times(tape.close, price),
        volume=_times(tape.volume, size),
    )


def _finer_price(tape: Tape, lowest: int, highest: int) -> int:
    """Further decimals that a price needs."""
    more = max(0, _LISTED.get(tape.product_id, 0) - tape.price_decimals)
    if tape.product_id not in _LISTED:
        while lowest * 10**more < TICKS_MIN:
            more += 1
    room = PRICE_DECIMALS_MAX - tape.price_decimals
    return _fitting(min(more, room), highest, PRICE_MAX)


def _finer_size(tape: Tape, highest: int) -> int:
    """Further decimals that a size needs."""
    more = 0
    while highest > 10 ** (tape.price_decimals + tape.base_decimals + more):
        more += 1
    room = BASE_DECIMALS_MAX - tape.base_decimals
    return _fitting(min(more, room), int(tape.volume.max()), VOLUME_MAX)


def _fitting(more: int, greatest: int, most: int) -> int:
    """As many further decimals as leave the greatest number within its bound."""
    while more > 0 and greatest * 10**more > most:
        more -= 1
    return max(more, 0)


def _times(column: Column, decimals: int) -> Column:
    return column * 10**decimals if decimals else column
