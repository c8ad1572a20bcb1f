"""Mistakes thought of later: written to see what nobody had looked for yet."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_INTAKE, _CYCLE = "engine/fill_intake.py", "engine/cycle.py"
_RECONCILER, _FILLS = "engine/reconciler.py", "core/book/fills.py"
_CHECKS, _RISK = "core/risk/checks", "core/risk"
_WILD = "F48.wild"

FURTHER = (
    _bug(
        "released-early",
        "an order that the venue took reserves nothing any more",
        f"{_RISK}/reservations.py",
        (
            "    return working.intent.quantity if working.state.is_unresolved "
            "else working.remaining",
            "    return working.intent.quantity if working.state.is_unresolved else NOTHING",
        ),
        needs=_WILD,
    ),
    _bug(
        "part-for-whole",
        "a part of an order is booked as all of it having filled",
        _FILLS,
        (
            "            filled=known.filled + fill.quantity,",
            "            filled=known.intent.quantity,",
        ),
        needs="F24",
    ),
    _bug(
        "another-orders-fill",
        "a fill is booked for an order of its product that is over",
        _INTAKE,
        (
            "            if name is None and (_may_be_told(fill, unlisted, now) "
            "or self._may_be_ours(fill)):\n",
            "            for each in self._ledger.portfolio.settled.values():\n"
            "                if each.intent.product == fill.product:\n"
            "                    name = each.intent.client_order_id\n"
            "                    break\n"
            "            if name is None and (_may_be_told(fill, unlisted, now) "
            "or self._may_be_ours(fill)):\n",
        ),
        needs="F22 F24",
    ),
    _bug(
        "trade-id-alone",
        "a second entry of one trade is taken for the first",
        _INTAKE,
        (
            "            if self._journal.has_fill(fill.entry_id):\n"
            "                self._expect_unchanged(fill)\n",
            "            if self._journal.has_fill(fill.entry_id) or (\n"
            "                fill.trade_id and self._journal.repeats_trade(fill)\n"
            "            ):\n"
            "                self._expect_unchanged(fill)\n",
        ),
        needs="F23 F24",
    ),
    _bug(
        "gate-on-old-books",
        "the gate judges by the books of before this cycle's reading",
        _CYCLE,
        (
            "        self._read_fees()\n        collected = self._reconciler.collect()\n",
            "        self._read_fees()\n"
            "        books = self._ledger.portfolio\n"
            "        collected = self._reconciler.collect()\n",
        ),
        (
            "        decisions = decide(snapshot, self._ledger.portfolio, self._policy,"
            " self._senses)\n",
            "        decisions = decide(snapshot, books, self._policy, self._senses)\n",
        ),
        needs="F24",
    ),
    _bug(
        "each-by-itself",
        "proposals of one cycle are judged as if each were alone",
        f"{_RISK}/gate.py",
        (
            "        if isinstance(before, Approved):\n",
            "        if isinstance(before, Refused):\n",
        ),
        ("            held = with_reserved(held, before, policy)\n", ""),
        ("            entries += before.proposal.is_entry\n", ""),
        needs=_WILD,
    ),
    _bug(
        "switch-from-memory",
        "the stop is looked up once a turn of the loop, and remembered",
        "adapters/kill_switch.py",
        (
            '        """Whether the switch is on; one that cannot be examined is."""\n',
            '        """Whether the switch is on; one that cannot be examined is."""\n'
            "        return getattr(self, '_known', False)\n",
        ),
        (
            '            return ""\n        except OSError:\n            return "unexamined"\n'
            '        return f"{found.st_dev}.{found.st_ino}.{found.st_ctime_ns}"\n',
            '            self._known = False\n            return ""\n'
            '        except OSError:\n            return "unexamined"\n'
            "        self._known = True\n"
            '        return f"{found.st_dev}.{found.st_ino}.{found.st_ctime_ns}"\n',
        ),
        needs="F48.touch",
    ),
    _bug(
        "app-yaml-ignored",
        "app.yaml is read at the start alone",
        "app/granting/live_watch.py",
        ("        if not self._is_bound:\n", "        if True:\n"),
        needs="F48.config scene-read-only",
    ),
    _bug(
        "stop-far-below",
        "a stop rests at the venue three per cent under its plan",
        "core/orders/venue_stops.py",
        (
            "    trigger = position.stop.ceil_to(step)\n",
            "    trigger = position.stop.shifted(Bps.of(-300)).ceil_to(step)\n",
        ),
    ),
    _bug(
        "day-by-local-time",
        "a day ends at 19:00 UTC, as it does where somebody lives",
        "domain/time.py",
        (
            "        return Instant(self.us - self.us % _DAY_US)\n",
            "        return Instant(self.us - (self.us + 18_000_000_000) % _DAY_US)\n",
        ),
    ),
    _bug(
        "no-cooldown",
        "a product is bought again right after its stop",
        f"{_CHECKS}/cooldown.py",
        (
            "        return context.now >= until, detail, until",
            "        return True, detail, until",
        ),
        needs=_WILD,
    ),
    _bug(
        "fee-left-out",
        "a buy is held to be paid for without its fee",
        f"{_CHECKS}/buying_power.py",
        (
            "        cost = CONTEXT.multiply(proposal.notional.value, CONTEXT.add(ONE,"
            " context.worst_fee))\n",
            "        cost = proposal.notional.value\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "no-largest-order",
        "an order may be as large as a strategy likes",
        f"{_CHECKS}/max_order.py",
        (
            "        return self.refuse(detail, value=notional",
            "        return self.allow(detail, value=notional",
        ),
        also=(f"{_CHECKS}/ladder.py", "return is_within, detail", "return True, detail"),
        needs=_WILD,
    ),
    _bug(
        "no-total",
        "the whole book may be at risk without a share of its own",
        f"{_CHECKS}/total_exposure.py",
        (
            "        return share_verdict(self, proposal, context, exposure=exposure,"
            " cap=self.pct_max)\n",
            "        cap = Percent(self.pct_max.value * 5)\n"
            "        return share_verdict(self, proposal, context, exposure=exposure, cap=cap)\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "small-orders",
        "an entry may be of any size that the venue takes",
        f"{_CHECKS}/min_notional.py",
        (
            "        if proposal.is_entry and floor.value < self.quote_min.value:\n",
            "        if False:\n",
        ),
        needs=_WILD,
    ),
    _bug(
        "as-many-at-once",
        "one cycle opens as many positions as it likes",
        f"{_CHECKS}/new_positions.py",
        ("return value < most, detail", "return True, detail"),
        needs=_WILD,
    ),
    _bug(
        "chain-not-verified",
        "a start takes the journal for sound without reading it",
        "adapters/sqlite/tenure.py",
        (
            "    check_file(connection, is_full=was_clean)\n"
            "    return Anchor(check_chain(connection), wall)\n",
            "    head = connection.execute("
            '"SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()\n'
            "    return Anchor(Head(int(head[0]), str(head[1])), wall) if head else "
            "Anchor(check_chain(connection), wall)\n",
        ),
        needs="F46 F48.kill",
    ),
    _bug(
        "segment-name-not-synced",
        "the name of the file of what cycles saw is not synced",
        "adapters/sqlite/market/segment_writer.py",
        ("        _sync_folder(self._folder)\n", "        pass\n"),
        needs="F45 F48.point",
    ),
    _bug(
        "lost-is-a-stranger",
        "what a restored journal lost is not taken back",
        _RECONCILER,
        ("        self._strays.adopt(orders, fills)\n", ""),
        needs="F48.restored",
    ),
    _bug(
        "equity-by-float",
        "equity goes through a float",
        "core/valuation.py",
        (
            "    return portfolio.cash + held - taker.of_money(held)",
            "    return Money(Decimal(float("
            "(portfolio.cash + held - taker.of_money(held)).value)))",
        ),
        (
            "from trader247.domain.dataclass import dataclass\n",
            "from trader247.domain.dataclass import dataclass\nfrom decimal import Decimal\n",
        ),
    ),
    _bug(
        "first-fills-page-only",
        "of the fills the first page is all that there is",
        "adapters/coinbase/venue.py",
        (
            '            if not cursor or cursor in seen or not page["fills"]:\n',
            "            if True:\n",
        ),
        needs="F20 F24",
    ),
)
