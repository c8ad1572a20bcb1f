"""A run as lines: one a cycle, what happened under it; or one JSON object a cycle."""

from __future__ import annotations

import sys
from types import TracebackType

from trader247.app.running.opening import Opening
from trader247.cli import figures
from trader247.cli.outlets import is_heard, take_failure, wait_for_no_reader
from trader247.cli.output import emit_json, say, show
from trader247.cli.views import cycle as cycle_view
from trader247.cli.views.news import Newsreader
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant


class Lines:
    """Writes a run to stdout; a reader that goes away does not end the run."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._opening: Opening | None = None
        self._news: Newsreader | None = None
        self._day = ""

    def __enter__(self) -> None:
        """Positions must not wait for a pager that stands still."""
        wait_for_no_reader()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to put back."""

    def opening(self, opening: Opening) -> None:
        """Say what was found, and how to stop."""
        self._opening = opening
        self._news = Newsreader(opening.portfolio)
        for each in cycle_view.opening_lines(opening):
            say(each)
        say(cycle_view.how_to_stop(opening.places.data))

    def report(self, report: CycleReport, due: Instant) -> None:  # noqa: ARG002 - the screen needs it
        """Tell of a cycle."""
        was_heard = is_heard()
        self._tell(report)
        sys.stdout.flush()
        if was_heard and not is_heard():
            # Positions must not lose their stops because a pager was closed, or a log's disk full.
            error = take_failure()
            lost = (
                "nobody reads stdout any more"
                if error is None
                else f"stdout cannot be written ({error.strerror})"
            )
            say(f"{lost}: trading goes on unseen until Ctrl-C")

    def _tell(self, report: CycleReport) -> None:
        assert self._opening is not None, "a run opens before its first cycle"
        assert self._news is not None, "a run opens before its first cycle"
        if self._as_json:
            emit_json(cycle_view.body(report, self._opening))
            return
        if figures.date(report.time) != self._day:
            self._day = figures.date(report.time)
            show(f"{self._day} UTC")
        show(cycle_view.line(report))
        for each in self._news.lines(report):
            show(f"  {each}")
