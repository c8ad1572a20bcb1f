"""What is installed is what was tested: the built package carries its configuration."""

from __future__ import annotations

import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from tests.architecture.source import PACKAGE, ROOT


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> zipfile.ZipFile:
    """The package, built as an installer builds it."""
    monkeypatch.chdir(ROOT)
    name = import_module("flit_core.buildapi").build_wheel(str(tmp_path))
    return zipfile.ZipFile(tmp_path / name)


def test_the_built_package_carries_the_default_configuration(wheel: zipfile.ZipFile) -> None:
    with wheel:
        for name in ("app.yaml", "policy.yaml", "universe.yaml"):
            shipped = wheel.read(f"trader247/config/{name}")
            assert shipped == (ROOT / "config" / name).read_bytes()
            assert len(shipped) > 500


def test_the_built_package_holds_every_module_and_its_types(wheel: zipfile.ZipFile) -> None:
    with wheel:
        names = set(wheel.namelist())
    assert "trader247/py.typed" in names
    modules = [path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.rglob("*.py")]
    assert len(modules) > 50
    assert [each for each in modules if each not in names] == []
