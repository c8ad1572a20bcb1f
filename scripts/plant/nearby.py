"""Mistakes beside those that nothing had seen: the same promises should see them."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_CHECKS = "core/risk/checks"
_WILD = "F48.wild"

NEARBY = (
    _bug(
        "ladder-by-the-day",
        "the largest entry grows by the day",
        f"{_CHECKS}/ladder.py",
        ("_WEEK = 7 * DAY\n", "_WEEK = DAY\n"),
        needs="scene-slept-a-day",
    ),
    _bug(
        "depth-of-a-wider-band",
        "what rests within 50 bps counts as near",
        f"{_CHECKS}/depth_multiple.py",
        ("BAND_BPS: ClassVar[int] = 20", "BAND_BPS: ClassVar[int] = 50"),
        needs=_WILD,
    ),
    _bug(
        "depth-for-itself-alone",
        "as much has to rest beside an entry as it buys itself",
        f"{_CHECKS}/depth_multiple.py",
        (
            "needed = CONTEXT.multiply(proposal.notional.value, Decimal(self.multiple))",
            "needed = proposal.notional.value",
        ),
        needs=_WILD,
    ),
)
