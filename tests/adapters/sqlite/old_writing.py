"""Segments as version 1 wrote them, so that reading them stays tested."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from trader247.adapters.sqlite.market.frame_parts import pack_depth, pack_product, pack_quote
from trader247.adapters.sqlite.market.packing import Packer
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.market import Bars, ProductView, Snapshot
from trader247.domain.time import MICROSECOND, Instant

_SAME, _ABSENT, _TOLD = 0, 1, 2
_WHOLE, _SHIFTED = 0, 1
_DROPPED_MAX = 4
_HEADER = struct.Struct("<4sIQII")


def store_old(folder: Path, snapshots: Sequence[Snapshot]) -> list[SegmentRef]:
    """The snapshots in one file, a keyframe and differences, and where each one is."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{str(snapshots[0].time)[:7]}.seg"
    data, refs = bytearray(), list[SegmentRef]()
    before: Snapshot | None = None
    for count, snapshot in enumerate(snapshots):
        body = pack_old(snapshot, before)
        start = len(data)
        frame = _HEADER.pack(b"t247", len(body), start, count, crc32(body)) + body
        data += frame
        refs.append(SegmentRef(name, start, len(frame), sha256(frame).hexdigest()))
        before = snapshot
    (folder / name).write_bytes(data)
    return refs


def pack_old(snapshot: Snapshot, before: Snapshot | None) -> bytes:
    """What is new in `snapshot`."""
    out = Packer()
    out.natural(1)
    out.natural(snapshot.cycle)
    out.whole(snapshot.time.us - (0 if before is None else before.time.us))
    out.natural((snapshot.clock_skew is not None) + 2 * snapshot.is_exits_only)
    if snapshot.clock_skew is not None:
        out.whole(snapshot.clock_skew // MICROSECOND)
    out.text(snapshot.unreachable)
    products = list(snapshot.views)
    is_changed = before is None or products != list(before.views)
    out.natural(is_changed)
    if is_changed:
        out.natural(len(products))
        for product in products:
            out.text(str(product))
    for product, view in snapshot.views.items():
        _pack_view(out, view, None if before is None else before.views.get(product), snapshot.time)
    return out.data


def _pack_view(out: Packer, view: ProductView, before: ProductView | None, time: Instant) -> None:
    old = before or ProductView(None, None, None, None)
    marks = [
        _mark(view.product, old.product),
        _mark(view.quote, old.quote),
        _mark(view.depth, old.depth),
        _mark(view.bars, old.bars),
        _mark(view.hourly, old.hourly),
        _mark(view.trouble, old.trouble),
    ]
    out.natural(sum(mark << 2 * place for place, mark in enumerate(marks)))
    if marks[0] == _TOLD and view.product is not None:
        pack_product(out, view.product, old.product, time)
    if marks[1] == _TOLD and view.quote is not None:
        pack_quote(out, view.quote, old.quote, time)
    if marks[2] == _TOLD and view.depth is not None:
        pack_depth(out, view.depth)
    if marks[3] == _TOLD and view.bars is not None:
        _pack_bars(out, view.bars, old.bars)
    if marks[4] == _TOLD and view.hourly is not None:
        _pack_hours(out, view.hourly, old.hourly)
    if marks[5] == _TOLD:
        out.text(view.trouble)


def _mark(part: object, before: object) -> int:
    if part is before or part == before:
        return _SAME
    return _ABSENT if part is None else _TOLD


def _pack_bars(out: Packer, bars: Bars, before: Bars | None) -> None:
    """The new minutes, where the old ones stand unrevised; else the whole window."""
    moved = None if before is None else _moved(bars, before)
    if before is None or moved is None:
        out.natural(_WHOLE)
        out.decimals([bars.tick.value])
        out.whole(bars.end)
        out.natural(len(bars))
        _pack_minutes(out, bars, 0)
        return
    dropped, added = moved
    out.natural(_SHIFTED)
    out.natural(dropped)
    out.natural(added)
    _pack_minutes(out, bars, len(bars) - added)


def _pack_hours(out: Packer, hours: array[int], before: array[int] | None) -> None:
    """The closes of whole hours: those that are new, or all."""
    if before is not None:
        for dropped in range(min(_DROPPED_MAX, len(before)) + 1):
            kept = len(before) - dropped
            if 0 < kept <= len(hours) and before[dropped:] == hours[:kept]:
                out.natural(_SHIFTED)
                out.natural(dropped)
                _pack_steps(out, hours[kept:], before[-1])
                return
    out.natural(_WHOLE)
    _pack_steps(out, hours, 0)


def _moved(bars: Bars, before: Bars) -> tuple[int, int] | None:
    """Minutes dropped at the front and added at the end; None where that is not all."""
    added = bars.end - before.end
    kept = len(bars) - added
    dropped = len(before) - kept
    if added < 0 or kept <= 0 or dropped < 0 or bars.tick != before.tick:
        return None
    for new, old in zip(_columns(bars), _columns(before), strict=True):
        if len(new) != len(bars) or len(old) != len(before) or new[:kept] != old[dropped:]:
            return None
    return dropped, added


def _columns(bars: Bars) -> tuple[array[int], ...]:
    return bars.open, bars.high, bars.low, bars.close, bars.volume, bars.filled


def _pack_minutes(out: Packer, bars: Bars, first: int) -> None:
    """Open from the close before, high and low from the body, close from open."""
    last = bars.close[first - 1] if first else 0
    numbers: list[int] = []
    for open_, high, low, close, volume, filled in zip(
        *(column[first:] for column in _columns(bars)), strict=True
    ):
        top, bottom = (open_, close) if open_ > close else (close, open_)
        numbers += (open_ - last, close - open_, high - top, bottom - low, volume * 2 + filled)
        assert filled in (0, 1), "a minute is filled forward, or it is not"
        last = close
    out.wholes(numbers)


def _pack_steps(out: Packer, numbers: array[int], last: int) -> None:
    out.natural(len(numbers))
    for number in numbers:
        out.whole(number - last)
        last = number
