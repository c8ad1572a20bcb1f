"""Whoever reads a command may leave early: it does what it was asked, and ends by its own code."""

from __future__ import annotations

import fcntl
import json
import os
import select
import subprocess
from pathlib import Path

import pytest
from tests import starting
from tests.app.busy_books import eventful_book
from tests.cli.surroundings import environment

pytestmark = pytest.mark.slow

SECONDS_MOST = 120


def ended(*words: str, is_read: bool, also_errors: bool = False) -> tuple[int, str]:
    """A command's exit code and what it said on stderr, where somebody reads stdout or nobody."""
    reader, writer = os.pipe()
    if not is_read:
        os.close(reader)
    process = starting.begin(
        words,
        environ=environment(),
        stdout=writer,
        stderr=writer if also_errors else subprocess.PIPE,
        is_text=False,
    )
    os.close(writer)
    if is_read:
        with os.fdopen(reader, "rb") as file:
            assert file.read()
    _, errors = process.communicate(timeout=SECONDS_MOST)
    return process.returncode, (errors or b"").decode()


@pytest.fixture(scope="module")
def eventful() -> Path:
    """A book with buys and sales. It is only read."""
    return eventful_book()


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "config check",
        "status --data {data}",
        "health --data {data}",
        "report --out {out} --data {data}",
        "report --json --data {data}",
        "risk status --data {data}",
        "state verify --data {data}",
        "state show events --data {data}",
        "state show events --json --data {data}",
    ],
)
def test_the_exit_code_is_the_same_whether_anybody_reads_or_not(
    words: str, eventful: Path, tmp_path: Path
) -> None:
    line = words.format(data=eventful, out=tmp_path / "out").split()
    code, said = ended(*line, is_read=True)
    assert ended(*line, is_read=False) == (code, said)
    assert ended(*line, is_read=False, also_errors=True)[0] == code
    assert "roken pipe" not in said


