"""How a failed command ends: one message on stderr, never a traceback that a user can cause."""

from __future__ import annotations

import errno
import json
import logging
import re
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from trader247.cli.exits import ExitCode, exit_code_of
from trader247.cli.output import SCHEMA_VERSION, clean, say
from trader247.domain.errors import ConfigInvalid, Trader247Error

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
_PERMISSION = frozenset({errno.EACCES, errno.EPERM})
_NAME = frozenset({errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EEXIST})


def report_failure(error: Trader247Error, *, as_json: bool) -> ExitCode:
    """Say what failed and what to do next; answers the exit code."""
    code = exit_code_of(error)
    _report(_kind(error), str(error), error.hint, code, _problems(error), as_json=as_json)
    return code


def report_usage(message: str, *, hint: str, as_json: bool) -> ExitCode:
    """Say what was wrong with the command line."""
    _report("usage", message, hint, ExitCode.USAGE, [], as_json=as_json)
    return ExitCode.USAGE


def report_unconfirmed(*, as_json: bool) -> ExitCode:
    """Say that a question had no yes for an answer."""
    say("")  # ends the question's line: what follows it, JSON too, has one of its own
    _report(
        "not_confirmed",
        "not confirmed: nothing was done",
        "where nobody is there to answer, --yes does",
        ExitCode.INTERRUPTED,
        [],
        as_json=as_json,
    )
    return ExitCode.INTERRUPTED


def report_os_error(error: OSError, *, as_json: bool) -> ExitCode | None:
    """Say what the operating system refused; None where that is no one's fault but ours."""
    if error.errno in _DISK:
        code, hint = ExitCode.STORAGE, "free some space or name another folder with --data"
    elif error.errno in _PERMISSION:
        code, hint = ExitCode.PERMISSION, "check who owns the folder, or name another with --data"
    elif error.errno in _NAME:
        code, hint = ExitCode.USAGE, "name another file or folder"
    else:
        return None
    where = f": {error.filename}" if error.filename else ""
    _report("os_error", f"{error.strerror}{where}", hint, code, [], as_json=as_json)
    return code


def report_unkept(error: OSError, code: int, *, as_json: bool) -> ExitCode:
    """Say that what a command answered could not be written; else it ended with `code`."""
    ended = ExitCode.STORAGE if code == ExitCode.DONE else ExitCode(code)
    message = f"stdout cannot be written ({error.strerror}): what was to be read there is lost"
    _report("unkept", message, "look where stdout leads to", ended, [], as_json=as_json)
    return ended


def report_no_memory(error: MemoryError, *, as_json: bool) -> ExitCode:
    """Say that the machine has too little memory for what was asked; a trader's log says where."""
    logger = logging.getLogger("trader247")
    if logger.handlers:
        logger.critical("no memory", exc_info=error)
    words = f": {error}" if str(error) else ""
    hint = "close other programs or raise the limit; of the past ask for less at once"
    _report("memory", f"not enough memory{words}", hint, ExitCode.BUG, [], as_json=as_json)
    return ExitCode.BUG


def report_bug(error: Exception, *, log: Path, as_json: bool, debug: bool) -> ExitCode:
    """Say that it is our bug and where its traceback is; the traceback goes to the log alone."""
    if debug:
        traceback.print_exception(error)
    logged = _log_traceback(error, log)
    _report(
        "bug",
        f"a bug of trader247: {type(error).__name__}: {error}",
        f"please report it with {log}" if logged else "repeat with --debug, and please report it",
        ExitCode.BUG,
        [],
        as_json=as_json,
    )
    return ExitCode.BUG


def _log_traceback(error: Exception, log: Path) -> bool:
    logger = logging.getLogger("trader247")
    if logger.handlers:
        logger.critical("bug", exc_info=error)
        return True
    try:
        with log.open("a", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return False
    return True


def _report(
    kind: str, message: str, hint: str, code: ExitCode, problems: list[object], *, as_json: bool
) -> None:
    if as_json:
        body = {
            "schema_version": SCHEMA_VERSION,
            "error": {
                "kind": kind,
                "exit": int(code),
                "message": message,
                "hint": hint,
                "problems": problems,
            },
        }
        print(json.dumps(body), file=sys.stderr)  # noqa: T201 - this module writes to stderr
        return
    say(f"error: {clean(message)}")
    if hint:
        say(f"hint: {clean(hint)}")


def _problems(error: Trader247Error) -> list[object]:
    if not isinstance(error, ConfigInvalid):
        return []
    from trader247.app.settings.problems import SettingsInvalid

    return [asdict(each) for each in error.problems] if isinstance(error, SettingsInvalid) else []


def _kind(error: Trader247Error) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(error).__name__).lower()
