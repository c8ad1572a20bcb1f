"""Who listens in a drill: every alert is kept, and a person's wishes are posted as any other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from trader247.ports import Alert, Command, Delivery


@dataclass(slots=True)
class Heard:
    """The Alerts port: what would have been told, and of which channel nobody disturbed."""

    alerts: list[Alert] = field(default_factory=list)

    def send(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def acknowledged(self, code: str) -> None:
        """There is no channel that would repeat it."""

    def undeliverable(self) -> str:
        return ""

    def take_storm(self) -> str:
        return ""

    def codes(self) -> set[str]:
        """The codes of all that was told."""
        return {each.code for each in self.alerts}


@dataclass(slots=True)
class PostBox:
    """The Inbox port of a process that nobody else can write to."""

    waiting: list[Command] = field(default_factory=list)
    answers: list[tuple[bool, str]] = field(default_factory=list)

    def put(self, command: Command) -> None:
        self.waiting.append(command)

    def has_post(self) -> bool:
        return bool(self.waiting)

    def commands(self) -> Sequence[Command]:
        taken, self.waiting = self.waiting, []
        return taken

    def answer(self, command: Command, *, is_done: bool, text: str) -> None:
        del command
        self.answers.append((is_done, text))

    def deliveries(self) -> Sequence[Delivery]:
        return ()
