"""Mistakes that hide: a second control stands behind each, or it takes a day until it shows."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_INTAKE, _STARTUP, _EXITS = "engine/fill_intake.py", "engine/startup.py", "core/orders/exits.py"
_VENUE = "adapters/coinbase/venue.py"

HIDDEN = (
    _bug(
        "fee-of-other-sign",
        "what the venue charges is booked as what it gives",
        "adapters/coinbase/codec.py",
        (
            'fee=read.money(fields, "commission"),',
            'fee=Money(-read.money(fields, "commission").value),',
        ),
    ),
    _bug(
        "booked-at-limit",
        "a fill is booked at its order's limit, not at its own price",
        _INTAKE,
        (
            "                late = lateness(self._ledger.portfolio, name)\n",
            "                late = lateness(self._ledger.portfolio, name)\n"
            "                if name in self._ledger.portfolio.working:\n"
            "                    limit = self._ledger.portfolio.working[name].intent.price\n"
            "                    fill = replace(fill, price=limit)\n",
        ),
        (
            "from collections.abc import Collection, Mapping\n",
            "from collections.abc import Collection, Mapping\nfrom dataclasses import replace\n",
        ),
    ),
    _bug(
        "late-fill-dropped",
        "a fill of an order that is over is set aside",
        _INTAKE,
        (
            "            if name is None and (_may_be_told(fill, unlisted, now) "
            "or self._may_be_ours(fill)):\n",
            "            if name is not None and name not in self._ledger.portfolio.working:\n"
            "                self._quarantine(fill, name, 'its order is over')\n"
            "                continue\n"
            "            if name is None and (_may_be_told(fill, unlisted, now) "
            "or self._may_be_ours(fill)):\n",
        ),
        needs="F24 F22 F29",
    ),
    _bug(
        "cancels-one",
        "a stop asks for the end of the first order alone",
        "engine/execution.py",
        (
            "if not (each.is_over or is_kept(each))]\n",
            "if not (each.is_over or is_kept(each))][:1]\n",
        ),
        needs="F48.switch F48.touch",
    ),
    _bug(
        "snapshot-believed",
        "a restart takes its last snapshot for all that happened",
        _STARTUP,
        (
            "    for recorded in journal.briefly(after=portfolio.seq):\n",
            "    for recorded in () if portfolio.seq else journal.briefly(after=0):\n",
        ),
        needs="F48.kill F48.point F45",
    ),
    _bug(
        "entries-forgotten",
        "a restart begins to count entries anew",
        _STARTUP,
        ("    return portfolio\n", "    return replace(portfolio, entries_sent=())\n"),
        ("import contextlib\n", "import contextlib\nfrom dataclasses import replace\n"),
        needs="F48.kill F48.term F48.point",
    ),
    _bug(
        "cluster-not-looked-at",
        "what falls together may be at risk without a limit of its own",
        "core/risk/checks/cluster_exposure.py",
        ("        if cluster is None:", "        if True:"),
        also=("core/sizing.py", "    if cluster is not None:", "    if cluster and False:"),
    ),
    _bug(
        "capital-not-looked-at",
        "the most that may be at risk in money does not bind",
        "core/risk/checks/capital.py",
        ("return after <= most.value, ", "return True, "),
        needs="F48.wild",
    ),
    _bug(
        "positions-without-end",
        "as many positions as there are products",
        "core/risk/checks/max_positions.py",
        ("return after <= most, ", "return True, "),
        needs="F48.wild",
    ),
    _bug(
        "one-more-each",
        "a limit that is reached lets one more through",
        "core/risk/checks/max_positions.py",
        ("return after <= most, ", "return after <= most + 1, "),
        needs="F48.wild",
    ),
    _bug(
        "nobody-asked",
        "the first trades wait for nobody's yes",
        "core/risk/checks/confirmation.py",
        ("        if stage.trades >= self.trades_first:", "        if True:"),
    ),
    _bug(
        "yes-for-all",
        "a yes for one product is one for all",
        "domain/stage.py",
        ("if each.covers(product, side) and each.is_given(now)", "if each.is_given(now)"),
    ),
    _bug(
        "equity-with-what-rests",
        "what open buys may bring counts as held already",
        "core/valuation.py",
        (
            "    return portfolio.cash + held - taker.of_money(held)",
            "    open_buys = total([\n"
            "        each.intent.price * each.remaining\n"
            "        for each in portfolio.working.values() if each.intent.side.value == 'BUY'\n"
            "    ])\n"
            "    return portfolio.cash + held + open_buys - taker.of_money(held)",
        ),
    ),
    _bug(
        "sale-beside-its-stop",
        "a sale does not wait for the stop that rests",
        _EXITS,
        ("        elif resting is None:\n", "        elif True:\n"),
    ),
    _bug(
        "sale-without-collar",
        "a sale is priced two per cent below the market",
        _EXITS,
        (
            "    lowest = quote.mid.shifted(-policy.execution.exit_collar_bps)\n",
            "    far = policy.execution.exit_collar_bps + policy.execution.exit_collar_bps\n"
            "    lowest = quote.mid.shifted(-(far + far))\n",
        ),
        also=(
            "core/risk/checks/collar.py",
            "        off_mid, off_median = self.mid_bps.fraction, self.median_pct.fraction\n",
            "        off_mid, off_median = self.mid_bps.fraction, self.median_pct.fraction\n"
            "        if side is Side.SELL:\n"
            "            off_mid = 4 * off_mid\n",
        ),
    ),
    _bug(
        "target-forgotten",
        "a position is never sold at its target",
        _EXITS,
        ("    if bid >= position.target:", "    if False:"),
    ),
    _bug(
        "time-forgotten",
        "a position is never too old",
        _EXITS,
        (
            "ExitCause.LONGEST_HOLD if now >= position.leaves_at else None",
            "None",
        ),
    ),
    _bug(
        "written-after-the-lease",
        "a process whose journal was taken goes on writing",
        "adapters/sqlite/tenure.py",
        ("        raise epoch_lost(connection, epoch)\n", "        pass\n"),
        needs="F48.taken",
    ),
    _bug(
        "first-page-only",
        "of a listing the first page is all that there is",
        _VENUE,
        ("            if not has_next:\n", "            if True:\n"),
        needs="F20",
    ),
)
