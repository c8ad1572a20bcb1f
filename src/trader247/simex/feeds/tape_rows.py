"""The rows of a candle file as whole numbers, from text or from numbers, before any cleaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trader247.simex.feeds.tape_file import TextRows
from trader247.simex.feeds.tape_numbers import (
    BASE_DECIMALS_MAX,
    NO_NUMBER,
    OUT_OF_BOUNDS,
    PRICE_DECIMALS_MAX,
    PRICE_MAX,
    VOLUME_MAX,
    Column,
    scaled,
    times,
)

Floats = NDArray[np.float64]

_COMMA = re.compile(r"\s*[+-]?[0-9][0-9.]*,[0-9]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a file's rows have that they should not, what they should have, and what to do."""

    found: str
    allowed: str
    hint: str


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Every row: opening instants in milliseconds, prices and volumes in steps of a decimal.

    `shown` tells a row as it stands in the file, `line` on which line. `short_lines` are those
    that lack a column. `fault` says what is wrong with how the file writes its rows, where that is
    known, or nothing.
    """

    stamp: Column
    prices: tuple[Column, ...]
    price_decimals: int
    volume: Column
    base_decimals: int
    shown: Callable[[int], str]
    line: Callable[[int], int]
    short_lines: tuple[int, ...] = ()
    fault: Callable[[int], Fault | None] = lambda _row: None


def rows_of_text(text: TextRows) -> Rows:
    """Rows from the cells of a text file."""
    prices, price_decimals = scaled(
        text.cells[1:5], decimals_max=PRICE_DECIMALS_MAX, number_max=PRICE_MAX
    )
    volumes, base_decimals = scaled(
        text.cells[5:6], decimals_max=BASE_DECIMALS_MAX, number_max=VOLUME_MAX
    )
    return Rows(
        stamp=times(text.cells[0]),
        prices=tuple(prices),
        price_decimals=price_decimals,
        volume=volumes[0],
        base_decimals=base_decimals,
        shown=text.shown,
        line=lambda row: text.lines[row],
        short_lines=text.short_lines,
        fault=lambda row: _fault(text, row),
    )


def _fault(text: TextRows, row: int) -> Fault | None:
    """Why a row cannot be read, where commas in its numbers are why."""
    if any(_COMMA.match(column[row]) for column in text.cells[1:]):
        # 1,250 may be one and a quarter or a thousand and more: nobody guesses.
        again = "tr , . <OLD.csv >NEW.csv does so, if no thousands are parted"
        is_parted = text.mark == ","
        return Fault(
            "a comma in numbers",
            "a decimal point in them and no comma, as 1250.5",
            "write them with a decimal point" + ("" if is_parted else f": {again}"),
        )
    if text.mark == "," and 0 < text.names < text.width:
        return Fault(
            f"{text.width} columns where the first line names {text.names}",
            "a column for each name, and a decimal point in numbers",
            "a decimal comma parts a number in two where commas part the columns: write the file "
            "anew with decimal points",
        )
    return None


def rows_of_floats(stamp: Column, prices: Sequence[Floats], volume: Floats) -> Rows:
    """Rows from columns of floats: each number is the decimal that it was written from."""
    ticks, price_decimals = _decimals(prices, PRICE_DECIMALS_MAX, PRICE_MAX)
    lots, base_decimals = _decimals([volume], BASE_DECIMALS_MAX, VOLUME_MAX)
    columns = (stamp, *prices, volume)
    return Rows(
        stamp=stamp,
        prices=tuple(ticks),
        price_decimals=price_decimals,
        volume=lots[0],
        base_decimals=base_decimals,
        shown=lambda row: ",".join(str(column[row]) for column in columns),
        line=lambda row: row + 1,
    )


def _decimals(
    columns: Sequence[Floats], decimals_max: int, number_max: int
) -> tuple[list[Column], int]:
    """Floats in the coarsest decimal step that gives every one of them back.

    What no step up to the finest gives back is dust of a calculation: the finest rounds it off.
    """
    finite = [np.where(np.isfinite(each), each, 0.0) for each in columns]
    for decimals in range(decimals_max + 1):
        scale = 10.0**decimals
        if all((np.rint(each * scale) / scale == each).all() for each in finite):
            break
    scale = 10.0**decimals
    result: list[Column] = []
    for column, values in zip(columns, finite, strict=True):
        whole = np.rint(values * scale)
        is_inside = (whole >= 0) & (whole <= number_max)
        number = np.where(is_inside, whole, OUT_OF_BOUNDS).astype(np.int64)
        result.append(np.where(np.isfinite(column), number, NO_NUMBER))
    return result, decimals
