"""How a command line ends: its exit code, its words, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from trader247.cli import main as frame
from trader247.cli.exits import ExitCode, exit_code_of
from trader247.cli.lazy import LazyCommand
from trader247.domain import errors


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | int]:
    """A command `end` that ends as the list says; needs no module of the project."""
    how: list[BaseException | int] = []

    def end() -> int:
        """End as told."""
        for each in how:
            if isinstance(each, BaseException):
                raise each
            return each
        return 0

    module = type(sys)("ending_command")
    setattr(module, "end", end)  # noqa: B010 - a module made here has no such attribute for mypy
    monkeypatch.setitem(sys.modules, "ending_command", module)
    table = (LazyCommand("end", "ending_command", "end", "End.", "Test"),)
    monkeypatch.setattr(frame.Commands, "table", table)
    monkeypatch.setenv("TRADER247_DATA", "/nonexistent")
    return how


ERRORS = [
    (errors.UsageError("x"), 2),
    (errors.FeedMismatch("x"), 2),
    (errors.VenueUnreachable("x"), 4),
    (errors.VenueMaintenance("x"), 4),
    (errors.AlreadyRunning("x"), 5),
    (errors.ConfigInvalid("x"), 6),
    (errors.StorageError("x"), 8),
    (errors.ChainBroken("x"), 8),
    (errors.EpochLost("x"), 5),
    (errors.UnsafePermission("x"), 9),
    (errors.NotAllowed("x"), 1),
    (errors.KeyRejected("x"), 1),
]


@pytest.mark.parametrize(("error", "code"), ERRORS)
def test_each_failure_has_its_exit_code(
    error: errors.Trader247Error,
    code: int,
    ending: list[BaseException | int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    error.hint = "do this"
    ending.append(error)
    assert frame.execute(["end"]) == code
    said = capsys.readouterr()
    assert said.err == "error: x\nhint: do this\n"
    assert said.out == ""


def test_every_typed_error_has_a_code() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    assert len(kinds) > 10
    for kind in kinds:
        assert exit_code_of(kind("x")) in ExitCode


def test_an_answer_is_the_exit_code(ending: list[BaseException | int]) -> None:
    assert frame.execute(["end"]) == 0
    ending.append(3)
    assert frame.execute(["end"]) == 3


def test_a_failure_is_one_json_object_where_json_was_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert frame.execute(["config", "check", "--config", "/nonexistent/x", "--json"]) == 6
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema_version"] == 1
    assert answer["valid"] is False
    assert frame.execute(["config", "show", "--config", "/nonexistent/x", "--json"]) == 6
    said = json.loads(capsys.readouterr().err)
    assert said["schema_version"] == 1
    assert said["error"]["kind"] == "settings_invalid"
    assert said["error"]["problems"][0]["found"] == "no such folder"


@pytest.mark.parametrize("command", ["check", "show"])
def test_where_there_is_no_configuration_the_hint_is_how_one_is_made(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.execute(["config", command, "--config", "/nonexistent/x"]) == 6
    assert "trader247 init DIR" in capsys.readouterr().err


def test_a_bug_is_ours_and_its_traceback_goes_to_the_log_alone(
    ending: list[BaseException | int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "logs").mkdir()
    monkeypatch.setenv("TRADER247_DATA", str(tmp_path))
    ending.append(RuntimeError("boom"))
    assert frame.execute(["end"]) == 70
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "a bug of trader247" in said
    assert str(tmp_path) in said
    assert "Traceback" in (tmp_path / "logs" / "trader247.log").read_text()


def test_too_little_memory_is_no_bug(
    ending: list[BaseException | int], capsys: pytest.CaptureFixture[str]
) -> None:
    ending.append(MemoryError("Unable to allocate 3.73 GiB"))
    assert frame.execute(["end"]) == 70
    said = capsys.readouterr().err
    assert said.startswith("error: not enough memory: Unable to allocate 3.73 GiB\nhint: ")
    assert "Traceback" not in said
    assert "bug" not in said


def test_a_bug_without_a_log_says_how_to_see_it(
    ending: list[BaseException | int], capsys: pytest.CaptureFixture[str]
) -> None:
    ending.append(ZeroDivisionError("boom"))
    assert frame.execute(["end"]) == 70
    assert "--debug" in capsys.readouterr().err
    assert frame.execute(["--debug", "end"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (typer.Exit(3), 3),
        (OSError(28, "No space left on device", "x.db"), 8),
        (OSError(27, "File too large", "x.parquet"), 8),
        (PermissionError(13, "Permission denied", "x.db"), 9),
        (OSError(36, "File name too long", "x.db"), 2),
        (OSError(9, "Bad file descriptor"), 70),
    ],
)
def test_what_the_world_does_has_its_code(
    error: BaseException, code: int, ending: list[BaseException | int]
) -> None:
    ending.append(error)
    assert frame.execute(["end"]) == code


def test_an_interrupt_that_python_makes_an_error_of_is_no_bug(
    ending: list[BaseException | int], capsys: pytest.CaptureFixture[str]
) -> None:
    class Named:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(RuntimeError) as made:
        type("Cell", (), {"text": Named()})
    ending.append(made.value)
    assert frame.execute(["end"]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["nosuch"], "No such command"),
        (["confg"], "Did you mean 'config'"),
        (["config", "chek"], "Did you mean 'check'"),
        (["config", "check", "--nosuch"], "No such option"),
        (["config", "check", "extra"], "extra"),
        (["--nosuch"], "No such option"),
    ],
)
def test_wrong_usage_is_2_and_names_the_help(
    line: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.execute(line) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert words in said
    assert "--help" in said


def test_no_arguments_print_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.execute([]) == 2
    assert "kill on" in capsys.readouterr().out


def test_help_lists_every_command_and_every_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert frame.execute(["--help"]) == 0
    text = capsys.readouterr().out
    assert len(frame.COMMANDS) >= 16
    for command in frame.COMMANDS:
        assert f" {command.name} " in text
        assert command.help in text, "the line does not fit into 80 columns"
    for code in ExitCode:
        assert code.meaning in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_failure() -> None:
    script = "import sys; from trader247.cli.main import main; sys.argv[1:] = ['--help']; main()"
    process = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -c "{script}" | true'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stderr == ""


@pytest.mark.slow
def test_a_terminal_without_our_letters_still_gets_the_help() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "trader247", "--help"],
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0
    assert "kill" in process.stdout


@pytest.mark.slow
def test_help_and_version_load_no_command_and_nothing_heavy() -> None:
    script = """
