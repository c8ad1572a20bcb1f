"""`trader247 simulate`: the LIVE wiring through simulated years of faults, judged by a stranger."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.app.figures import figure_of
from trader247.cli.exits import ExitCode
from trader247.cli.options import Json
from trader247.cli.output import emit_json, say, show

if TYPE_CHECKING:
    from trader247.simulation.outcome import RunOutcome, Total
    from trader247.simulation.wanted import Wanted

_RANGE = re.compile(r"([0-9]{1,9})(?:\.\.([0-9]{1,9}))?\Z")
_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000
_MINUTE_US = 60_000_000
_DAYS_MAX = 3_650
_SEEDS_MAX = 1_000_000
_WITHIN_MAX = 366 * 86_400
_JOBS_MAX = 64
_LAST_SHOWN = 12
_BAR = 30
_BROKEN_OFF = {"interrupted": True, "passed": False}
"""In an answer that an interruption cut short: what was not run has shown nothing."""


def _seeds(text: str) -> tuple[int, ...]:
    match = _RANGE.match(text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is no seed; examples: 7, 0..23")
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    if last < first:
        raise typer.BadParameter(f"{text!r} is empty; a range goes upwards")
    if last - first >= _SEEDS_MAX:
        raise typer.BadParameter(f"{text!r} are {last - first + 1:,} runs, at most {_SEEDS_MAX:,}")
    return tuple(range(first, last + 1))


def _span_us(text: str) -> int:
    days = figure_of(text)
    if days is None:
        raise typer.BadParameter(
            f"{text!r} is no number of days, at most {_DAYS_MAX}; examples: 7, 0.25"
        )
    if not Decimal(0) < days <= _DAYS_MAX:
        raise typer.BadParameter(f"{text!r} days; it is more than 0 and at most {_DAYS_MAX}")
    if (span := int(days * _DAY_US)) < _MINUTE_US:
        raise typer.BadParameter(f"{text!r} days are less than a minute; examples: 7, 0.25")
    return span


def _faults(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    from trader247.simulation.mishaps.faults import CALLED, FAULTS

    if text.strip() in ("none", "calm"):
        return frozenset()
    if text.strip() == "all":
        return frozenset(FAULTS) - {CALLED}  # whoever is called for one cycle hears no stream
    by_any_case = {id.casefold(): id for id in FAULTS}
    words = [each.strip() for each in text.split(",") if each.strip()]
    chosen = frozenset(by_any_case.get(each.casefold(), each) for each in words)
    unknown = sorted(chosen - FAULTS.keys())
    if unknown or not chosen:
        known = ", ".join(FAULTS)
        raise typer.BadParameter(f"there is no fault {', '.join(unknown)}; there are {known}")
    return chosen


def _strength(asked: int | None, faults: str | None) -> int | None:
    if asked is not None and faults is None:
        raise typer.BadParameter("--strength is for --faults; each seed draws both otherwise")
    return asked


def simulate(
    *,
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="A..B", help="Which runs: a seed, or a range.")
    ] = "0..23",
    days: Annotated[
        str, typer.Option("--days", metavar="N", help="Simulated days each; 0.25 is six hours.")
    ] = "0.25",
    faults: Annotated[
        str | None,
        typer.Option(
            "--faults",
            metavar="IDS",
            help="none, all, or F1,F7,…; each seed draws its own where it is left out.",
            show_default=False,
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            metavar="NAME",
            help="An accident of others, or a scene, by name; all of them, or list.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, max=_JOBS_MAX, help="Processes at once.")
    ] = 1,
    strength: Annotated[
        int | None,
        typer.Option(
            "--strength",
            min=0,
            max=100,
            metavar="PCT",
            help="How likely each of --faults is; 100 where it is left out.",
            show_default=False,
        ),
    ] = None,
    points: Annotated[
        bool, typer.Option("--points", help="Also visit every crash point, three times.")
    ] = False,
    tour: Annotated[
        bool, typer.Option("--tour", help="As --points, and fail each operation in turn.")
    ] = False,
    within: Annotated[
        int | None,
        typer.Option(
            "--within",
            min=1,
            max=_WITHIN_MAX,
            metavar="S",
            help="Have S seconds for all: seeds run less, a quarter at least; scenes are left out.",
            show_default=False,
        ),
    ] = None,
    is_complete: Annotated[
        bool,
        typer.Option("--every-fault", help="Fail where a fault never struck in all the runs."),
    ] = False,
    is_shrinking: Annotated[
        bool,
        typer.Option("--shrink/--no-shrink", help="Look for a smaller run that breaks the same."),
    ] = True,
    as_json: Json = False,
) -> ExitCode:
    """Run the whole trader in virtual time against a hostile world, and judge every event.

    It is the LIVE wiring, unchanged: engine, Coinbase adapter, official client, journal, on a
    simulated exchange, network, disk, clock and people that all follow from the seed. The same
    seed and version give the same events on any machine. No data folder of yours is touched.

    From 24 seeds on, the crash points and the scenarios are played in turn, one beside each seed,
    until all were; not where --faults or --within is given. --points plays all at once.

    Where a promise is broken it shows the seed, the promise, the last events, the command that
    plays it again, and that of the smallest run found that breaks the same.

    Examples:

      trader247 simulate

      trader247 simulate --seeds 0..199 --days 7 --jobs 2

      trader247 simulate --seeds 17 --faults F7,F8 --strength 40

      trader247 simulate --scenario answer-lost

      trader247 simulate --seeds 0..23 --tour --every-fault --jobs 2

      trader247 simulate --points --jobs 2 --within 300

    Exit codes: 0 every promise held, 1 one was broken, 2 wrong usage, 130 interrupted.
    """
    from trader247.simulation.outcome import Total
    from trader247.simulation.running import run_all
    from trader247.simulation.wanted import Scope, Wanted

    if scenario is not None:
        return _scenarios(scenario, as_json=as_json)
    wanted = Wanted(
        _seeds(seeds),
        _span_us(days),
        _faults(faults),
        jobs,
        strength=_strength(strength, faults),
        tour=Scope.ALL if tour else Scope.POINTS if points else Scope.NOTHING,
        within_s=within,
    )
    total = Total()
    bar = _Bar(len(wanted.tasks))
    bar.draw(total)
    try:
        for outcome in run_all(wanted):
            total.add(outcome)
            bar.draw(total)
    except KeyboardInterrupt:
        bar.clear()
        say(f"interrupted: {len(total.runs)} of {len(wanted.tasks)} runs are done")
        if as_json:
            emit_json({**_body(total, wanted, {}), **_BROKEN_OFF})
        elif total.runs:
            _tell(total, wanted, {})  # hours of runs are not thrown away
        return ExitCode.INTERRUPTED
    bar.clear()
    smaller = _smaller(total) if is_shrinking else {}
    missing = total.never_struck(wanted.faults) if is_complete else []
    if as_json:
        emit_json({**_body(total, wanted, smaller), "never_struck": missing})
    else:
        _tell(total, wanted, smaller)
        if missing:
            show(f"NEVER STRUCK: {', '.join(missing)}")
    return ExitCode.REFUSED if total.broken or missing else ExitCode.DONE


def _scenarios(asked: str, *, as_json: bool) -> ExitCode:
    """Run accidents of others, or list them."""
    from trader247.simulation.mishaps.scenes.by_name import SCENARIOS
    from trader247.simulation.running import SCENARIO_SEED, run_accident

    if asked not in {"list", "all", *SCENARIOS}:
        known = ", ".join(SCENARIOS)
        raise typer.BadParameter(f"there is no scenario {asked!r}; there are {known}, all, list")
    chosen = [each for each in SCENARIOS.values() if asked in {"list", "all", each.name}]
    told, is_held = [], True
    try:
        for each in chosen:
            body: dict[str, object] = {"name": each.name, "met": each.met, "here": each.here}
            if asked != "list":
                outcome = run_accident(each, SCENARIO_SEED)
                is_held = is_held and not outcome.broken
                body["broken"] = [f"{one.invariant}: {one.text}" for one in outcome.broken]
            told.append(body)
            if not as_json:
                _tell_scenario(body)
    except KeyboardInterrupt:
        say(f"interrupted: {len(told)} of {len(chosen)} scenarios are done")
        if as_json:
            emit_json({"scenarios": told, **_BROKEN_OFF})
        return ExitCode.INTERRUPTED
    if as_json:
        emit_json({"passed": is_held, "scenarios": told})
    return ExitCode.DONE if is_held else ExitCode.REFUSED


def _tell_scenario(body: dict[str, object]) -> None:
    broken = body.get("broken")
    word = "" if broken is None else "BROKEN" if broken else "held"
    show(f"{body['name']:<18}{word}")
    show(f"  met:  {body['met']}")
    show(f"  here: {body['here']}")
    for line in broken if isinstance(broken, list) else ():
        show(f"  {line}")


class _Bar:
    """How far it is, on a terminal; a line now and then where there is none."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._is_screen = sys.stderr.isatty()

    def draw(self, total: Total) -> None:
        done = len(total.runs)
        text = (
            f"{done} of {self._count} runs, {total.sum_of('orders')} orders, "
            f"{len(total.broken)} broken"
        )
        if self._is_screen:
            full = _BAR * done // self._count
            sys.stderr.write(f"\r[{'#' * full}{'.' * (_BAR - full)}] {text}")
            sys.stderr.flush()
        elif done and (done == self._count or done % max(1, self._count // 10) == 0):
            say(text)

    def clear(self) -> None:
        if self._is_screen:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _smaller(total: Total) -> dict[int, str]:
    """The command of a smaller run that breaks the same, of the first one that broke."""
    from trader247.simulation.running import run_smaller

    first = next((each for each in total.broken if not each.tour), None)
    if first is None:
        return {}
    say(f"looking for a smaller run in which seed {first.seed} breaks; Ctrl-C gives up")
    try:
        found = run_smaller(first)
    except KeyboardInterrupt:
        return {}
    if found is None:
        return {}
    return {first.seed: _command(first.seed, found.span_us, found.faults, first.strength)}


def _command(seed: int, span_us: int, faults: frozenset[str], strength: int) -> str:
    days = (Decimal(span_us) / _DAY_US).normalize()
    said = f"--faults {','.join(sorted(faults))} --strength {strength}" if faults else ""
    return f"trader247 simulate --seeds {seed} --days {days:f} {said or '--faults none'}"


def _again(run: RunOutcome, wanted: Wanted) -> str:
    if run.tour.startswith("scene-"):
        return f"trader247 simulate --scenario {run.tour.removeprefix('scene-')}"
    if run.tour:
        tour = "points" if run.tour == "tour" else "tour"
        return f"trader247 simulate --seeds {run.seed} --days 0.01 --{tour}"
    if wanted.faults is not None:
        return _command(run.seed, run.span_us, wanted.faults, run.strength)
    days = (Decimal(run.span_us) / _DAY_US).normalize()
    return f"trader247 simulate --seeds {run.seed} --days {days:f}"


def _body(total: Total, wanted: Wanted, smaller: Mapping[int, str]) -> dict[str, object]:
    return {
        "passed": not total.broken,
        "seeds": len(total.seeded),
        "besides": [each.tour for each in total.runs if each.tour],
        "asked_s": len(wanted.seeds) * wanted.span_us // 1_000_000,
        "run_s": total.seeded_us // 1_000_000,
        "spans_s": {str(each.seed): each.span_us // 1_000_000 for each in total.seeded},
        "simulated_s": total.sum_of("lived_us") // 1_000_000,
        "visits": total.sum_of("visits"),
        "swept": total.swept,
        "orders": total.sum_of("orders"),
        "fills": total.sum_of("fills"),
        "cycles": total.sum_of("cycles"),
        "starts": total.sum_of("starts"),
        "crashes": total.sum_of("crashes"),
        "recoveries": total.sum_of("recoveries"),
        "worst_recovery_ms": total.worst_recovery_us // 1000,
        "cpu_ms": int(1000 * sum(each.cpu_s for each in total.runs)),
        "faults": total.counts("faults"),
        "milestones": total.counts("milestones"),
        "ends": total.counts("ends"),
        "digests": {_name(each): each.digest for each in total.runs},
        "broken": [
            {
                "seed": each.seed,
                "promises": [
                    {"invariant": one.invariant, "at_us": one.at_us, "text": one.text}
                    for one in each.broken
                ],
                "faults": list(each.chosen),
                "last": list(each.last),
                "again": _again(each, wanted),
                "smaller": smaller.get(each.seed),
            }
            for each in total.broken
        ],
    }


def _tell(total: Total, wanted: Wanted, smaller: Mapping[int, str]) -> None:
    for run in total.broken:
        show(f"seed {_name(run)}: A PROMISE WAS BROKEN")
        for one in run.broken:
            show(f"  {one.invariant} at {one.at_us} us: {one.text}")
        show("  the last events:")
        for record in run.last[-_LAST_SHOWN:]:
            show(f"    {_line(record)}")
        show(f"  again: {_again(run, wanted)}")
        if run.seed in smaller:
            show(f"  smaller: {smaller[run.seed]}")
        show()
    simulated_s = total.sum_of("lived_us") // 1_000_000
    show(f"{_counted(total)}, {Decimal(simulated_s) / 86_400:.2f} simulated days")
    if wanted.within_s is not None:
        for line in _spans(total, wanted):
            show(f"  {line}")
    show(f"  orders {total.sum_of('orders')}, fills {total.sum_of('fills')}")
    show(f"  cycles {total.sum_of('cycles')}{_speed(total)}")
    if total.sum_of("visits"):
        show(f"  crash points and operations struck {total.sum_of('visits')}")
    for line in _swept(total.swept):
        show(f"  {line}")
    show(f"  crashes {total.sum_of('crashes')}, recoveries {total.sum_of('recoveries')}")
    show(f"  worst recovery {total.worst_recovery_us / 1e6:.1f} s")
    text = ", ".join(f"{id} {count}" for id, count in total.struck.items())
    show(f"  faults {text or 'none'}")
    count = len(total.broken)
    show("EVERY PROMISE HELD" if not count else f"{count} SEEDS BROKE A PROMISE")


def _counted(total: Total) -> str:
    """How many seeds were run, and how many scenarios and tours besides."""
    seeds = len(total.seeded)
    scenarios = sum(each.tour.startswith("scene-") for each in total.runs)
    counts = (seeds, "seed"), (scenarios, "scenario"), (len(total.runs) - seeds - scenarios, "tour")
    return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)


def _speed(total: Total) -> str:
    """That of the seeds: scenarios die and start more often than they trade."""
    lived_s = sum(each.lived_us for each in total.seeded) / 1_000_000
    cpu_s = sum(each.cpu_s for each in total.seeded)
    return f"; seeds at {lived_s / cpu_s:.0f} x real time" if cpu_s else ""


def _spans(total: Total, wanted: Wanted) -> list[str]:
    """How much of what was asked for there was time for, and how many seeds ran how long."""
    asked_us = len(wanted.seeds) * wanted.span_us
    counts = Counter(each.span_us for each in total.seeded)
    each = [
        f"{count} {'seed' if count == 1 else 'seeds'} of {_hours(us)}"
        for us, count in sorted(counts.items(), reverse=True)
    ]
    scenes = [each for each in wanted.tasks if each.startswith("scene-")]
    played = sum(each.tour.startswith("scene-") for each in total.runs)
    if played < len(scenes):
        each.append(f"{played} of {len(scenes)} scenes: there was no time for the others")
    return [f"ran {_hours(total.seeded_us)} of {_hours(asked_us)} asked for:", *each]


def _hours(us: int) -> str:
    return f"{Decimal(us) / _HOUR_US:.1f}".removesuffix(".0") + " h"


def _swept(swept: Mapping[str, int]) -> list[str]:
    """One line a stretch: how many of its operations were failed, in each way."""
    lines: dict[str, list[str]] = {}
    for key, count in swept.items():
        name, _, how = key.partition(" ")
        lines.setdefault(name, []).append(f"{how} {count}")
    return [f"operations of {name} struck: {', '.join(hows)}" for name, hows in lines.items()]


def _name(run: RunOutcome) -> str:
    return f"{run.tour} {run.seed}" if run.tour else str(run.seed)


def _line(record: dict[str, object]) -> str:
    about = {key: value for key, value in record.items() if key not in ("kind", "at_us")}
    return f"{record['at_us']} {record['kind']} {about}"[:160]
