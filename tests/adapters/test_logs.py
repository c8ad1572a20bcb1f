from __future__ import annotations

import io
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.adapters import logs
from trader247.adapters.redaction import Redactor

log = logging.getLogger("trader247.test")


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    level, quiet = root.level, {n: logging.getLogger(n).level for n in ("coinbase", "apprise")}
    redactor = Redactor()
    redactor.register("hunter2hunter2")
    logs.setup(tmp_path, redactor, level=logging.DEBUG, stream=stream)
    yield stream
    logs.close()
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)
        logging.getLogger(name).propagate = True


def written(folder: Path) -> str:
    return (folder / "logs" / "trader247.log").read_text(encoding="utf-8")


def test_an_entry_is_one_line_on_the_screen_and_in_the_file(
    tmp_path: Path, screen: io.StringIO
) -> None:
    log.warning("cycle=%d fills=%d", 7, 2)

    line = screen.getvalue()
    assert line == written(tmp_path)
    assert line.endswith("Z level=WARNING logger=trader247.test cycle=7 fills=2\n")
    assert line.count("\n") == 1


def test_the_file_is_its_owners_alone(tmp_path: Path, screen: io.StringIO) -> None:
    log.info("x")

    file = tmp_path / "logs" / "trader247.log"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "hostile",
    [
        '"\n{"level":"CRITICAL"}',
        "\x1b[2J\x1b]0;title\x07",
        "\u202egnp.exe",
        "a\rb\x85c\u2028d\u200be",
    ],
)
def test_no_text_can_forge_a_line_or_move_the_cursor(
    hostile: str, tmp_path: Path, screen: io.StringIO
) -> None:
    log.info("product=%s", hostile)

    line = screen.getvalue()
    assert line.count("\n") == 1
    assert line[:-1].isprintable()
    assert written(tmp_path).splitlines() == [line[:-1]]


@given(text=st.text())
def test_escaped_text_is_always_printable(text: str) -> None:
    assert all(
        each.isprintable() or each == "\u3000" for each in logs.escaped(text).split(" ")
    ) or (
        # Spaces of other scripts take room and move nothing.
        "\n" not in logs.escaped(text)
    )
    assert "\x1b" not in logs.escaped(text)
    assert len(logs.escaped(text).splitlines()) <= 1


def test_a_long_text_is_capped(screen: io.StringIO) -> None:
    log.info("%s", "x" * 10_000_000)

    assert len(screen.getvalue()) < logs.MESSAGE_MAX + 200


@pytest.mark.parametrize("into", [1, 7, 13])
def test_of_a_secret_that_lies_where_a_long_text_is_cut_nothing_is_shown(
    into: int, screen: io.StringIO
) -> None:
    # Secrets before it are taken out, so that the cut comes into what is shown.
    before = "-----BEGIN KEY-----" + "x" * (logs.SEARCHED_MAX - 60) + "-----END KEY-----"
    text = before + " " * (logs.SEARCHED_MAX - len(before) - into)
    log.info("%s", text + "hunter2hunter2" + " and so on" * 1000)
    said, _, length = screen.getvalue().partition("\u2026")
    assert not set("hunter") & set(said.partition("trader247.test")[2])
    assert length == f"({len(text) + 14 + 10_000} characters)\n"


def test_secrets_are_taken_out_of_messages_arguments_and_tracebacks(
    tmp_path: Path, screen: io.StringIO
) -> None:
    log.info("hunter2hunter2")
    log.info("%s", {"key": "hunter2hunter2"})
    log.info("Bearer %s", "abcdefghijklmnop")
    try:
        raise ValueError("bad key hunter2hunter2")
    except ValueError:
        log.exception("failed with hunter2hunter2")
    logging.getLogger("coinbase.rest").warning("answer hunter2hunter2")

    for text in (screen.getvalue(), written(tmp_path)):
        assert "hunter2" not in text
        assert "abcdefghij" not in text
        assert text.count("\n") == 5
        assert 'trace="Traceback' in text


def test_libraries_that_tell_too_much_are_silent(screen: io.StringIO) -> None:
    logging.getLogger("coinbase.rest").debug("raw answer")
    logging.getLogger("urllib3.connectionpool").debug("GET /x")
    logging.getLogger("apprise").critical("sent to json://user:password@host")

    assert screen.getvalue() == ""


def test_an_entry_that_does_not_fit_its_arguments_stops_no_one() -> None:
    record = logging.makeLogRecord({"msg": "%d of %d", "args": (1,)})

    assert "unreadable log entry" in logs.LineFormatter(Redactor()).format(record)


def test_the_file_is_rotated_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "BYTES_MAX", 2_000)
    logs.setup(tmp_path, Redactor(), stream=io.StringIO())
    try:
        for number in range(400):
            log.warning("entry %d", number)
    finally:
        logs.close()

    files = list((tmp_path / "logs").iterdir())
    assert len(files) == logs.FILES_KEPT + 1
    assert all(each.stat().st_size <= 2_000 for each in files)
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in files)


def test_a_file_that_cannot_be_written_is_said_once_and_the_screen_goes_on(
    tmp_path: Path, screen: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs" / "trader247.log").mkdir()

    log.info("one")
    log.info("two")

    assert screen.getvalue().count("\n") == 2
    assert capsys.readouterr().err.count("the log file takes no more") == 1


def test_half_a_character_is_spelled_out() -> None:
    # Formatted directly: a log record that holds one cannot be sent between test processes.
    record = logging.LogRecord("trader247", logging.INFO, "", 0, "name=%s", ("\ud800",), None)
    line = logs.LineFormatter(Redactor()).format(record)
    assert line.isascii()
    assert "d800" in line


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_an_alert_as_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    redactor = Redactor()
    redactor.register("hunter2hunter2")
    terminal = Terminal()
    logs.setup(tmp_path, redactor, stream=terminal)
    text = "hunter2hunter2 was\x1b[2J seen in an answer of the venue. Next: trader247 kill on"
    log.warning("alert=%s %s", "leak", text, extra={"said": text})
    log.warning("no alert")
    logs.close()

    assert terminal.getvalue().splitlines()[:2] == [
        r"WARNING *** was\u001b[2J seen in an answer of the venue.",
        "  Next: trader247 kill on",
    ]
    assert "level=WARNING logger=trader247.test no alert" in terminal.getvalue()
    assert "alert=leak *** was" in written(tmp_path)


def test_an_alert_is_coloured_by_its_severity_unless_nobody_wants_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    logs.setup(tmp_path, Redactor(), stream=terminal)
    log.critical("x", extra={"said": "it fell"})
    logs.close()

    assert terminal.getvalue() == "\x1b[1;31mCRITICAL\x1b[0m it fell\n"
