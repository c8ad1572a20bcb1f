"""A live book has its orders on one exchange: not on whatever answers at its address."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest
from tests.live.rehearsal import ACCOUNT, MARKET, Rehearsal, configured, served

from trader247.adapters.served_clock import ServedClock
from trader247.app import arming
from trader247.app.reconciling import reconcile
from trader247.app.serving_places import served_places
from trader247.domain.errors import FeedMismatch, VenueError
from trader247.domain.time import MINUTE

pytestmark = pytest.mark.slow
SPEED = MARKET[-2:]


@dataclass(frozen=True)
class Exchange:
    """One exchange's folder, and the folder of keys that all of them are served with."""

    folder: Path
    tls: Path

    @contextmanager
    def at(self, port: int, *options: str) -> Iterator[int]:
        """Serve it there; the port that it is at."""
        where = ("--port", str(port), "--tls-dir", str(self.tls))
        with served(self.folder, *where, *(options or SPEED)) as at:
            yield at

    def twin(self, folder: Path) -> Exchange:
        """Another exchange on the same market: begun as this one, and itself since."""
        shutil.copytree(self.folder, folder)
        with apsw.Connection(str(served_places(folder).exchange)) as store:
            store.execute("DELETE FROM meta WHERE key = 'book'")
        return Exchange(folder, self.tls)

    def clock(self, port: int) -> ServedClock:
        token = (self.tls / "admin.token").read_text().strip()
        return ServedClock(f"localhost:{port}", ca_file=self.tls / "ca.pem", token=token)


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_book_goes_on_with_its_own_exchange_and_with_no_other(
    tmp_path: Path, closing: ExitStack
) -> None:
    """Two exchanges of one seed and start are alike to the portfolio's id: but not the same."""
    tls = served_places(tmp_path / "data").tls
    own = Exchange(tmp_path / "own", tls)
    with own.at(0, *MARKET) as port:
        rehearsal = configured(tmp_path / "data", tmp_path / "config", port)
        rehearsal.show()
        arming.arm(rehearsal.choice, lambda _: ACCOUNT)
        clock = closing.enter_context(contextlib.closing(own.clock(port)))
    with own.twin(tmp_path / "twin").at(port):
        with pytest.raises(FeedMismatch, match="has its orders on the exchange"):
            reconcile(rehearsal.choice, None)
        with pytest.raises(VenueError, match="another exchange answers"):
            clock.advance(clock.now() + 10 * MINUTE)
    with own.at(0) as elsewhere:
        assert elsewhere != port
        moved = Rehearsal(rehearsal.data, tmp_path / "moved", elsewhere)
        shutil.copytree(rehearsal.config, moved.config)
        moved.point_at(elsewhere)
        assert arming.arm(moved.choice, lambda _: ACCOUNT).account
