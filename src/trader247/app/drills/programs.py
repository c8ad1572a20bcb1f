"""trader247 as a person runs it: other processes, on a folder and settings of the drill's own.

Policy and universe are copies of the operator's; what is plugged in is the simulated market, and no
channel: nobody is disturbed by a drill.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from trader247.adapters.clock import SystemClock
from trader247.adapters.files import private_folder
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.drills.drill import Unheld, Yard
from trader247.app.settings import app_file, policy_file, universe_file
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.time import SECOND
from trader247.simex.embedded import Embedded

E = TypeVar("E", bound=AnyEvent)

COMMAND_MAX = 90 * SECOND
"""However busy the machine is: no command of a drill takes so long."""
_SAID_MAX = 300
_LIMITED = (
    "import resource, runpy, sys; size = int(sys.argv.pop(1)); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); "
    "sys.argv[0] = 'trader247'; runpy.run_module('trader247', run_name='__main__')"
)
"""The same program, which can write no file beyond a size: to it, the disk is full."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and how long it took."""

    code: int
    said: str
    took: timedelta

    def expect(self, code: int = 0) -> Ended:
        """Go on where it ended as it had to.

        Raises:
            Unheld: it did not: what follows would show nothing.
        """
        if self.code != code:
            raise Unheld(f"a command ended with {self.code}, not {code}: {self.said[-_SAID_MAX:]}")
        return self


class Programs:
    """The commands of one drill; whoever is still running when it is over is ended."""

    def __init__(self, yard: Yard) -> None:
        self.clock = SystemClock()
        self.data = yard.folder / "data"
        self._config = yard.folder / "config"
        self._state = yard.folder / "state"
        self._words = yard.folder / "said"
        for each in (self.data, self._config, self._state, self._words):
            private_folder(each)
        self.places = Places(self.data, Mode.PAPER, VenueName.SIM)
        for file in (policy_file.FILE, universe_file.FILE):
            source = yard.settings.source.path(file)
            if source.exists():
                shutil.copyfile(source, self._config / file)
        app = yard.settings.app
        (self._config / app_file.FILE).write_text(
            f'app:\n  mode: "PAPER"\n  venue: sim\n  quote_currency: {app.quote_currency}\n'
            f"run:\n  interval_seconds: {app.interval_seconds}\n"
            f"paper:\n  equity: {app.paper_equity}\n"
        )
        self._living: list[subprocess.Popen[bytes]] = []

    def run(self, *words: object, file_max: int | None = None) -> Ended:
        """Run a command to its end.

        Raises:
            Unheld: it does not end.
        """
        began = self.clock.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - our own program, with our own words
                self._line(words, file_max),
                capture_output=True,
                timeout=COMMAND_MAX / SECOND,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unheld(f"{words[0]} had not ended after {COMMAND_MAX / SECOND:.0f} s") from error
        said = (done.stdout + done.stderr).decode(errors="replace")
        return Ended(done.returncode, said, self.clock.monotonic() - began)

    @contextmanager
    def begun(self, *words: object) -> Iterator[subprocess.Popen[bytes]]:
        """A command that runs while the context lasts."""
        with (self._words / f"{len(self._living)}").open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - our own program, with our own words
                self._line(words, None),
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
            )
        self._living.append(process)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def wait(self, until: Callable[[], bool], *, most: timedelta = 60 * SECOND) -> timedelta | None:
        """How long it took until something held; None where it did not in time."""
        began = self.clock.monotonic()
        if self.clock.wait_until(self.clock.now() + most, until):
            return None
        return self.clock.monotonic() - began

    def expect(self, what: str, until: Callable[[], bool]) -> None:
        """Wait for something that the drill needs.

        Raises:
            Unheld: it did not come about.
        """
        if self.wait(until) is None:
            said = b"".join(each.read_bytes() for each in sorted(self._words.iterdir()))
            raise Unheld(f"{what}: {said[-_SAID_MAX:].decode(errors='replace')}")

    def recorded(self, kind: type[E]) -> list[tuple[Recorded, E]]:
        """Every event of one kind in the book's journal; none while there is no journal."""
        if not self.places.journal.exists():
            return []
        try:
            with JournalReader.open(self.places.journal) as journal:
                return [
                    (each, each.event)
                    for each in journal.recorded()
                    if isinstance(each.event, kind)
                ]
        except StorageError:
            return []  # it is being made, or is what the drill has damaged

    def orders(self) -> list[dict[str, object]]:
        """Every order that the book's exchange ever took, by its own store."""
        exchange = Embedded.view(self.places.exchange)
        try:
            listed: list[dict[str, object]] = exchange.orders_json()["orders"]
            return listed
        finally:
            exchange.close()

    def _line(self, words: tuple[object, ...], file_max: int | None) -> list[str]:
        command, *rest = map(str, words)
        group = [command, rest.pop(0)] if command in _GROUPS else [command]
        options = ["--data", str(self.data)]
        if command not in _WITHOUT_CONFIG:
            options += ["--config", str(self._config)]
        if command in _WITH_MODE and group not in _WITHOUT_MODE:
            options += ["--mode", "paper", "--venue", "sim"]
        how = ["-m", "trader247"] if file_max is None else ["-c", _LIMITED, str(file_max)]
        return [sys.executable, *how, *group, *options, *rest]

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TRADER247_") and name != "CB_API_SECRET_FILE"
        }
        return {**kept, "XDG_STATE_HOME": str(self._state), "NO_COLOR": "1"}


_GROUPS = ("kill", "state")
_WITHOUT_CONFIG = ("kill",)
_WITH_MODE = ("run", "state", "reconcile")
_WITHOUT_MODE: tuple[list[str], ...] = ()
