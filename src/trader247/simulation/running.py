"""Running seeds: each in a folder of its own, alone in its process, or a few processes at once."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trader247.adapters.cpu_time import cpu_seconds
from trader247.domain.errors import Trader247Error
from trader247.simulation.accidents import Accident
from trader247.simulation.disk import memory_folder
from trader247.simulation.faults import Odds
from trader247.simulation.history import Violation
from trader247.simulation.judging import Found, Judges, judge
from trader247.simulation.outcome import Broken, RunOutcome
from trader247.simulation.run import HOUR_US, Run
from trader247.simulation.witness import Witness

_MINUTE_US = 60_000_000
WORKER = "trader247.simulation.worker"
TOUR_US = 48 * HOUR_US
"""A tour takes a dozen hours; one that takes longer will not come to its end."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which seeds are run, for how long each, and under which faults; None leaves that to each."""

    seeds: tuple[int, ...]
    span_us: int
    faults: frozenset[str] | None = None
    jobs: int = 1
    has_tour: bool = False
    """Whether the first seed's market is also toured."""

    def arguments(self, seeds: Sequence[int], *, has_tour: bool) -> list[str]:
        """What a worker is told of it."""
        faults = "*" if self.faults is None else ",".join(sorted(self.faults))
        return [",".join(map(str, seeds)), str(self.span_us), faults, str(int(has_tour))]

    @staticmethod
    def read(arguments: Sequence[str]) -> Wanted:
        """What a worker was told."""
        seeds, span_us, faults, has_tour = arguments
        chosen = None if faults == "*" else frozenset(filter(None, faults.split(",")))
        numbers = tuple(map(int, seeds.split(",")))
        return Wanted(numbers, int(span_us), chosen, has_tour=has_tour == "1")


def run_seed(seed: int, wanted: Wanted) -> RunOutcome:
    """Run one seed in this process, in a folder that is gone afterwards."""
    odds = Odds.drawn(seed, only=wanted.faults)
    begun = cpu_seconds()
    with _own_folder():
        run = Run(seed, judge(), odds)
        try:
            run.tell_beginning()
            broken = run.through(run.timeline.now_us + wanted.span_us)
        finally:
            run.close()
    return _outcome(run, wanted.span_us, _plain(broken), cpu_seconds() - begun)


def run_accident(accident: Accident, seed: int) -> RunOutcome:
    """Let an accident of others happen on a seed's market. What it does not show is broken too."""
    odds = replace(Odds.drawn(seed, only=frozenset()), scripted=accident.rules)
    witness, span_us = Witness(), accident.minutes * _MINUTE_US
    begun = cpu_seconds()
    with _own_folder():
        run = Run(seed, Judges([judge(), witness]), odds)
        try:
            run.tell_beginning()
            accident.begin(run)
            broken = list(run.through(run.timeline.now_us + span_us))
        finally:
            run.close()
    if not broken:
        at_us = run.timeline.now_us
        broken = [Found("SCENARIO", at_us, text) for text in accident.shown(witness)]
    return _outcome(run, span_us, _plain(broken), cpu_seconds() - begun)


def run_tour(seed: int) -> RunOutcome:
    """Visit every crash point on one seed's market, in this process."""
    begun = cpu_seconds()
    with _own_folder():
        run = Run(seed, judge(), Odds.drawn(seed, only=frozenset()))
        first_us = run.now_us
        try:
            run.tell_beginning()
            found, left = run.tour(first_us + TOUR_US)
        finally:
            run.close()
    broken = _plain(found)
    if left and not broken:
        broken = (Broken("TOUR", run.now_us, f"never visited: {', '.join(left)}"),)
    outcome = _outcome(run, run.now_us - first_us, broken, cpu_seconds() - begun)
    return replace(outcome, is_tour=True, visits=run.visits)


def _plain(broken: Sequence[Violation]) -> tuple[Broken, ...]:
    return tuple(Broken(each.invariant, each.at_us, each.text) for each in broken)


def _outcome(run: Run, span_us: int, broken: tuple[Broken, ...], cpu_s: float) -> RunOutcome:
    tally, odds = run.tally, run.odds
    return RunOutcome(
        seed=run.seed,
        span_us=span_us,
        digest=run.digest,
        orders=tally.orders,
        fills=tally.fills,
        cycles=tally.cycles,
        starts=tally.starts,
        crashes=tally.crashes,
        recoveries=tally.recoveries,
        worst_recovery_us=tally.worst_recovery_us,
        records=tally.records,
        cpu_s=round(cpu_s, 3),
        chosen=tuple(sorted(odds.chosen)),
        faults=dict(sorted(odds.counts.items())),
        milestones={each.value: count for each, count in sorted(tally.milestones.items(), key=str)},
        ends=dict(sorted(tally.ends.items())),
        broken=broken,
        last=tuple(run.last) if broken else (),
    )


def worked(wanted: Wanted) -> Iterator[RunOutcome]:
    """Each outcome, one after the other, in this process."""
    if wanted.has_tour:
        yield run_tour(wanted.seeds[0])
    for seed in wanted.seeds:
        yield run_seed(seed, wanted)


def run_all(wanted: Wanted) -> Iterator[RunOutcome]:
    """Run every seed; each outcome as it comes.

    Raises:
        Trader247Error: a worker ended without a word.
    """
    if wanted.jobs == 1:
        yield from worked(wanted)
        return
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for number in range(min(wanted.jobs, len(wanted.seeds))):
            # Neighbouring seeds share a market: each worker gets a row of them.
            share = _share(wanted.seeds, number, wanted.jobs)
            has_tour = wanted.has_tour and number == 0
            worker = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, "-m", WORKER, *wanted.arguments(share, has_tour=has_tour)],
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(_end, worker)
            assert worker.stdout is not None, "it was asked for"
            selector.register(worker.stdout, selectors.EVENT_READ, worker)
        while selector.get_map():
            for key, _ in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]  # a text stream
                if line:
                    yield RunOutcome.from_json(json.loads(line))
                    continue
                selector.unregister(key.fileobj)
                if key.data.wait() != 0:
                    raise Trader247Error(
                        "a worker of the simulation ended without a word",
                        hint="what it said stands above; --jobs 1 shows it whole",
                    )


def _share(seeds: Sequence[int], number: int, jobs: int) -> Sequence[int]:
    size = -(-len(seeds) // jobs)
    return seeds[number * size : (number + 1) * size]


def _end(worker: subprocess.Popen[str]) -> None:
    if worker.poll() is None:
        worker.terminate()
        worker.wait()
    if worker.stdout is not None:
        worker.stdout.close()


@contextlib.contextmanager
def _own_folder() -> Iterator[None]:
    """A folder of its own, in which every path of a run has the same name in each run of it."""
    state, before = os.environ.get("XDG_STATE_HOME"), Path.cwd()
    with tempfile.TemporaryDirectory(prefix="t247-simulation-", dir=memory_folder()) as folder:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = f"{folder}/state"
        try:
            yield
        finally:
            os.chdir(before)
            if state is None:
                del os.environ["XDG_STATE_HOME"]
            else:
                os.environ["XDG_STATE_HOME"] = state


Progress = Callable[[RunOutcome], None]
