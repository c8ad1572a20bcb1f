"""Mistakes beside those that the judge was asked for last: bans, doubts, disks, proofs."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_BANS, _DOUBTS = "core/risk/bans.py", "core/risk/doubts.py"
_BREAKERS, _CLEARING = "core/risk/breakers.py", "engine/clearing.py"

BESIDE = (
    _bug(
        "fourth-strike",
        "a product is banned by the fourth price outside the collar",
        _BANS,
        ("        if count >= limits.strikes_max:\n", "        if count > limits.strikes_max:\n"),
        needs="scene-far-off",
    ),
    _bug(
        "ban-of-a-process",
        "a ban ends with the process that latched it",
        "core/book/faulting.py",
        (
            "    if not portfolio.bans:\n        return ()\n",
            "    if not portfolio.bans:\n        return ()\n"
            "    if portfolio.epoch > 2:\n        return ()\n",
        ),
        needs="scene-far-off",
    ),
    _bug(
        "doubt-for-a-minute",
        "a product is in doubt for a minute",
        _DOUBTS,
        (
            "timedelta(minutes=self.check.doubt_minutes)",
            "timedelta(minutes=min(1, self.check.doubt_minutes))",
        ),
        needs="F36",
    ),
    _bug(
        "low-disk-untold",
        "little room on the disk is no reason to buy nothing",
        _BREAKERS,
        ("    is_low = portfolio.faults.is_disk_low\n", "    is_low = False\n"),
        needs="scene-little-room",
    ),
    _bug(
        "proven-by-the-request",
        "a book is clear once its end was asked for, and nothing of it is read",
        _CLEARING,
        (
            "            collected = self.read_books()\n"
            "            is_read = collected is not None and not collected.error\n",
            "            is_read = True\n",
        ),
        needs="F48.switch",
    ),
)
"""In the order in which they were written down."""
