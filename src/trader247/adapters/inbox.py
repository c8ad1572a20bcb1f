"""Where everything concurrent posts, and only the loop drains.

Other processes ask by one small file each in DATA/inbox and wait for the answer beside it; threads
of this process post what became of alerts. Whatever a file holds is a stranger's word: it is
bounded, parsed strictly, and answered with a refusal if it is no request.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from trader247.adapters.files import private_folder, read_small, write_atomically
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed
from trader247.ports import Command, CommandKind, Delivery

FOLDER = "inbox"
_REQUEST = ".request.json"
_TAKEN = ".taken.json"
_ANSWER = ".answer.json"
_SIZE_MAX = 16_384
_COUNT_MAX = 100
_DELIVERIES_MAX = 10_000
_POLL_SECONDS = 0.05
_TAKEN_SECONDS = 2.0
"""How much longer an answer is waited for once the trader has taken the request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the trader said to a request."""

    is_done: bool
    text: str


class FileInbox:
    """The post of one data folder, as the process that holds the guard sees it."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        private_folder(self._folder)
        self._deliveries: deque[Delivery] = deque(maxlen=_DELIVERIES_MAX)

    def has_post(self) -> bool:
        """Whether a request or the fate of an alert waits."""
        return bool(self._deliveries) or bool(self._requests())

    def commands(self) -> Sequence[Command]:
        """Take the requests that wait, oldest first; what is none is answered and removed."""
        commands = []
        for path in self._requests():
            name = path.name.removesuffix(_REQUEST)
            taken = path.with_name(f"{name}{_TAKEN}")
            try:
                # Whoever asked withdraws what waits too long: only one of us can move it.
                path.rename(taken)
            except OSError:
                continue
            command = _parsed(taken, name)
            if command is None:
                self._reply(name, Answer(False, "the trader could not read the request"))
                continue
            commands.append(command)
        return commands

    def answer(self, command: Command, *, is_done: bool, text: str) -> None:
        """Tell whoever asked, and take the request off the pile."""
        self._reply(command.id, Answer(is_done, text))

    def post_delivery(self, delivery: Delivery) -> None:
        """Called by the thread that delivers alerts; the loop journals it."""
        self._deliveries.append(delivery)

    def deliveries(self) -> Sequence[Delivery]:
        """Take what became of alerts since this was last asked."""
        taken = []
        while self._deliveries:
            taken.append(self._deliveries.popleft())
        return taken

    def sweep(self) -> None:
        """Forget what was asked of an earlier process, as a new one that holds the guard.

        A request that was made just now, while this process was starting, is answered.
        """
        requests = self._requests()
        for path in self._folder.iterdir():
            if path not in requests:
                with suppress(OSError):
                    path.unlink()
        for path in requests:
            name = path.name.removesuffix(_REQUEST)
            try:
                path.rename(path.with_name(f"{name}{_TAKEN}"))
            except OSError:
                continue
            self._reply(name, Answer(False, "the trader was only just starting; ask again"))

    def _requests(self) -> list[Path]:
        try:
            names = [name for name in os.listdir(self._folder) if name.endswith(_REQUEST)]
        except OSError:
            return []
        return [self._folder / name for name in sorted(names)[:_COUNT_MAX]]

    def _reply(self, name: str, answer: Answer) -> None:
        body = {"is_done": answer.is_done, "text": answer.text}
        write_atomically(self._folder / f"{name}{_ANSWER}", json.dumps(body).encode())
        # What cannot be removed is in nobody's way: only requests are looked for.
        with suppress(OSError):
            (self._folder / f"{name}{_TAKEN}").unlink()


def ask(
    data: Path,
    kind: CommandKind,
    arguments: Mapping[str, str],
    *,
    seconds_max: float,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Answer | None:
    """Ask the process that holds the guard; None if it does not take the request in time.

    A request that nobody takes is withdrawn, so that it is not obeyed when nobody remembers it:
    also where whoever asked is interrupted meanwhile.

    Raises:
        StorageError: the request could not be written.
        NotAllowed: it was taken and not answered, or cannot be taken back: whether it was obeyed
            cannot be told.
    """
    folder = data / FOLDER
    private_folder(folder)
    # Names sort by the time of asking, so that the oldest request is obeyed first.
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    request, reply = folder / f"{name}{_REQUEST}", folder / f"{name}{_ANSWER}"
    body = {"kind": kind.value, "arguments": dict(arguments)}

    def answered(seconds: float) -> Answer | None:
        end = monotonic() + seconds
        while True:
            answer = _answer(reply)
            if answer is not None or monotonic() >= end:
                return answer
            sleep(_POLL_SECONDS)

    try:
        write_atomically(request, json.dumps(body).encode())
        answer = answered(seconds_max)
        if answer is None and not _withdrawn(request):
            answer = answered(_TAKEN_SECONDS)
            if answer is None:
                raise NotAllowed(
                    "the trader took the request and has not answered: it may have obeyed",
                    hint="trader247 status shows whether it did",
                )
        return answer
    finally:
        # It is there still only if something else ended the waiting: nobody would hear of it.
        for path in (request, reply):
            with suppress(OSError):
                path.unlink()


def _withdrawn(request: Path) -> bool:
    """Take a request back; False if the trader has taken it already.

    Raises:
        NotAllowed: it is there still, and cannot be taken back.
    """
    try:
        request.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise NotAllowed(
            f"the trader did not answer, and the request cannot be taken back: it may yet obey "
            f"({error.strerror or error})",
            hint=f"remove {request}; trader247 status shows whether it did",
        ) from error
    return True


def _answer(path: Path) -> Answer | None:
    try:
        body = json.loads(read_small(path, bytes_max=_SIZE_MAX))
        return Answer(body["is_done"] is True, str(body["text"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Answer(False, "the trader's answer could not be read")


def _parsed(path: Path, name: str) -> Command | None:
    try:
        body = json.loads(read_small(path, bytes_max=_SIZE_MAX))
        arguments = body["arguments"]
        if not isinstance(arguments, dict) or not all(
            isinstance(value, str) for value in arguments.values()
        ):
            return None
        return Command(name, CommandKind(body["kind"]), arguments)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
