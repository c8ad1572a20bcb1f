"""Where a served exchange keeps its files: a book of its own, beside the traders' books."""

from __future__ import annotations

from pathlib import Path

from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ServedPlaces(Places):
    """The files of the one exchange that a data folder serves."""

    @property
    def book(self) -> str:
        return "served-sim"

    @property
    def journal(self) -> Path:
        """The exchange's own store: nobody keeps a ledger here."""
        return self.exchange

    @property
    def lock(self) -> Path:
        return self.data / f"{self.book}.lock"

    @property
    def tls(self) -> Path:
        """The folder of certificate and keys, where no other is asked for."""
        return self.data / f"{self.book}.tls"


def served_places(data: Path) -> ServedPlaces:
    """The files of the exchange that `data` serves."""
    return ServedPlaces(data, Mode.PAPER, VenueName.SIM)
