"""Mistakes in reading back, starting and ending, by somebody who knew by then what is asked."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

AGAIN = (
    _bug(
        "circle-is-an-end",
        "a listing whose cursor runs in circles is taken for whole",
        "adapters/coinbase/venue.py",
        (
            'raise VenueError(f"{path} has a next page, but no new cursor to it")',
            "return",
        ),
        needs="F20 scene-in-circles",
    ),
    _bug(
        "unreadable-is-left-out",
        "an order of ours that cannot be read is left out of its listing",
        "adapters/coinbase/codec.py",
        (
            "                raise\n            read.required",
            "                continue\n            read.required",
        ),
        needs="F18 scene-without-sides",
    ),
    _bug(
        "any-other-kind-is-a-fill",
        "a row of fills is a fill unless it is taken back or corrected",
        "adapters/coinbase/codec.py",
        (
            'return entry if kind == "FILL" else',
            'return entry if kind not in ("REVERSAL", "CORRECTION") else',
        ),
        needs="scene-noted-again",
    ),
    _bug(
        "cancels-wait-as-reads",
        "cancels have no pace of their own, and wait as reads do",
        "adapters/coinbase/client.py",
        ("        if API + path == CANCELS:\n", "        if path == CANCELS:\n"),
        needs="scene-many-ends F17 F48.switch",
    ),
    _bug(
        "best-fill-for-the-limit",
        "of an order without terms the best fill stands for its limit",
        "core/orders/adoption.py",
        (
            "worst = max if order.side is Side.BUY else min",
            "worst = min if order.side is Side.BUY else max",
        ),
        needs="F48.restored F18 scene-told-late",
    ),
    _bug(
        "open-strangers-alone",
        "of orders that nobody knows those alone are ended that are open",
        "engine/strays.py",
        (
            "live = tuple(order for order in strangers if not order.state.is_final)",
            'live = tuple(order for order in strangers if order.state.value == "OPEN")',
        ),
        needs="F48.restored scene-terms-untold",
    ),
    _bug(
        "sale-before-its-buy",
        "a sale of more than is booked is set aside, though its buy is still to come",
        "engine/fill_intake.py",
        (
            "isinstance(error, NotHeld) and self._is_bought_later(",
            "isinstance(error, NotHeld) and not self._is_bought_later(",
        ),
        needs="scene-sale-first",
    ),
    _bug(
        "unanswered-stays-open",
        "a start leaves what was never answered as it was",
        "engine/startup.py",
        (
            "                if working.state is IntentState.SUBMITTING\n",
            "                if working.state is IntentState.UNKNOWN\n",
        ),
        needs="F48.point F48.kill",
    ),
    _bug(
        "ends-at-each-start",
        "a start ends all that rests where no stop is raised",
        "engine/startup.py",
        ("        if self._stop.is_raised():\n", "        if not self._stop.is_raised():\n"),
        needs="scene-crash-loop F48.kill",
    ),
    _bug(
        "left-to-rest-at-the-end",
        "who ends in order leaves all that rests",
        "engine/loop.py",
        ('        self._clearing.clear(f"ending: {cause}", outlives)\n', ""),
        needs="scene-ends-refused",
    ),
    _bug(
        "row-of-its-first-fill",
        "the table of orders keeps what an order had filled when it was first seen",
        "adapters/sqlite/projections.py",
        (" filled = excluded.filled, fees", " fees"),
        needs="scene-late-parts",
    ),
    _bug(
        "word-on-any-switch",
        "a word that nothing rests counts for whatever switch is raised later",
        "adapters/kill_switch.py",
        ("if not self.is_raised() or word.switch_id != self.id():", "if not self.is_raised():"),
        needs="scene-touched-again",
    ),
    _bug(
        "always-cleared",
        "who ends leaves word that nothing of his rests",
        "adapters/emergency.py",
        ("last_send=last, is_cleared=is_cleared)", "last_send=last, is_cleared=True)"),
        needs="F48.term",
    ),
)
