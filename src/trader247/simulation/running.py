"""Running seeds: each in a folder of its own, alone in its process, or a few processes at once."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.cpu_time import cpu_seconds
from trader247.adapters.large_pages import lay_on_large_pages
from trader247.domain.errors import Trader247Error
from trader247.simulation.judged.history import Violation
from trader247.simulation.judged.judging import Found, Judges, judge
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import Odds
from trader247.simulation.mishaps.scenes.by_name import SCENARIOS
from trader247.simulation.outcome import Broken, RunOutcome
from trader247.simulation.pacing import Pace
from trader247.simulation.run import HOUR_US, Run
from trader247.simulation.shrinking import Shrunk, shrunk
from trader247.simulation.story import Story
from trader247.simulation.sweep import HOWS, STRETCHES, Sweep
from trader247.simulation.tour import Tour
from trader247.simulation.wanted import SCENE, SWEEP, TOUR, Wanted
from trader247.simulation.world.disk import memory_folder

_MINUTE_US = 60_000_000
WORKER = "trader247.simulation.worker"
SCENARIO_SEED = 0
"""On its market each accident and each scene is played."""
_FIRST = 2
"""So many operations of a stretch are failed where only the points are asked for."""
_RARELY = 20_000, 20, 40
"""How many objects more are looked through for garbage: little of a run's is in cycles."""
TOUR_US = 48 * HOUR_US
"""A tour takes a dozen hours; one that takes longer will not come to its end."""


def run_seed(seed: int, wanted: Wanted) -> RunOutcome:
    """Run one seed in this process, in a folder that is gone afterwards."""
    odds = Odds.drawn(seed, only=wanted.faults, strength=wanted.strength)
    begun = cpu_seconds()
    with _own_folder():
        run = Run(seed, judge(), odds)
        try:
            story = _begun(run)
            broken = story.through(run.timeline.now_us + wanted.span_us)
        finally:
            run.close()
    return _outcome(run, wanted.span_us, _plain(broken), cpu_seconds() - begun)


def _begun(run: Run) -> Story:
    """A run's story, begun: the program and the market that it walks through are there by now."""
    story = Story(run)
    story.tell_beginning()
    lay_on_large_pages()
    return story


def run_smaller(outcome: RunOutcome) -> Shrunk | None:
    """The smallest schedule under which a broken run breaks the same promise again."""

    def again(faults: frozenset[str], span_us: int) -> RunOutcome:
        seeds = (outcome.seed,)
        return run_seed(outcome.seed, Wanted(seeds, span_us, faults, strength=outcome.strength))

    return shrunk(outcome, again)


def run_accident(accident: Accident, seed: int) -> RunOutcome:
    """Let an accident of others happen on a seed's market. What it does not show is broken too."""
    odds = Odds.drawn(seed, only=accident.faults)
    odds = replace(
        odds,
        scripted=accident.rules,
        has_small_pages=accident.has_small_pages,
        is_listening=odds.is_listening or accident.is_listening,
    )
    witness, span_us = Witness(), accident.minutes * _MINUTE_US
    begun = cpu_seconds()
    with _own_folder():
        run = Run(seed, Judges([judge(), witness]), odds, accident.account)
        try:
            story = _begun(run)
            accident.begin(run)
            broken = list(story.through(run.timeline.now_us + span_us))
        finally:
            run.close()
    if not broken:
        at_us = run.timeline.now_us
        broken = [Found("SCENARIO", at_us, text) for text in accident.shown(witness)]
    return _outcome(run, span_us, _plain(broken), cpu_seconds() - begun)


def _tour_of(task: str, run: Run) -> Tour:
    """Every point and the first operations of three stretches; or each operation, in one way.

    A journal is made once a run: only a run for each way of failing comes there in each of them.
    """
    if task == TOUR:
        often = [name for name in STRETCHES if name not in ("migrate", "cancel")]
        return Tour(run, sweeps=[Sweep(name, list(HOWS), most=_FIRST) for name in often])
    how = task.removeprefix(SWEEP)
    # Making a journal asks for nothing.
    names = [name for name in STRETCHES if (name, how) != ("migrate", "cut")]
    return Tour(run, points=(), sweeps=[Sweep(name, [how]) for name in names])


