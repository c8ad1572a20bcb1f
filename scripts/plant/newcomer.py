"""Mistakes by somebody who had read the trader, and nothing of judge, simulation or this list."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

NEWCOMER = (
    _bug(
        "one-breaker-is-none",
        "a breaker that is open alone keeps nobody from buying",
        "core/risk/checks/breaker_open.py",
        (
            "if not breakers:\n",
            "if len(breakers) < 2:\n",
        ),
        needs="F16 F17 F33",
    ),
    _bug(
        "skew-reversed",
        "how far the clocks are apart is told the wrong way round",
        "adapters/coinbase/skew.py",
        (
            "return theirs - (asked + (answered - asked) / 2)",
            "return (asked + (answered - asked) / 2) - theirs",
        ),
        needs="F40 F42 scene-clock-ahead",
    ),
    _bug(
        "request-stays",
        "what a person asked for stays in the inbox, and is obeyed again and again",
        "adapters/inbox.py",
        (
            "path.rename(taken)\n",
            "taken.write_bytes(path.read_bytes())\n",
        ),
        needs="F48.people",
    ),
    _bug(
        "adopted-for-nothing",
        "what adopted coins cost does not come in as capital",
        "core/book/by_hand.py",
        (
            "        flows=portfolio.flows + lot.cost,\n",
            "",
        ),
        needs="scene-two-prices",
    ),
    _bug(
        "marks-of-the-cycle-before",
        "the gate counts what is held at the prices of the cycle before",
        "core/risk/reservations.py",
        (
            "if quote.bid != known.get(product):\n"
            "            fresh[product] = quote.bid\n"
            "    return replace(portfolio, marks={**known, **fresh}) if fresh else portfolio",
            "if quote.bid != known.get(product):\n"
            "            fresh[product] = quote.bid\n"
            "    return replace(portfolio, marks={**fresh, **known}) if fresh else portfolio",
        ),
        needs="F37 F48.wild",
    ),
    _bug(
        "quotes-of-the-last-cycle",
        "between two cycles exits are judged by the quotes of the last one",
        "engine/cycle.py",
        (
            "product: replace(view, quote=quotes[product]) if product in quotes else view\n",
            "product: view\n",
        ),
        needs="scene-trailing-between",
    ),
    _bug(
        "undeliverable-and-on",
        "what nobody can be told of halts nothing",
        "engine/alert_watch.py",
        (
            "if cause and HaltName.ALERTS not in self._ledger.portfolio.halts:",
            "if cause and HaltName.ALERTS in self._ledger.portfolio.halts:",
        ),
        needs="scene-unheard-for-long",
    ),
    _bug(
        "unseen-twice",
        "each listing without an order counts for two",
        "core/book/intents.py",
        (
            "unseen = replace(known, unseen_listings=known.unseen_listings + 1, last_unseen=at)",
            "unseen = replace(known, unseen_listings=known.unseen_listings + 2, last_unseen=at)",
        ),
        needs="scene-past-its-end F8 F19",
    ),
    _bug(
        "ended-for-a-minute",
        "orders that ended are remembered for a minute, not for a day",
        "core/book/intents.py",
        (
            "known, since = portfolio.settled, now.us - _DAY_US",
            "known, since = portfolio.settled, now.us - _DAY_US // 1440",
        ),
        needs="scene-past-its-end scene-fills-retold",
    ),
    _bug(
        "leg-not-counted",
        "a recorded exit does not count up the leg of its position",
        "core/book/intents.py",
        (
            "counted = position.with_legs(max(position.exit_legs + 1, intent.leg))",
            "counted = position.with_legs(max(position.exit_legs, intent.leg - 1))",
        ),
        needs="F24",
    ),
    _bug(
        "file-not-asked-at-sending",
        "app.yaml is read at the beginning of a cycle, and not before each order",
        "app/granting/permits.py",
        (
            "return SimulatedPermit(self.stop, self.has_tenure).refusal() or self.objection()",
            "return SimulatedPermit(self.stop, self.has_tenure).refusal()",
        ),
        needs="scene-forbidden-meanwhile",
    ),
    _bug(
        "arming-never-ends",
        "a book goes on buying when the time is over for which it was armed",
        "core/risk/checks/arming.py",
        (
            "if not stage.is_armed(context.now):\n",
            "if stage.is_revoked and not stage.is_armed(context.now):\n",
        ),
        needs="scene-armed-for-minutes",
    ),
    _bug(
        "flag-not-asked",
        "the gate does not ask what its owner forbids",
        "core/risk/checks/banned.py",
        (
            "if never is not None:\n",
            "if never is not None and not proposal.is_entry:\n",
        ),
        needs="scene-red-flag",
    ),
    _bug(
        "let-go-under-the-switch",
        "the halt of a switch is cleared while the switch is on",
        "engine/commands.py",
        (
            "is_stop_raised=self._stop.is_raised(),",
            "is_stop_raised=False,",
        ),
        needs="scene-cleared-too-soon",
    ),
    _bug(
        "peak-below-what-is-there",
        "a high-water mark is accepted that lies below what is there",
        "core/risk/halts.py",
        (
            "if accepted_peak < equity:\n",
            "if accepted_peak.value < 0:\n",
        ),
        needs="scene-cleared-too-soon",
    ),
    _bug(
        "slices-without-a-cap",
        "a sale is of all that is held, however large one order may be",
        "core/orders/exits.py",
        (
            "most = max(min(cap.at(price), product.base_max).floor_to(step), least)",
            "most = max(min(whole, product.base_max).floor_to(step), least)",
        ),
        needs="scene-hardly-more",
    ),
    _bug(
        "stop-takes-its-price-alone",
        "a stop takes the price that it waits for, and no less",
        "core/orders/venue_stops.py",
        (
            "return StopPrices(trigger, min(limit, trigger))",
            "return StopPrices(trigger, trigger)",
        ),
        needs="scene-stop-kept F37",
    ),
    _bug(
        "strange-hold-buys-on",
        "cash that is held for no order that is known lets buying go on",
        "core/holds.py",
        (
            "return found if found is not None and now - found.since <= OURS_MAX else None",
            "return None",
        ),
        needs="scene-rests-unknown scene-held-alone",
    ),
    _bug(
        "wide-reading-not-owed",
        "the wide reading of a start is owed no longer once it has failed",
        "engine/reconciler.py",
        (
            "except VenueError as error:\n"
            "            self._is_unread, updated = True, self._sales.ask()",
            "except VenueError as error:\n"
            "            self._owed = None\n"
            "            self._is_unread, updated = True, self._sales.ask()",
        ),
        needs="scene-unread-at-first",
    ),
    _bug(
        "limits-not-counted",
        "what the exchange refuses for its rate does not count",
        "adapters/coinbase/client.py",
        (
            "            self._rate_limited += 1\n",
            "",
        ),
        needs="scene-asked-to-wait F17",
    ),
    _bug(
        "unrecorded-ends-the-ended",
        "whose disk failed asks for the end of what has ended alone",
        "engine/execution.py",
        (
            "each.order_id for each in working if each.order_id is not None]\n",
            "each.order_id for each in working if each.order_id and each.is_over]\n",
        ),
        needs="F43 F44 F47",
    ),
    _bug(
        "least-of-the-losses",
        "a stop on losses goes by the base from which least was lost",
        "core/risk/stops.py",
        (
            "return min(self.bases, key=lambda base: base.change.value, default=None)",
            "return max(self.bases, key=lambda base: base.change.value, default=None)",
        ),
        needs="scene-midnight-lost F37",
    ),
    _bug(
        "sale-waits-for-its-turn",
        "a sale whose stop makes way waits for the next cycle at its turn",
        "engine/loop.py",
        (
            "                if self._is_pressing:\n"
            "                    due = min(due, self._clock.now() + SECOND)\n",
            "",
        ),
        needs="scene-stopped-twice",
    ),
    _bug(
        "buys-past-their-end",
        "a buy that rests past its end is not asked to end",
        "core/orders/cancellations.py",
        (
            "if snapshot.time.us >= intent.end_time.us:",
            "if snapshot.time.us >= intent.end_time.us and intent.side is Side.SELL:",
        ),
        needs="scene-past-its-end F27",
    ),
    _bug(
        "errors-not-counted",
        "what the exchange fails at does not count",
        "adapters/coinbase/client.py",
        (
            "self._errors += 1\n",
            "self._errors += 0\n",
        ),
        needs="scene-lists-refused F16",
    ),
    _bug(
        "cleared-under-a-break",
        "the halt of a difference is cleared while it stands",
        "core/risk/halts.py",
        (
            "if breaks:\n            return (\n",
            "if len(breaks) > 99:\n            return (\n",
        ),
        needs="scene-half-gone F31",
    ),
    _bug(
        "insists-no-more",
        "what is critical is not told of again by the next process",
        "app/outside/telling.py",
        (
            "for id, each in latest.items():\n",
            "for id, each in list(latest.items())[:0]:\n",
        ),
        needs="F48.kill F48.channel",
    ),
    _bug(
        "streak-without-dust",
        "a close that leaves dust counts for no losing streak",
        "core/book/dust.py",
        (
            "losing_streak=portfolio.losing_streak + 1 if is_loss else 0,",
            "losing_streak=portfolio.losing_streak,",
        ),
        needs="scene-losses-in-a-row F24",
    ),
    _bug(
        "undeliverable-for-an-hour",
        "buying ends once nobody could be told for an hour, not for five minutes",
        "adapters/alerts.py",
        (
            "UNDELIVERABLE_SECONDS = 300.0",
            "UNDELIVERABLE_SECONDS = 3600.0",
        ),
        needs="scene-unheard-for-long",
    ),
    _bug(
        "escalated-after-hours",
        "what is critical is escalated after two hours, not after two minutes",
        "core/alerts/due.py",
        (
            "if known.is_escalated or _away(known.since, now) < ESCALATES_AFTER:",
            "if known.is_escalated or _away(known.since, now) < 60 * ESCALATES_AFTER:",
        ),
        needs="scene-unheard-for-long",
    ),
    _bug(
        "unsent-counts-as-sent",
        "an order of which nothing left counts as one that was sent",
        "adapters/coinbase/guard.py",
        (
            "            self._orders_sent -= is_order\n",
            "",
        ),
        needs="scene-slow-way F2 F3 F4",
    ),
)
