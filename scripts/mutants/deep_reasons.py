"""Why a change that no test noticed may stay: by module and a part of the lines that it changes."""

from __future__ import annotations

REASONS: tuple[tuple[str, str, str], ...] = (
    (
        "core/reconcile.py",
        "if gap > 0}",
        "the same: a gap of nothing takes nothing of what a sale may bring",
    ),
    (
        "core/booking.py",
        "ALERTS_MAX = 64",
        "a bound far above the codes there are: one more or less is as good",
    ),
    (
        "core/risk/reservations.py",
        "@staticmethod",
        "the same: it is asked of the class alone",
    ),
    (
        "core/risk/reservations.py",
        "end_time=approved.decided_at",
        "the end of a placeholder, which nobody reads: it is neither recorded nor sent",
    ),
    (
        "core/risk/checks/product_status.py",
        '"too long ago" if age',
        "the same: a status of about now is in time, and is told of in neither way",
    ),
    (
        "core/risk/checks/pace.py",
        "if hour >= self.per_minute else -1",
        "the same: a policy allows one a minute at least, and either is under that",
    ),
    (
        "core/risk/checks/ladder.py",
        "timedelta( 1))",
        "the same: a first day, like no time at all, is no full week",
    ),
    (
        "core/risk/checks/slippage.py",
        "proposal.reference.value <= mid.value",
        "the same: of two prices that are equal either is the lower",
    ),
    (
        "core/risk/checks/min_notional.py",
        "floor.value <= self.quote_min.value",
        "the same: of two floors that are equal either is the higher, and their words are one",
    ),
    ("core/risk/stops.py", "_WEEKDAYS[", "the word for a day that is not known: never said"),
    ("core/risk/stops.py", "minutes = 0 if point is None", "the time of a day that is not known"),
    (
        "core/risk/breakers.py",
        "minutes.get(name, 0)",
        "the same: the greater of it and the five minutes that hold for all",
    ),
    (
        "core/risk/breakers.py",
        "high[0].nav",
        "the same: of the highs since a time there is one or none",
    ),
)
"""A reason says why the change is no other program, or why its difference cannot hurt."""


def reason_of(module: str, said: str) -> str:
    """The reason for a survivor; empty where there is none."""
    return next((why for file, part, why in REASONS if file == module and part in said), "")
