"""Bugs to plant in the model: each must be found, else the model proves nothing."""

from __future__ import annotations

from scripts.model.state import Start


class Bug:
    """One way to write the trader wrong, in words."""

    RETRY_WITH_NEW_ID = "an order whose answer is lost is sent again under a new id"
    STOP_CHECKED_AFTER_SEND = "the stop is not looked at before the first byte"
    LEASE_NOT_CHECKED_AT_SEND = "a process whose lease is over still sends"
    LEASE_NOT_CHECKED_AT_WRITE = "a process whose lease is over still writes"
    DEADLINE_NOT_CHECKED = "a process that slept sends on waking"
    RELEASED_EARLY = "a reservation is released when the answer is lost"
    TIMEOUT_MEANS_NOT_SENT = "an answer that does not come is taken for a no"
    RESOLVED_BY_TIME = "an unknown order is given up after a while, without a look"
    EARLY_LISTING_COUNTS = "a listing counts while the order can still arrive"
    LISTING_DATED_BY_ITS_END = "a listing is dated by when it was read, not by when it began"
    ONE_LISTING_IS_ENOUGH = "one listing without it proves that an order does not exist"
    CANCEL_IS_FINAL = "a cancel that was sent is booked as the order's end"
    END_WITHOUT_FILLS = "an order that ended is over before its fills are booked"
    JOURNAL_AFTER_SEND = "the intent is recorded after its order was sent"
    NOT_SYNCED = "the intent's commit is not synced to the disk"
    KEY_BEFORE_EFFECT = "a fill's key is stored before its effect, in another transaction"
    EFFECT_BEFORE_KEY = "a fill's effect is booked before its key, in another transaction"
    FILL_DROPPED = "a fill's key is stored, and its effect never"
    RESTART_SENDS_AGAIN = "a restart sends what the process before had recorded"
    SECOND_WHILE_UNKNOWN = "the next order is decided while one is unknown"
    RESERVATIONS_NOT_COUNTED = "the limit counts what is booked, and not what is on its way"
    LATCH_LOST_AT_RESTART = "a restart forgets that a stop was seen"
    UNKNOWN_NEVER_ASKED = "nobody looks for an order whose answer was lost"
    FILL_BEFORE_THE_ANSWER_LOST = "a fill of an order that is unknown is not booked"


BUGS: dict[str, str] = {name: words for name, words in vars(Bug).items() if name.isupper()}

_TROUBLE = {
    "STOP_CHECKED_AFTER_SEND": Start(switches=1),
    "LEASE_NOT_CHECKED_AT_SEND": Start(stops=1),
    "LEASE_NOT_CHECKED_AT_WRITE": Start(stops=1),
    "LISTING_DATED_BY_ITS_END": Start(flaws=2),
    "ONE_LISTING_IS_ENOUGH": Start(flaws=1),
    "NOT_SYNCED": Start(crashes=1),
    "KEY_BEFORE_EFFECT": Start(crashes=1),
    "EFFECT_BEFORE_KEY": Start(crashes=1),
    "RESTART_SENDS_AGAIN": Start(crashes=1),
    "SECOND_WHILE_UNKNOWN": Start(cap=4),
    "LATCH_LOST_AT_RESTART": Start(crashes=1, switches=1),
}
TRIALS: dict[str, Start] = {name: _TROUBLE.get(name, Start()) for name in BUGS}
"""The trouble that it takes to find each."""
