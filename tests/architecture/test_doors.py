"""There is one door for each dangerous thing, and this test knows where it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from tests.architecture.source import Module, calls, dotted, modules, on_floor

# Whoever calls one of these outside its home is found by name, whatever it imports.
BANNED_EVERYWHERE = {
    "eval", "exec", "compile", "yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load",
    "pickle.load", "pickle.loads", "pickle.dump", "pickle.dumps", "marshal.loads", "os.system",
    "os.popen", "__import__",
}  # fmt: skip
OF_THE_WORLD = {
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now",
    "date.today", "uuid.uuid1", "uuid.uuid4", "uuid4", "os.urandom", "random.random",
    "random.Random", "random.choice", "random.randint", "random.uniform", "secrets.token_hex",
    "secrets.token_bytes", "monotonic", "perf_counter", "sleep",
}  # fmt: skip
THREADS = {
    "threading.Thread", "Thread", "ThreadPoolExecutor", "ProcessPoolExecutor", "threading.Timer",
    "asyncio.run", "multiprocessing.Process", "_thread.start_new_thread",
}  # fmt: skip
FORGEABLE = "Approved"


def found_calls(names: set[str], *, outside: tuple[str, ...]) -> list[str]:
    """Calls of `names` in modules that are in none of the places `outside`."""
    return [
        f"{module.place}:{call.lineno} calls {name}"
        for module in modules()
        if not module.place.startswith(outside)
        for name, call in calls(module)
        if name in names
    ]


def seen(names: set[str]) -> bool:
    """Whether anything in the package calls one of `names`: that the rule governs something."""
    return any(name in names for module in modules() for name, _ in calls(module))


def test_nothing_turns_text_into_code() -> None:
    assert found_calls(BANNED_EVERYWHERE, outside=("\0",)) == []
    imported = [
        f"{module.place}:{line} imports {name}"
        for module in modules()
        for name, line in module.imports
        if name.split(".")[0] in ("pickle", "marshal", "shelve", "dill", "cloudpickle")
    ]
    assert imported == []


def test_no_command_goes_through_a_shell() -> None:
    assert [
        f"{module.place}:{call.lineno}"
        for module in modules()
        for _, call in calls(module)
        for keyword in call.keywords
        if keyword.arg == "shell"
    ] == []


def test_only_adapters_ask_the_machine_for_time_randomness_and_sleep() -> None:
    assert seen(OF_THE_WORLD), "nothing asks for time: this rule governs nothing"
    assert found_calls(OF_THE_WORLD, outside=("adapters/",)) == []


def test_threads_are_made_in_the_wiring_and_adapters_alone() -> None:
    # Whoever works beside a simulated trader waits on a stack of his own: no two run at once there.
    beside = "simulation/world/aside.py"
    assert found_calls(THREADS, outside=("adapters/", "app/wiring/", beside)) == []


def test_no_float_is_made_where_money_is_decided() -> None:
    governed = [*on_floor("core"), *on_floor("domain"), *on_floor("engine")]
    assert [
        f"{module.place}:{call.lineno}"
        for module in governed
        if not module.place.startswith("core/signals/")
        for name, call in calls(module)
        if name == "float"
    ] == []
    assert [
        f"{module.place}:{node.lineno}"
        for module in governed
        if not module.place.startswith("core/signals/")
        for node in module.of(ast.Constant)
        if isinstance(node.value, float)
    ] == []


def test_only_the_gate_makes_an_approved() -> None:
    makers = {
        module.place for module in modules() for name, _ in calls(module)
        if name.split(".")[-1] == FORGEABLE
    }  # fmt: skip
    assert makers == {"core/risk/gate.py"}


def test_an_approved_is_not_made_around_its_constructor() -> None:
    forgers = [
        f"{module.place}:{call.lineno}"
        for module in modules()
        for name, call in calls(module)
        if name in ("object.__new__", "copy.copy", "copy.deepcopy", "copy.replace", "replace")
        for argument in call.args
        if dotted(argument).lower().split(".")[-1] == FORGEABLE.lower()
    ]
    assert forgers == []


@pytest.mark.parametrize("name", ["Mode", "VenueName", "PAPER", "LIVE", "DRY_RUN"])
def test_the_words_of_the_mode_are_unknown_below_app(name: str) -> None:
    used = {(module.floor, place) for module in modules() for place in words(module, name)}
    assert any(floor == "app" for floor, _ in used), f"{name} is nowhere: this governs nothing"
    assert [place for floor, place in used if floor not in ("app", "cli")] == []


def words(module: Module, name: str) -> Iterator[str]:
    """Where a module says `name`, as an identifier or as a text of its own.

    As an identifier, `DRY_RUN` is also the reason of a decline by the read-only venue, `dry_run`.
    """
    is_identifier = name != "DRY_RUN"
    said: list[ast.AST] = [each for each in module.of(ast.Constant) if each.value == name]
    if is_identifier:
        said += [each for each in module.of(ast.Name) if each.id == name]
        said += [each for each in module.of(ast.alias) if each.name == name]
        said += [each for each in module.of(ast.ClassDef) if each.name == name]
        said += [each for each in module.of(ast.Attribute) if each.attr == name]
    for node in said:
        yield f"{module.place}:{getattr(node, 'lineno', 0)}"


def test_every_exception_is_caught_at_the_two_last_nets_alone() -> None:
    nets = {
        module.place
        for module in modules()
        for node in module.of(ast.ExceptHandler)
        if catches_all(node)
    }
    assert "cli/main.py" in nets, "the last net is gone"
    # In a simulation a process ends where this one's code goes on; a guest is a person's own
    # strategy while it is checked, which may raise anything.
    allowed = {"cli/main.py", "engine/loop.py", "simulation/lives.py", "app/strategies/guests.py"}
    assert nets <= allowed


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes every exception, and does not merely clean up and raise it again."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(kind) in ("Exception", "BaseException") for kind in kinds)


def test_no_exception_is_swallowed_in_silence() -> None:
    handlers = [(module, node) for module in modules() for node in module.of(ast.ExceptHandler)]
    assert len(handlers) > 10
    assert [
        f"{module.place}:{node.lineno}"
        for module, node in handlers
        if all(isinstance(each, ast.Pass) for each in node.body)
    ] == []


def test_only_the_granting_makes_a_grant() -> None:
    assert found_calls({"Grant"}, outside=("app/granting/granting.py",)) == []
    assert seen({"Grant"})
