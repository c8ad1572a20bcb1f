"""What simulated runs came to: as text of 80 columns and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.cli.output import Cell, Column, Tone, show, show_code, show_rows, show_table
from trader247.cli.views.report import tell_labelled
from trader247.domain.words import counted

if TYPE_CHECKING:
    from trader247.simulation.outcome import RunOutcome, Total
    from trader247.simulation.wanted import Wanted

_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000
_LAST_SHOWN = 12
_NAME = 20
"""The columns of a scenario's name."""


def tell(total: Total, wanted: Wanted, smaller: Mapping[int, str]) -> None:
    """Show what broke first, then what was run, what struck, and whether all held."""
    for run in total.broken:
        _tell_broken(run, wanted, smaller.get(run.seed))
    if total.struck:
        _tell_faults(total)
    _tell_figures(total, wanted)
    count = len(total.broken)
    held = Cell("EVERY PROMISE HELD", Tone.GOOD)
    broke = Cell(f"{counted(count, 'run').upper()} BROKE A PROMISE", Tone.BAD)
    show_rows([(broke if count else held,)])


def tell_scenario(body: Mapping[str, object]) -> None:
    """Show one scenario: who met it, what happens here, and whether it held."""
    name, broken = str(body["name"]), body.get("broken")
    if broken is None:
        show(name)
    else:
        held = Cell("BROKEN", Tone.BAD) if broken else Cell("held", Tone.GOOD)
        show_rows([(Cell(f"{name:<{_NAME}} "), held)])
    show(f"  met:  {body['met']}")
    show(f"  here: {body['here']}")
    for line in broken if isinstance(broken, list) else ():
        show(f"  {line}")


def command_of(seed: int, span_us: int, faults: frozenset[str], strength: int) -> str:
    """What plays a seed again under these faults."""
    said = f"--faults {','.join(sorted(faults))} --strength {strength}" if faults else ""
    days = _days(span_us)
    return f"trader247 simulate --seeds {seed} --days {days} {said or '--faults none'}"


def body(total: Total, wanted: Wanted, smaller: Mapping[int, str]) -> dict[str, object]:
    """All of it in JSON."""
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


def _tell_broken(run: RunOutcome, wanted: Wanted, smaller: str | None) -> None:
    show_rows([(Cell(f"seed {_name(run)}: A PROMISE WAS BROKEN", Tone.BAD),)])
    for one in run.broken:
        show(f"  {one.invariant} at {one.at_us} us: {one.text}")
    show("  the last events:")
    for record in run.last[-_LAST_SHOWN:]:
        show(f"    {_line(record)}")
    show_code(f"  again:   {_again(run, wanted)}")
    if smaller is not None:
        show_code(f"  smaller: {smaller}")
    show()


def _tell_faults(total: Total) -> None:
    """Each kind that struck, how often, and what it is."""
    from trader247.simulation.mishaps.faults import FAULTS

    columns = (Column("fault"), Column("struck", is_figure=True), Column("what", is_wide=True))
    rows = [(id, f"{count:,}", FAULTS[id].doc) for id, count in total.struck.items()]
    show_table(columns, rows)


def _tell_figures(total: Total, wanted: Wanted) -> None:
    tell_labelled("runs", _counted(total))
    simulated_s = total.sum_of("lived_us") // 1_000_000
    tell_labelled("simulated", f"{Decimal(simulated_s) / 86_400:.2f} days{_speed(total)}")
    if wanted.within_s is not None:
        tell_labelled("in time", _spans(total, wanted))
    figures = {each: f"{total.sum_of(each):,}" for each in ("cycles", "orders", "fills")}
    tell_labelled("traded", ", ".join(f"{count} {name}" for name, count in figures.items()))
    if total.sum_of("visits"):
        tell_labelled("points", f"{total.sum_of('visits'):,} crash points and operations struck")
    for line in _swept(total.swept):
        tell_labelled("swept", line)
    crashes, recoveries = total.sum_of("crashes"), total.sum_of("recoveries")
    tell_labelled("crashes", f"{crashes:,}")
    worst = f", the worst in {total.worst_recovery_us / 1e6:.1f} s" if recoveries else ""
    tell_labelled("recoveries", f"{recoveries:,}{worst}")
    if not total.struck:
        tell_labelled("faults", "none")


def _again(run: RunOutcome, wanted: Wanted) -> str:
    if run.tour.startswith("scene-"):
        return f"trader247 simulate --scenario {run.tour.removeprefix('scene-')}"
    if run.tour:
        tour = "points" if run.tour == "tour" else "tour"
        return f"trader247 simulate --seeds {run.seed} --days 0.01 --{tour}"
    if wanted.faults is not None:
        return command_of(run.seed, run.span_us, wanted.faults, run.strength)
    return f"trader247 simulate --seeds {run.seed} --days {_days(run.span_us)}"


def _days(span_us: int) -> str:
    return f"{(Decimal(span_us) / _DAY_US).normalize():f}"


def _counted(total: Total) -> str:
    """How many seeds were run, and how many scenarios and tours besides."""
    seeds = len(total.seeded)
    scenarios = sum(each.tour.startswith("scene-") for each in total.runs)
    counts = (seeds, "seed"), (scenarios, "scenario"), (len(total.runs) - seeds - scenarios, "tour")
    return ", ".join(counted(count, word) for count, word in counts if count)


def _speed(total: Total) -> str:
    """That of the seeds: scenarios die and start more often than they trade."""
    lived_s = sum(each.lived_us for each in total.seeded) / 1_000_000
    cpu_s = sum(each.cpu_s for each in total.seeded)
    return f"; seeds at {lived_s / cpu_s:,.0f} x real time on one core" if cpu_s else ""


def _spans(total: Total, wanted: Wanted) -> str:
    """How much of what was asked for there was time for, and how many seeds ran how long."""
    asked_us = len(wanted.seeds) * wanted.span_us
    counts = Counter(each.span_us for each in total.seeded)
    parts = [
        f"{counted(count, 'seed')} of {_hours(us)}"
        for us, count in sorted(counts.items(), reverse=True)
    ]
    scenes = [each for each in wanted.tasks if each.startswith("scene-")]
    played = sum(each.tour.startswith("scene-") for each in total.runs)
    if played < len(scenes):
        parts.append(f"{played} of {len(scenes)} scenes, no time for the others")
    ran = f"{_hours(total.seeded_us)} of {_hours(asked_us)} asked for"
    return f"{ran}: {', '.join(parts)}" if parts else ran


def _hours(us: int) -> str:
    return f"{Decimal(us) / _HOUR_US:.1f}".removesuffix(".0") + " h"


def _swept(swept: Mapping[str, int]) -> list[str]:
    """Of each stretch: how many of its operations were failed, in each way."""
    ways: dict[str, list[str]] = {}
    for key, count in swept.items():
        name, _, how = key.partition(" ")
        ways.setdefault(name, []).append(f"{how} {count}")
    return [f"{name}: {', '.join(hows)}" for name, hows in ways.items()]


def _name(run: RunOutcome) -> str:
    return f"{run.tour} {run.seed}" if run.tour else str(run.seed)


def _line(record: Mapping[str, object]) -> str:
    about = {key: value for key, value in record.items() if key not in ("kind", "at_us")}
    return f"{record['at_us']} {record['kind']} {about}"[:160]
