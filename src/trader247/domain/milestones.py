"""Every place at which a process may end on an order's way, named once, from CP00 to CP29.

The code calls the hook that the wiring handed in at each of them. In production nobody looks; a
test ends the process, or breaks its disk, exactly there, and starts another one on what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Milestone(Enum):
    """One place; the comments say what is durable when the process ends there."""

    BEFORE_DECISION = "CP00"
    DECIDED = "CP01"  # the cycle; no intent
    INTENT_WRITTEN = "CP02"  # no intent: the transaction is open
    INTENT_COMMITTING = "CP03"  # no intent, or an intent
    INTENT_RECORDED = "CP04"  # an intent; nothing was sent
    REQUEST_BEGUN = "CP05"  # an intent; a part of its request left
    REQUEST_SENT = "CP06"  # an intent; its request left whole
    ANSWER_ARRIVED = "CP07"  # an intent; the venue has the order, its answer is not read
    ANSWER_READ = "CP08"  # as before, and the order may be filled
    ANSWER_CLASSIFIED = "CP09"  # an intent without its outcome
    OUTCOME_WRITTEN = "CP10"  # an intent without its outcome: the transaction is open
    OUTCOME_RECORDED = "CP11"  # the outcome; nobody was told of it
    ORDERS_REST = "CP12"  # what rests may fill while nobody looks
    FILLS_FETCHED = "CP13"  # none of the fills just read
    FILL_WRITTEN = "CP14"  # not this fill: the transaction is open
    FILL_BOOKED = "CP15"  # this fill, not the next one
    CANCEL_RECORDED = "CP16"  # the wish to cancel; nothing was sent
    CANCEL_ANSWERED = "CP17"  # the wish to cancel; the venue has it, its answer is not read
    END_SEEN = "CP18"  # the wish to cancel; the venue's last word on the order is not recorded
    OLD_ORDER_OVER = "CP19"  # the end of an order; not the one that takes its place
    STOP_SEEN = "CP20"  # the stop; no cancel was asked for
    CANCELS_HALF_SENT = "CP21"  # the stop; some cancels were asked for
    HALT_RECORDED = "CP22"  # the halt with its alert; nobody was told of it
    TABLES_MADE = "CP23"  # no table: the transaction is open
    BACKING_UP = "CP24"  # everything, the backups made before, and a file that does not count
    CHECKPOINT_DUE = "CP25"  # everything, a part of it in the write-ahead log alone
    RECOVERING = "CP26"  # as the process before left it, and a part of the recovery
    LEASE_TAKEN = "CP27"  # a new tenure without a word
    DISK_FAILED = "CP28"  # unknown: only a start, which verifies, finds out
    STRANGER_FOUND = "CP29"  # a journal that lost its last part


Passing = Callable[[Milestone], None]
"""Told of each milestone as it is passed."""


def unwatched(_: Milestone) -> None:
    """Nobody looks."""
