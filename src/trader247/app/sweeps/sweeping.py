"""A sweep: settings tried by Optuna's samplers, on many cores, resumable, and judged for luck.

The sampler sees the days before the last fold's test alone, so that those stay unseen until the
end; with a sampler that does not learn (the default) every fold's test is unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout

from trader247.adapters.clock import SystemClock
from trader247.adapters.files import private_folder
from trader247.app.backtests.backtesting import Asked, moved, prepared
from trader247.app.reports.backtest_story import assumptions_of, origin_of
from trader247.app.sweeps.counting import TrialJournal
from trader247.app.sweeps.options import asked_of
from trader247.app.sweeps.space import Space, key, read_space, with_values
from trader247.app.sweeps.trial import Outcome
from trader247.app.wiring.sweep import Cluster, Cores, Workers
from trader247.backtest.outcome import Told
from trader247.backtest.run import Setup
from trader247.core.policy import Policy
from trader247.core.rules.mean_reversion import MeanReversionRule
from trader247.core.rules.rule import FixedRule
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import AlreadyRunning, UsageError
from trader247.domain.words import counted
from trader247.report.story import Assumption
from trader247.report.sweep import SweepStory, SweepTrial
from trader247.report.walk import GAP_DAYS, Fold, days_needed, folds_of, score

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

SAMPLERS = ("random", "tpe")
LEARNING = ("tpe",)
_OUTCOME = "outcome"
_VALUES = "values"
_LAID_BEFORE = "fixed_params"
"""What optuna notes of a trial whose values were not drawn."""
_DRAWS_MOST = 20
"""Draws of what was tried before, one after the other, until the next is looked up instead."""

OnTrial = Callable[[int, int], None]
"""Told how many trials of how many have ended."""

OnWord = Callable[[str], None]
"""Told what a person should know before the trials have run."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; `jobs` workers of this machine, or a Ray cluster's."""

    space: Path
    asked: Asked
    trials: int
    jobs: int
    ray: str = ""
    sampler: str = "random"
    seed: int = 0


def swept(
    wanted: Wanted,
    on_trial: OnTrial = lambda _done, _of: None,
    on_word: OnWord = lambda _word: None,
) -> SweepStory:
    """Run what is missing of a sweep, and tell all of it.

    Raises:
        SettingsInvalid: the space, the configuration or a value in it cannot be used.
        UsageError: there are no candles, the period is too short, or something is not installed.
        AlreadyRunning: another process runs this sweep.
        NotAllowed: a worker died.
        StorageError: the disk did not take it.
    """
    optuna = _optuna()
    space = read_space(wanted.space)
    asked = asked_of(wanted.asked, space)
    setup, told = prepared(asked)
    data = told.data
    for word in moved(asked, setup):
        on_word(word)
    # A value out of its bounds is found now, and not by the hundredth trial.
    tried = [
        with_values(setup.policy, {each.name: value}, file=str(wanted.space))
        for each in space.parameters
        for value in each.telling
    ]
    days = setup.end // 1440 - setup.start // 1440 + 1
    folds = _folds(
        days, {"gap_days": _gap_days((setup.policy, *tried)), **space.walk}, space, on_word
    )
    data_hash = sha256("\n".join(sorted(each.checksum for each in data)).encode()).hexdigest()
    identity = _identity(space, setup, data_hash, wanted)
    folder = wanted.asked.data / "sweeps" / identity
    private_folder(folder)
    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(f"another process runs the sweep in {folder}") from None
    try:
        study = _study(optuna, folder)
        journal = TrialJournal(folder.parent)
        sitting = _Sitting(study, wanted, space, setup, folds)
        sitting.take_up()
        uncounted = len(_ended(study)) - journal.trials_of(identity)
        if uncounted > 0:
            # A sitting that was killed had no time to count its own.
            now = SystemClock().now()
            journal.note(at=now, sweep=identity, data=data_hash, trials=uncounted)
        try:
            sitting.run(on_trial)
        finally:
            # What ended counts, whether the sitting did or was broken off.
            if sitting.made:
                now = SystemClock().now()
                journal.note(at=now, sweep=identity, data=data_hash, trials=sitting.made)
        counts = journal.trials_on(data_hash), journal.trials_on_other(data_hash)
        return sitting.story(folder, told, *counts)
    finally:
        lock.release()


