"""What a key may do at the venue, and for which portfolio."""

from __future__ import annotations

from trader247.domain.dataclass import dataclass
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class KeyPermissions:
    """What the key may do, and the portfolio that it is bound to, as the venue says."""

    can_view: bool
    can_trade: bool
    can_transfer: bool
    portfolio: str
    portfolio_type: str


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """The key as it was read last."""

    permissions: KeyPermissions
    read_at: Instant
