from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.engine.stage import Stage, kept_locally, shipped, staged

from trader247.app.settings.load import Settings
from trader247.core.policy import Policy

Open = Callable[..., Stage]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exchange that has lived through its history and where nothing was traded yet."""
    folder = tmp_path_factory.mktemp("template")
    folder.chmod(0o700)
    patch = pytest.MonkeyPatch()
    stage = Stage(folder, shipped(), patch)
    stage.build()
    stage.abandon()
    patch.undo()
    for path in stage.places.data.glob("paper-sim.db*"):
        path.unlink()
    return folder


@pytest.fixture(scope="session")
def settings() -> Settings:
    return shipped(kept_locally)


@pytest.fixture
def open_stage(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[Open]:
    """A started stage, its stops kept locally; `change` changes its policy."""
    with ExitStack() as stack:

        def opened(change: Callable[[Policy], Policy] | None = None) -> Stage:
            chosen = settings
            if change is not None:
                wanted = change
                chosen = shipped(lambda policy: wanted(kept_locally(policy)))
            return stack.enter_context(staged(tmp_path / "data", template, monkeypatch, chosen))

        yield opened


@pytest.fixture
def stage(open_stage: Open) -> Stage:
    return open_stage()
