"""`trader247 simulate`: the LIVE wiring through simulated years of faults, judged by a stranger."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.app.figures import figure_of
from trader247.cli.exits import ExitCode
from trader247.cli.options import Json
from trader247.cli.output import emit_json, say, show
from trader247.cli.progress import is_watched, progress_of

if TYPE_CHECKING:
    from trader247.simulation.outcome import Total
    from trader247.simulation.wanted import Wanted

_RANGE = re.compile(r"([0-9]{1,9})(?:\.\.([0-9]{1,9}))?\Z")
_DAY_US = 86_400_000_000
_MINUTE_US = 60_000_000
_DAYS_MAX = 3_650
_SEEDS_MAX = 1_000_000
_WITHIN_MAX = 366 * 86_400
_JOBS_MAX = 64
_LINES = 10
"""Where nobody watches a bar: so many lines of how far it is."""
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
    from trader247.cli.views import simulate as simulate_view
    from trader247.simulation.outcome import Total
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
    try:
        _run(wanted, total)
    except KeyboardInterrupt:
        say(f"interrupted: {len(total.runs)} of {len(wanted.tasks)} runs are done")
        if as_json:
            emit_json({**simulate_view.body(total, wanted, {}), **_BROKEN_OFF})
        elif total.runs:
            simulate_view.tell(total, wanted, {})  # hours of runs are not thrown away
        return ExitCode.INTERRUPTED
    smaller = _smaller(total) if is_shrinking else {}
    missing = total.never_struck(wanted.faults) if is_complete else []
    if as_json:
        emit_json({**simulate_view.body(total, wanted, smaller), "never_struck": missing})
    else:
        simulate_view.tell(total, wanted, smaller)
        if missing:
            show(f"NEVER STRUCK: {', '.join(missing)}")
    return ExitCode.REFUSED if total.broken or missing else ExitCode.DONE


def _run(wanted: Wanted, total: Total) -> None:
    """Run all that is wanted into `total`; a bar on a terminal, a line now and then elsewhere."""
    from trader247.simulation.running import run_all

    count = len(wanted.tasks)
    every = max(1, count // _LINES)
    with progress_of("simulating", "runs") as told:
        told(0, count)
        for outcome in run_all(wanted):
            total.add(outcome)
            done = len(total.runs)
            remark = f"{total.sum_of('orders'):,} orders, {len(total.broken)} broken"
            told(done, count, remark)
            if not is_watched() and (done == count or done % every == 0):
                say(f"{done} of {count} runs, {remark}")


def _scenarios(asked: str, *, as_json: bool) -> ExitCode:
    """Run accidents of others, or list them."""
    from trader247.cli.views.simulate import tell_scenario
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
                tell_scenario(body)
    except KeyboardInterrupt:
        say(f"interrupted: {len(told)} of {len(chosen)} scenarios are done")
        if as_json:
            emit_json({"scenarios": told, **_BROKEN_OFF})
        return ExitCode.INTERRUPTED
    if as_json:
        emit_json({"passed": is_held, "scenarios": told})
    return ExitCode.DONE if is_held else ExitCode.REFUSED


def _smaller(total: Total) -> dict[int, str]:
    """The command of a smaller run that breaks the same, of the first one that broke."""
    from trader247.cli.views.simulate import command_of
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
    return {first.seed: command_of(first.seed, found.span_us, found.faults, first.strength)}
