"""A report: a story with everything that was computed from it, once, for every way to show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trader247.report.benchmark import bought_and_held
from trader247.report.curve import Curve, Drawdown, drawdowns
from trader247.report.groups import GROUPINGS, Group, grouped
from trader247.report.metrics import TRADES_TO_CONCLUDE
from trader247.report.months import MonthReturn, monthly_returns
from trader247.report.scorecard import Metric, scorecard, win_interval
from trader247.report.story import Assumption, Held, Story

DAYS_TO_CONCLUDE = 90


@dataclass(frozen=True, slots=True)
class Report:
    """A story and its figures. `curve` has no unknown equity; drawdowns are indices into it."""

    story: Story
    curve: Curve
    held: Held | None
    metrics: tuple[Metric, ...]
    win_interval: tuple[float, float] | None
    drawdowns: tuple[Drawdown, ...]
    months: tuple[MonthReturn, ...]
    groups: Mapping[str, tuple[Group, ...]]
    cautions: tuple[str, ...]

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What the figures rest on, warnings first."""
        return tuple(sorted(self.story.assumptions, key=lambda each: not each.is_warning))


def report_of(story: Story) -> Report:
    """Compute everything that is shown of a story."""
    curve = story.curve.known
    held = story.held or bought_and_held(story.prices, story.begin.us, story.end.us)
    return Report(
        story=story,
        curve=curve,
        held=held,
        metrics=scorecard(story, held),
        win_interval=win_interval(story),
        drawdowns=drawdowns(curve.nav),
        months=monthly_returns(curve),
        groups={by: grouped(story.trades, by) for by in GROUPINGS},
        cautions=_cautions(story),
    )


def _cautions(story: Story) -> tuple[str, ...]:
    """What keeps a reader from concluding anything, in plain words."""
    found = []
    closed, days = len(story.trades), (story.end - story.begin).total_seconds() / 86_400
    if closed == 0:
        found.append("No trade was closed: nothing here says whether the strategy makes money.")
    elif closed < TRADES_TO_CONCLUDE:
        found.append(
            f"Only {closed} closed trade{'s' * (closed != 1)}: too few to conclude anything. "
            f"Below {TRADES_TO_CONCLUDE}, luck explains most of a result."
        )
    if days < DAYS_TO_CONCLUDE:
        span = f"{days:.1f}".removesuffix(".0")
        found.append(
            f"Only {span} day{'s' * (span != '1')}: one market mood. "
            f"Below {DAYS_TO_CONCLUDE} days, yearly figures are guesses."
        )
    standing = [each for each in story.stops if each.cleared is None]
    halts = [each.name for each in standing if each.is_of_all]
    if halts:
        found.append(f"Halted at the end by {', '.join(halts)}: from there on nothing was bought.")
    bans = [f"{each.name} from {str(each.since)[:10]}" for each in standing if not each.is_of_all]
    if bans:
        found.append(f"Bought no more to the end, as nobody cleared it: {', '.join(bans)}.")
    unknown = len(story.curve) - len(story.curve.known)
    if unknown:
        found.append(f"Equity was unknown in {unknown:,} of {len(story.curve):,} cycles; left out.")
    partial = sum(not each.is_whole for each in (*story.trades, *story.still_open))
    if partial:
        found.append(
            f"{partial} position{'s were' if partial != 1 else ' was'} open before this period "
            "began: what was bought or sold of it before is not counted."
        )
    return tuple(found)
