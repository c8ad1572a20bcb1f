"""What the world does to us, typed: the engine handles each at one place."""

from __future__ import annotations


class Trader247Error(Exception):
    """A failure that a person can cause or must know of; `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class VenueError(Trader247Error):
    """The venue answered with an error, or with something that we cannot read."""


class VenueUnreachable(VenueError):
    """No answer: no network, no name, no connection, or no answer in time."""


class RateLimited(VenueError):
    """The venue asked us to slow down."""


class VenueMaintenance(VenueError):
    """The venue says that it is closed."""


class KeyRejected(VenueError):
    """The venue does not take the key."""


class ReadAborted(Trader247Error):
    """A stop was raised while a read was waiting; the read was given up."""


class StorageError(Trader247Error):
    """The disk did not take it: full, failing, locked or read-only. Nothing may be sent."""


class ChainBroken(StorageError):
    """The journal's hash chain does not hold: someone or something changed the past."""


class LedgerError(Trader247Error):
    """An event that contradicts the ledger. A bug, or a journal that was tampered with."""


class NotHeld(LedgerError):
    """A sale of more than the ledger holds: it may be booked once what it sold is."""


class EpochLost(StorageError):
    """Another process has taken the journal: this one may not write or send any more."""


class AlreadyRunning(Trader247Error):
    """Another instance holds the guard."""


class ConfigInvalid(Trader247Error):
    """The configuration cannot be used."""


class FeedMismatch(Trader247Error):
    """The journal belongs to another market than the one asked for."""


class UnsafePermission(Trader247Error):
    """A file or folder is owned or readable by someone that it must not be."""


class UsageError(Trader247Error):
    """What was asked for cannot be done as asked."""


class NotAllowed(Trader247Error):
    """The system says no: halted, not armed, or a cause still stands."""


class TapeEnded(Trader247Error):
    """The replayed market has no further bar."""