def test_what_is_asked_for_is_done_to_its_end_though_the_reader_left(
    eventful: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert ended("report", "--out", str(out), "--data", str(eventful), is_read=False)[0] == 0
    assert (out / "report.html").read_text().rstrip().endswith("</html>")


def test_who_goes_on_for_ever_ends_with_its_reader(eventful: Path) -> None:
    words = ("state", "show", "events", "--follow", "--json", "--data", str(eventful))
    assert ended(*words, is_read=False)[0] == 0


def test_a_difference_is_one_where_nobody_reads_it_too(eventful: Path, tmp_path: Path) -> None:
    """A gate whose output goes through `head` must not pass because `head` was content."""
    one, other = tmp_path / "one", tmp_path / "other"
    for since, out in (("2026-01-05", one), ("2026-01-05T00:20:00Z", other)):
        words = ("report", "--since", since, "--out", str(out), "--data", str(eventful))
        assert ended(*words, is_read=True)[0] == 0
    pair = ("backtest", "compare", str(one), str(other))
    assert ended(*pair, is_read=True)[0] == ended(*pair, is_read=False)[0] == 1


def test_a_run_goes_on_unseen_and_says_so(tmp_path: Path) -> None:
    words = ("run", "--mode", "paper", "--speed", "max", "--cycles", "3", "--data", str(tmp_path))
    code, said = ended(*words, is_read=False)
    assert code == 0
    assert said.count("nobody reads stdout any more: trading goes on unseen") == 1
    assert "ended: 3 cycles done" in said


@pytest.mark.parametrize("is_json", [False, True])
def test_a_run_whose_words_find_no_room_either_goes_on(tmp_path: Path, *, is_json: bool) -> None:
    """`run > log 2>&1` on a disk that fills: what cannot be said must end nothing."""
    words = ("run", "--mode", "paper", "--speed", "max", "--cycles", "3", "--data", str(tmp_path))
    with Path("/dev/full").open("wb") as full:
        process = starting.begin(
            (*words, "--json") if is_json else words,
            environ=environment(),
            stdout=full,
            stderr=full,
            is_text=False,
        )
        process.communicate(timeout=SECONDS_MOST)
    assert process.returncode == 0


def test_a_run_whose_words_nobody_takes_now_goes_on(tmp_path: Path) -> None:
    """Another program may set a terminal that both share to wait for nobody."""
    words = ("run", "--mode", "paper", "--speed", "max", "--cycles", "3", "--data", str(tmp_path))
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    while True:
        try:
            os.write(writer, b"." * 512)
        except BlockingIOError:
            break
    process = starting.begin(
        words, environ=environment(), stdout=subprocess.DEVNULL, stderr=writer, is_text=False
    )
    process.communicate(timeout=SECONDS_MOST)
    os.close(reader)
    os.close(writer)
    assert process.returncode == 0


def test_a_run_whose_lines_find_no_room_goes_on_and_says_so(tmp_path: Path) -> None:
    """A log on a full disk is no reason to leave positions without anybody who watches them."""
    words = ("run", "--mode", "paper", "--speed", "max", "--cycles", "3", "--data", str(tmp_path))
    with Path("/dev/full").open("wb") as full:
        process = starting.begin(words, environ=environment(), stdout=full, is_text=False)
        _, errors = process.communicate(timeout=SECONDS_MOST)
    said = errors.decode()
    assert process.returncode == 0, said
    assert said.count("stdout cannot be written (No space left on device): trading goes on") == 1
    assert "ended: 3 cycles done" in said
    assert "CRITICAL" not in said


def test_a_run_whose_pager_stands_still_goes_on_and_says_so(tmp_path: Path) -> None:
    """`run --json | less`: the pipe was full in half an hour, and nobody watched any position."""
    words = ("run", "--mode", "paper", "--speed", "max", "--cycles", "9", "--data", str(tmp_path))
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process = starting.begin(
        (*words, "--json"), environ=environment(), stdout=writer, is_text=False
    )
    os.close(writer)
    try:
        _, errors = process.communicate(timeout=SECONDS_MOST)
    finally:
        os.close(reader)
    said = errors.decode()
    assert process.returncode == 0, said
    assert said.count("stdout cannot be written (nobody takes it): trading goes on unseen") == 1
    assert "ended: 9 cycles done" in said


def test_what_stdout_did_not_take_is_said_and_all_else_is_done(
    eventful: Path, tmp_path: Path
) -> None:
    """A page is written though what was to be seen of it found no room."""
    out = tmp_path / "out"
    words = ("report", "--out", str(out), "--data", str(eventful))
    code, said = without_room(*words)
    assert code == 8
    assert "stdout cannot be written (No space left on device)" in said
    assert (out / "report.html").read_text().rstrip().endswith("</html>")


def test_an_answer_that_found_no_room_does_not_change_a_code_that_says_more(
    eventful: Path,
) -> None:
    status = ("kill", "status", "--data", str(eventful))
    assert ended(*status, is_read=True)[0] == 0
    assert without_room(*status)[0] == 8
    health = ("health", "--data", str(eventful))
    assert ended(*health, is_read=True)[0] == without_room(*health)[0] == 1
    code, said = without_room(*health, "--json")
    assert code == json.loads(said)["error"]["exit"] == 1


@pytest.mark.parametrize("words", ["nosuch", "status --data {data}", "backtest --equity x"])
def test_talk_that_finds_no_room_changes_no_exit_code(words: str, tmp_path: Path) -> None:
    line = words.format(data=tmp_path).split()
    with Path("/dev/full").open("wb") as full:
        process = starting.begin(line, environ=environment(), stderr=full, is_text=False)
        process.communicate(timeout=SECONDS_MOST)
    assert process.returncode == ended(*line, is_read=False)[0] == 2


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_that_does_not_wait_gets_all_of_it(
    unbuffered: str, eventful: Path, tmp_path: Path
) -> None:
    """ssh makes such a one of ours, and whoever shares a terminal may."""
    words = ("state", "show", "events", "--json", "--data", str(eventful))
    kept = tmp_path / "events"
    with kept.open("wb") as file:
        process = starting.begin(words, environ=environment(), stdout=file)
        process.communicate(timeout=SECONDS_MOST)
        assert process.returncode == 0
    whole = kept.read_bytes()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Less than one write of the text layer: what does not fit is there from the first on.
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process = starting.begin(
        words,
        environ=environment() | {"PYTHONUNBUFFERED": unbuffered},
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert len(whole) > 4096
    assert process.stderr is not None
    said = select.select([process.stderr], [], [], 2)[0]
    assert not said, "it ended before anybody read"
    with os.fdopen(reader, "rb") as file:
        assert file.read() == whole
    process.communicate(timeout=SECONDS_MOST)
    assert process.returncode == 0


def without_room(*words: str) -> tuple[int, str]:
    """A command's exit code and what it said on stderr, where stdout is a disk that is full."""
    with Path("/dev/full").open("wb") as full:
        process = starting.begin(words, environ=environment(), stdout=full, is_text=False)
        _, errors = process.communicate(timeout=SECONDS_MOST)
    return process.returncode, errors.decode()
