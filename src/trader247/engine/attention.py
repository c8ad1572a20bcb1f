"""What is attended to between two cycles, and amid every wait: the stop first, then people."""

from __future__ import annotations

from collections.abc import Callable

from trader247.domain.errors import ReadAborted
from trader247.engine.alert_watch import AlertWatch
from trader247.engine.commands import Commands
from trader247.engine.stop_answer import StopAnswer
from trader247.ports import Command, Inbox, Journal


class Attention:
    """Looks at the stop, at the post, and at what became of alerts."""

    def __init__(
        self,
        *,
        stop_answer: StopAnswer,
        commands: Commands,
        inbox: Inbox,
        journal: Journal,
        alert_watch: AlertWatch,
        on_turn: Callable[[], None],
    ) -> None:
        """`on_turn` is told whenever somebody looks, in waiting too: the loop does not hang. It may
        raise AlreadyRunning and StorageError.
        """
        self._stop_answer = stop_answer
        self._commands = commands
        self._inbox = inbox
        self._journal = journal
        self._alert_watch = alert_watch
        self._on_turn = on_turn

    def is_wanted(self) -> bool:
        """Whether the stop or a person waits for an answer."""
        self._on_turn()
        return self._inbox.has_post() or self._stop_answer.is_wanted()

    def attend(self) -> None:
        """Obey a stop first, then whatever people asked for.

        Raises:
            StorageError: the journal failed.
        """
        self._on_turn()
        self._stop_answer.obey()
        for command in self._inbox.commands():
            is_done, text = self._obeyed(command)
            self._inbox.answer(command, is_done=is_done, text=text)
            self._stop_answer.obey()  # it waits for no other wish
        self._journal.record_deliveries(self._inbox.deliveries())
        self._alert_watch.look()

    def _obeyed(self, command: Command) -> tuple[bool, str]:
        try:
            return self._commands.obey(command)
        except ReadAborted as error:
            return False, (
                f"{error}; what of it was done is journalled. Next: trader247 status; ask again "
                "once the stop is over"
            )
