"""`--watch`: one screen that refreshes, drawn beside the trading, which never waits for it."""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from io import TextIOBase
from types import TracebackType
from typing import TextIO

from trader247.app.books import overview
from trader247.app.durations import in_words
from trader247.app.outside.pulse import Countdown, real_time
from trader247.app.repeating import Beside
from trader247.app.running.opening import Opening
from trader247.cli.layout import Row, plain_row
from trader247.cli.output import Tone, say
from trader247.cli.page import HEIGHT_MIN, WIDTH_MIN, Page
from trader247.cli.views import cycle as cycle_view
from trader247.cli.views.overview import rows_of
from trader247.cli.views.run_lines import Lines
from trader247.domain.money import plain
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant

PERIOD = timedelta(milliseconds=250)
"""Between two looks at whether there is anything new to draw."""
KEPT_LINES = 20
"""Of what is said on stderr meanwhile: the screen shows the last, its end repeats them."""

_LOG_HEAD = re.compile(r"^\S+Z level=\S+ logger=\S+ ")


class Screen:
    """Shows a run. The trading thread leaves its latest report here; another thread draws it."""

    def __init__(self) -> None:
        self._said = _Said(sys.stderr)
        self._page = Page()
        self._opening: Opening | None = None
        self._latest: tuple[CycleReport, Countdown] | None = None
        self._drawing: Beside | None = None
        self._drawn: object = None
        self._lines: Lines | None = None

    def __enter__(self) -> None:
        """Take stderr before the log does: whatever is said must not fall into the screen."""
        sys.stderr = self._said

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give everything back, and repeat what was said meanwhile."""
        self._close()
        sys.stderr = self._said.stream

    def opening(self, opening: Opening) -> None:
        """Take the terminal, and draw from now on."""
        for line in cycle_view.opening_lines(opening):
            say(line)
        say(cycle_view.how_to_stop(opening.places.data))
        self._opening = opening
        self._said.hold()
        self._page.open()
        self._drawing = Beside(self._draw, period=PERIOD)

    def report(self, report: CycleReport, due: Instant) -> None:
        """Leave a cycle for drawing; where drawing has failed, tell it in lines from now on."""
        assert self._opening is not None, "a run opens before its first cycle"
        if self._lines is None and self._drawing is not None and not self._drawing.is_running:
            self._close()
            say("the screen failed: a line a cycle from now on")
            self._lines = Lines(as_json=False)
            self._lines.opening(self._opening)
        if self._lines is not None:
            self._lines.report(report, due)
            return
        wait = real_time(due - report.time, self._opening.speed)
        self._latest = (report, Countdown.begun(wait))

    def _draw(self) -> None:
        assert self._opening is not None, "nothing is drawn before the opening"
        report, countdown = self._latest or (None, None)
        left = None if countdown is None else -(-countdown.left // timedelta(seconds=1))
        width, height = self._page.size
        state = (report, left, width, height, self._said.last)
        if state == self._drawn:
            return
        self._drawn = state
        if width < WIDTH_MIN or height < HEIGHT_MIN:
            self._page.draw([plain_row("larger, please"[:width])])
            return
        self._page.draw(self._rows(report, left, width, height))

    def _rows(
        self, report: CycleReport | None, left: int | None, width: int, height: int
    ) -> Sequence[Row]:
        assert self._opening is not None, "nothing is drawn before the opening"
        opening = self._opening
        frame = overview.Frame(opening.places, opening.label, opening.seed, opening.policy)
        if report is None:
            view = overview.overview_at_start(frame, opening.portfolio)
        else:
            view = overview.overview_of_report(frame, report)
        said = [plain_row(_message(self._said.last), Tone.WARN)] if self._said.last else []
        folder = opening.places.data.resolve()
        stop = f"Ctrl-C ends it in order; any shell: trader247 kill on --data {folder}"
        return rows_of(
            view,
            width=width,
            height=height,
            pulse=plain_row(_next(left, opening.speed)),
            footer=[*said, plain_row(stop, Tone.DIM)],
        )

    def _close(self) -> None:
        if self._drawing is None:
            return
        self._drawing.stop()
        self._drawing = None
        self._page.close()
        self._said.release()


def _message(line: str) -> str:
    """A line of the log without what precedes its message."""
    return _LOG_HEAD.sub("", line)


def _next(left: int | None, speed: Decimal | None) -> str:
    if left is None:
        return "first cycle to come"
    pace = "" if speed == 1 or speed is None else f", {plain(speed)} x real time"
    if not left:
        return f"cycle running{pace}"
    return f"next cycle in {in_words(timedelta(seconds=left))}{pace}"


class _Said(TextIOBase):
    """stderr that can hold back: the latest lines, until the screen is gone."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._held: deque[str] | None = None

    @property
    def last(self) -> str:
        """The latest line held back."""
        held = self._held
        return held[-1] if held else ""

    def hold(self) -> None:
        """Hold back from now on."""
        self._held = deque(maxlen=KEPT_LINES)

    def release(self) -> None:
        """Pass on what was held back, and everything that comes."""
        held, self._held = self._held, None
        for line in held or ():
            self.stream.write(f"{line}\n")
        self.stream.flush()

    def write(self, text: str) -> int:
        if self._held is None:
            return self.stream.write(text)
        self._held.extend(line for line in text.splitlines() if line.strip())
        return len(text)

    def flush(self) -> None:
        if self._held is None:
            self.stream.flush()
