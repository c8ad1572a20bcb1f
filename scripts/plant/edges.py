"""Mistakes at the edges: what a page, a row, a word on disk or another process is taken to say."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_CLIENT, _VENUE = "adapters/coinbase/client.py", "adapters/coinbase/venue.py"
_RECONCILER, _INTAKE = "engine/reconciler.py", "engine/fill_intake.py"
_LOOP, _ALERTS = "engine/loop.py", "adapters/alerts.py"
_CLEARING = "engine/clearing.py"

EDGES = (
    _bug(
        "short-list-is-last",
        "a page of orders or wallets that is not full is the last one",
        _VENUE,
        (
            "            if not has_next:\n",
            '            rows = page.get("orders") or page.get("accounts") or ()\n'
            '            if not has_next or len(rows) < query["limit"]:\n',
        ),
        needs="F20 scene-wallets-unread",
    ),
    _bug(
        "errors-never-reset",
        "errors of the venue are counted from the start, not since they were last asked for",
        _CLIENT,
        (
            "        self._errors = self._rate_limited = 0\n        self._key_refused",
            "        self._key_refused",
        ),
        needs="F5 F16",
    ),
    _bug(
        "asked-is-found",
        "a fill that was looked for once is taken for booked",
        "adapters/sqlite/found.py",
        (
            "        if not look():\n            return False\n",
            "        if not look():\n            self._names.add(name)\n            return False\n",
        ),
    ),
    _bug(
        "vain-alert-forgotten",
        "an alert that no channel took is not sent again after a proper end",
        "adapters/sqlite/beside.py",
        ("(count(d.alert) > 0 OR ?)", "(count(d.alert) >= 0 AND ?)"),
        needs="F48.channel F48.term scene-ended-unheard",
    ),
    _bug(
        "asked-once-at-a-stop",
        "a stop does not ask again for the end of what was asked to end before",
        "engine/execution.py",
        (
            "if not (each.is_over or is_kept(each))]",
            "if not (each.is_over or each.cancel_requested or is_kept(each))]",
        ),
        needs="scene-many-ends",
    ),
    _bug(
        "balances-of-last-time",
        "balances that cannot be read are taken to be those of the last reading",
        _RECONCILER,
        (
            "            balances = self._venue.balances()\n            unlisted",
            "            try:\n"
            "                balances = self._read_last = self._venue.balances()\n"
            "            except VenueError:\n"
            "                balances = getattr(self, '_read_last', {})\n"
            "            unlisted",
        ),
        needs="F16 scene-wallets-unread",
    ),
    _bug(
        "taken-cancel-is-the-end",
        "a stop believes that an order ended whose cancel the venue took",
        _CLEARING,
        (
            "                self._execution.cancel_all(cause, is_kept=is_kept)\n"
            "            collected",
            "                asked = self._execution.cancel_all(cause, is_kept=is_kept)\n"
            "                if asked and all(each.is_taken for each in asked):\n"
            "                    return True\n"
            "            collected",
        ),
        needs="F29 scene-many-ends",
    ),
    _bug(
        "nameless-reversal-goes-on",
        "a reversal of an order that cannot be looked up stops nothing",
        _INTAKE,
        (
            "            is_ours = name is None or name.startswith(OWN_PREFIX)\n",
            "            is_ours = name is not None and name.startswith(OWN_PREFIX)\n",
        ),
        needs="scene-reversed-unnamed",
    ),
    _bug(
        "attempt-is-delivery",
        "an alert that a channel did not take is journalled as delivered",
        _ALERTS,
        (
            'Delivery(each.alert.id, name, failure is None, mine.attempts, failure or "")',
            'Delivery(each.alert.id, name, True, mine.attempts, failure or "")',
        ),
        needs="F48.channel F48.kill scene-channel-down",
    ),
    _bug(
        "untried-leaves-no-word",
        "an alert that could not be tried before the end leaves no word for the next process",
        _ALERTS,
        ("        for id in untried:\n", "        for id in untried[:0]:\n"),
        needs="F48.channel F48.term scene-ended-unheard",
    ),
    _bug(
        "milder-stop-stands",
        "who raises a switch that keeps sales, and wants none kept, is not heard",
        "adapters/kill_switch.py",
        (
            "        if was_on and said.time and (keeps_sales or not said.keeps_sales):\n",
            "        if was_on and said.time:\n",
        ),
        needs="scene-stricter",
    ),
    _bug(
        "crash-ends-cleanly",
        "a process that ends by an error says that it ended properly",
        "app/running/tenure.py",
        (
            "            yield Tenure(trader, opening, kill, pulse)\n            is_clean = True\n",
            "            is_clean = True\n            yield Tenure(trader, opening, kill, pulse)\n",
        ),
        needs="F44 scene-word-refused",
    ),
    _bug(
        "queued-cancel-is-over",
        "an order whose cancel is queued counts as ended while a switch is raised",
        "adapters/coinbase/urgent.py",
        (
            '_FINAL = frozenset({"FILLED", "CANCELLED", "EXPIRED", "FAILED"})',
            '_FINAL = frozenset({"FILLED", "CANCELLED", "EXPIRED", "FAILED", "CANCEL_QUEUED"})',
        ),
        needs="scene-emptied",
    ),
    _bug(
        "row-of-failures-never-ends",
        "failures running are counted on through the answers between them",
        _CLIENT,
        (
            "        self._running = 0\n        self._budget.answered()\n",
            "        self._budget.answered()\n",
        ),
        needs="F5 F16",
    ),
    _bug(
        "failing-since-the-start",
        "an alert that an earlier process could not deliver fails since this start alone",
        _ALERTS,
        (
            "                since=now - unfinished.failing_seconds,\n",
            "                since=now,\n",
        ),
        needs="F48.channel F48.kill scene-unheard-for-long",
    ),
    _bug(
        "proof-begun-too-early",
        "a listing that began while an order might arrive proves that none does",
        "app/killing/clearing.py",
        (
            "quiet is not None and begun >= quiet",
            "quiet is not None and self._clock.now() >= quiet",
        ),
    ),
    _bug(
        "last-send-of-this-life",
        "a trader that starts says that its book has sent nothing yet",
        "adapters/emergency.py",
        (
            "emergency = replace(emergency, last_send=known.last_send)\n        self._emergency",
            "pass\n        self._emergency",
        ),
        needs="F48.kill scene-crash-loop",
    ),
    _bug(
        "guard-let-go-first",
        "the guard is let go of before the file that names its holder is taken away",
        "adapters/instance_guard.py",
        (
            "            (self._data / HOLDER).unlink()\n"
            "        self._lock.release()\n\n    def is_held",
            "            self._lock.release()\n"
            "            (self._data / HOLDER).unlink()\n\n    def is_held",
        ),
        needs="F48.second",
    ),
    _bug(
        "withdrawn-though-taken",
        "whoever asked is told that a request was taken back which the trader had taken",
        "adapters/inbox.py",
        (
            "    except FileNotFoundError:\n        return False\n    except OSError",
            "    except FileNotFoundError:\n        return True\n    except OSError",
        ),
        needs="F48.people",
    ),
    _bug(
        "standing-alerts-forgotten",
        "what a person has not acknowledged is told again no more after a start",
        "app/outside/telling.py",
        (
            "        for id, each in latest.items():\n",
            "        for id, each in list(latest.items())[:0]:\n",
        ),
        needs="F48.kill scene-storm",
    ),
    _bug(
        "news-taken-after-reading",
        "what the stream tells of orders while they are read is taken for read",
        _LOOP,
        (
            "            watch.take_order_news()\n"
            "            collected = self._clearing.read_books()\n",
            "            collected = self._clearing.read_books()\n"
            "            watch.take_order_news()\n",
        ),
        needs="F10 F24 scene-stream-in-pieces",
    ),
    _bug(
        "stricter-stop-not-journalled",
        "that a switch keeps sales no longer is not learned once it is known",
        "engine/stop_word.py",
        (
            "    if known is not None and not known.keeps_sales:\n",
            "    if known is not None:\n",
        ),
        needs="scene-stricter",
    ),
)
