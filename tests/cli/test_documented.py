"""Every command that a page or a sentence of ours names is there, with the options it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from trader247.app.books.modes import Mode
from trader247.cli.main import COMMANDS, execute

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "docs").rglob("*.yaml")),
    *sorted((ROOT / "docs").rglob("*.service")),
)
SOURCES = sorted((ROOT / "src").rglob("*.py"))
_NAMED = re.compile(r"(?<![\w./-])trader247 ([a-z][^\n`#;|\"']*)")
_WORD = re.compile(r"[a-z]+\Z")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_TOP = {each.name: each for each in COMMANDS}


@cache
def command(name: str) -> Any:
    return _TOP[name].load()


def named(text: str, *, is_page: bool) -> Iterator[tuple[str, Any, list[str]]]:
    """The commands that a text names: the words, what they call, and the options beside."""
    for found in _NAMED.finditer(text):
        words = found[1].split()
        if words[0] not in _TOP:
            continue
        called, rest = command(words[0]), words[1:]
        while rest and rest[0] in getattr(called, "commands", {}):
            called, rest = called.commands[rest[0]], rest[1:]
        is_group = hasattr(called, "commands")
        # In a sentence a verb may follow the name of a group that is a command as well.
        is_alone = is_group and called.invoke_without_command and not is_page
        if is_group and not is_alone and rest and _WORD.match(rest[0]):
            called = None
        # What follows the next command on the line is none of this one's.
        yield found[1], called, _OPTION.findall(" ".join(rest).split(" trader247 ")[0])


def options(called: Any) -> set[str]:
    return {
        "--help",
        *(name for each in called.params for name in (*each.opts, *each.secondary_opts)),
    }


def wrong(paths: tuple[Path, ...] | list[Path]) -> tuple[int, list[str]]:
    count, found = 0, []
    for path in paths:
        for words, called, asked in named(
            path.read_text(encoding="utf-8"), is_page=path.suffix != ".py"
        ):
            count += 1
            if called is None:
                found.append(f"{path.relative_to(ROOT)}: trader247 {words}")
                continue
            found += [
                f"{path.relative_to(ROOT)}: {each} in: trader247 {words}"
                for each in asked
                if each not in options(called)
            ]
    return count, found


def test_the_pages_name_commands_that_are_there() -> None:
    count, found = wrong(PAGES)
    assert found == []
    assert count > 100


def test_what_the_program_says_names_commands_that_are_there() -> None:
    count, found = wrong(SOURCES)
    assert found == []
    assert count > 200


def every(called: Any) -> Iterator[Any]:
    yield called
    for each in getattr(called, "commands", {}).values():
        yield from every(each)


def test_no_example_of_a_help_is_broken_in_two() -> None:
    lines = [
        line
        for name in _TOP
        for each in every(command(name))
        for line in (each.help or "").splitlines()
        if line.startswith("  ")
    ]
    assert [line for line in lines if len(line) > 78] == []
    assert len(lines) > 60


@pytest.mark.parametrize("command", ["run", "cycle", "status"])
def test_the_help_of_a_mode_names_each(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert [each.slug for each in Mode if each.slug not in said] == []
