"""Living traders that a folder's switch does not stop, though it seems to, or clears their venue.

A copy of a data folder names the trader of the folder that it was copied from, and an older folder
of the same account the venue at which a trader of another one sends: each looks at the switch of
its own folder alone. Light to import.
"""

from __future__ import annotations

from pathlib import Path

from trader247.adapters.emergency import Emergency, read_emergency
from trader247.adapters.holder import HOLDER, read_holder
from trader247.app.killing.proof import VenueCleared
from trader247.app.killing.target import REAL_BOOKS
from trader247.app.running.traders import RunningTrader, running, works_on


def traders_elsewhere(
    folder: Path, emergency: Emergency | None, venue: VenueCleared | None
) -> tuple[RunningTrader, ...]:
    """Those that the folder's files name, or that send to the account that was cleared.

    `data` is None of one that is not among this user's running traders: it may be of another user.
    """
    others = [each for each in running() if each.data != folder]
    found = [each for each in others if venue is not None and _sends_there(each, venue)]
    named = read_holder(folder / HOLDER), None if emergency is None else emergency.holder
    for holder in named:
        if holder is None or not holder.is_alive or works_on(holder, folder):
            continue
        its = next((each for each in others if each.holder.is_same_process(holder)), None)
        if not any(each.holder.is_same_process(holder) for each in found):
            found.append(its or RunningTrader(holder, None))
    return tuple(found)


def _sends_there(trader: RunningTrader, venue: VenueCleared) -> bool:
    """Whether it sends to the account that was cleared; where nothing says, it may."""
    if trader.holder.book not in REAL_BOOKS or trader.data is None:
        return False
    its = read_emergency(trader.data)
    if its is None:
        return True
    cleared = "" if venue.outcome is None else venue.outcome.portfolio
    is_one = "" in (cleared, its.portfolio) or cleared == its.portfolio
    return its.host == venue.host and is_one