def run_tour(seed: int, task: str) -> RunOutcome:
    """Visit every crash point on one seed's market, or every operation, in this process.

    Where making a journal was struck and came through, another run goes on at its next operation.
    """
    outcome, tour = _toured(seed, task, partial(_tour_of, task))
    while not outcome.broken and (short := [each for each in tour.sweeps if each.is_cut_short]):
        next_one = [
            Sweep(each.name, [how], nth=nth + 1)
            for each in short
            for how, nth in each.struck.items()
        ]
        more, tour = _toured(seed, task, partial(Tour, points=(), sweeps=next_one))
        outcome = replace(
            more,
            span_us=outcome.span_us + more.span_us,
            lived_us=outcome.lived_us + more.lived_us,
            cpu_s=outcome.cpu_s + more.cpu_s,
            visits=outcome.visits + more.visits,
            starts=outcome.starts + more.starts,
            crashes=outcome.crashes + more.crashes,
            recoveries=outcome.recoveries + more.recoveries,
            orders=outcome.orders + more.orders,
            fills=outcome.fills + more.fills,
            cycles=outcome.cycles + more.cycles,
            swept=outcome.swept | more.swept,
            digest=sha256(f"{outcome.digest}{more.digest}".encode()).hexdigest(),
        )
    return outcome


def _toured(seed: int, task: str, make: Callable[[Run], Tour]) -> tuple[RunOutcome, Tour]:
    begun = cpu_seconds()
    with _own_folder():
        run = Run(seed, judge(), Odds.drawn(seed, only=frozenset()))
        first_us, tour = run.now_us, make(run)
        try:
            story = _begun(run)
            found = story.tour(first_us + TOUR_US, tour)
        finally:
            run.close()
    broken = _plain(found)
    if tour.left and not broken:
        broken = (Broken("TOUR", run.now_us, f"never visited: {', '.join(tour.left)}"),)
    outcome = _outcome(run, run.now_us - first_us, broken, cpu_seconds() - begun)
    swept = {
        f"{each.name} {how}": most for each in tour.sweeps for how, most in each.struck.items()
    }
    return replace(outcome, tour=task, visits=tour.visits, swept=swept), tour


def _plain(broken: Sequence[Violation]) -> tuple[Broken, ...]:
    return tuple(Broken(each.invariant, each.at_us, each.text) for each in broken)


def _outcome(run: Run, span_us: int, broken: tuple[Broken, ...], cpu_s: float) -> RunOutcome:
    tally, odds = run.tally, run.odds
    return RunOutcome(
        seed=run.seed,
        span_us=span_us,
        lived_us=run.now_us - run.first_us,
        digest=run.chronicle.digest,
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
        strength=odds.hostility,
        broken=broken,
        last=tuple(run.chronicle.last) if broken else (),
    )


def worked(wanted: Wanted, tasks: Iterable[str]) -> Iterator[RunOutcome]:
    """The outcome of each task, one after the other, in this process: `17 21600000000`, or `tour`.

    A seed may come with its length in microseconds, where that is not the one that is wanted.
    """
    for task in tasks:
        name, _, span_us = task.partition(" ")
        if name.startswith(SCENE):
            scene = SCENARIOS[name.removeprefix(SCENE)]
            yield replace(run_accident(scene, SCENARIO_SEED), tour=name)
        elif not name.isdecimal():
            yield run_tour(wanted.seeds[0], name)
        else:
            yield run_seed(int(name), replace(wanted, span_us=int(span_us or wanted.span_us)))


