"""Values that are read without Typer's own library are the values that it would have read."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
import typer
import typer.core
from typer.testing import CliRunner

from trader247.cli.main import execute
from trader247.cli.plain_values import read_plainly

ARABIC = {ord(str(digit)): 0x660 + digit for digit in range(10)}
"""To the digits of another script: lines have theirs in braces."""


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
    least: Annotated[int, typer.Option(min=2)] = 2,
    most: Annotated[int, typer.Option(max=2_000)] = 2,
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
    "BTC-USD --count 007",
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


@pytest.mark.parametrize(
    "text", ["1_0", "\u0663", "+3", "3.0", "ten", "1e1", "0x3", "\u00b3", "3 0", "1,000"]
)
def test_a_whole_number_is_written_in_digits_alone(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typer.core._TyperParameter, "get_runtime_param", _typers_own)
    read_plainly()
    refused = CliRunner().invoke(app, ["BTC-USD", "--count", text])
    assert refused.exit_code == 2
    assert f"'{text}' is no whole number" in refused.output
    assert "as 1000" in refused.output


@pytest.mark.parametrize(
    "line",
    [
        "run --cycles 1_0",
        "run --speed {12}",
        "run --speed 1_2",
        "run --interval {60}",
        "sim serve --speed {12}",
        "sim serve --port 8_080",
        "backtest --equity {10000}",
        "backtest --seed 1_0",
        "monitor --foreign BTC={1}",
        "monitor --foreign BTC=1_0",
        "simulate --days {7}",
        "simulate --runs 1_0",
        "adopt BTC-USD --cost {61000} --reason x",
        "unlock halt drawdown --accept-peak {9100} --reason x",
        "unlock halt drawdown --accept-peak 9_100 --reason x",
        "why BTC-USD --cycle 1_0",
        "state show events --limit 1_0",
    ],
)
def test_no_command_takes_figures_that_only_python_reads(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    line = re.sub(r"{(\d+)}", lambda found: found[1].translate(ARABIC), line)
    assert execute(line.split()) == 2
    said = capsys.readouterr().err
    assert "hint:" in said
    assert any(word.rpartition("=")[2] in said for word in line.split() if not word.isalpha()), said
    assert list(tmp_path.iterdir()) == []


def _typers_own(parameter: typer.core._TyperParameter) -> object:
    from typer._coercion import build_runtime_param

    return build_runtime_param(parameter.type_descriptor)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--count 51", "51 is out of range; it is 1 to 50"),
        ("--count 0", "0 is out of range; it is 1 to 50"),
        ("--count -1", "-1 is out of range; it is 1 to 50"),
        ("--least 1", "1 is out of range; it is 2 or more"),
        ("--most 20000", "20000 is out of range; it is at most 2000"),
    ],
)
def test_a_number_out_of_range_is_told_with_what_may_be(
    line: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typer.core._TyperParameter, "get_runtime_param", _typers_own)
    read_plainly()
    found = CliRunner().invoke(app, ["BTC-USD", *line.split()])
    assert found.exit_code == 2
    assert said in " ".join(found.output.replace("\u2502", " ").split())
