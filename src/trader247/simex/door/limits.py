"""How often the exchange may be asked: a bucket of tokens for each key, and for each address.

A bucket holds a second's worth and fills up evenly, by the exchange's own clock. A request that
finds it empty is not processed: nothing has happened.

Where a client leads that clock, time stands still between two of its requests: a bucket would never
fill up again, and what the machine's clock says would depend on the machine. So it stays full.
"""

from __future__ import annotations

from collections.abc import Callable

from trader247.simex.buckets import Buckets
from trader247.simex.switches import Switches
from trader247.simex.wire.render import dumps
from trader247.simex.wire.request import BadRequest, Headers, Reply

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


class Limits:
    """The rate limits of one exchange; `now_us` is its clock, `is_led` if a client leads it."""

    def __init__(
        self,
        switches: Switches,
        now_us: Callable[[], int],
        *,
        is_led: Callable[[], bool] = lambda: False,
    ) -> None:
        self._is_led = is_led
        self._private = switches.private_per_s
        self._public = switches.public_per_s
        self._has_headers = switches.limit_headers
        self._refusal = HTML_429 if switches.limit_body == "html" else JSON_429
        self._buckets = Buckets(now_us)

    def spend(self, who: str, *, is_public: bool) -> Headers:
        """Count one request of a key, or on public paths of an address: the headers that tell so.

        Raises:
            BadRequest: a 429, there have been too many.
        """
        per_s = self._public if is_public else self._private
        is_taken, left = self._buckets.spend((is_public, who), per_s, is_full=self._is_led())
        headers = self._headers(per_s, left, is_public=is_public)
        if not is_taken:
            raise BadRequest(self._refusal._replace(headers=headers))
        return headers

    def _headers(self, per_s: int, left: int, *, is_public: bool) -> Headers:
        if is_public or not self._has_headers:
            return ()
        return (
            ("x-ratelimit-limit", str(per_s)),
            ("x-ratelimit-remaining", str(left)),
            ("x-ratelimit-reset", "1"),
        )
