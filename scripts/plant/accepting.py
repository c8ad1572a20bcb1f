"""Mistakes where a person accepts what an order did by fills that were set aside."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

_ASIDE = "core/book/aside.py"
_SCENE = "scene-adoption-lost"

ACCEPTING = (
    _bug(
        "accepted-without-fee",
        "what is accepted of a sale brings its fee as well",
        _ASIDE,
        ("(fill.price * others.quantity - others.fee)", "fill.price * others.quantity"),
        needs=_SCENE,
    ),
    _bug(
        "accepted-and-there",
        "coins that an accepted sale took are foreign still",
        _ASIDE,
        ("    if foreign != before:\n", "    if foreign > before:\n"),
        needs=_SCENE,
    ),
    _bug(
        "accepted-as-theirs",
        "an accepted sale took none of ours: all that it brought is capital",
        _ASIDE,
        ("_parted(fill, min(own, fill.quantity))", "_parted(fill, min(NOTHING, fill.quantity))"),
        needs=_SCENE,
    ),
    _bug(
        "accepted-by-itself",
        "a fill that is set aside is accepted at once, and nobody was asked",
        "engine/reconciler.py",
        (
            "        self._strays.end(strangers)\n",
            "        aside = self._journal.set_aside\n"
            "        for each in endings(self._ledger.portfolio, aside, 'of itself'):\n"
            "            moved = moved_by(self._ledger.portfolio, each)\n"
            "            self._ledger.record(each, *moved)\n"
            "        self._strays.end(strangers)\n",
        ),
        (
            "from trader247.core.book.contradictions",
            "from trader247.core.book.aside import endings, moved_by\n"
            "from trader247.core.book.contradictions",
        ),
        needs=_SCENE,
    ),
)
"""In the order in which they were written down."""
