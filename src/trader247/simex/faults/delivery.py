"""How an answer reaches whoever asked: as data, for a server or a simulation to carry out."""

from __future__ import annotations

from typing import NamedTuple

from trader247.simex.wire.request import Reply


class Delivery(NamedTuple):
    """An answer and its journey; without a reply not a byte of it arrives.

    It begins `wait_us` after it was made. The body comes spread over `drip_us`. Of the body `cut`
    bytes arrive, then the connection `is_reset`; where nothing more arrives and it is not reset, it
    stays open and silent.
    """

    reply: Reply | None
    wait_us: int = 0
    drip_us: int = 0
    cut: int | None = None
    is_reset: bool = False


SILENCE = Delivery(None)
RESET = Delivery(None, is_reset=True)
