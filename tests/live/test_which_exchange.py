"""A live book has its orders on one exchange: not on whatever answers at its address.

And what it does there follows from seed and start alone, over TLS and in two processes as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.rehearsal import ACCOUNT, MARKET, Rehearsal, configured, served
from tests.live.test_whole import EAGER

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.granting import arming, confirming
from trader247.app.running import trading
from trader247.app.running.plan import Plan
from trader247.app.serving.places import served_places
from trader247.app.venue.reconciling import reconcile
from trader247.domain.errors import FeedMismatch

pytestmark = pytest.mark.slow
SPEED = MARKET[-2:]


@dataclass(frozen=True)
class Exchange:
    """One exchange's folder, and the folder of keys that all of them are served with."""

    folder: Path
    tls: Path

    @contextmanager
    def served(self, *options: str) -> Iterator[int]:
        """The port that it is at while the context lasts."""
        where = ("--port", "0", "--tls-dir", str(self.tls))
        with served(self.folder, *where, *options) as port:
            yield port


def begun(folder: Path, port: int, tls: Path) -> Rehearsal:
    """A book that was armed there."""
    rehearsal = configured(folder / "data", folder / "config", port)
    rehearsal.data.mkdir(mode=0o700, parents=True)
    served_places(rehearsal.data).tls.symlink_to(tls)
    rehearsal.allow(EAGER)
    rehearsal.show()
    arming.arm(rehearsal.choice, lambda _: ACCOUNT)
    return rehearsal


def traded(rehearsal: Rehearsal) -> list[str]:
    """The hashes of the journal's events, once it has bought something."""
    sent: list[int] = []
    for _ in range(2):
        trading.run(
            rehearsal.choice,
            Plan(cycles=2, speed=None),
            on_opening=lambda _: None,
            on_report=lambda report, _: sent.append(report.orders_sent),
        )
        for question in confirming.waiting(rehearsal.choice).questions:
            confirming.confirm(rehearsal.choice, question.id)
    assert sum(sent) > 0
    with JournalReader.open(rehearsal.places.journal) as journal:
        return [each.hash for each in journal.recorded()]


def test_a_book_goes_on_with_its_own_exchange_and_with_no_other(tmp_path: Path) -> None:
    """Two exchanges of one seed and start give the same journal, but are not the same."""
    tls = tmp_path / "tls"
    own, twin = Exchange(tmp_path / "own", tls), Exchange(tmp_path / "twin", tls)
    with own.served(*MARKET) as port:
        first = begun(tmp_path / "first", port, tls)
        told = traded(first)
    with twin.served(*MARKET) as there:
        assert traded(begun(tmp_path / "second", there, tls)) == told
        first.point_at(there)
        with pytest.raises(FeedMismatch, match="has its orders on the exchange"):
            reconcile(first.choice, None)
    with own.served(*SPEED) as elsewhere:
        assert elsewhere != port
        first.point_at(elsewhere)
        assert arming.arm(first.choice, lambda _: ACCOUNT).account
