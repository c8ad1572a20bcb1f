"""How often the exchange may be asked: a bucket of tokens for each key, and for each address.

A bucket holds a second's worth and fills up evenly, by the exchange's own clock. A request that
finds it empty is not processed: nothing has happened.

Where a client leads that clock, time stands still between two of its requests: a bucket would never
fill up again, and what the machine's clock says would depend on the machine. So it stays full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from trader247.simex.render import dumps
from trader247.simex.request import BadRequest, Headers, Reply
from trader247.simex.switches import Switches

_BUCKETS_MAX = 1024
_SECOND_US = 1_000_000

JSON_429 = Reply(
    429, dumps({"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]})
)
_ROWS = "\n".join(f'<div class="row row-{number}"><span></span></div>' for number in range(60))
HTML_429 = Reply(
    429,
    f"<!DOCTYPE html>\n<html><head><title>Too Many Requests</title></head>\n"
    f"<body><h1>429 Too Many Requests</h1>\n{_ROWS}\n</body></html>\n".encode(),
    "text/html; charset=UTF-8",
)


@dataclass(slots=True)
class _Bucket:
    """`left` in millionths of a request, at `time_us`."""

    left: int
    time_us: int


class Limits:
    """The rate limits of one exchange; `now_us` is its clock, `is_led` if a client leads it."""

    def __init__(
        self,
        switches: Switches,
        now_us: Callable[[], int],
        *,
        is_led: Callable[[], bool] = lambda: False,
    ) -> None:
        self._now_us = now_us
        self._is_led = is_led
        self._private = switches.private_per_s
        self._public = switches.public_per_s
        self._has_headers = switches.limit_headers
        self._refusal = HTML_429 if switches.limit_body == "html" else JSON_429
        self._buckets: dict[tuple[bool, str], _Bucket] = {}

    def spend(self, who: str, *, is_public: bool) -> Headers:
        """Count one request of a key, or on public paths of an address: the headers that tell so.

        Raises:
            BadRequest: a 429, there have been too many.
        """
        per_s = self._public if is_public else self._private
        full = per_s * _SECOND_US
        now_us = self._now_us()
        bucket = self._bucket((is_public, who), full, now_us)
        # A clock that was set back takes nothing away.
        passed_us = max(0, now_us - bucket.time_us)
        bucket.left = full if self._is_led() else min(full, bucket.left + passed_us * per_s)
        bucket.time_us = now_us
        if bucket.left < _SECOND_US:
            headers = self._headers(per_s, bucket, is_public=is_public)
            raise BadRequest(replace(self._refusal, headers=headers))
        bucket.left -= _SECOND_US
        return self._headers(per_s, bucket, is_public=is_public)

    def _bucket(self, key: tuple[bool, str], full: int, now_us: int) -> _Bucket:
        bucket = self._buckets.pop(key, None)
        if bucket is None:
            bucket = _Bucket(full, now_us)
            if len(self._buckets) >= _BUCKETS_MAX:
                # Whoever asked longest ago is forgotten: his bucket is full again.
                del self._buckets[next(iter(self._buckets))]
        self._buckets[key] = bucket
        return bucket

    def _headers(self, per_s: int, bucket: _Bucket, *, is_public: bool) -> Headers:
        if is_public or not self._has_headers:
            return ()
        return (
            ("x-ratelimit-limit", str(per_s)),
            ("x-ratelimit-remaining", str(bucket.left // _SECOND_US)),
            ("x-ratelimit-reset", "1"),
        )
