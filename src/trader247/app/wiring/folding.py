"""A journal folded into its ledger, with a notice where that takes minutes."""

from __future__ import annotations

import logging

from trader247.domain.portfolio import Portfolio
from trader247.engine.startup import folded
from trader247.ports import Journal

_LONG = 10_000
"""Events that take some seconds: fewer are folded before anybody wonders."""


def ledger_of(journal: Journal) -> Portfolio:
    """The ledger, folded from its last snapshot that this version can read.

    Raises:
        LedgerError: an event contradicts what came before it.
        StorageError: the journal failed.
    """
    return folded(journal, on_anew=say_anew)


def say_anew(events: int) -> None:
    """Say that the snapshots of another version are of no use, and so many events are folded."""
    if events >= _LONG:
        logging.getLogger("trader247").warning(
            "another version saved this ledger: %s events are folded anew, about a minute for each "
            "250,000; nothing trades meanwhile, and what is saved on the way counts",
            f"{events:,}",
        )
