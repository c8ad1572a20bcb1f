"""A group of commands that imports a command's module when that command runs, and no sooner.

Help and completion of names are drawn from the table alone: that is what keeps `--help` and
`kill on` instant whatever the other commands need.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from trader247.cli.narrow import fit
from trader247.domain.dataclass import dataclass

if TYPE_CHECKING:
    from typer._click import Command, Context


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lives, and what the list of commands says of it.

    `attribute` of `module` is a function (one command) or a `typer.Typer` (a group of them).
    """

    name: str
    module: str
    attribute: str
    help: str
    panel: str

    def entry(self) -> TyperCommand:
        """The command as the list shows it: a name and a line, nothing behind it."""
        return TyperCommand(name=self.name, help=self.help, rich_help_panel=self.panel)

    def load(self) -> Command:
        """The command itself, imported now."""
        found = getattr(import_module(self.module), self.attribute)
        if not isinstance(found, typer.Typer):
            single = new_app()
            single.command(self.name)(found)
            found = single
        command = typer.main.get_command(found)
        command.name = self.name
        _let_help_flow(command)
        fit(command)
        return command


class LazyGroup(TyperGroup):
    """Lists commands from `table` and loads the one that is called."""

    table: Sequence[LazyCommand] = ()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {each.name: cast("Command", each.entry()) for each in self.table}

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        found = next((each for each in self.table if each.name == name), None)
        return name, listed if found is None else found.load(), rest


def flowing(text: str) -> str:
    """A docstring's paragraphs as single lines, for a screen of any width; indented ones stay."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        each if any(line.startswith(" ") for line in each.splitlines()) else each.replace("\n", " ")
        for each in paragraphs
    )


def _let_help_flow(command: Command) -> None:
    command.help = flowing(command.help or "")
    for each in getattr(command, "commands", {}).values():
        _let_help_flow(each)


def new_app(**settings: Any) -> typer.Typer:
    """A Typer application as all of ours are: no completion options, no decorated tracebacks.

    A group of commands that is called without one shows them, unless it does something itself.
    """
    return typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        **{"no_args_is_help": "invoke_without_command" not in settings, **settings},
    )
