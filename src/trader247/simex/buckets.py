"""Buckets of tokens: each holds a second's worth, and fills up evenly."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

BUCKETS_MAX = 1024
_SECOND_US = 1_000_000


@dataclass(slots=True)
class _Bucket:
    """`left` in millionths of a token, at `time_us`."""

    left: int
    time_us: int


class Buckets:
    """One bucket for each of whom there is to count, the last thousand; `now_us` is the clock."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._buckets: dict[Hashable, _Bucket] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._buckets)

    def spend(self, who: Hashable, per_s: int, *, is_full: bool = False) -> tuple[bool, int]:
        """Take a token out of a bucket, if there is one: whether there was, and how many are left.

        `is_full` fills the bucket first, whatever the time.
        """
        full = per_s * _SECOND_US
        now_us = self._now_us()
        bucket = self._bucket(who, full, now_us)
        # A clock that was set back takes nothing away.
        passed_us = max(0, now_us - bucket.time_us)
        bucket.left = full if is_full else min(full, bucket.left + passed_us * per_s)
        bucket.time_us = now_us
        is_taken = bucket.left >= _SECOND_US
        if is_taken:
            bucket.left -= _SECOND_US
        return is_taken, bucket.left // _SECOND_US

    def _bucket(self, who: Hashable, full: int, now_us: int) -> _Bucket:
        bucket = self._buckets.pop(who, None)
        if bucket is None:
            bucket = _Bucket(full, now_us)
            if len(self._buckets) >= BUCKETS_MAX:
                # Whoever came longest ago is forgotten: his bucket is full again.
                del self._buckets[next(iter(self._buckets))]
        self._buckets[who] = bucket
        return bucket
