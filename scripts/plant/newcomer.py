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
)
