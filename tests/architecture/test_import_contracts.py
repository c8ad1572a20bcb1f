"""The import contracts of the project name floors that exist."""

from __future__ import annotations

import tomllib
from typing import Any

from tests.architecture.source import FLOORS, PACKAGE, ROOT


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def test_every_module_that_a_contract_governs_exists_and_holds_code() -> None:
    governed = [name for each in contracts() for name in each.get("source_modules", [])]
    assert len(governed) > 5
    for name in governed:
        place = PACKAGE.joinpath(*name.split(".")[1:])
        sizes = [each.stat().st_size for each in place.rglob("*.py")]
        assert sum(sizes) > 0 or place.with_suffix(".py").stat().st_size > 0, f"{name} is empty"


def test_the_layers_are_the_floors() -> None:
    layers = [each for each in contracts() if each["type"] == "layers"]
    assert len(layers) == 1
    named = {floor for layer in layers[0]["layers"] for floor in layer.split(" | ")}
    assert named == set(FLOORS)
    assert layers[0]["exhaustive"] is True


def test_at_most_twelve_packages_are_needed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert 0 < len(settings["project"]["dependencies"]) <= 12


def test_what_is_installed_is_pinned_by_hash_and_names_no_address() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / file).read_text(encoding="utf-8")
        pins = [line for line in text.splitlines() if "==" in line]
        assert len(pins) > 25
        assert all(line.endswith("\\") for line in pins), "a pin without a hash"
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text


def test_the_packages_configuration_is_the_projects_own() -> None:
    for name in ("app.yaml", "policy.yaml", "universe.yaml"):
        link = PACKAGE / "config" / name
        assert link.is_symlink()
        assert link.resolve() == (ROOT / "config" / name).resolve()
