"""The program in a process of its own that need not import it again.

Importing is most of what a command costs, and the same each time; hundreds of processes are begun
here. Each is a fork of this one that becomes the program before anything would be executed: own
pid, own signals, own limits, own files. (No other thread of the tests stands between locks.) Where
the start itself is what is tested, `python -m trader247` is started instead.
"""

from __future__ import annotations

import gc
import importlib
import io
import logging
import os
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import IO, Any, NoReturn

from tests import made_once

from trader247.cli import entry
from trader247.cli.main import COMMANDS
from trader247.domain import dataclass

_LOADED_LATE = (
    *(each.module for each in COMMANDS),
    "encodings.unicode_escape",
    "rich._emoji_codes",
    "rich.markdown",
    "rich.scope",
    "rich.table",
    "rich.traceback",
    "trader247.adapters.coinbase.sdk",
    "trader247.app.books.earning",
    "trader247.app.books.overview",
    "trader247.app.books.verifying",
    "trader247.app.running.trading",
    "trader247.app.serving.connection",
    "trader247.app.serving.server",
    "trader247.app.venue.reconciling",
    "trader247.app.venue.smoke",
    "trader247.cli.layout",
    "trader247.cli.views.ledger",
    "trader247.cli.views.run_lines",
    "trader247.cli.views.standing",
    "trader247.core.figures.funnel",
    "trader247.simex.faults.line",
    "trader247.simex.wire.transport",
    "typer.rich_utils",
    "uvicorn",
)
"""What commands import when they run, so that no fork has to."""

_FILES_MAX = 4096

To = IO[Any] | int | None


def begin(
    arguments: Sequence[object],
    *,
    environ: Mapping[str, str],
    before: Callable[[], None] | None = None,
    stdin: To = subprocess.DEVNULL,
    stdout: To = subprocess.PIPE,
    stderr: To = subprocess.PIPE,
    cwd: object = None,
    is_text: bool = True,
    is_leader: bool = False,
) -> subprocess.Popen[Any]:
    """Start `trader247 ARGUMENTS`. `before` runs in the child first; a leader has its session."""
    _be_ready()
    made_once.know_the_default_market()
    words = ["trader247", *map(str, arguments)]
    return subprocess.Popen(
        words,
        executable=sys.executable,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        text=is_text,
        errors="replace" if is_text else None,
        cwd=None if cwd is None else str(cwd),
        start_new_session=is_leader,
        restore_signals=False,
        preexec_fn=lambda: _become(words, dict(environ), before),  # noqa: PLW1509 # see above
    )


def run(
    arguments: Sequence[object],
    *,
    environ: Mapping[str, str],
    before: Callable[[], None] | None = None,
    cwd: object = None,
    seconds_max: float,
) -> subprocess.CompletedProcess[str]:
    """Run `trader247 ARGUMENTS` to its end."""
    process = begin(arguments, environ=environ, before=before, cwd=cwd)
    try:
        out, err = process.communicate(timeout=seconds_max)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    words = [str(each) for each in arguments]
    return subprocess.CompletedProcess(words, process.returncode, out, err)


@cache
def _be_ready() -> None:
    """Import and make what each fork would import and make for itself."""
    for name in _LOADED_LATE:
        importlib.import_module(name)
    for module in [each for name, each in sys.modules.items() if name.startswith("trader247.")]:
        for kind in [each for each in vars(module).values() if isinstance(each, type)]:
            made = vars(kind).get("__init__")
            if getattr(made, "unmade", None) is kind:
                vars(dataclass)["_complete"](kind, "__init__")


def _become(
    words: list[str], environ: dict[str, str], before: Callable[[], None] | None
) -> NoReturn:
    """Be the program from here on: nothing of the tests' own process is looked at any more."""
    code = 1
    try:
        # What the tests hold is theirs to collect; and the last of these files lets Popen return.
        gc.freeze()
        os.closerange(3, _FILES_MAX)
        # A thread of the tests may have held it at that moment, and is not here to let go.
        vars(dataclass)["_MAKING"]._at_fork_reinit()
        sys.stdin, sys.stdout, sys.stderr = (_standard(number) for number in range(3))
        sys.argv = words
        os.environ.clear()
        os.environ.update(environ)
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        logging.root.handlers.clear()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if before is not None:
            before()
        code = _ended()
    except BaseException:  # noqa: BLE001 # the parent reads it on stderr
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                code = code or 120
        os._exit(code)


def _ended() -> int:
    """The exit code of the program, once its threads have ended as an interpreter awaits them."""
    try:
        entry.main()
    except SystemExit as end:
        code = end.code
    for each in threading.enumerate():
        if not each.daemon and each is not threading.current_thread():
            each.join()
    return code if isinstance(code, int) else int(code is not None)


def _standard(number: int) -> io.TextIOWrapper:
    """One of the standard files, buffered as Python would."""
    return open(  # closed with the process
        number,
        "r" if number == 0 else "w",
        buffering=1 if number == 2 or os.isatty(number) else -1,
        encoding="utf-8",
        errors="backslashreplace" if number == 2 else "strict",
        closefd=False,
    )
