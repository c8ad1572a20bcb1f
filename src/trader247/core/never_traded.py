"""What is never bought, or not for a time, whatever its market offers."""

from __future__ import annotations

from trader247.core.policy import Policy
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.reasons import Reason
from trader247.domain.time import Instant


def never_traded(product: ProductId, now: Instant, policy: Policy) -> Outcome | None:
    """Why a product is not bought at `now`: a stablecoin, or flagged by a person. None if it may.

    The universe leaves it out by this, and the gate asks again of each entry.
    """
    if product.base in policy.universe.stablecoins:
        return Outcome(Reason.STABLECOIN, f"{product.base} is a stablecoin: never traded")
    for flag in policy.universe.red_flags:
        expires = flag.banned_at + flag.expires_after
        if flag.product == product and now < expires:
            return Outcome(Reason.RED_FLAGGED, f"{flag.reason}; until {expires}")
    return None
