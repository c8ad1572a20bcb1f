"""The only place where a user's own code is called: what it raises is its error, not ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")


class GuestFailed(Exception):
    """A stranger's code failed; `is_writing` where it changed what it may only read."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.is_writing = isinstance(error, ValueError) and "read-only" in str(error)


def guest(call: Callable[[], R]) -> R:
    """What `call` answers.

    Raises:
        GuestFailed: it raised something of its own, or would have ended the process: with exit 0,
            were it a script that ends itself.
        MemoryError: there was too little for it here, which says nothing of it.
    """
    try:
        return call()
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:
        raise GuestFailed(error) from error