class _Tasks:
    """What is still to be done, handed out one after the other; neighbours share a market."""

    def __init__(self, wanted: Wanted) -> None:
        clock = SystemClock()
        self._left = deque(wanted.tasks)
        self._pace = Pace(
            wanted.span_us,
            wanted.within_s,
            jobs=wanted.jobs,
            count=len(wanted.seeds),
            now_s=lambda: clock.monotonic().total_seconds(),
        )

    def __len__(self) -> int:
        return len(self._left)

    def next(self) -> tuple[str, str]:
        """The next one's name, and what whoever works is told of it; scenes come before seeds."""
        name = self._left.popleft()
        while (length_us := _length_us(name)) is not None and not self._pace.has_room(length_us):
            name = self._left.popleft()
        span_us = self._pace.begin(name, length_us)
        return name, f"{name} {span_us}"

    def done(self, name: str, outcome: RunOutcome) -> RunOutcome:
        """One came to its end."""
        self._pace.end(name, outcome)
        return outcome


def _length_us(task: str) -> int | None:
    """How long a scene is; None for what is none."""
    if not task.startswith(SCENE):
        return None
    return SCENARIOS[task.removeprefix(SCENE)].minutes * _MINUTE_US


def run_all(wanted: Wanted) -> Iterator[RunOutcome]:
    """Run every seed; each outcome as it comes.

    Raises:
        Trader247Error: a worker ended without a word.
    """
    tasks = _Tasks(wanted)
    if wanted.jobs == 1:
        while tasks:
            name, told = tasks.next()
            for outcome in worked(wanted, [told]):
                yield tasks.done(name, outcome)
        return
    doing: dict[int, str] = {}
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(min(wanted.jobs, len(tasks))):
            worker = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, "-m", WORKER, *wanted.arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(_end, worker)
            assert worker.stdout is not None, "it was asked for"
            doing[worker.pid] = _tell(worker, tasks)
            selector.register(worker.stdout, selectors.EVENT_READ, worker)
        while selector.get_map():
            for key, _ in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]  # a text stream
                if line:
                    outcome = RunOutcome.from_json(json.loads(line))
                    tasks.done(doing[key.data.pid], outcome)
                    doing[key.data.pid] = _tell(key.data, tasks)
                    yield outcome
                    continue
                selector.unregister(key.fileobj)
                if key.data.wait() != 0:
                    raise Trader247Error(
                        "a worker of the simulation ended without a word",
                        hint="what it said stands above; --jobs 1 shows it whole",
                    )


def _tell(worker: subprocess.Popen[str], tasks: _Tasks) -> str:
    """Give a worker its next task, or let it end; what that is called, or nothing."""
    assert worker.stdin is not None, "it was asked for"
    name = ""
    with contextlib.suppress(BrokenPipeError):  # its end is told of where it is read
        if tasks:
            name, told = tasks.next()
            worker.stdin.write(f"{told}\n")
            worker.stdin.flush()
        else:
            worker.stdin.close()
    return name


def _end(worker: subprocess.Popen[str]) -> None:
    if worker.poll() is None:
        worker.terminate()
        worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            pipe.close()


@contextlib.contextmanager
def _own_folder() -> Iterator[None]:
    """A folder of its own, in which every path of a run has the same name in each run of it.

    What is there before, the market and the program, is no garbage: it is not looked through again.
    What the run before it froze as it went is thawed first: nobody has it any more.
    """
    was_frozen = gc.get_freeze_count() > 0
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    thresholds = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    state, before = os.environ.get("XDG_STATE_HOME"), Path.cwd()
    with tempfile.TemporaryDirectory(prefix="t247-simulation-", dir=memory_folder()) as folder:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = f"{folder}/state"
        try:
            yield
        finally:
            gc.set_threshold(*thresholds)
            if not was_frozen:
                gc.unfreeze()
            os.chdir(before)
            if state is None:
                del os.environ["XDG_STATE_HOME"]
            else:
                os.environ["XDG_STATE_HOME"] = state


Progress = Callable[[RunOutcome], None]
