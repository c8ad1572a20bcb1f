"""Commands that load when they run."""

from __future__ import annotations

import sys

import pytest
import typer

from trader247.cli.lazy import LazyCommand, flowing, new_app
from trader247.cli.main import execute


def test_a_listed_command_is_a_name_and_a_line_without_its_module() -> None:
    entry = LazyCommand("x", "no.such.module", "x", "Does x.", "Panel").entry()
    assert (entry.name, entry.help) == ("x", "Does x.")


def test_a_function_loads_as_a_command_and_an_app_as_a_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = new_app(help="A group.")

    @app.command()
    def on() -> None:
        """Put it on,
        now."""

    @app.command()
    def off() -> None:
        """Put it off."""

    module = type(sys)("lazy_test_module")
    module.__dict__.update(app=app, on=on)
    monkeypatch.setitem(sys.modules, "lazy_test_module", module)
    group = LazyCommand("switch", "lazy_test_module", "app", "", "").load()
    single = LazyCommand("one", "lazy_test_module", "on", "", "").load()
    assert group.name == "switch"
    assert set(getattr(group, "commands")) == {"on", "off"}  # noqa: B009 - only groups have it
    assert single.name == "one"
    assert not hasattr(single, "commands")
    assert single.help == "Put it on, now."


def test_paragraphs_flow_and_examples_keep_their_lines() -> None:
    text = "First\nsecond.\n\n  an example\n  of two lines\n\nLast."
    assert flowing(text) == "First second.\n\n  an example\n  of two lines\n\nLast."


def test_our_applications_install_no_completion_and_no_traceback_hook() -> None:
    app = new_app()
    assert isinstance(app, typer.Typer)
    assert app.pretty_exceptions_enable is False


@pytest.mark.parametrize(
    "group", ["alerts", "config", "data", "key", "kill", "risk", "sim", "state", "strategy"]
)
def test_a_group_without_a_command_shows_those_that_there_are(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute([group]) == 2
    shown = capsys.readouterr()
    assert f"trader247 {group} [OPTIONS] COMMAND" in shown.out
    assert "Commands" in shown.out
    assert not shown.err
