"""Candles from Coinbase's public market data: a page at a time, and on from where it stopped.

What has come is kept beside the candles, in `.download`, until the whole span is there; then it is
joined with what the folder has of the product already. A minute in which nothing traded has no
candle at the venue: it stays a hole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from trader247.adapters.files import write_atomically
from trader247.app.candles.patience import PAUSES, patiently
from trader247.app.candles.store import FOLDER, Source, Stored, candle_files, load, read, write
from trader247.app.candles.text import HEADER, rows_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError, VenueError
from trader247.domain.ids import ProductId
from trader247.domain.time import MINUTE, Instant

if TYPE_CHECKING:
    from trader247.adapters.coinbase.client import CoinbaseClient

GRANULARITIES: Mapping[str, tuple[str, int]] = {
    "1m": ("ONE_MINUTE", 1),
    "5m": ("FIVE_MINUTE", 5),
    "15m": ("FIFTEEN_MINUTE", 15),
    "30m": ("THIRTY_MINUTE", 30),
    "1h": ("ONE_HOUR", 60),
    "1d": ("ONE_DAY", 1440),
}
ROWS_MAX = 300
"""Candles of one request: the venue refuses spans of about 350."""
KEPT = "what has come is kept; the same command goes on from there"
_FIELDS = ("start", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched: the minutes from `begin` up to `end`, in bars of `granularity`."""

    product: ProductId
    begin: int
    end: int
    granularity: str


def downloaded(
    client: CoinbaseClient,
    wanted: Wanted,
    data: Path,
    *,
    source: Source,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    pauses: Sequence[timedelta] = PAUSES,
) -> Stored:
    """Fetch the candles of a product, and keep them. `progress` hears of pages done and to do.

    What does not come is asked for again after each of `pauses`.

    Raises:
        UsageError: the granularity is none, the venue has nothing there, or what is kept of the
            product is of another source or granularity.
        VenueError: it did not answer; what came is kept, and the next call goes on from there.
    """
    if wanted.granularity not in GRANULARITIES:
        raise UsageError(
            f"--granularity {wanted.granularity} is none", hint=f"one of {', '.join(GRANULARITIES)}"
        )
    # What cannot be joined in the end is said before the hours of asking.
    _known(data / FOLDER, wanted, source)
    partial = _Partial(data / FOLDER / ".download", wanted, source)
    pages = list(_pages(wanted, over=(client.clock.now() - MINUTE).minute))
    for number, (first, last) in enumerate(pages, start=1):
        if last > partial.until:
            page = _asked(client, wanted, first, last, pauses)
            partial.add(page, until=last)
        progress(number, len(pages))
    rows = partial.rows() if pages else []
    if not rows:
        partial.drop()
        raise UsageError(
            f"the venue has no candles of {wanted.product} in that time",
            hint="an earlier --to, or a later --from: the product may be younger",
        )
    stored = _joined(data / FOLDER, wanted, rows, source)
    partial.drop()
    return stored


