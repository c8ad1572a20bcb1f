"""The same past under the other models of fills, in processes beside the one that is asked for.

Each lays the past out for itself, since a model of fills is part of it; the candles that they read
are the same pages of memory. What comes back is no more than the report says of them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from trader247.adapters.offspring import end_with
from trader247.app.backtests.backtesting import Asked
from trader247.domain.errors import NotAllowed
from trader247.report.story import Variant

Told = Callable[[], tuple[Variant, ...]]
"""Waits for all of them."""


@contextmanager
def run_beside(task: Callable[[Asked], Variant], each: Sequence[Asked]) -> Iterator[Told]:
    """Run a task for each while the caller goes on; what still runs at the end is ended.

    Raises, when they are waited for:
        NotAllowed: a process died.
    """
    if not each:
        yield tuple
        return
    is_forked = sys.platform.startswith("linux")
    pool = ProcessPoolExecutor(
        min(len(each), max(1, os.cpu_count() or 1)),
        mp_context=multiprocessing.get_context("fork" if is_forked else "spawn"),
        initializer=_prepare,
        initargs=(os.getpid(),),
    )
    running: list[Future[Variant]] = []
    try:
        with warnings.catch_warnings():
            # numpy's own threads rest while a worker is forked, and a worker only computes.
            warnings.simplefilter("ignore", DeprecationWarning)
            running += [pool.submit(task, one) for one in each]
        yield lambda: _told(running)
    finally:
        for one in running:
            one.cancel()
        # The pool has no other way to end a worker in the middle of a run.
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


def _told(running: Sequence[Future[Variant]]) -> tuple[Variant, ...]:
    try:
        return tuple(one.result() for one in running)
    except BrokenProcessPool as error:
        raise NotAllowed(
            "a process for another model of fills died, perhaps for want of memory",
            hint="--one-model runs the one that is asked for alone",
        ) from error


def _prepare(parent: int) -> None:
    end_with(parent)
    # Ctrl-C is for the one who waits: he ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
