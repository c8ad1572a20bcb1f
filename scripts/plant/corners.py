"""Mistakes where few look: late messages, clocks set back, cursors, wishes that end, old copies."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_STREAMED, _WATCH = "adapters/coinbase/stream/streamed.py", "engine/exit_watch.py"
_BUDGET, _VENUE = "adapters/coinbase/budget.py", "adapters/coinbase/venue.py"

CORNERS = (
    _bug(
        "still-counts-as-moved",
        "best prices that stand still count as moved with each message",
        "adapters/coinbase/stream/book.py",
        (
            "        if (self.bids.best, self.asks.best) != before:\n"
            "            self.moved = heard\n",
            "        self.moved = heard\n",
        ),
        needs="scene-books-stand-still",
    ),
    _bug(
        "low-is-no-doubt",
        "a streamed book that is far below the venue's answer is not in doubt",
        _STREAMED,
        (
            "            gap = abs(known.mid.bps_above(asked.mid).value)\n",
            "            gap = known.mid.bps_above(asked.mid).value\n",
        ),
        needs="scene-streams-err",
    ),
    _bug(
        "same-two-compared",
        "the same two books are compared each time, and the others never",
        _STREAMED,
        (
            "        self._checked.update(dict.fromkeys(self._to_check, self._round))\n",
            "",
        ),
        needs="scene-streams-err",
    ),
    _bug(
        "age-by-own-clock",
        "what another process sent has an age also where the venue does not tell its time",
        "engine/steady_ages.py",
        (
            "                return intent.created\n",
            "                return moment.wall\n",
        ),
        needs="scene-time-untold F40 F48.point",
    ),
    _bug(
        "sooner-than-told",
        "the venue is asked again sooner than it said",
        _BUDGET,
        (
            "        pause = max(pause, min(retry_after, BACKOFF_MAX))\n",
            "        pause = min(pause, max(retry_after, SECOND))\n",
        ),
        needs="scene-asked-to-wait F17",
    ),
    _bug(
        "first-policy-stays",
        "a start with another policy does not journal it",
        "engine/startup.py",
        (
            "        if before.policy_hash != self._policy.hash:\n",
            "        if not before.policy_hash:\n",
        ),
        needs="scene-taken-back",
    ),
    _bug(
        "pressing-unheard",
        "an exit that waits for its stop to end is looked at again half a minute later",
        _WATCH,
        (
            "(PRESSING_AFTER if is_pressing else AGAIN_AFTER)",
            "(AGAIN_AFTER if is_pressing else PRESSING_AFTER)",
        ),
        needs="scene-lost-between",
    ),
    _bug(
        "dust-keeps-its-loss",
        "what a position made counts once more when its dust is sold",
        "core/book/dust.py",
        (
            "    rest = replace(held, realised=NO_MONEY, flatten_until=None)\n",
            "    rest = replace(held, flatten_until=None)\n",
        ),
        needs="scene-dust-sold-before",
    ),
    _bug(
        "wish-without-end",
        "a wish to sell stands until something is sold",
        "core/orders/exits.py",
        (
            "    if position.flatten_until is not None and now < position.flatten_until:\n",
            "    if position.flatten_until is not None:\n",
        ),
        needs="scene-wish-is-over",
    ),
    _bug(
        "told-and-forgotten",
        "a restart forgets to repeat what was told of and nobody acknowledged",
        "app/outside/telling.py",
        (
            "            ago = 0.0 if told is None else _seconds(told, now)\n",
            "            if told is not None:\n                continue\n            ago = 0.0\n",
        ),
        needs="scene-unheard-for-long scene-ended-unheard scene-channel-down F48.channel F48.kill",
    ),
    _bug(
        "escalated-once-ever",
        "a code that was escalated once is never escalated again",
        "core/alerts/due.py",
        (
            "(each, now) for each in portfolio.open_alerts.values()),\n",
            "(each, now) for each in portfolio.open_alerts.values()"
            " if alert_key(AlertRaised(Severity.CRITICAL, each.code + ESCALATED, ''))"
            " not in portfolio.alerts),\n",
        ),
        needs="F48.switch F48.people F30",
    ),
    _bug(
        "week-of-a-day",
        "the high of seven days remembers one",
        "core/book/equity.py",
        (
            "        highs_7d=_rising(record.highs_7d, point, clocks, WEEK),\n",
            "        highs_7d=_rising(record.highs_24h, point, clocks, WEEK),\n",
        ),
        needs="scene-slept-a-day",
    ),
    _bug(
        "last-fill-explains-all",
        "whether a fill is unexplained is told by the last one that waits",
        "engine/fill_intake.py",
        (
            "                self._has_unexplained |= not self._may_be_ours(fill)\n",
            "                self._has_unexplained = not self._may_be_ours(fill)\n",
        ),
        needs="F21 F19 F48.restored scene-unasked",
    ),
    _bug(
        "second-unknown-untold",
        "nobody is told of a second order of unknown fate, beside one that was told of",
        "core/alerts/due.py",
        (
            "    is_told = all(_was_raised(",
            "    is_told = any(_was_raised(",
        ),
        needs="scene-sale-in-doubt",
    ),
    _bug(
        "accepted-under-orders",
        "a movement is accepted while orders of known fate are under way that may explain it",
        "core/book/acceptance.py",
        (
            "    if portfolio.working:\n",
            "    if any(each.state.is_unresolved for each in portfolio.working.values()):\n",
        ),
        needs="scene-explained-early F31 F22",
    ),
    _bug(
        "states-outlive-a-jump",
        "what products may do is not read again after the clock was set",
        "adapters/coinbase/market.py",
        (
            "        self._products = Products(self._client)\n"
            "        self._minutes, self._hours = {}, {}\n",
            "        self._minutes, self._hours = {}, {}\n",
        ),
        needs="scene-asked-to-wait F40",
    ),
    _bug(
        "error-is-not-there",
        "an order that the venue fails to look up is one that it does not know",
        "adapters/coinbase/client.py",
        (
            "                if status == 404 and is_lookup:\n",
            "                if status is not None and status >= 404 and is_lookup:\n",
        ),
        needs="scene-unasked",
    ),
    _bug(
        "lost-journal-begins-anew",
        "where the journal is gone and its backups are there, a new one is begun",
        "app/books/backing_up.py",
        (
            "    found = () if places.journal.exists() else backups_in(places.backups)\n",
            "    found = () if places.data.exists() else backups_in(places.backups)\n",
        ),
        needs="F45 F48.restored",
    ),
    _bug(
        "older-tenure-writes",
        "a process writes on after another one has taken the journal",
        "adapters/sqlite/journal.py",
        ("?, ?, ? FROM lease WHERE epoch = ?\n", "?, ?, ? FROM lease WHERE epoch >= ?\n"),
        needs="F48.taken F48.stall F48.second",
    ),
    _bug(
        "holds-of-others-explain",
        "what is held for sales of another product explains a hold",
        "core/recovery.py",
        (
            "        if intent.side is Side.SELL and order.product.base == intent.product.base:\n",
            "        if intent.side is Side.SELL:\n",
        ),
        needs="scene-held-alone",
    ),
    _bug(
        "stop-asks-seldom",
        "under a stop the end of what rests is asked for as seldom as that of what nobody can end",
        "engine/stop_pace.py",
        (
            "        most = MOST_WITH_ORDERS if has_orders else MOST\n",
            "        most = MOST\n        _ = has_orders\n",
        ),
        needs="scene-many-ends",
    ),
)
