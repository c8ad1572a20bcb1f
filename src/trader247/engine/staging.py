"""What people tell an armed book, and what is noted as evidence that a book may be armed."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.domain.events.book import InstanceRefused
from trader247.domain.events.people import ConfirmationGiven, Disarmed, DrillsHeld, SmokePassed
from trader247.domain.stage import ASKED_FOR
from trader247.domain.time import MINUTE, Instant
from trader247.engine.ledger import Ledger

Done = tuple[bool, str]


class Staging:
    """Each request ends in an event, or in a sentence that says why not."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._is_refusal_noted = False

    def confirm(self, arguments: Mapping[str, str]) -> Done:
        """A person's yes to an entry that was asked for, if it is not too late."""
        stage, id = self._ledger.portfolio.stage, arguments.get("id", "")
        known = {} if stage is None else stage.confirmations
        asked = known.get(id)
        minutes = ASKED_FOR // MINUTE
        if asked is None or not asked.is_open(self._ledger.now()):
            now = self._ledger.now()
            open_ones = [each.id for each in known.values() if each.is_open(now) and not each.given]
            waiting = ", ".join(open_ones) or "nothing"
            return False, (
                f"no question {id} is open: each waits {minutes} min for its answer; "
                f"waiting now: {waiting}"
            )
        if asked.given is not None:
            return True, f"{id} was confirmed already, until {asked.given + ASKED_FOR}"
        self._ledger.record(ConfirmationGiven(id, arguments.get("operator", "")))
        return True, (
            f"{id} confirmed: {asked.side.value} {asked.product} for up to {asked.notional} within "
            f"{minutes} min; the next cycle decides afresh"
        )

    def disarm(self, arguments: Mapping[str, str]) -> Done:
        """Take the arming back: nothing is bought from here on."""
        stage = self._ledger.portfolio.stage
        if stage is None or stage.is_revoked:
            return True, "this book was not armed"
        cause = arguments.get("reason") or "disarmed by hand"
        self._ledger.record(Disarmed(cause, arguments.get("operator", "")))
        return True, "disarmed: nothing is bought, and the next start is refused; exits still work"

    def note_smoke(self, arguments: Mapping[str, str]) -> Done:
        """All checks of the smoke test passed, as whoever made them says."""
        try:
            at = Instant.parse(arguments["at"])
            passed = SmokePassed(
                arguments["feed"], arguments["policy_hash"], arguments["version"], at
            )
        except (KeyError, ValueError):
            return False, "this is no smoke test that passed"
        self._ledger.record(passed)
        return True, "noted"

    def note_drills(self, arguments: Mapping[str, str]) -> Done:
        """Emergencies were drilled, as whoever drilled them says."""
        try:
            held = DrillsHeld(
                policy_hash=arguments["policy_hash"],
                version=arguments["version"],
                at=Instant.parse(arguments["at"]),
                passed=tuple(arguments["passed"].split()),
                failed=tuple(arguments["failed"].split()),
            )
        except (KeyError, ValueError):
            return False, "these are no drills that were held"
        self._ledger.record(held)
        return True, "noted"

    def note_refused_instance(self, arguments: Mapping[str, str]) -> Done:
        """A second instance was refused while we held the guard; noted once a session."""
        if not self._is_refusal_noted:
            self._ledger.record(InstanceRefused(arguments.get("process", "")))
            self._is_refusal_noted = True
        return True, "noted"
