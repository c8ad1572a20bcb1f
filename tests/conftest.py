"""What holds for every test."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests import made_for_all, made_once

from trader247.adapters.large_pages import lay_on_large_pages
from trader247.simex import exchange

HERE = Path(__file__).parent
WAITING = ("system", "live", "killing")
"""Folders whose tests wait for processes more than they compute."""

GARBAGE = 5_000, 20, 20
"""How many things more are looked through for garbage: little of what tests make is in cycles."""

# A shell ignores Ctrl-C for what it starts with &, nohup a terminal's end: every process that is
# started here would ignore them too.
for ignored, usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, usual)

# A busy machine is no failure; where the suite decides, the same examples decide every time.
settings.register_profile("ours", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a trader writes for its user stays in a folder of the tests, also from processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def folders_made_for_all(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one process of this run has made, the others copy."""
    made_for_all.keep_in(tmp_path_factory)


@pytest.fixture(scope="session", autouse=True)
def markets_made_once() -> Iterator[None]:
    """A market that was lived through once begins at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "begin", made_once.begin_again)
        yield


def pytest_configure() -> None:
    """What is imported and collected is no garbage: it is not looked through while it grows."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor afterwards: half a million things of tests and modules would be, every other second."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()
    # Tests walk through all of the program, too: it saves them a sixteenth.
    lay_on_large_pages()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits most: others compute meanwhile, and no long wait is the last."""
    items.sort(key=lambda item: item.path.relative_to(HERE).parts[0] not in WAITING)
