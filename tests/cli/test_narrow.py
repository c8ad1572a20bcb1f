"""Help on narrow screens: every name of a command, an option and an argument is there, whole."""

from __future__ import annotations

import re
from typing import Any

import pytest

from trader247.cli.main import COMMANDS, execute


def options(command: Any) -> list[str]:
    """The options of a command as they are typed."""
    return [
        word
        for each in command.params
        if each.param_type_name == "option" and not each.hidden
        for word in (*each.opts, *each.secondary_opts)
    ]


def helped(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert execute([*words, "--help"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("columns", [40, 60, 71, 72, 80])
@pytest.mark.parametrize("entry", COMMANDS, ids=lambda each: each.name)
def test_help_keeps_every_name_whole(
    entry: Any, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    command: Any = entry.load()
    words = helped([entry.name], capsys)
    below = getattr(command, "commands", {})
    names = set(re.findall(r"[\w-]+", words))
    assert {*options(command), *below} <= names
    for name, each in below.items():
        if not hasattr(each, "commands"):
            told = helped([entry.name, name], capsys)
            assert set(options(each)) <= set(re.findall(r"[\w-]+", told))


@pytest.mark.parametrize("columns", [40, 80])
def test_the_list_of_commands_says_of_each_what_it_is_for(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    flowing = " ".join(re.sub(r"[│╭╮╰╯─]", " ", helped([], capsys)).split())
    for each in COMMANDS:
        assert each.name in flowing
        assert each.help in flowing
    group = " ".join(re.sub(r"[│╭╮╰╯─]", " ", helped(["kill"], capsys)).split())
    assert "End the kill switch; trading goes on unless another halt stands" in group


def test_narrow_help_is_as_narrow_as_its_screen_and_keeps_what_is_to_be_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert "\n    trader247 kill on --reason" in helped(["kill", "on"], capsys)
    lines = helped(["sweep"], capsys).splitlines()
    typed = [each for each in lines if "policy.rules.breakout" in each or "trader247 sweep" in each]
    assert "    policy.rules.breakout.stop_pct: {from: 3, to: 9, step: 0.5}" in "\n".join(lines)
    assert all(len(each) <= 40 for each in lines if each not in typed and ": " not in each)
