"""Reading a TWAP order: one limit, and a size that comes due in equal parts, bucket by bucket.

How Coinbase works off a bucket is not known. Here each takes at its start, within the limit, what
it can; what is left rests at the limit, and joins the next bucket. At its end the order expires.
A bucket that began before the order came is due at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from trader247.simex.book import Side
from trader247.simex.market import Market
from trader247.simex.orders.order import Lifetime, Schedule, Terms
from trader247.simex.orders.written import (
    check_sum,
    read_count,
    read_end,
    read_number,
    read_price,
    read_size,
    read_sum,
)
from trader247.simex.wire import times
from trader247.simex.wire.refusal import refused_preview, unsupported

BUCKETS_MAX = 1000
_SECONDS = re.compile(r"([0-9]{1,7})s\Z")

Fields = Mapping[str, Any]


def read_schedule(market: Market, side: Side, fields: Fields, now_us: int) -> Terms:
    """What a TWAP order asks for. Raises Refused."""
    limit = read_price(market, fields.get("limit_price"))
    schedule, end_us = _times(fields, now_us)
    lots = _lots(market, side, fields, limit, schedule.buckets)
    each = lots // schedule.buckets
    if each == 0 or market.size.decimal(each) < market.listing.base_min:
        raise refused_preview("BUCKET_SIZE_SMALLER_THAN_BASE_MIN")
    if market.value(limit, each) < market.listing.quote_min:
        raise refused_preview("BUCKET_SIZE_SMALLER_THAN_QUOTE_MIN")
    check_sum(market, market.value(limit, lots))
    return Terms(
        market.listing.product_id,
        side,
        Lifetime.GTD,
        limit=limit,
        lots=lots,
        end_us=end_us,
        schedule=replace(schedule, lots=each),
    )


def _times(fields: Fields, now_us: int) -> tuple[Schedule, int]:
    """The schedule without its lots, and the order's end."""
    if not fields.get("start_time"):
        raise refused_preview("START_TIME_MUST_BE_SPECIFIED")
    try:
        start_us = times.parse(str(fields["start_time"]))
    except ValueError as error:
        raise unsupported(f"start_time: {error}") from None
    end_us = read_end(fields.get("end_time"), now_us)
    if end_us <= start_us:
        raise refused_preview("DURATION_TOO_SMALL", "end_time lies after start_time")
    buckets = read_count(fields.get("number_buckets"))
    if buckets is None or not 1 <= buckets <= BUCKETS_MAX:
        raise unsupported(f"number_buckets is from 1 to {BUCKETS_MAX}")
    bucket_us = (end_us - start_us) // buckets
    if fields.get("bucket_duration"):
        found = _SECONDS.match(str(fields["bucket_duration"]))
        if found is None or not int(found[1]):
            raise unsupported("bucket_duration is in whole seconds: 300s")
        bucket_us = int(found[1]) * 1_000_000
    if buckets * bucket_us > end_us - start_us:
        raise unsupported("the buckets last longer than the order")
    if bucket_us < 1_000_000:
        raise refused_preview("DURATION_TOO_SMALL", "a bucket lasts a second at least")
    return Schedule(start_us, bucket_us, buckets, lots=0), end_us


def _lots(market: Market, side: Side, fields: Fields, limit: int, buckets: int) -> int:
    """The whole size; one in quote currency counts at the limit."""
    base, quote = fields.get("base_size"), fields.get("quote_size")
    if (base is None) == (quote is None):
        raise unsupported("exactly one of base_size and quote_size is needed")
    if quote is not None and side is Side.SELL:
        raise unsupported("a sale is sized in base_size")
    total = read_number(base if quote is None else quote)
    bucket = fields.get("bucket_size")
    if bucket and read_number(bucket) * buckets != total:
        raise unsupported("bucket_size times number_buckets is the size")
    if quote is None:
        return read_size(market, base)
    part = Fraction(read_sum(market, quote)) / buckets
    return buckets * int(part / Fraction(market.value(limit, 1)))
