"""What was traded in a product's minutes, the one under way included, as the venue tells it now."""

from __future__ import annotations

from decimal import Decimal

from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.bars import ROWS_MAX
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.fields import Fields
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.time import MINUTE, SECOND

_SECONDS = MINUTE // SECOND


@dataclass(frozen=True, slots=True)
class TradedMinute:
    """One minute since 1970: its lowest and highest price, and its volume, in base currency."""

    minute: int
    low: Decimal
    high: Decimal
    volume: Decimal


def traded_minutes(
    client: CoinbaseClient, product: ProductId, *, first: int, last: int
) -> tuple[TradedMinute, ...]:
    """The minutes from `first` to `last` in which something was traded; the oldest `ROWS_MAX`.

    Raises:
        VenueError: they could not be read.
        ReadAborted: a stop was raised while waiting.
    """
    last = min(last, first + ROWS_MAX - 1)
    query = {
        "start": str(first * _SECONDS),
        "end": str((last + 1) * _SECONDS),
        "granularity": "ONE_MINUTE",
    }
    answer = client.market(f"/products/{product}/candles", query)
    found = [_minute(candle) for candle in read.records(answer, "candles")]
    return tuple(each for each in found if first <= each.minute <= last)


def _minute(candle: Fields) -> TradedMinute:
    low, high = read.price(candle, "low"), read.price(candle, "high")
    start, volume = read.integer(candle, "start"), read.quantity(candle, "volume")
    if start is None or start % _SECONDS or low > high:
        raise read.malformed("candles", str(dict(candle))[:60], "a candle in its bounds")
    return TradedMinute(start // _SECONDS, low.value, high.value, volume.value)
