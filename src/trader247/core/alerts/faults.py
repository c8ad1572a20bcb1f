"""What a person should hear of faults with a product or a strategy, and of bans."""

from __future__ import annotations

from trader247.core.alerts.words import stake
from trader247.core.book.faulting import COLLAR
from trader247.domain.events.halts import BanCleared, BanLatched, Struck
from trader247.domain.events.people import AlertRaised
from trader247.domain.portfolio import Portfolio, ban_key
from trader247.domain.reasons import Severity


def unlock_ban(key: str) -> str:
    """The command that clears a ban."""
    return f'trader247 unlock halt {key} --reason "..."'


def fault_alert(
    event: Struck | BanLatched | BanCleared, before: Portfolio, after: Portfolio
) -> AlertRaised | None:
    """The alert of a fault; None where it is no more than a refusal so far."""
    key = ban_key(event.control, event.scope)
    match event:
        case Struck(control, scope, detail):
            if control == COLLAR:
                return None
            text = (
                f"Own conduct of {scope}: {control}: {detail}. {stake(after)}. Trading goes on. "
                "Next: trader247 risk controls conduct"
            )
            return AlertRaised(Severity.WARNING, f"conduct_{control}", text)
        case BanLatched(control, scope, cause):
            if key in before.bans:
                return None
            text = (
                f"{scope} is banned from buying by {control}: {cause}. {stake(after)}. Its resting "
                f"buys are cancelled, exits still work. Next: {unlock_ban(key)}"
            )
            return AlertRaised(Severity.CRITICAL, f"ban_{control}", text)
        case BanCleared(control, scope, reason, operator):
            text = f"{key} cleared by {operator}: {reason}. {stake(after)}. {scope} may buy again."
            return AlertRaised(Severity.INFO, f"ban_{control}", text)
