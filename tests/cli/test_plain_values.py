"""Values that are read without Typer's own library are the values that it would have read."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
import typer
import typer.core
from typer.testing import CliRunner

from trader247.cli.plain_values import read_plainly


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


def _even(text: str) -> int:
    number = int(text)
    if number % 2:
        raise typer.BadParameter(f"{text} is odd")
    return number


app = typer.Typer(add_completion=False)


@app.command()
def told(
    name: str,
    count: Annotated[int, typer.Option(min=1, max=50)] = 3,
    folder: Annotated[Path, typer.Option(file_okay=False)] = Path("data"),
    there: Annotated[Path | None, typer.Option(exists=True)] = None,
    colour: Colour = Colour.RED,
    even: Annotated[int | None, typer.Option(parser=_even)] = None,
    each: Annotated[list[str] | None, typer.Option()] = None,
    share: float = 0.5,
    is_sure: bool = False,
) -> None:
    typer.echo(repr((name, count, folder, there, colour, even, each, share, is_sure)))


LINES = (
    "BTC-USD",
    "BTC-USD --count 7 --folder elsewhere --colour blue --even 4 --is-sure --share 0.25",
    "BTC-USD --each a --each b --there .",
    "BTC-USD --count 51",
    "BTC-USD --count 0",
    "BTC-USD --count -1",
    "BTC-USD --count ten",
    "BTC-USD --count 007",
    "BTC-USD --count ٣",
    "BTC-USD --colour green",
    "BTC-USD --colour RED",
    "BTC-USD --even 3",
    "BTC-USD --even x",
    "BTC-USD --there nowhere",
    "BTC-USD --folder /etc/passwd",
    "",
    "--help",
)


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_read_as_typer_reads_it(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer.core._TyperParameter, "get_runtime_param", _typers_own)
    expected = CliRunner().invoke(app, line.split())
    read_plainly()
    assert typer.core._TyperParameter.get_runtime_param is not _typers_own
    found = CliRunner().invoke(app, line.split())
    assert (found.exit_code, found.output) == (expected.exit_code, expected.output)


def _typers_own(parameter: typer.core._TyperParameter) -> object:
    from typer._coercion import build_runtime_param

    return build_runtime_param(parameter.type_descriptor)
