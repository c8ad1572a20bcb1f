"""What a command's exit code means, and which one a failure gets."""

from __future__ import annotations

from enum import IntEnum

from trader247.domain.errors import (
    AlreadyRunning,
    ConfigInvalid,
    EpochLost,
    FeedMismatch,
    KeyRejected,
    LedgerError,
    StorageError,
    Trader247Error,
    UnsafePermission,
    UsageError,
    VenueError,
)


class ExitCode(IntEnum):
    """The closed list of exit codes; scripts and service managers rely on it."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    BREAK = 3
    UNREACHABLE = 4
    ALREADY_RUNNING = 5
    CONFIG = 6
    STOP_UNPROVEN = 7
    STORAGE = 8
    PERMISSION = 9
    BUG = 70
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """The code in a few words."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "done, all well",
    ExitCode.REFUSED: "refused: halted, not armed, or a check failed",
    ExitCode.USAGE: "wrong usage",
    ExitCode.BREAK: "reconciliation found a break",
    ExitCode.UNREACHABLE: "venue unreachable",
    ExitCode.ALREADY_RUNNING: "another instance is running",
    ExitCode.CONFIG: "configuration invalid",
    ExitCode.STOP_UNPROVEN: "stop raised, but not proven at the venue",
    ExitCode.STORAGE: "storage failed",
    ExitCode.PERMISSION: "unsafe file or key permission",
    ExitCode.BUG: "a bug of ours, or too little memory",
    ExitCode.INTERRUPTED: "interrupted",
}

# The first class that fits decides, so a subclass stands before its base.
_CODES: tuple[tuple[type[Trader247Error], ExitCode], ...] = (
    (UsageError, ExitCode.USAGE),
    (FeedMismatch, ExitCode.USAGE),
    (AlreadyRunning, ExitCode.ALREADY_RUNNING),
    (EpochLost, ExitCode.ALREADY_RUNNING),
    (ConfigInvalid, ExitCode.CONFIG),
    (UnsafePermission, ExitCode.PERMISSION),
    (LedgerError, ExitCode.STORAGE),
    (StorageError, ExitCode.STORAGE),
    (KeyRejected, ExitCode.REFUSED),
    (VenueError, ExitCode.UNREACHABLE),
)


def exit_code_of(error: Trader247Error) -> ExitCode:
    """The exit code of a failure; what has none of its own is a refusal."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.REFUSED)
