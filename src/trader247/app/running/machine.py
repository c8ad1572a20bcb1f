"""What a person should know of the machine that their money is on."""

from __future__ import annotations

import os
import sys

from trader247.app.books.modes import Mode
from trader247.domain.errors import NotAllowed

_SUPPORTED = ("linux", "darwin")


def remarks_on_machine(
    mode: Mode, *, platform: str = sys.platform, user: int | None = None
) -> tuple[str, ...]:
    """What is unusual about this machine, to be said at the start; empty where nothing is.

    Raises:
        NotAllowed: the mode is not offered on this system.
    """
    if not platform.startswith(_SUPPORTED):
        if mode is Mode.LIVE:
            raise NotAllowed(
                f"LIVE runs on Linux and macOS alone; this is {platform}",
                hint="dry_run, paper and backtests work here",
            )
        return (f"LIVE runs on Linux and macOS alone; on {platform} it is paper and dry_run",)
    effective = os.geteuid() if user is None else user
    if effective == 0:
        return ("this runs as root; a user of its own would do, and could do less harm",)
    return ()
