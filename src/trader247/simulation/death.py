"""The end of a simulated process: nothing in the trader may catch it, and nothing runs after it."""

from __future__ import annotations

from enum import Enum


class Cause(Enum):
    """How a process ends without being asked."""

    KILLED = "died"
    POWER = "power"


class Death(BaseException):
    """The process ends here."""

    def __init__(self, cause: Cause, where: str) -> None:
        super().__init__(f"{cause.value} at {where}")
        self.cause = cause
        self.where = where


class Broken(BaseException):
    """The simulation itself has a bug: no part of the trader may take it for the world's."""


class BrokenPromise(BaseException):
    """What must hold does not: the run ends here."""
