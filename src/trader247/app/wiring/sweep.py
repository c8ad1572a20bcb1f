"""The workers of a sweep: this machine's cores, or a Ray cluster.

The past is laid out as columns once. On this machine the workers are forked after that, so that
they all read the same pages of memory; a cluster keeps one copy a machine in its object store.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from trader247.adapters.offspring import end_with
from trader247.app.sweeps.trial import Outcome, tried
from trader247.backtest.run import Setup
from trader247.domain.errors import NotAllowed, UsageError

_shared: list[Setup] = []
"""What a forked worker finds in its memory; empty in everyone else's."""


class Workers(Protocol):
    """Takes trials, and answers them as they end."""

    @property
    def count(self) -> int:
        """How many trials run at a time."""

    def begin(self, number: int, values: Mapping[str, str]) -> None:
        """Have a trial run."""

    def ended(self) -> list[tuple[int, Outcome]]:
        """Trials that have ended: at least one, where any runs."""

    def close(self) -> None:
        """Let the workers go; what still runs is lost."""


class Cores:
    """Processes on this machine.

    Raises, from `ended`:
        NotAllowed: a worker died.
    """

    def __init__(self, setup: Setup, jobs: int) -> None:
        self._jobs = jobs
        self._running: dict[Future[Outcome], int] = {}
        is_forked = sys.platform.startswith("linux")
        if is_forked:
            _shared[:] = [setup]
        self._pool = ProcessPoolExecutor(
            jobs,
            mp_context=multiprocessing.get_context("fork" if is_forked else "spawn"),
            initializer=_prepare,
            initargs=(os.getpid(), None if is_forked else setup),
        )

    @property
    def count(self) -> int:
        return self._jobs

    def begin(self, number: int, values: Mapping[str, str]) -> None:
        with warnings.catch_warnings():
            # numpy's own threads rest while a worker is forked, and a worker only computes.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._running[self._pool.submit(_tried_here, dict(values))] = number

    def ended(self) -> list[tuple[int, Outcome]]:
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        try:
            return [(self._running.pop(each), each.result()) for each in done]
        except BrokenProcessPool as error:
            raise NotAllowed(
                "a worker died, perhaps for want of memory; the trials that ended are kept",
                hint="the same command goes on; --jobs 1 needs the least memory",
            ) from error

    def close(self) -> None:
        for each in self._running:
            each.cancel()
        # The pool has no other way to end a worker in the middle of a trial. It has nothing to
        # tidy up, and one that is stopped, as by Ctrl-Z, would not hear anything milder.
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        _shared.clear()


class Cluster:
    """A Ray cluster: `ray` itself runs, places and restarts the workers."""

    def __init__(self, setup: Setup, address: str) -> None:
        try:
            import ray
        except ModuleNotFoundError:
            raise UsageError(
                "--ray needs ray, which is not installed",
                hint="python -m pip install 'trader247[ray]'",
            ) from None
        self._ray: Any = ray
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error")
        except (ConnectionError, ValueError) as error:
            raise UsageError(
                f"no Ray cluster answers at {address}: {error}",
                hint="ray start --head begins one; --ray local uses this machine",
            ) from None
        self._setup = ray.put(setup)
        self._task = ray.remote(tried)
        self._running: dict[Any, int] = {}

    @property
    def count(self) -> int:
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def begin(self, number: int, values: Mapping[str, str]) -> None:
        self._running[self._task.remote(self._setup, dict(values))] = number

    def ended(self) -> list[tuple[int, Outcome]]:
        done, _ = self._ray.wait(list(self._running), num_returns=1)
        return [(self._running.pop(each), self._ray.get(each)) for each in done]

    def close(self) -> None:
        self._ray.shutdown()


def _prepare(parent: int, setup: Setup | None) -> None:
    end_with(parent)
    # Ctrl-C is for the one who counts the trials: he ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if setup is not None:
        _shared[:] = [setup]


def _tried_here(values: Mapping[str, str]) -> Outcome:
    return tried(_shared[0], values)
