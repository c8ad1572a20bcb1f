"""`trader247 strategy`: write a strategy, and check it before its figures are believed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.layout import Field, columns
from trader247.cli.lazy import new_app
from trader247.cli.options import Json
from trader247.cli.output import Cell, Tone, clean, emit_json, say, show, show_rows, width_of
from trader247.cli.views.standing import tell

if TYPE_CHECKING:
    from trader247.app.strategies.checking import Check, Checked

app = new_app(help="Write a strategy of your own; check that its signals do not look ahead.")


@app.command()
def check(
    module: Annotated[
        str, typer.Argument(metavar="MODULE", help="A file, strategies/NAME.py, or a dotted name.")
    ],
    *,
    bars: Annotated[
        int, typer.Option(min=600, max=60_000, metavar="N", help="Bars of the market it is shown.")
    ] = 4_320,
    is_every: Annotated[
        bool, typer.Option("--every", help="Cut the data at every bar, in as long as it takes.")
    ] = False,
    as_json: Json = False,
) -> ExitCode:
    """Check that a strategy's signals know nothing of the future, and what they cost.

    Each value at t from data up to t must be the value at t from all data, bit for bit; the same
    when the future is another one, and when the data begins later: a signal that never forgets
    means something else live than in a backtest. The same bars must give the same value twice.
    What is sound so far is asked of products of few ticks, of many, of great volume and of one
    that rarely trades; then of a decade's dates, with another bar ahead at many thousands of its
    minutes: at midnights, half hours and outages, and anywhere else; of some days of every other
    year from 1970 to 2099; and of one history of five years. No further year is begun after a
    minute; which ones were is said. The text is read first: what it refuses is looked at on
    three days alone, without --every for fifteen seconds.

    Classes of Signal are read as a live cycle reads them, too, and checked with each of their
    numbers at the ends of what policy.yaml may set it to.

    The market is made up, with holes, jumps and moods, so that whoever looks ahead is seen. A
    signal that passes may still be worthless: that is for a backtest to say.

    The module is run, with your rights: check what you would run.

    Examples:

      trader247 strategy check strategies/dip_buyer.py

      trader247 strategy check trader247.core.signals.breakout --every

    Exit codes: 0 sound, 1 something was found, 2 no such module or no signal in it.
    """
    from trader247.app.strategies.checking import checked

    if as_json:
        found = checked(module, bars=bars, is_every=is_every)
    else:
        found = checked(
            module,
            bars=bars,
            is_every=is_every,
            on_signal=_progress,
            on_refused=_refused,
            on_asked=_Patience(),
        )
    if as_json:
        emit_json(
            {
                "module": found.module,
                "is_sound": found.is_sound,
                "signals": [_body(each) for each in found.signals],
                "impurities": found.impurities,
            }
        )
    else:
        _tell(found)
    return ExitCode.DONE if found.is_sound else ExitCode.REFUSED


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and _.")],
    *,
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Where strategies are kept.")] = Path(
        "strategies"
    ),
    as_json: Json = False,
) -> ExitCode:
    """Write a strategy and its test: one signal and one rule, both pure functions.

    What is written works and passes its check; it is a place to begin, not advice. It decides
    nothing until policy.yaml switches it on, within a budget of its own:

      strategies:
        dip_buyer:
          module: ../strategies/dip_buyer.py
          enabled: true
          budget_pct: 1

    Examples:

      trader247 strategy new dip_buyer

      trader247 strategy check strategies/dip_buyer.py

    Exit codes: 0 written, 2 the name is none, or there is such a file already,
    8 it cannot be written.
    """
    from trader247.app.strategies.writing import write_new

    module, test = write_new(name, folder)
    if as_json:
        emit_json({"module": module, "test": test})
        return ExitCode.DONE
    show(f"wrote {module}")
    show(f"wrote {test}")
    say(f"next: trader247 strategy check {module}")
    return ExitCode.DONE


_TOLD_EACH_S = 10
"""A signal that takes long is told of so often."""


def _progress(signal: str) -> None:
    say(f"checking {signal} …")


def _refused(impurities: Sequence[str]) -> None:
    more = f" and {len(impurities) - 1} more" if impurities[1:] else ""
    text = f"its text is refused ({impurities[0]}{more}); it is looked at on three days alone"
    tell(text, to=say)


class _Patience:
    """Says now and then that a slow signal is still being asked."""

    def __init__(self) -> None:
        self._next = float(_TOLD_EACH_S)
        self._name = ""

    def __call__(self, name: str, asked: int, seconds: float) -> None:
        if name != self._name:
            self._name, self._next = name, float(_TOLD_EACH_S)
        if seconds >= self._next:
            say(f"  asked {asked:,} times in {seconds:.0f} s …")
            self._next = seconds + _TOLD_EACH_S


def _body(each: Checked) -> dict[str, object]:
    timing = each.timing
    return {
        "signal": each.signal,
        "memory_bars": each.memory,
        "cuts": each.cuts,
        "years": sorted(each.years),
        "years_in_part": sorted(each.far),
        "longest_history_bars": each.longest,
        "places": each.places,
        "is_whole": each.is_whole,
        "findings": [
            {"fault": finding.fault, "signal": finding.signal, "text": finding.text}
            for finding in each.findings
        ],
        "history_ns_a_bar": None if timing is None else f"{timing.history_ns:.1f}",
        "live_ms": None if timing is None else f"{timing.live_ms:.3f}",
    }


def _tell(found: Check) -> None:
    from trader247.app.strategies.dates import YEARS

    rows = found.signals
    show_rows(
        columns(
            [
                Field("signal", tuple(Cell(clean(each.signal)) for each in rows), is_figure=False),
                Field("memory", tuple(Cell(f"{each.memory} bars") for each in rows)),
                Field("cuts", tuple(Cell(str(each.cuts)) for each in rows)),
                Field("a bar of history", tuple(Cell(_history(each)) for each in rows)),
                Field("a live cycle", tuple(Cell(_live(each)) for each in rows)),
                Field("", tuple(_verdict(each) for each in rows), is_figure=False),
            ],
            width_of(),
        )
    )
    for each in rows:
        for finding in each.findings:
            show()
            tell(f"{finding.signal} {finding.fault.value.upper()}: {finding.text}")
    for impurity in found.impurities:
        tell(f"NOT PURE: {impurity}: a signal is a function of its bars alone")
    if found.impurities:
        tell("what its text refuses is looked at on three days alone, without --every for 15 s")
    show()
    for each in rows:
        if found.is_sound and (len(each.years) < len(YEARS) or not each.longest):
            years = ", ".join(map(str, sorted(each.years))) or "no whole year"
            tell(
                f"{each.signal} takes long: of the dates, those of {years} were looked at, and "
                "no long history"
            )
            tell(f"--every looks at those of {min(YEARS)} to {max(YEARS)}, and at a long history")
    tell(
        "sound: nothing was seen to look ahead"
        if found.is_sound
        else "NOT SOUND: do not trade on it"
    )


def _history(each: Checked) -> str:
    return "-" if each.timing is None else f"{each.timing.history_ns:,.0f} ns"


def _live(each: Checked) -> str:
    return "-" if each.timing is None else f"{each.timing.live_ms:.2f} ms"


def _verdict(each: Checked) -> Cell:
    return Cell("sound", Tone.GOOD) if each.is_sound else Cell("NOT SOUND", Tone.BAD)
