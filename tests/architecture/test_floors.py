"""Imports go downward. Each rule here also fails where it finds nothing to govern."""

from __future__ import annotations

import ast

import pytest
from tests.architecture.source import FLOORS, Module, by_kind, modules, on_floor

ALLOWED = {
    "domain": {"domain"},
    "core": {"core", "domain"},
    "ports": {"domain"},
    "engine": {"engine", "core", "ports", "domain"},
    "adapters": {"adapters", "ports", "domain"},
    "simex": {"simex", "domain"},
    "backtest": {"backtest", "engine", "adapters", "simex", "core", "ports", "domain"},
    "report": {"report", "core", "domain"},
    "app": {"app", "backtest", "report", "engine", "adapters", "simex", "core", "ports", "domain"},
    "truth": {"truth"},
    "simulation": {
        "simulation", "truth", "app", "engine", "adapters", "simex", "core", "ports", "domain",
    },
    "cli": {"cli", "simulation", "app", "domain"},
}  # fmt: skip
WORLD = {"asyncio", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket"} | {
    "sqlite3", "apsw", "subprocess", "tempfile", "threading", "time", "uuid", "logging", "io",
    "requests", "urllib", "http", "coinbase", "apprise", "filelock", "yaml",
}  # fmt: skip
FOREIGN = {
    "domain": WORLD | {"pydantic", "numpy", "typer", "rich"},
    "core": WORLD | {"pydantic", "typer", "rich"},
    "ports": WORLD | {"pydantic", "numpy", "typer", "rich"},
    "engine": {"coinbase", "sqlite3", "apsw", "requests", "threading", "pydantic", "typer", "rich"},
    "adapters": {"pydantic", "typer", "rich"},
    "simex": {"pydantic", "typer", "rich", "coinbase"},
    "backtest": WORLD | {"pydantic", "typer", "rich"},
    "report": WORLD | {"pydantic", "typer", "rich"},
    "app": {"typer", "rich"},
    "simulation": {"typer", "rich"},
    "truth": WORLD | {"pydantic", "numpy", "typer", "rich"},
    "cli": {"numpy", "coinbase", "requests", "apsw", "sqlite3", "apprise", "pydantic", "yaml"},
}


def offences(module: Module) -> list[str]:
    """What a module imports and its floor may not."""
    found = []
    for name, line in module.imports:
        top, *rest = name.split(".")
        is_wrong = (
            bool(rest) and rest[0] in FLOORS and rest[0] not in ALLOWED[module.floor]
            if top == "trader247"
            else top in FOREIGN[module.floor]
        )
        if is_wrong:
            found.append(f"{module.place}:{line} imports {name}")
    return found


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_only_what_is_below_it(floor: str) -> None:
    found = [each for module in on_floor(floor) for each in offences(module)]
    assert found == []


def test_every_module_stands_on_a_floor() -> None:
    homeless = {each.place for each in modules() if each.floor not in FLOORS}
    assert homeless <= {"__init__.py", "__main__.py"}


def test_the_simulated_exchange_knows_of_the_domain_its_identifiers_alone() -> None:
    known = {
        name for module in on_floor("simex") for name, _ in module.imports
        if name.startswith("trader247.domain.") and not name.startswith("trader247.domain.ids")
    }  # fmt: skip
    assert known == set()


def test_numpy_is_in_the_core_where_signals_are_measured_alone() -> None:
    users = {
        module.place
        for module in on_floor("core")
        for name, _ in module.imports
        if name.split(".")[0] == "numpy"
    }
    assert users, "no signal uses numpy: this rule governs nothing"
    assert all(place.startswith("core/signals/") for place in users), users


def test_pydantic_is_used_for_settings_alone() -> None:
    users = {
        module.place
        for module in modules()
        for name, _ in module.imports
        if name.split(".")[0] in ("pydantic", "pydantic_core")
    }
    assert users, "nothing uses pydantic: this rule governs nothing"
    assert all(place.startswith("app/settings/") for place in users), users


def test_the_packages_own_files_are_empty() -> None:
    own = [each for each in modules() if each.place.endswith("__init__.py")]
    assert len(own) > 5
    assert [each.place for each in own if each.tree.body] == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("domain/x.py", "import time"),
        ("domain/x.py", "from trader247.core import limits"),
        ("core/x.py", "def f() -> None:\n    from trader247 import ports"),
        ("core/x.py", "from trader247.ports import Clock"),
        ("engine/x.py", "import trader247.adapters.clock"),
        ("adapters/x.py", "from trader247.core.policy import Policy"),
        ("simex/x.py", "from trader247.engine import loop"),
        ("report/x.py", "from trader247.adapters.files import private_folder"),
        ("app/x.py", "from rich.table import Table"),
        ("cli/x.py", "from trader247.core.policy import Policy"),
    ],
)
def test_an_import_that_goes_upward_is_noticed(place: str, line: str) -> None:
    tree = ast.parse(line)
    assert offences(Module(place, tree, by_kind(tree))) != []
