"""Asking what the key may do: at the start, and every six hours while it is used."""

from __future__ import annotations

from datetime import timedelta

from trader247.core.keys import (
    NOT_SAID,
    age_alert,
    elsewhere,
    is_reading_due,
    key_refusal,
    unread_cause,
)
from trader247.domain.errors import KeyRejected, VenueError, VenueUnreachable
from trader247.domain.events.book import KeyRead, PortfolioPinned
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.keys import KeyPermissions
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant
from trader247.engine.ledger import Ledger
from trader247.ports import Clock, KeyReader


class KeyWatch:
    """Halts whatever sends with a key that may do too much, too little, or elsewhere."""

    def __init__(
        self, *, ledger: Ledger, key: KeyReader, clock: Clock, created: Instant | None = None
    ) -> None:
        """`created` is when the key was made, by its owner's word."""
        self._ledger = ledger
        self._key = key
        self._clock = clock
        self._created = created
        self._just_read: KeyPermissions | None = None
        self._steady_read: timedelta | None = None
        """When this process read it last, and since when it cannot, by a clock that nobody sets."""
        self._failing_since: timedelta | None = None

    def expect_own(self) -> None:
        """Refuse a key of another portfolio before anything that it shows is booked.

        Raises:
            KeyRejected: it reaches another one, or the venue refuses it.
            VenueUnreachable: it could not be read now.
        """
        pinned = self._ledger.portfolio.pinned
        if not pinned:
            return
        self._just_read = self._read()
        cause = elsewhere(self._just_read, pinned)
        if cause is not None:
            raise KeyRejected(cause, hint="nothing was read or booked; see `trader247 key check`")

    def account(self) -> str:
        """The portfolio that the key reaches: the book's own, or the one that it is to begin on.

        Raises:
            KeyRejected: the venue does not say which, or refuses the key.
            VenueUnreachable: it could not be read now.
        """
        if pinned := self._ledger.portfolio.pinned:
            return pinned
        self._just_read = self._read()
        if not self._just_read.portfolio:
            raise KeyRejected(NOT_SAID, hint="see `trader247 key check`")
        return self._just_read.portfolio

    def begin(self) -> None:
        """Read the key before anything is sent; a book's first reading pins its portfolio.

        Raises:
            KeyRejected: nothing may be sent with it, which is latched; or the venue refuses it.
            VenueUnreachable: it could not be read now. Another start may: no person is needed.
            StorageError: the journal failed.
        """
        permissions, self._just_read = self._just_read or self._read(), None
        cause = self._record(permissions)
        if cause is not None:
            raise KeyRejected(cause, hint="see `trader247 key check`")

    def look(self) -> None:
        """Read the key again where that is due; what it may not do any more halts.

        Raises:
            StorageError: the journal failed.
        """
        standing, now = self._ledger.portfolio.key, self._clock.now()
        if not is_reading_due(standing, now):
            return
        try:
            permissions = self._key.permissions()
        except VenueError as error:
            # Counted among the venue's faults, and asked again by the next cycle.
            steady = self._clock.monotonic()
            since = self._failing_since = (
                steady if self._failing_since is None else self._failing_since
            )
            known = self._steady_read
            cause = unread_cause(
                standing,
                now,
                steady=None if known is None else steady - known,
                failing=steady - since,
            )
            if cause is not None:
                self._latch(f"{cause}, and cannot be read: {error}")
            return
        self._record(permissions)

    def _read(self) -> KeyPermissions:
        try:
            return self._key.permissions()
        except KeyRejected as error:
            raise KeyRejected(
                f"the venue refuses the key: {error}", hint="see `trader247 key check`"
            ) from error
        except VenueError as error:
            raise VenueUnreachable(
                f"what the key may do cannot be read: {error}",
                hint="nothing is sent on an unknown key; see `trader247 key check`",
            ) from error

    def _record(self, permissions: KeyPermissions) -> str | None:
        pinned = self._ledger.portfolio.pinned
        cause = key_refusal(permissions, pinned)
        events: list[AnyEvent] = [KeyRead(permissions)]
        if not pinned and cause is None:
            events.append(PortfolioPinned(permissions.portfolio, permissions.portfolio_type))
        self._ledger.record(*events)
        self._steady_read, self._failing_since = self._clock.monotonic(), None
        if self._created is not None:
            alert = age_alert(self._created, self._ledger.portfolio, self._clock.now())
            self._ledger.record(*([] if alert is None else [alert]))
        if cause is not None:
            self._latch(cause)
        return cause

    def _latch(self, cause: str) -> None:
        if HaltName.KEY not in self._ledger.portfolio.halts:
            self._ledger.record(HaltLatched(HaltName.KEY, cause))
