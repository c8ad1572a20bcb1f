"""Mistakes in files of the core and of alerts in which nobody had planted any."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

UNTOUCHED = (
    _bug(
        "stranger-explains-its-hold",
        "a lost order of ours explains the hold of coins that it is the reason of",
        "core/holds.py",
        (
            "            if not order.client_order_id.startswith(OWN_PREFIX):\n"
            "                left = order.quantity - min(order.filled, order.quantity)\n"
            "                known = CONTEXT.add(known, left.value)\n",
            "            if order.client_order_id:\n"
            "                left = order.quantity - min(order.filled, order.quantity)\n"
            "                known = CONTEXT.add(known, left.value)\n",
        ),
        needs="scene-lost-unended scene-terms-untold",
    ),
    _bug(
        "hold-ours-for-a-minute",
        "a hold that nobody can explain is somebody else's after a minute, and no buy of ours",
        "core/holds.py",
        ("OURS_MAX = 15 * MINUTE + RESTS_AFTER_END\n", "OURS_MAX = MINUTE\n"),
        needs="scene-rests-unknown",
    ),
    _bug(
        "odd-fill-untold",
        "a fill under our name that fits no order of the journal stops no buying",
        "core/book/contradictions.py",
        ("    if name is None or not name.startswith(OWN_PREFIX):\n", "    if True:\n"),
        needs="scene-adoption-lost",
    ),
    _bug(
        "one-too-many-running",
        "a product is bought once more without a sale between than is allowed",
        "core/risk/checks/repetition.py",
        ("and running < self.running_max", "and running <= self.running_max"),
        needs="F48.wild",
    ),
    _bug(
        "bought-is-not-flattened",
        "somebody who wants all sold does not mean what is still being bought",
        "core/orders/flattening.py",
        ("{*portfolio.positions, *buying}", "{*portfolio.positions}"),
        needs="scene-channel-down",
    ),
    _bug(
        "batch-tells-of-the-first",
        "of alerts that one message tells of together only the first counts as told",
        "adapters/alert_waiting.py",
        ("return self.held or (self.alert.id,)", "return (self.alert.id,)"),
        needs="scene-unheard-for-long",
    ),
    _bug(
        "late-sign-untold",
        "an order that turns up after it was settled as refused halts nothing",
        "core/book/contradictions.py",
        ("(IntentState.REJECTED, IntentState.NOT_CREATED)", "(IntentState.NOT_CREATED,)"),
        needs="scene-id-known scene-odd-words",
    ),
    _bug(
        "denied-key-goes-on",
        "a key that may not trade any more latches nothing",
        "core/orders/answers.py",
        ("if code == PERMISSION_DENIED:", "if code == f'{PERMISSION_DENIED} ':"),
        needs="F16 F34 scene-key-may-transfer",
    ),
    _bug(
        "dearer-middle",
        "what an entry costs is counted from the higher of two middles",
        "core/risk/checks/slippage.py",
        ("if proposal.reference.value < mid.value:", "if proposal.reference.value > mid.value:"),
        needs="F48.wild scene-far-off",
    ),
    _bug(
        "high-that-never-was",
        "a quote far above the last close counts as a gain at once, and its end as a loss",
        "core/risk/checks/quote_sanity.py",
        (
            "        if view.quote is None or not view.bars:\n            return False\n",
            "        if view.quote is None or view.bars:\n            return False\n",
        ),
        needs="F35 scene-dust-sold-before",
    ),
    _bug(
        "fees-one-way",
        "what a target must be worth is held against the fee of going in alone",
        "core/risk/checks/fee_worth.py",
        (
            "round_trip = CONTEXT.add(maker.fraction, context.worst_fee)",
            "round_trip = maker.fraction",
        ),
        needs="F48.wild",
    ),
    _bug(
        "known-buys-without-fees",
        "no fee of a buy that is known explains a hold of cash",
        "core/holds.py",
        ("is_certain=more > tolerance.value)", "is_certain=beyond > tolerance.value)"),
        needs="F48.brisk",
    ),
)
