"""A LIVE rehearsal over TLS for simulated weeks: what it weighs hour by hour, and is it bounded?

`sim serve` and `run --mode live` run as processes, the exchange's clock led by the trader as fast
as both go, under a policy that trades all the time. Memory, descriptors and threads of both are
read from /proc, with the sizes of what the book leaves on disk. Exit 1 if anything grows beyond its
bound (scripts/soak/bounds.py) after the first day, if a process did not end in order, or if it was
too short to tell. The page and the samples are in build/soak.

    make soak DAYS=30       hours of real time; Ctrl-C: judge what there is
    python -m scripts.soak --days 30 --minutes 20   as many of them as fit
    python -m scripts.soak --judge build/soak/samples.jsonl
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from scripts.soak import record
from scripts.soak.bounds import TooShortError, findings, settled
from scripts.soak.page import HEADS, page, rows
from scripts.soak.pair import Pair
from scripts.soak.sample import Sample, sample
from scripts.torture.__main__ import UNDAUNTED
from tests.app.busy_books import RESTLESS

from trader247.app.reports.files import NO_LIBRARY, plotting_library

BUILD = Path("build") / "soak"
POLICIES: Mapping[str, Mapping[str, str]] = {"shipped": {}, "busy": {**RESTLESS, **UNDAUNTED}}
HOURS = 24
SPEAKS_EVERY = 6
"""Samples between two lines of progress."""


@dataclass
class Soaked:
    """What was seen, and what went wrong on the way."""

    samples: list[Sample] = field(default_factory=list)
    orders: int = 0
    fills: int = 0
    wrong: list[str] = field(default_factory=list)


def soak(folder: Path, arguments: argparse.Namespace) -> Soaked:
    """Run both until the days, the minutes or a person's patience are over."""
    soaked = Soaked()
    pair = Pair(
        folder,
        days=arguments.days,
        interval=arguments.interval,
        seed=arguments.seed,
        policy=POLICIES[arguments.policy],
    )
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        with (BUILD / "samples.jsonl").open("w") as out:
            _watch(pair, soaked, arguments, lambda each: record.write(out, each))
    except KeyboardInterrupt:
        print("interrupted: judging what there is", file=sys.stderr)
    finally:
        codes = pair.end()
    if codes != (0, 0):
        soaked.wrong.append(f"trader ended with {codes[0]}, exchange {codes[1]}: {pair.said()}")
    return soaked


def _watch(
    pair: Pair, soaked: Soaked, arguments: argparse.Namespace, keep: Callable[[Sample], None]
) -> None:
    """Read each cycle's report; weigh both processes whenever the next hour has come."""
    trader, exchange = pair.pids
    began, first, due = time.monotonic(), None, 0.0
    for cycle, told in enumerate(pair.cycles(), start=1):
        now = datetime.fromisoformat(told["time"]).astimezone(UTC)
        first = first or now
        days = (now - first).total_seconds() / 86_400
        soaked.orders += told["orders_sent"]
        soaked.fills += told["fills"]
        if days >= due:
            due = days + arguments.hours / HOURS
            taken = sample(
                days,
                cycle,
                soaked.orders,
                trader=trader,
                exchange=exchange,
                places=pair.rehearsal.places,
            )
            soaked.samples.append(taken)
            keep(taken)
            if len(soaked.samples) % SPEAKS_EVERY == 1:
                spent = time.monotonic() - began
                print(
                    f"{days:.2f} days in {spent:.0f} s: {cycle} cycles, {soaked.orders} orders, "
                    f"{soaked.fills} fills, trader {taken.trader.rss_mb:.0f} MB",
                    file=sys.stderr,
                )
        if arguments.minutes and time.monotonic() - began > arguments.minutes * 60:
            return


def judge(soaked: Soaked) -> int:
    """Say whether all is bounded, draw it, and answer with the exit code."""
    samples = soaked.samples
    for each in soaked.wrong:
        print(f"WRONG: {each}")
    try:
        found, begun = findings(samples), settled(samples)[0].days
    except TooShortError as error:
        print(f"CANNOT TELL: {error}")
        return 1
    for row in (HEADS, *rows(found)):
        print(f"{row[0]:22}" + "".join(f"{cell:>11}" for cell in row[1:]))
    is_bounded = all(each.is_bounded for each in found) and not soaked.wrong
    headline = (
        f"{samples[-1].days:.1f} simulated days, {samples[-1].cycles:,} cycles: "
        f"{'all bounded' if is_bounded else 'NOT BOUNDED'}"
    )
    print(f"{headline}; judged from day {begun:.1f}")
    library = plotting_library()
    if library is None:
        print(f"not drawn: {NO_LIBRARY}", file=sys.stderr)
    else:
        BUILD.mkdir(parents=True, exist_ok=True)
        drawn = BUILD / "soak.html"
        drawn.write_text(page(samples, found, begun=begun, headline=headline, library=library))
        print(f"drawn in {drawn}", file=sys.stderr)
    return 0 if is_bounded else 1


def main(words: Sequence[str]) -> int:
    """Soak, or judge a soak that was."""
    parser = argparse.ArgumentParser(prog="soak", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--days", type=float, default=30.0, help="simulated days")
    parser.add_argument("--minutes", type=float, default=0.0, help="real ones at most; 0: all days")
    parser.add_argument("--hours", type=float, default=1.0, help="simulated ones between samples")
    parser.add_argument("--interval", type=int, default=60, help="seconds between cycles")
    parser.add_argument("--seed", type=int, default=496, help="the market, and whose account")
    parser.add_argument("--policy", choices=sorted(POLICIES), default="busy")
    parser.add_argument("--judge", type=Path, help="samples of a soak that was")
    arguments = parser.parse_args(words)
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell that starts it with & ignores Ctrl-C
        signal.signal(each, signal.default_int_handler)
    if arguments.judge:
        return judge(Soaked(samples=list(record.read(arguments.judge))))
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    soaked = soak(folder, arguments)
    code = judge(soaked)
    print(f"{soaked.orders} orders, {soaked.fills} fills")
    if code:
        print(f"the book is kept in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
