"""Mistakes with what is left of positions, and is less than the venue sells."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_DUST, _FOUND = "core/book/dust.py", "core/orders/dust.py"
_NEEDS = "scene-dust-comes-back F48.brisk F24"

DUST = (
    _bug(
        "dust-twice",
        "dust counts twice in equity",
        "core/valuation.py",
        (
            "    held = worth([(marks[key], each.quantity) for key, each in holdings.items()])\n",
            "    held = worth([(marks[key], each.quantity) for key, each in holdings.items()])\n"
            "    held = total([held, *(marks[key] * each.quantity"
            " for key, each in portfolio.dust.items())])\n",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-forgotten",
        "what is set aside is in no book any more",
        _DUST,
        (
            "        dust=placed_in(portfolio.dust, product, rest),\n",
            "        dust=portfolio.dust,\n",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-of-some-worth",
        "what the venue would sell is set aside: three times its least",
        _FOUND,
        (
            "    wanted = CONTEXT.multiply(product.quote_min.value, least)\n",
            "    wanted = CONTEXT.multiply(product.quote_min.value, least * 3)\n",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-for-nothing",
        "dust that is taken back has cost no fees",
        _DUST,
        (
            "        positions=placed_in(portfolio.positions, product, dust),\n",
            "        positions=placed_in(portfolio.positions, product, replace(\n"
            "            dust, lots=tuple(replace(each, fee=NO_MONEY) for each in dust.lots)\n"
            "        )),\n",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-unreconciled",
        "the venue's books are compared with positions alone",
        "core/reconcile.py",
        (
            "    for product, position in portfolio.holdings.items():\n",
            "    for product, position in portfolio.positions.items():\n",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-for-ever",
        "dust stays dust, whatever it is worth",
        _FOUND,
        (
            "        if bool(too_little) is is_dust or",
            "        if is_dust or bool(too_little) is is_dust or",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-while-it-works",
        "what is left is set aside while an order of the product works",
        _FOUND,
        (
            'if product in busy or f"base:',
            'if f"base:',
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-at-no-risk",
        "dust is not at risk",
        "core/risk/reservations.py",
        (
            "        for product, position in portfolio.holdings.items():\n            mark =",
            "        for product, position in portfolio.positions.items():\n            mark =",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-leaves-last",
        "lots that were dust leave after those that were bought later",
        _DUST,
        (
            "    lots = (*dust.lots, *opened.lots)\n",
            "    lots = (*opened.lots, *dust.lots)\n",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-in-the-average",
        "stop and target of a new position follow from the dust in it as well",
        _DUST,
        (
            "    return replace(opened, lots=lots, inherited=len(dust.lots))\n",
            "    return replace(opened, lots=lots)\n",
        ),
        needs=_NEEDS,
    ),
    _bug(
        "dust-closes-nothing",
        "a position of which dust is left has closed with no loss",
        _DUST,
        (
            "    return after if last is None else _closed(after, held, last, at)\n",
            "    return after\n",
        ),
        needs=_NEEDS,
    ),
)
