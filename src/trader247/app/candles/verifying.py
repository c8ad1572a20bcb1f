"""What is wrong with the candles of a data folder, and a mended copy on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from trader247.app.candles import parquet
from trader247.app.candles.importing import guess
from trader247.app.candles.store import (
    FOLDER,
    UNSAID,
    Source,
    Stored,
    candle_files,
    checksum_of,
    product_of,
    write,
)
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.time import Instant
from trader247.simex.feeds.tape import TapeReport, Trouble
from trader247.simex.feeds.tape_cleaning import tape_of
from trader247.simex.feeds.tape_file import TapeUnusable, read_rows
from trader247.simex.feeds.tape_rows import rows_of_text


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one file. `unusable` says why it cannot be read at all, or is empty.

    `troubles` counts by name, `examples` has the first of each. `is_changed` where the content is
    not what its own checksum says.
    """

    path: Path
    product: str
    rows: int
    bars: int
    interval: int
    troubles: Mapping[str, int]
    examples: Mapping[str, str]
    is_changed: bool = False
    unusable: str = ""
    mended: Path | None = None

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to say against it."""
        return not (self.troubles or self.is_changed or self.unusable)


def verified(data: Path, paths: list[Path], *, mend: Path | None) -> Iterator[Finding]:
    """Look at each file, or at all of the data folder's; with `mend` write a clean copy there.

    Raises:
        UsageError: there is none, or `mend` is the folder of one of them, or the data folder's own.
    """
    files = paths or list(candle_files(data / FOLDER).values())
    if not files:
        raise UsageError(
            f"there are no candles in {data / FOLDER}",
            hint="trader247 data import FILE, or trader247 data download PRODUCT",
        )
    kept = [each for each in files if mend and each.resolve().parent == mend.resolve()]
    if kept:
        raise UsageError(
            f"--mend {mend} is where {kept[0].name} lies: a mended copy would take its place",
            hint="another folder",
        )
    if mend and mend.resolve() == (data / FOLDER).resolve():
        raise UsageError(
            f"--mend {mend} is where candles are traded from: a copy would take their place, and "
            "say nothing of its source",
            hint="another folder; data import takes a file in, cleaned as well",
        )
    for path in files:
        yield _looked_at(path, mend)


def _looked_at(path: Path, mend: Path | None) -> Finding:
    product = str(product_of(path))
    try:
        known = guess(path)
    except UsageError as error:
        return Finding(path, product, 0, 0, 0, {}, {}, unusable=str(error))
    said: dict[str, str] = {}
    try:
        if path.name.lower().endswith(".parquet"):
            rows, said = parquet.read_rows(path, None)
        else:
            rows = rows_of_text(read_rows(path, known.columns))
        tape, report = tape_of(product, path, rows)
    except TapeUnusable as error:
        return Finding(path, product, 0, 0, 0, {}, {}, unusable=str(error))
    source = Source(said.get("source", UNSAID), said.get("label", ""))
    stored = Stored(tape, path, source, checksum_of(tape), {})
    mended = None if mend is None else write(mend, stored, source)
    return _found(path, report, stored, said.get("checksum"), mended)


def _found(
    path: Path, report: TapeReport, stored: Stored, checksum: str | None, mended: Path | None
) -> Finding:
    return Finding(
        path=path,
        product=report.product_id,
        rows=report.rows,
        bars=report.bars,
        interval=report.interval_minutes,
        troubles={each.value: count for each, count in report.counts.items() if count},
        examples={
            each.value: _example(each, text, stored) for each, text in report.examples.items()
        },
        is_changed=checksum is not None and checksum != stored.checksum,
        mended=mended,
    )


def _example(trouble: Trouble, text: str, stored: Stored) -> str:
    """An example as a person can look it up: Parquet has no lines, and a hole has a time."""
    if trouble is Trouble.HOLES:
        tape = stored.tape
        last = int(tape.minute[int(np.argmax(np.diff(tape.minute) > tape.interval))])
        text = f"{text}, {Instant.from_seconds(last * 60)}"
    return text.replace("line ", "row ", 1) if stored.path.suffix.lower() == ".parquet" else text
