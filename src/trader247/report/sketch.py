"""A curve drawn in text: braille dots, four rows of them and two columns in each character."""

from __future__ import annotations

import numpy as np

from trader247.report.curve import Floats, Ints

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800


def sketch(times: Ints, values: Floats, *, width: int, height: int) -> tuple[str, ...]:
    """Rows of `width` characters, the highest value at the top of the first of them.

    Each column of dots spans from the least to the greatest value of its stretch of time, joined
    to the stretch before; a stretch without a value holds the last one. No rows without values.
    """
    if not len(values) or width < 1 or height < 1:
        return ()
    columns, rows = width * 2, height * 4
    span = max(int(times[-1] - times[0]), 1)
    place = np.minimum((times - times[0]) * columns // span, columns - 1)
    low, high = float(values.min()), float(values.max())
    scale = (rows - 1) / (high - low) if high > low else 0.0
    # A value that never moves is a line in the middle.
    levels = np.rint((values - low) * scale if scale else np.full(len(values), rows // 2))
    grid = np.zeros((rows, columns), dtype=bool)
    last = int(levels[0])
    starts = np.searchsorted(place, np.arange(columns + 1))
    for column in range(columns):
        block = levels[starts[column] : starts[column + 1]]
        first, bottom, top = (
            (int(block[0]), int(block.min()), int(block.max()))
            if len(block)
            else (last, last, last)
        )
        bottom, top = min(bottom, last, first), max(top, last, first)
        grid[rows - 1 - top : rows - bottom, column] = True
        last = int(block[-1]) if len(block) else last
    return tuple(_row(grid[start : start + 4]) for start in range(0, rows, 4))


def _row(block: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> str:
    codes = np.full(block.shape[1] // 2, _BLANK)
    for row, pair in enumerate(_DOTS):
        for side, dot in enumerate(pair):
            codes = codes + block[row, side::2] * dot
    return "".join(map(chr, codes.tolist()))
