"""Mistakes by somebody who had read how orders are sent, booked and read back, and no more."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

SENT = (
    _bug(
        "stop-before-connecting",
        "the stop is not looked at any more between the connection and the first byte",
        "adapters/coinbase/guard.py",
        (
            "        refusal = self._permit.refusal()\n"
            "        if refusal is not None:\n"
            '            raise OrderWithheld("no_permit", refusal)\n'
            "        clock = self._clock\n",
            "        clock = self._clock\n",
        ),
        needs="F48.touch F48.switch",
    ),
    _bug(
        "late-by-both-clocks",
        "an order is too late to leave where both clocks say so, not where one does",
        "adapters/coinbase/guard.py",
        (
            "if clock.monotonic() > expected.until_monotonic or clock.now() > expected.until:",
            "if clock.monotonic() > expected.until_monotonic and clock.now() > expected.until:",
        ),
        needs="scene-clock-set F41 F48.stall",
    ),
    _bug(
        "two-seconds-from-here",
        "the two seconds of a decision begin anew as its order is sent",
        "adapters/coinbase/venue.py",
        (
            "until=approved.decided_at + DECISION_AGE_MAX",
            "until=client.clock.now() + DECISION_AGE_MAX",
        ),
        needs="scene-slow-way",
    ),
    _bug(
        "5xx-with-words-is-no",
        "a 5xx that says why is taken for a no",
        "adapters/coinbase/outcome.py",
        (
            "if status in (400, 401, 403, 429) and body is not None:",
            "if status in (400, 401, 403, 429, 500, 503) and body is not None:",
        ),
        needs="F16",
    ),
    _bug(
        "lost-connection-is-not-made",
        "a connection that was lost counts as one that was never made",
        "adapters/coinbase/guard.py",
        ("        except NotSent:\n", "        except requests.ConnectionError:\n"),
        needs="F5 F6 F7 F8",
    ),
    _bug(
        "no-without-a-word",
        "a no without any reason is believed",
        "adapters/coinbase/outcome.py",
        (
            "    if codes and all(code in DECLINE_CODES for code in codes):\n"
            "        return Declined(codes[0], said, is_sent=True)",
            "    if all(code in DECLINE_CODES for code in codes):\n"
            '        return Declined(codes[0] if codes else "unnamed", said, is_sent=True)',
        ),
        needs="F18",
    ),
    _bug(
        "echo-unread",
        "the terms in an answer are not compared with what was sent",
        "adapters/coinbase/outcome.py",
        ("if differing or _differs(sent, answer):", "if differing:"),
        needs="scene-other-price",
    ),
    _bug(
        "stop-has-no-hurry",
        "cancels under a raised switch wait for the pace of a minute, and no stop wakes them",
        "adapters/coinbase/budget.py",
        (
            "while not self._is_stopped() and (left := bucket.wait(now)) > timedelta(0):\n"
            "            self._pause(min(left, SLICE), wake=self._is_stopped)",
            "while (left := bucket.wait(now)) > timedelta(0):\n"
            "            self._pause(min(left, SLICE), wake=lambda: False)",
        ),
        needs="scene-many-ends F48.switch",
    ),
    _bug(
        "end-wanted-once",
        "who wanted the end of an order has asked for it, whatever came of that",
        "engine/execution.py",
        (
            "and (order_id := working[each.client_order_id].order_id) is not None\n",
            "and working[each.client_order_id].cancel_requested is None\n"
            "            and (order_id := working[each.client_order_id].order_id) is not None\n",
        ),
        needs="scene-many-ends",
    ),
    _bug(
        "clear-or-read",
        "a book is clear where it was read, whatever rests",
        "engine/clearing.py",
        (
            "if is_read and all(map(is_kept, self._ledger.portfolio.working.values())):",
            "if is_read or all(map(is_kept, self._ledger.portfolio.working.values())):",
        ),
        needs="scene-stop-in-doubt scene-many-ends scene-ends-refused F48.switch",
    ),
    _bug(
        "stop-answered-once",
        "a stop counts as answered whether the book is clear or not",
        "engine/stop_answer.py",
        ('self._answered = raising if is_clear else ""', "self._answered = raising"),
        needs="scene-stop-in-doubt",
    ),
    _bug(
        "cancelled-in-part-is-over",
        "what was cancelled is over, though a part of it that filled is not booked",
        "core/book/intents.py",
        (
            "        state = IntentState.DONE if is_complete(working) "
            "else IntentState.FILLS_PENDING\n",
            '        is_done = is_complete(working) or working.order.state.value == "CANCELLED"\n'
            "        state = IntentState.DONE if is_done else IntentState.FILLS_PENDING\n",
        ),
        needs="scene-late-parts",
    ),
    _bug(
        "profit-by-float",
        "what a sale made goes through a float",
        "core/book/fills.py",
        (
            "    made = proceeds - sale.cost\n",
            "    made = Money.of(str(round(float((proceeds - sale.cost).value), 8)))\n",
        ),
        needs="",
    ),
    _bug(
        "unasked-is-unknown",
        "an order that could not be asked for is one that the venue does not know",
        "adapters/coinbase/client.py",
        ("                if status == 404 and is_lookup:\n", "                if is_lookup:\n"),
        needs="scene-unasked",
    ),
    _bug(
        "second-entry-skipped",
        "a second entry of one trade is passed over",
        "engine/fill_intake.py",
        (
            "                self._expect_unchanged(fill)\n                continue\n",
            "                self._expect_unchanged(fill)\n"
            "                continue\n"
            "            if fill.trade_id and self._journal.repeats_trade(fill):\n"
            "                continue\n",
        ),
        needs="F24",
    ),
    _bug(
        "row-known-by-its-state",
        "a row of a listing says what it said before as long as its state is the same",
        "adapters/coinbase/understood.py",
        (
            "if known is not None and (known[0] is fields or known[0] == fields):",
            'if known is not None and known[0].get("status") == fields.get("status"):',
        ),
        needs="F24 scene-fills-retold scene-late-parts",
    ),
    _bug(
        "largest-wallet-counts",
        "of several wallets of a currency the largest is all",
        "adapters/coinbase/codec.py",
        (
            "    if before is not None:\n"
            "        available = CONTEXT.add(before.available, available)\n"
            "        hold = CONTEXT.add(before.hold, hold)\n",
            "    if before is not None and before.available > available:\n"
            "        available, hold = before.available, before.hold\n",
        ),
        needs="scene-wallets-unread",
    ),
    _bug(
        "given-up-after-18-s",
        "a request may still arrive for 18 seconds, not for 180",
        "core/recovery.py",
        ("QUIET = 180 * SECOND", "QUIET = 18 * SECOND"),
        needs="F9 F19",
    ),
    _bug(
        "hold-is-no-trace",
        "what is on hold is no trace of an order",
        "core/recovery.py",
        (
            "has_unexplained_fills or is_held or _is_felt(",
            "has_unexplained_fills or _is_felt(",
        ),
        needs="scene-held-alone",
    ),
    _bug(
        "old-fill-may-explain",
        "a fill that is booked keeps orders of unknown fate unknown",
        "engine/reconciler.py",
        (
            "fill.order_id not in known_orders and not self._journal.has_fill(fill.entry_id)",
            "fill.order_id not in known_orders or not self._journal.has_fill(fill.entry_id)",
        ),
        needs="scene-sale-in-doubt scene-stop-in-doubt scene-past-its-end",
    ),
    _bug(
        "listing-takes-back",
        "a listing that lags takes the end of an order back",
        "core/book/intents.py",
        (
            "    if last is None or not last.state.is_final:\n"
            "        return last != order\n"
            "    if not order.state.is_final or order.filled < last.filled:\n"
            "        return order.filled > last.filled\n"
            "    return (",
            "    if last is None or not last.state.is_final or order.state.is_final:\n"
            "        return last != order\n"
            "    return order != last and (",
        ),
        needs="scene-older-words",
    ),
    _bug(
        "late-order-unfollowed",
        "an order that was settled is not followed, whatever is told of it later",
        "core/book/intents.py",
        (
            "    known = found(portfolio, order.client_order_id)\n"
            "    if known is None or not is_news(known, order):\n"
            "        return portfolio\n"
            "    seen",
            "    known = portfolio.working.get(order.client_order_id)\n"
            "    if known is None or not is_news(known, order):\n"
            "        return portfolio\n"
            "    seen",
        ),
        needs="scene-past-its-end scene-no-trace F19",
    ),
    _bug(
        "break-after-hours",
        "a difference is a break after hours, not after minutes",
        "core/reconcile.py",
        (
            "return now - since >= policy.execution.reconcile_seconds * SECOND",
            "return now - since >= policy.execution.reconcile_seconds * MINUTE",
        ),
        needs="F31 scene-sold-by-hand",
    ),
    _bug(
        "strange-coins-unseen",
        "coins that the ledger does not know differ from nothing",
        "core/reconcile.py",
        (
            "for currency in sorted({*ledger, *balances} - {portfolio.quote_currency}):",
            "for currency in sorted(set(ledger) - {portfolio.quote_currency}):",
        ),
        needs="F31",
    ),
    _bug(
        "buys-on-unread-books",
        "who cannot read his own books buys all the same",
        "engine/cycle.py",
        (
            "if collected.error and not snapshot.unreachable:",
            "if collected.error and snapshot.unreachable:",
        ),
        needs="scene-wallets-unread F16",
    ),
    _bug(
        "lost-are-another-ones",
        "orders that a restored journal lost are another one's",
        "engine/strays.py",
        ("return order.created > opened.time", "return order.created < opened.time"),
        needs="scene-epoch-lost F48.restored",
    ),
    _bug(
        "retold-and-believed",
        "what is booked is not compared with what is told of it later",
        "engine/fill_intake.py",
        (
            "                self._expect_unchanged(fill)\n                continue\n",
            "                continue\n",
        ),
        needs="scene-fills-retold",
    ),
    _bug(
        "synced-at-checkpoints",
        "the journal is synced at checkpoints alone",
        "adapters/sqlite/database.py",
        ("_FULL = 2\n", "_FULL = 1\n"),
        needs="F45",
    ),
    _bug(
        "switch-not-synced",
        "the file of a raised switch is not synced",
        "adapters/kill_switch.py",
        (
            "            os.fsync(descriptor)\n"
            "            sync_folder(self._path.parent)\n"
            "        except OSError:\n"
            "            return False\n",
            "        except OSError:\n            return False\n",
        ),
        needs="scene-stop-in-doubt",
    ),
    _bug(
        "withheld-counts",
        "an order that was held back counts as one that left",
        "engine/execution.py",
        (
            "self._sent += not (isinstance(outcome, Declined) and not outcome.is_sent)",
            "self._sent += 1",
        ),
        needs="F48.touch F48.switch",
    ),
    _bug(
        "trail-remembered",
        "a stop that trails stays where it was worked out first",
        "domain/position.py",
        (
            "return made if self.plan.trailing_fraction is not None else self._like(made)",
            "return self._like(made)",
        ),
        needs="scene-trailing",
    ),
    _bug(
        "last-send-not-kept",
        "when the last order left is not kept for who raises the switch",
        "adapters/coinbase/guard.py",
        (
            "            self._keep()\n"
            "            self._look()\n"
            "            self._orders_sent += 1\n",
            "            self._look()\n            self._orders_sent += 1\n",
        ),
        needs="F48.switch",
    ),
    _bug(
        "taken-and-not-kept",
        "an order that was taken rests on where its answer was not written down",
        "engine/execution.py",
        (
            "                self._cancel_quietly([outcome.order_id])\n",
            "                pass\n",
        ),
        needs="F48.point",
    ),
    _bug(
        "fee-by-hand-is-capital",
        "the fee of a sale by hand leaves as capital",
        "core/book/acceptance.py",
        (
            "sale = LotsSoldByHand(product, fill.quantity, fill.price, fill.fee, statement.reason)",
            "sale = LotsSoldByHand(product, fill.quantity, fill.price, NO_MONEY, statement.reason)",
        ),
        needs="scene-sold-by-hand",
    ),
    _bug(
        "stop-never-proven",
        "whoever raises the switch is never told that nothing rests",
        "engine/stop_answer.py",
        ("self._on_halted(is_clear, kept)", "self._on_halted(False, kept)"),
        needs="scene-stop-in-doubt scene-many-ends F48.switch",
    ),
    _bug(
        "last-send-kept-after-it",
        "the time at which an order leaves is kept once it has left",
        "adapters/coinbase/guard.py",
        (
            "            self._keep()\n            self._look()\n",
            "            self._look()\n",
        ),
        (
            "        if is_order:\n            self._passing(Milestone.ANSWER_ARRIVED)\n",
            "        if is_order:\n            self._keep()\n"
            "            self._passing(Milestone.ANSWER_ARRIVED)\n",
        ),
    ),
    _bug(
        "last-send-of-before",
        "when the last order left stays what the process before has written",
        "adapters/emergency.py",
        (
            "        moment = _fixed(self._now())\n",
            "        moment = _fixed(self._emergency.last_send or self._now())\n",
        ),
        needs="F48.kill F48.point",
    ),
)
