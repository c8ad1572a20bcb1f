"""The signal that goes out each minute while all is well, where an address for it is set."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from datetime import timedelta

from trader247.adapters.outbound_ping import OutboundPing
from trader247.app.outside.telling import Telling, ping_target
from trader247.app.outside.vitals import Vitals
from trader247.app.settings.app_file import AppSettings
from trader247.app.wiring.threads import background

_LAST_SECONDS = 5.0
"""How long the last ping may take when the process ends."""


def heartbeat(
    settings: AppSettings, telling: Telling, interval: timedelta, stack: ExitStack
) -> Vitals:
    """Begin to ping, until `stack` ends; answers where the trading thread marks that it lives.

    Raises:
        ConfigInvalid: the address cannot be used.
    """
    vitals = Vitals(
        interval=interval, are_others_alive=telling.are_workers_alive, monotonic=time.monotonic
    )
    target = ping_target(settings)
    if target is None:
        return vitals
    ping = OutboundPing(
        target.ping,
        is_well=vitals.is_well,
        log=logging.getLogger("trader247").warning,
        monotonic=time.monotonic,
    )
    finish = background([ping.serve], name="heartbeat")

    def end() -> None:
        ping.close()
        finish(_LAST_SECONDS)

    stack.callback(end)
    return vitals
