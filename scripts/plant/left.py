"""Mistakes by somebody who had read the trader alone: what may rest, be said, or be waited for."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

LEFT = (
    _bug(
        "stray-does-not-count-at-a-stop",
        "that nothing rests is said beside an order that the journal lost, and that is to end",
        "engine/clearing.py",
        ("            is_read = is_read and not self._reconciler.strays.ending\n", ""),
        needs="scene-lost-and-stopped",
    ),
    _bug(
        "unknown-sale-counts-as-kept",
        "a sale of unknown fate counts as one that is kept, and the word is given beside it",
        "core/orders/cancellations.py",
        (
            "    return not working.state.is_unresolved and may_rest(working, portfolio)\n",
            "    return may_rest(working, portfolio)\n",
        ),
        needs="scene-kept-in-doubt",
    ),
    _bug(
        "resting-stranger-out-of-sight",
        "an order that the journal lost is listed no more once the overlap is over",
        "engine/reconciler.py",
        (
            "            oldest = min(oldest, self._sightings.since)\n",
            "            oldest = min(oldest, self._clock.now())\n",
        ),
        needs="scene-lost-unended",
    ),
    _bug(
        "left-out-is-gone",
        "an order that the journal lost, and that one listing leaves out, is taken for ended",
        "engine/sightings.py",
        (
            "        if not self._resting:\n            return ()\n",
            "        return ()\n",
        ),
        needs="scene-lost-left-out",
    ),
    _bug(
        "epoch-not-left",
        "where a lost process had this one's epoch its ids are given again",
        "engine/strays.py",
        (
            "        if latest < self._journal.epoch:\n",
            "        if latest <= self._journal.epoch:\n",
        ),
        needs="scene-epoch-lost",
    ),
    _bug(
        "mark-after-the-look",
        "that an order is about to leave is kept once the stop was looked at",
        "adapters/coinbase/guard.py",
        (
            "            self._keep()\n            self._look()\n",
            "            self._look()\n            self._keep()\n",
        ),
        needs="scene-beside-on-its-way",
    ),
    _bug(
        "stop-aborts-no-read",
        "a stop that is raised while a read hangs waits for its end, ten seconds at most",
        "adapters/coinbase/transport.py",
        (
            "        self._may_abort = is_read and not self._is_stopped()\n",
            "        self._may_abort = False\n",
        ),
        needs="F48.switch",
    ),
)
