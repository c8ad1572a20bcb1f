"""Mistakes about what is not said, little money and clocks, by who had not read the judge."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_CODEC = "adapters/coinbase/codec.py"
_UNSAID = "scene-without-figures"

APART = (
    _bug(
        "unsaid-fees-are-none",
        "an order with fills of which the venue does not say the fees has paid none",
        _CODEC,
        ("    if fees is None and filled:\n", "    if fees is None and filled is None:\n"),
        needs=_UNSAID,
    ),
    _bug(
        "unsaid-commission-is-none",
        "a fill of which the venue does not say the commission has cost none",
        _CODEC,
        (
            'fee=read.money(fields, "commission")',
            'fee=Money(read.decimal(fields, "commission") or Decimal(0))',
        ),
        needs=_UNSAID,
    ),
    _bug(
        "unsaid-rate-is-none",
        "a fee rate that the venue does not say is no fee",
        _CODEC,
        ("fraction = read.number(tier, name)", "fraction = read.decimal(tier, name) or Decimal(0)"),
        needs=_UNSAID,
    ),
    _bug(
        "unsaid-hold-is-none",
        "a wallet of which the venue does not say what is on hold holds nothing back",
        _CODEC,
        (
            'hold = read.number(read.record(fields, "hold"), "value")',
            'hold = read.number(fields.get("hold", {"value": "0"}), "value")',
        ),
        needs=_UNSAID,
    ),
    _bug(
        "unsaid-wallet-is-empty",
        "a wallet of which the venue does not say what is free is empty",
        _CODEC,
        (
            'read.number(read.record(fields, "available_balance"), "value")',
            'read.number(fields.get("available_balance", {"value": "0"}), "value")',
        ),
        needs=_UNSAID,
    ),
    _bug(
        "unsaid-filled-is-nothing",
        "an order that was cancelled, or ran out, and does not say what it filled, filled nothing",
        _CODEC,
        (
            "filled is None and state in _MAY_HAVE_FILLED",
            "filled is None and state.value == 'FILLED'",
        ),
    ),
    _bug(
        "increment-of-the-quote",
        "prices are rounded to the increment of the currency, not to that of the price",
        _CODEC,
        ('"price_increment" if fields.get("price_increment") else ', ""),
    ),
    _bug(
        "one-more-canary",
        "the first stage counts what is held, and not the product that comes to it",
        "core/risk/checks/canary.py",
        ("len({*context.at_risk.products, proposal.product})", "len(context.at_risk.products)"),
        needs="scene-first-money",
    ),
    _bug(
        "day-by-one-clock",
        "a day ends as soon as our own clock says so, whatever the venue's says",
        "core/book/clocks.py",
        (
            "self.own.begins_day_after(known) and self.right.begins_day_after(known)",
            "self.own.begins_day_after(known)",
        ),
        needs="scene-days-ahead",
    ),
    _bug(
        "accepted-beside-stops",
        "a movement is accepted while stops rest that may have made it",
        "engine/accepting.py",
        (
            "and not collected.error and not self._others_work(orders)",
            "and not collected.error and self._others_work(orders)",
        ),
        needs="scene-two-prices",
    ),
    _bug(
        "hand-without-its-account",
        "a command on a live book takes no account: it ends what another folder's trader rests",
        "app/people/attending.py",
        (
            "                stack.enter_context(account_lock(_account_of(trader, kill, world)))\n",
            "                _account_of(trader, kill, world)\n",
        ),
    ),
)
