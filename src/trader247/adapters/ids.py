"""Ids derived from the installation, the epoch and the decision.

They are derived, so that the record can be asked whether an id is its own. No two processes may
give the same one: a venue takes an order whose id it knows for the order that it has, and sends
nothing. A journal that went back to an older copy of itself has forgotten which epochs were used
since, and may not know that it went back. So on a venue that is not ours each process goes `far`.
"""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from uuid import UUID

from trader247.domain.ids import (
    EPOCH_MAX,
    OWN_PREFIX,
    ClientOrderId,
    DecisionId,
    derived_name,
)

INSTALL_HEX = 64
"""Length of an installation's id, in hexadecimal digits."""

FAR = 1 << 32
"""How far the epoch may leap at most: so often, not once, two leaps from one place meet."""

_PLAIN_BELOW = 10**15
"""Epochs of fifteen digits leave a name within what a journal takes; greater ones are written
shorter."""
_SHORT = "z"
"""How those begin; digits and letters of base 36 follow."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EPOCH = re.compile(r"0|[1-9][0-9]{0,14}|z[1-9a-z][0-9a-z]{9,12}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTALL = re.compile(r"[0-9a-f]{6,64}\Z")
_NAMESPACE = UUID("6f1d7a52-0f0e-5c1b-9a55-2f4c24700247").bytes


class DerivedIds:
    """The ids of one installation."""

    def __init__(self, install: str) -> None:
        """Raises ValueError: `install` is not 6 to 64 lower-case hexadecimal digits."""
        if _INSTALL.match(install) is None:
            raise ValueError(
                f"installation id {install!r} is not 6 to {INSTALL_HEX} hexadecimal digits"
            )
        self._install = install

    def client_order(self, *, epoch: int, decision: DecisionId, leg: int) -> ClientOrderId:
        """`t247-<install 6>-<epoch>-<uuid>`: one for each (epoch, decision, leg), for ever."""
        name = derived_name(_NAMESPACE, f"{self._install}/{epoch}/{leg}/{decision}")
        return ClientOrderId(f"{OWN_PREFIX}{self._install[:6]}-{_written(epoch)}-{name}")

    def epoch_of(self, client_order_id: ClientOrderId) -> int | None:
        """The epoch in an id of this installation; None for any other id, and for what is none."""
        own = f"{OWN_PREFIX}{self._install[:6]}-"
        if not client_order_id.startswith(own):
            return None
        told, _, rest = client_order_id.removeprefix(own).partition("-")
        if _EPOCH.fullmatch(told) is None or _UUID.fullmatch(rest) is None:
            return None
        epoch = int(told[1:], 36) if told.startswith(_SHORT) else int(told)
        return epoch if epoch <= EPOCH_MAX and _written(epoch) == told else None

    def jitter(self, cycle: int) -> float:
        """A fraction from 0 up to but not 1, the same for the same cycle of this installation."""
        digest = sha256(f"{self._install}/jitter/{cycle}".encode()).digest()
        # 53 bits: what a float holds exactly, so that the fraction can never round up to 1.
        return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)


def _written(epoch: int) -> str:
    """An epoch as a name has it: at most fifteen characters, and each in one way."""
    if epoch < _PLAIN_BELOW:
        return str(epoch)
    digits = ""
    while epoch:
        epoch, last = divmod(epoch, 36)
        digits = _DIGITS[last] + digits
    return _SHORT + digits


def install_for_seed(identity: str) -> str:
    """The installation id of a simulated market: the same market, the same ids."""
    return sha256(identity.encode()).hexdigest()


def far() -> int:
    """How far after the last known epoch a process begins that may follow on unknown ones."""
    return 1 + secrets.randbelow(FAR)


def new_install() -> str:
    """A fresh installation id, for venues that are real."""
    return secrets.token_hex(INSTALL_HEX // 2)
