"""Plain values of a command line, read without pydantic: that takes longer to import than to trade.

Typer reads every value through pydantic's adapters, the defaults too. Nearly all of ours are plain:
a text, a path, a whole number, a choice, or what a parser of ours reads. Those are read here, to
the same result; whatever is anything else, or is wrong, goes to Typer, which says so in its own
words. But for whole numbers: Typer takes `1_000` for one, and its refusals say not what was found.
Should Typer's inside change, its own way is taken for all.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.core
from typer import BadParameter

from trader247.app.figures import is_whole

if TYPE_CHECKING:
    from typer._click import Context, Parameter

_UNSURE = object()


def read_plainly() -> None:
    """Let every parameter read its plain values here, `--help` of each command among them."""
    parameter: Any = getattr(typer.core, "_TyperParameter", None)
    if parameter is not None and hasattr(parameter, "get_runtime_param"):
        parameter.get_runtime_param = _reader


def _reader(parameter: Any) -> Any:
    if parameter._runtime_param is None:
        parameter._runtime_param = _Plainly(parameter)
    return parameter._runtime_param


class _Plainly:
    """Stands where Typer keeps how it reads one parameter's values."""

    def __init__(self, parameter: Any) -> None:
        self._descriptor = parameter.type_descriptor
        self._typers: Any = None

    def coerce(self, value: Any, param: Parameter, ctx: Context) -> Any:
        """The value as the command takes it."""
        found = self._plain(value, param, ctx)
        if found is not _UNSURE:
            return found
        if self._typers is None:
            from typer._coercion import build_runtime_param

            self._typers = build_runtime_param(self._descriptor)
        return self._typers.coerce(value, param=param, ctx=ctx)

    def _plain(self, value: Any, param: Any, ctx: Context) -> Any:
        if param.multiple or param.nargs != 1:
            return () if value is None else _UNSURE
        if value is None:
            return None
        info = self._descriptor.parameter_info
        if info.parser is not None:
            return _parsed(info.parser, value)
        if self._descriptor.is_path:
            return self._path(value, param, ctx)
        return _read(value, self._descriptor.annotation, info)

    def _path(self, value: Any, param: Any, ctx: Context) -> Any:
        if self._descriptor.annotation is not Path or not isinstance(value, str | Path):
            return _UNSURE
        from typer._param_types import coerce_cli_path

        info = self._descriptor.parameter_info
        return coerce_cli_path(Path(value), info, path_type=Path, param=param, ctx=ctx)


def _read(value: Any, kind: Any, info: Any) -> Any:
    if kind in (str, bool):
        return value if type(value) is kind else _UNSURE
    if kind is int:
        return _whole(value, info)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((each for each in kind if value in (each, each.value)), _UNSURE)
    return _UNSURE


def _parsed(parser: Any, value: Any) -> Any:
    try:
        return parser(value)
    except (ValueError, AssertionError):
        return _UNSURE  # it is asked again, by whoever words the refusal


def _whole(value: Any, info: Any) -> Any:
    if type(value) is str:
        if not is_whole(value):
            raise BadParameter(f"{value!r} is no whole number; write it in digits alone, as 1000")
        value = int(value)
    if type(value) is not int:
        return _UNSURE
    low, high = info.min, info.max
    if (low is not None and value < low) or (high is not None and value > high):
        raise BadParameter(f"{value} is out of range; it is {_range(low, high)}")
    return value


def _range(low: int | None, high: int | None) -> str:
    if high is None:
        return f"{low} or more"
    return f"at most {high}" if low is None else f"{low} to {high}"
