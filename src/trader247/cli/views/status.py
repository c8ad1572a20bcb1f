"""`status` for people: once, as wide as the terminal, or refreshing in place."""

from __future__ import annotations

from datetime import timedelta

from trader247.app.books.choice import Choice
from trader247.app.books.status import Status, status_of
from trader247.app.durations import in_words
from trader247.app.outside.pulse import Life
from trader247.app.repeating import repeat
from trader247.cli.layout import Row, plain_row, wrapped
from trader247.cli.output import Tone, say, show_rows, width_of
from trader247.cli.page import HEIGHT_MIN, WIDTH_MIN, Page, is_possible
from trader247.cli.views.overview import rows_of

PERIOD = timedelta(seconds=1)


def draw(found: Status) -> None:
    """Print it once, in full."""
    width = width_of()
    show_rows(_rows(found, width, None))


def follow(choice: Choice) -> None:
    """Refresh each second until Ctrl-C; once, where the terminal cannot be redrawn.

    Raises:
        KeyboardInterrupt: a person has seen enough.
    """
    if not is_possible():
        say("this terminal cannot show a refreshing screen: once, instead")
        draw(status_of(choice))
        return
    page = Page()
    page.open()
    try:
        repeat(lambda: _redraw(page, choice), period=PERIOD)
    finally:
        page.close()


def _redraw(page: Page, choice: Choice) -> None:
    width, height = page.size
    if width < WIDTH_MIN or height < HEIGHT_MIN:
        page.draw([plain_row("larger, please"[:width])])
        return
    page.draw(_rows(status_of(choice), width, height))


def _rows(found: Status, width: int, height: int | None) -> tuple[Row, ...]:
    footer = [row for text in _trader(found) for row in wrapped(text, width)]
    for remark in found.remarks:
        footer += wrapped(f"note: {remark}", width)
    return rows_of(found.overview, width=width, height=height, pulse=_pulse(found), footer=footer)


def _pulse(found: Status) -> Row:
    left = found.life.next_in
    if not found.is_traded:
        return plain_row("NO TRADER RUNS", Tone.WARN)
    if left is None:
        return plain_row("a trader is starting")
    return plain_row(f"next cycle in {in_words(left)}" if left >= PERIOD else "cycle running")


def _trader(found: Status) -> list[str]:
    """Who trades, and how old the figures are."""
    life = found.life
    age = "no heartbeat yet" if life.age is None else f"heartbeat {in_words(life.age)} ago"
    if life.is_to_come:
        age = "heartbeat of a time to come: see trader247 health"
    if found.is_traded:
        stale = "" if life.is_fresh or life.age is None else ": TOO OLD, see trader247 health"
        return [f"trader: {_who(life)}", f"figures: of cycle {found.overview.cycle}, {age}{stale}"]
    if life.is_alive and life.holder is not None:
        return [f"trader: none on this book; {_who(life)}", f"figures: {_last(found)}"]
    if life.is_alive is None:
        return [f"trader: not to be asked for from here: {_who(life)}", f"figures: {_last(found)}"]
    if life.ended:
        why = f"the last one ended: {life.ended}"
    elif life.is_once:
        why = "the last was a single cycle"
    else:
        why = "the last one died without a word"
    start = f"trader247 run --data {found.places.data}"
    return [f"trader: none runs, {why}", f"figures: {_last(found)}", f"start one: {start}"]


def _who(life: Life) -> str:
    holder = life.holder
    if holder is None:
        return "a process that left no name"
    return f"process {holder.pid} on {holder.host}, since {holder.since[:19].replace('T', ' ')} UTC"


def _last(found: Status) -> str:
    life = found.life
    if found.overview.time is None:
        return "before the first cycle"
    age = (
        ""
        if life.age is None or not life.is_of(found.places.book)
        else (f", {in_words(life.age)} ago")
    )
    return f"of cycle {found.overview.cycle}{age}, not of now"
