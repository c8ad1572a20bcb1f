"""What is installed is what was tested: the built package carries its configuration."""

from __future__ import annotations

import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from tests.architecture.source import PACKAGE, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built as an installer builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = import_module("flit_core.buildapi").build_wheel(str(folder))
    return folder / str(name)


def test_the_built_package_carries_the_default_configuration(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as built:
        for name in ("app.yaml", "policy.yaml", "universe.yaml"):
            shipped = built.read(f"trader247/config/{name}")
            assert shipped == (ROOT / "config" / name).read_bytes()
            assert len(shipped) > 500


def test_the_built_package_holds_every_module_and_its_types(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as built:
        names = set(built.namelist())
    assert "trader247/py.typed" in names
    modules = [path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.rglob("*.py")]
    assert len(modules) > 50
    assert [each for each in modules if each not in names] == []
