"""Mistakes in limits and at the doors, by somebody who had read the code alone."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_CYCLE, _LOOP, _EXECUTION = "engine/cycle.py", "engine/loop.py", "engine/execution.py"
_CLEARING, _STOP_ANSWER = "engine/clearing.py", "engine/stop_answer.py"
_CHECKS, _RISK = "core/risk/checks", "core/risk"
_COINBASE = "adapters/coinbase"
_BRISK, _WILD = "F48.brisk", "F48.wild"

DOORS = (
    _bug(
        "cancel-then-record",
        "the end of an order is asked for first, and recorded then",
        _EXECUTION,
        (
            "        self._ledger.record(*requests)\n"
            "        self._passing(Milestone.CANCEL_RECORDED)\n"
            "        return self._venue.cancel([request.order_id for request in requests])\n",
            "        results = self._venue.cancel([request.order_id for request in requests])\n"
            "        self._ledger.record(*requests)\n"
            "        self._passing(Milestone.CANCEL_RECORDED)\n"
            "        return results\n",
        ),
        needs="F48.point",
    ),
    _bug(
        "answer-halts-nothing",
        "what an answer says of key or order halts nothing",
        _EXECUTION,
        ("                *latched_by(outcome, name, self._ledger.portfolio),\n", ""),
        needs="F30",
    ),
    _bug(
        "key-refused-and-on",
        "a key that the venue takes no more halts nothing",
        _CYCLE,
        ("        self._obey_venue(faults)\n", ""),
        needs="F34",
    ),
    _bug(
        "never-louder",
        "what nobody acknowledges or answers is not told once more",
        _CYCLE,
        ("        self._tell_what_is_due()\n", ""),
        needs="scene-sale-in-doubt F7",
    ),
    _bug(
        "room-unknown-is-room",
        "room on the disk that cannot be told is enough",
        _CYCLE,
        ("return free is None or free <", "return free is not None and free <"),
        needs="scene-little-room F43",
    ),
    _bug(
        "halts-not-kept",
        "a halt that a cycle finds holds for that cycle",
        _CYCLE,
        (
            "[decided, *decisions.halts, *decisions.breakers, *decisions.bans]",
            "[decided, *decisions.breakers, *decisions.bans]",
        ),
        needs="scene-day-lost F37",
    ),
    _bug(
        "breakers-not-kept",
        "a breaker that opens is open for one cycle",
        _CYCLE,
        (
            "[decided, *decisions.halts, *decisions.breakers, *decisions.bans]",
            "[decided, *decisions.halts, *decisions.bans]",
        ),
        needs="F37 F17",
    ),
    _bug(
        "bans-not-kept",
        "a ban holds for one cycle",
        _CYCLE,
        (
            "[decided, *decisions.halts, *decisions.breakers, *decisions.bans]",
            "[decided, *decisions.halts, *decisions.breakers]",
        ),
        needs=f"scene-far-off {_WILD}",
    ),
    _bug(
        "doubts-not-kept",
        "market data that is in doubt is so for one cycle",
        _CYCLE,
        (
            "        events += [*decisions.doubts, *decisions.asked]\n",
            "        events += [*decisions.asked]\n",
        ),
        needs="F36 F37",
    ),
    _bug(
        "exits-halt-nothing",
        "what is found between two cycles halts and bans nothing",
        _CYCLE,
        (
            "        self._ledger.record(event, *decisions.halts, *decisions.bans)\n",
            "        self._ledger.record(event)\n",
        ),
        needs="scene-lost-between F11 F37",
    ),
    _bug(
        "tier-of-yesterday",
        "the fee tier is read once a day",
        _CYCLE,
        (
            "self._clock.now() - known.read_at < HOUR",
            "self._clock.now() - known.read_at < 24 * HOUR",
        ),
        needs="F32",
    ),
    _bug(
        "clear-unread",
        "a book is clear by the ledger, whether the venue could be read or not",
        _CLEARING,
        (
            "            is_read = collected is not None and not collected.error\n",
            "            is_read = True\n",
        ),
        needs="F48.switch F14 F8",
    ),
    _bug(
        "left-behind-a-bad-disk",
        "a trader whose disk failed ends, and leaves what rests",
        _LOOP,
        ("            self._execution.cancel_unrecorded()\n", ""),
        needs="F44 F43",
    ),
    _bug(
        "unended-untold",
        "nobody is told that orders outlive a raised switch",
        _STOP_ANSWER,
        (
            "            self._ledger.record(*due_unended(portfolio, self._clock.now()))\n",
            "            due_unended(portfolio, self._clock.now())\n",
        ),
        also=("core/alerts/due.py", "        _still_open(portfolio, now),\n", ""),
        needs="scene-many-ends F48.switch F14",
    ),
    _bug(
        "flatten-leaves-buys",
        "a position is sold out of, and what buys more of it rests",
        "engine/hands.py",
        (
            "            if each.intent.product in products and each.intent.side is Side.BUY\n",
            "            if each.intent.product in products and each.intent.side is Side.SELL\n",
        ),
        needs="scene-channel-down F48.people",
    ),
    _bug(
        "clean-at-once",
        "a breaker closes with the first clean cycle",
        f"{_RISK}/breakers.py",
        (
            "    if breaker.clean_cycles + 1 < policy.breakers.clean_cycles:\n"
            "        return False\n",
            "",
        ),
        needs="F37 F17",
    ),
    _bug(
        "shortest-wait",
        "a breaker is held for the shorter of its two times",
        f"{_RISK}/breakers.py",
        (
            "return max(minutes.get(name, 0), policy.breakers.probe_minutes) * MINUTE",
            "return min(minutes.get(name, 0), policy.breakers.probe_minutes) * MINUTE",
        ),
        needs="F37",
    ),
    _bug(
        "latest-high",
        "a window's high is its latest step",
        f"{_RISK}/stops.py",
        ("    for step in steps:\n", "    for step in reversed(steps):\n"),
        needs="scene-midnight-lost",
    ),
    _bug(
        "fees-never-halt",
        "fees of a day are never too much",
        f"{_RISK}/stops.py",
        ("    return (HaltLatched(HaltName.FEES, cause),) if cause else ()\n", "    return ()\n"),
        needs="scene-day-of-fees",
    ),
    _bug(
        "cleared-while-it-stands",
        "a stop loss is cleared whatever is still lost",
        f"{_RISK}/halts.py",
        (
            '            return f"the loss still stands: {halt.cause}"\n',
            "            return None\n",
        ),
        needs="scene-day-lost scene-midnight-lost F37",
    ),
    _bug(
        "open-buys-not-bought",
        "what rests is not counted among what a day has bought",
        f"{_CHECKS}/turnover.py",
        (
            "bought = CONTEXT.add(context.at_risk.open_buys.value, proposal.notional.value)",
            "bought = proposal.notional.value",
        ),
        needs=_WILD,
    ),
    _bug(
        "loss-is-a-fill",
        "a product that lost rests as long as after any fill",
        f"{_CHECKS}/cooldown.py",
        ("(history.last_loss, self.loss_minutes)", "(history.last_loss, self.fill_minutes)"),
        needs=_WILD,
    ),
    _bug(
        "second-stop-forgotten",
        "after a second stop within a day a product rests as after the first",
        f"{_CHECKS}/cooldown.py",
        (
            "            ends.append(last.us + self.stops_hours * 60 * _MINUTE_US)\n",
            "            pass\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "ladder-a-week-early",
        "the largest entry grows from the first day on",
        f"{_CHECKS}/ladder.py",
        ("weeks = min(since // _WEEK, _WEEKS_MAX)", "weeks = min(since // _WEEK + 1, _WEEKS_MAX)"),
        needs=_WILD,
    ),
    _bug(
        "deeper-side",
        "a book is as deep as its deeper side",
        "domain/market.py",
        (
            "return bids if bids.value <= asks.value else asks",
            "return asks if bids.value <= asks.value else bids",
        ),
        needs=_WILD,
    ),
    _bug(
        "ahead-by-as-much",
        "a price may be ahead of the clock by as much as it may be behind",
        f"{_CHECKS}/quote_age.py",
        (
            "return -self.ahead_seconds_max * 1_000_000 <= age",
            "return -self.seconds_max * 1_000_000 <= age",
        ),
        needs="F40 F35",
    ),
    _bug(
        "unmarked-at-no-risk",
        "what is held without a price is not at risk",
        f"{_RISK}/reservations.py",
        ("                held[product] = None\n", "                continue\n"),
        needs="scene-sold-by-hand F16",
    ),
    _bug(
        "pace-of-before",
        "of one cycle's entries none counts for the pace of the next",
        f"{_RISK}/reservations.py",
        (
            "        entries_sent=(*portfolio.entries_sent, approved.decided_at),\n",
            "        entries_sent=portfolio.entries_sent,\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "jump-forward-alone",
        "a clock that is set back has not jumped",
        f"{_COINBASE}/jumps.py",
        (
            "return abs((now - last[0]) - (steady - last[1])) > JUMP",
            "return (now - last[0]) - (steady - last[1]) > JUMP",
        ),
        needs="scene-clock-set F40",
    ),
    _bug(
        "late-by-the-wall",
        "whether an order is too late to leave is asked of the wall's clock alone",
        f"{_COINBASE}/guard.py",
        (
            "if clock.monotonic() > expected.until_monotonic or clock.now() > expected.until:",
            "if clock.now() > expected.until:",
        ),
        needs="scene-clock-set F40",
    ),
    _bug(
        "stop-waits-its-turn",
        "under a raised switch cancels wait for their pace like any other",
        f"{_COINBASE}/budget.py",
        ("while not self._is_stopped() and (left :=", "while (left :="),
        (
            "            self._pause(min(left, SLICE), wake=self._is_stopped)\n",
            "            self._pause(min(left, SLICE), wake=lambda: False)\n",
        ),
        needs="scene-many-ends F48.switch",
    ),
    _bug(
        "any-known-word",
        "a no is believed where one of its reasons is known",
        f"{_COINBASE}/outcome.py",
        (
            "if codes and all(code in DECLINE_CODES for code in codes):",
            "if codes and any(code in DECLINE_CODES for code in codes):",
        ),
        needs="F18",
    ),
    _bug(
        "key-word-lost",
        "that the venue refused the key is not passed on",
        f"{_COINBASE}/client.py",
        (
            "                    self._key_refused = "
            'f"the venue refused the key twice running, at {path}"\n',
            "                    pass\n",
        ),
        needs="F34",
    ),
    _bug(
        "unseen-switch-is-off",
        "a switch that cannot be examined is off",
        "adapters/kill_switch.py",
        (
            "        except OSError:\n            return True\n        return True\n",
            "        except OSError:\n            return False\n        return True\n",
        ),
        also=(
            "adapters/kill_switch.py",
            '            return "unexamined"\n',
            '            return ""\n',
        ),
        needs="scene-stricter F48.switch",
    ),
    _bug(
        "above-its-least",
        "a channel is told of what is graver than the least that it is for",
        "adapters/alerts.py",
        (
            "_RANK[alert.severity] >= _RANK[route.least]",
            "_RANK[alert.severity] > _RANK[route.least]",
        ),
    ),
    _bug(
        "told-after-the-fold",
        "of what is folded the first is told, and the rest are no news",
        "adapters/alert_gate.py",
        (
            "        self._held.append(alert.id)\n",
            "        if len(self._held) < 1:\n            self._held.append(alert.id)\n",
        ),
        needs="F48.channel",
    ),
    _bug(
        "epoch-after-a-crash-alone",
        "a process that follows a proper end goes on under the same epoch",
        "adapters/sqlite/tenure.py",
        (
            'is_open = 1", (epoch + ahead,))',
            'is_open = 1", (epoch + ahead * (is_open or not epoch),))',
        ),
        (
            "    return epoch + ahead, not is_open\n",
            "    return epoch + ahead * (is_open or not epoch), not is_open\n",
        ),
    ),
    _bug(
        "goes-on-after-a-failed-write",
        "a journal whose sync failed says so to nobody, and takes the next write",
        "adapters/sqlite/transactions.py",
        (
            "            self._failure = str(error)\n"
            "            self._passing(Milestone.DISK_FAILED)\n"
            "            raise\n",
            "            del error\n            self._passing(Milestone.DISK_FAILED)\n",
        ),
        needs="F44 F43",
    ),
    _bug(
        "restored-without-halt",
        "who goes back to a backup goes on buying",
        "app/books/lost_end.py",
        (
            "journal.append([halt, told, unread], time)\n",
            "journal.append([told, told, unread], time)\n",
        ),
        needs="scene-out-of-sight scene-epoch-lost F48.restored",
    ),
)
"""In the order in which they were written down."""
