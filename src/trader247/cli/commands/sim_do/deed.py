"""A command that acts on a simulated exchange: what it asks for, then the options that all have."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from trader247.app.serving.doing import SimBook, Where, sim_do
from trader247.cli.commands.sim_do.telling import tell
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json
from trader247.cli.output import emit_json

Fields = Mapping[str, Any]
"""What a deed is asked with, by name; None is not asked."""

Tls = Annotated[
    Path | None,
    typer.Option("--tls-dir", metavar="DIR", help="The server's folder.", show_default=False),
]
Book = Annotated[
    SimBook, typer.Option("--book", help="The served exchange, or the paper trader's own.")
]

_BOOK = "book"
_SHARED: Mapping[str, tuple[Any, Any]] = {
    "config": (ConfigDir, None),
    "data": (DataDir, DEFAULT_DATA),
    _BOOK: (Book, SimBook.SERVED),
    "tls_dir": (Tls, None),
    "as_json": (Json, False),
}


def deed(
    app: typer.Typer, name: str, *, has_book: bool = True
) -> Callable[[Callable[..., Fields]], Callable[..., ExitCode]]:
    """Make a command of a function that says with what to ask for the deed `name`.

    Args:
        has_book: it acts on any exchange's book; False is for what only a served exchange has.
    """

    def made(asks: Callable[..., Fields]) -> Callable[..., ExitCode]:
        own = inspect.signature(asks)
        hints = get_type_hints(asks, include_extras=True)
        shared = {key: each for key, each in _SHARED.items() if has_book or key != _BOOK}

        @wraps(asks)
        def command(*args: Any, **given: Any) -> ExitCode:
            told = {key: given.pop(key) for key in shared}
            where = Where(
                told["config"], told["data"], told.get(_BOOK, SimBook.SERVED), told["tls_dir"]
            )
            return _do(where, name, asks(*args, **given), as_json=told["as_json"])

        parameters = [each.replace(annotation=hints[key]) for key, each in own.parameters.items()]
        parameters += [
            inspect.Parameter(
                key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )
            for key, (annotation, default) in shared.items()
        ]
        # Typer reads a command's parameters from its signature, and their types from both.
        command.__signature__ = own.replace(  # type: ignore[attr-defined] # functions take one
            parameters=parameters, return_annotation=ExitCode
        )
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        app.command(name)(command)
        return command

    return made


def seconds(length: timedelta | None) -> int | None:
    """A span in whole seconds, as deeds take it."""
    return None if length is None else int(length.total_seconds())


def _do(where: Where, action: str, fields: Fields, *, as_json: bool) -> ExitCode:
    asked = {name: value for name, value in fields.items() if value is not None}
    done = sim_do(where, {"action": action, **asked})
    if as_json:
        emit_json({"book": done.book, "server": done.server, **done.told})
    else:
        tell(done)
    return ExitCode.DONE