def _folds(days: int, given: Mapping[str, int], space: Space, on_word: OnWord) -> tuple[Fold, ...]:
    """The folds, or a word that there are none, before hours are spent on trials.

    Raises:
        UsageError: the space asks for folds that the period has no room for.
    """
    folds = folds_of(days, given)
    if folds:
        return folds
    needed = days_needed(days, given)
    found = f"{counted(days, 'day')} to trade, and a fold of the walk-forward needs {needed}"
    if space.walk:
        lengths = ", ".join(f"{name} {length}" for name, length in sorted(space.walk.items()))
        raise UsageError(
            f"{found} ({lengths})", hint="a longer period, or fewer days in walk_forward"
        )
    on_word(f"{found}: nothing will be judged on days that were not seen")
    return ()


def _gap_days(policies: Sequence[Policy]) -> int:
    """In how many days whatever the shipped rules hold at an end is sold, under any of these."""
    hours = [
        rule.hours_max
        for policy in policies
        for rule in policy.rules.values()
        if isinstance(rule, FixedRule | MeanReversionRule)
    ]
    return max(GAP_DAYS, -(-max(hours, default=0) // 24))


@dataclass(slots=True)
class _Sitting:
    """One run of a sweep; `made` trials have ended in it."""

    study: Study
    wanted: Wanted
    space: Space
    setup: Setup
    folds: tuple[Fold, ...]
    made: int = 0

    def take_up(self) -> None:
        """Have what ran when an earlier sitting was broken off go on, wherever that was."""
        for each in self.study.get_trials(deepcopy=False):
            if each.state != _state("RUNNING"):
                continue
            if _OUTCOME in each.user_attrs:
                self._judge(each.number, each.user_attrs[_OUTCOME]["returns"])
                continue
            # It is tried again by another number: laid before first, so that no kill loses it.
            if _is_drawn(each, self.space):
                self.study.enqueue_trial(each.params)
            elif _LAID_BEFORE in each.system_attrs:
                self.study.enqueue_trial(each.system_attrs[_LAID_BEFORE])
            self.study.tell(each.number, state=_state("FAIL"))

    def run(self, on_trial: OnTrial) -> None:
        """Make the trials that are missing."""
        study, goal = self.study, min(self.wanted.trials, self.space.size)
        before = _ended(study)
        seen = len(before)
        on_trial(seen, goal)
        if seen >= goal:
            return
        known = {key(each.user_attrs[_VALUES]) for each in before}
        workers = _workers(self.wanted, self.setup, goal - seen)
        running: dict[int, Any] = {}
        try:
            while seen + self.made < goal:
                while len(running) < workers.count and seen + self.made + len(running) < goal:
                    trial, values = _asked(study, self.wanted, self.space, known)
                    running[trial.number] = trial
                    workers.begin(trial.number, values)
                for number, outcome in workers.ended():
                    self._tell(running.pop(number), outcome)
                    self.made += 1
                    on_trial(seen + self.made, goal)
        finally:
            workers.close()

    def story(self, folder: Path, told: Told, tried_ever: int, tried_otherwise: int) -> SweepStory:
        """All trials of the sweep, those of earlier sittings as well."""
        currency = self.setup.policy.quote_currency
        trials = _told(self.study)
        space = self.space
        return SweepStory(
            objective=space.objective.value,
            parameters={each.name: each.values for each in space.parameters},
            combinations=space.size,
            trials=trials,
            folds=self.folds,
            tried_ever=max(tried_ever, len(trials)),
            tried_otherwise=tried_otherwise,
            is_learning=self.wanted.sampler in LEARNING,
            sampler=self.wanted.sampler,
            folder=str(folder),
            policy_hash=self.setup.policy.hash,
            asked=dict(space.asked),
            data=tuple((each.product, origin_of(each), each.checksum) for each in told.data),
            rests=(
                Assumption(
                    "equity", f"{self.setup.funding[currency]:,.2f} {currency} to begin with"
                ),
                *assumptions_of(told.data, told.assumptions, told.warnings),
            ),
        )

    def _tell(self, trial: Any, outcome: Outcome) -> None:
        trial.set_user_attr(_OUTCOME, asdict(outcome))
        self._judge(trial.number, outcome.returns)

    def _judge(self, number: int, returns: Sequence[float]) -> None:
        until = self.folds[-1].until if self.folds else len(returns)
        worth = score(self.space.objective.value, np.array(returns[:until]))
        if isinstance(worth, float):
            self.study.tell(number, worth)
        else:
            # Unknown is not zero: for a sampler that learns it is a trial without a value.
            self.study.tell(number, state=_state("PRUNED"))


def _workers(wanted: Wanted, setup: Setup, missing: int) -> Workers:
    if wanted.ray:
        return Cluster(setup, wanted.ray)
    return Cores(setup, min(wanted.jobs, missing))


def _asked(
    study: Study, wanted: Wanted, space: Space, known: set[str]
) -> tuple[Any, dict[str, str]]:
    """A new trial and its values: none that was tried before, as long as there is another."""
    draw = 0
    while True:
        if draw == _DRAWS_MOST:
            study.enqueue_trial(space.untried(known))
        study.sampler = _sampler(wanted, _drawn(study, space))
        trial = study.ask()
        values = {
            each.name: each.values[trial.suggest_int(each.name, 0, len(each.values) - 1)]
            for each in space.parameters
        }
        text = key(values)
        if text not in known:
            break
        # A trial of the same values is no second opinion.
        study.tell(trial, state=_state("FAIL"))
        draw += 1
    known.add(text)
    trial.set_user_attr(_VALUES, values)
    return trial, values


def _ended(study: Study) -> list[FrozenTrial]:
    return [each for each in study.get_trials(deepcopy=False) if _OUTCOME in each.user_attrs]


def _study(optuna: Any, folder: Path) -> Study:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    log = folder / "optuna.log"
    _made_whole(log)
    backend = JournalFileBackend(str(log), lock_obj=JournalFileOpenLock(str(log)))
    study: Study = optuna.create_study(
        storage=JournalStorage(backend),
        study_name="sweep",
        load_if_exists=True,
        direction="maximize",
    )
    log.chmod(0o600)
    return study


def _made_whole(log: Path) -> None:
    """Take away what a killed sitting left: a line without an end, and the storage's own lock.

    Nobody else is there, as the sweep's lock says. Optuna would wait half a minute for that lock,
    and would write its next line behind the broken one and read neither.
    """
    log.with_name(f"{log.name}.lock").unlink(missing_ok=True)
    if not log.exists():
        return
    with log.open("r+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)


def _drawn(study: Study, space: Space) -> int:
    """How often a sampler has drawn so far; what is laid before it, or broken off, is no draw."""
    trials = study.get_trials(deepcopy=False)
    return sum(_LAID_BEFORE not in each.system_attrs and _is_drawn(each, space) for each in trials)


def _is_drawn(trial: FrozenTrial, space: Space) -> bool:
    return len(trial.params) == len(space.parameters)


def _sampler(wanted: Wanted, drawn: int) -> Any:
    """The sampler for the next draw alone: what goes on draws as if it was never broken off."""
    from optuna.samplers import RandomSampler, TPESampler

    seed = int.from_bytes(sha256(f"{wanted.seed} {drawn}".encode()).digest()[:4])
    if wanted.sampler == "tpe":
        return TPESampler(seed=seed, constant_liar=True)
    return RandomSampler(seed=seed)


def _optuna() -> Any:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import optuna
    except ModuleNotFoundError:
        raise UsageError(
            "sweep needs optuna, which is not installed",
            hint="python -m pip install 'trader247[sweep]'",
        ) from None
    return optuna


def _state(name: str) -> Any:
    from optuna.trial import TrialState

    return TrialState[name]


def _identity(space: Space, setup: Setup, data_hash: str, wanted: Wanted) -> str:
    parts = (
        space.text(), setup.policy.hash, data_hash, str(setup.start), str(setup.end),
        setup.code_version, repr(setup.fees), repr(setup.funding), wanted.sampler, str(wanted.seed),
        wanted.asked.slippage, wanted.asked.operator,
    )  # fmt: skip
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _told(study: Study) -> tuple[SweepTrial, ...]:
    """The trials that ended, in the order in which their values were first drawn.

    The storage's own numbers count what was drawn in vain or broken off, too.
    """
    numbers: dict[str, int] = {}
    for each in study.get_trials(deepcopy=False):
        if _VALUES in each.user_attrs:
            numbers.setdefault(key(each.user_attrs[_VALUES]), len(numbers))
    trials = [_numbered(numbers[key(each.user_attrs[_VALUES])], each) for each in _ended(study)]
    return tuple(sorted(trials, key=lambda each: each.number))


def _numbered(number: int, each: FrozenTrial) -> SweepTrial:
    found = each.user_attrs[_OUTCOME]
    return SweepTrial(
        number=number,
        values=dict(each.user_attrs[_VALUES]),
        days=tuple(found["days"]),
        returns=tuple(found["returns"]),
        trades=int(found["trades"]),
        pnl=float(found["pnl"]),
        fees=float(found["fees"]),
        halts=tuple(found["halts"]),
        seconds=float(found["seconds"]),
    )