def _pages(wanted: Wanted, *, over: int) -> Iterator[tuple[int, int]]:
    """The spans to ask for, first and last minute of each, oldest first.

    None reaches beyond the last bar that is over in minute `over`, a minute ago by the machine's
    clock: one that is still trading would be kept as if it were whole, and what is still to come as
    if there were nothing.
    """
    step = GRANULARITIES[wanted.granularity][1]
    end = min(wanted.end, over // step * step)
    for first in range(wanted.begin // step * step, end, step * ROWS_MAX):
        yield first, min(first + step * ROWS_MAX, end) - 1


def _asked(
    client: CoinbaseClient, wanted: Wanted, first: int, last: int, pauses: Sequence[timedelta]
) -> list[str]:
    try:
        return patiently(
            lambda: _page(client, wanted, first, last), clock=client.clock, pauses=pauses
        )
    except VenueError as error:
        text = str(error)
        if str(wanted.product) not in text:
            text = f"candles of {wanted.product}: {text}"
        raise type(error)(text, hint=error.hint or KEPT) from error


def _page(client: CoinbaseClient, wanted: Wanted, first: int, last: int) -> list[str]:
    name, _ = GRANULARITIES[wanted.granularity]
    query = {"start": str(first * 60), "end": str((last + 1) * 60), "granularity": name}
    answer = client.market(f"/products/{wanted.product}/candles", query)
    candles = answer.get("candles")
    if not isinstance(candles, list):
        raise VenueError(f"the venue's candles of {wanted.product} cannot be read")
    lines: dict[int, str] = {}
    for each in candles:
        try:
            cells = [str(each[name]) for name in _FIELDS]
            start = int(cells[0])
        except (KeyError, TypeError, ValueError):
            raise VenueError(f"a candle of {wanted.product} cannot be read") from None
        if first * 60 <= start <= last * 60:
            lines[start] = ",".join(cells)
    return [lines[start] for start in sorted(lines)]


class _Partial:
    """What of a span has come so far, from one source: what another told is not gone on from."""

    def __init__(self, folder: Path, wanted: Wanted, source: Source) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{source.name}-{wanted.product}-{wanted.granularity}-{wanted.begin}-{wanted.end}"
        self._rows = folder / f"{name}.csv"
        self._note = folder / f"{name}.json"
        self.until = wanted.begin - 1
        """The last minute that has come."""
        self._size = 0
        try:
            known = json.loads(self._note.read_text(encoding="utf-8"))
            until, size = int(known["until"]), int(known["size"])
            if self._rows.stat().st_size >= size:
                self.until, self._size = until, size
        except (OSError, ValueError, KeyError, TypeError):
            return

    def add(self, lines: list[str], *, until: int) -> None:
        """Keep a page, and then that it has come: a page cut short is fetched again."""
        with self._rows.open("r+b" if self._size else "wb") as file:
            file.truncate(self._size)
            file.seek(self._size)
            file.write("".join(f"{line}\n" for line in lines).encode())
            self._size = file.tell()
        self.until = until
        write_atomically(self._note, json.dumps({"until": until, "size": self._size}).encode())

    def rows(self) -> list[str]:
        """Every line that has come."""
        return self._rows.read_bytes()[: self._size].decode().splitlines()

    def drop(self) -> None:
        """It is not needed any more."""
        self._rows.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


def _joined(folder: Path, wanted: Wanted, rows: list[str], source: Source) -> Stored:
    """The new rows with those that were there, as one file; what is new is believed."""
    lines = {int(row.split(",", 1)[0]): row for row in rows}
    before = _known(folder, wanted, source)
    if before is not None:
        lines = rows_of(before) | lines
    text = folder / ".download" / f"{wanted.product}.csv"
    text.write_text(HEADER + "\n".join(lines[at] for at in sorted(lines)) + "\n", encoding="utf-8")
    try:
        stored = read(text)
        path = write(folder, stored, source)
    finally:
        text.unlink(missing_ok=True)
    return Stored(stored.tape, path, source, stored.checksum, stored.troubles)


def _known(folder: Path, wanted: Wanted, source: Source) -> Stored | None:
    """What the folder has of the product already, of the same kind."""
    path = candle_files(folder).get(wanted.product)
    if path is None:
        return None
    before = load(path)
    if before.tape.interval != GRANULARITIES[wanted.granularity][1]:
        raise UsageError(
            f"{path} holds bars of {before.tape.interval} min: bars of two lengths are no one "
            "history",
            hint="another --data folder, or move that file away",
        )
    if before.source != source:
        raise UsageError(
            f"{path} comes from {before.source.name}: two sources are no one history",
            hint="another --data folder, or move that file away",
        )
    return before


def span_of(begin: Instant, end: Instant) -> tuple[int, int]:
    """The minutes of a span. Raises UsageError: it is empty."""
    if end.minute <= begin.minute:
        raise UsageError(f"nothing lies between {begin} and {end}", hint="--from before --to")
    return begin.minute, end.minute