import sys
from trader247.cli.main import execute
assert execute([sys.argv[1]]) == 0
heavy = {"numpy", "pydantic", "requests", "coinbase", "apsw", "apprise", "yaml", "cryptography"}
loaded = {name.split(".")[0] for name in sys.modules} & heavy
loaded |= {name for name in sys.modules if name.startswith("trader247.cli.commands.")}
assert not loaded, loaded
"""
    for option in ("--help", "--version"):
        process = subprocess.run(
            [sys.executable, "-c", script, option], capture_output=True, text=True, check=False
        )
        assert process.returncode == 0 or "No package metadata" in process.stderr, process.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--mode", "nope"),
        ("adopt", "BTC-USD", "--cost", "abc"),
        ("adopt", "BTC-USD", "--cost", "nan", "--yes"),
        ("adopt", "BTC-USD", "--cost", "60000", "--fee", "-1"),
    ],
)
def test_a_wrong_word_is_refused_in_our_own_words_before_anything_is_asked(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.execute([*words, "--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "Value error" not in said
    assert "is no " in said
    assert "adopt it?" not in said


@pytest.mark.parametrize("command", ["status", "state verify", "backtest", "kill status", "run"])
def test_a_name_that_no_disk_can_have_is_wrong_usage_and_no_bug(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("")
    for name in ("x" * 5000, str(tmp_path / "loop"), str(tmp_path / "file" / "under")):
        code = frame.execute([*command.split(), "--data", name])
        said = capsys.readouterr().err
        assert code in {1, 2, 7, 8, 9}, (name[:80], said)
        assert "bug of trader247" not in said
