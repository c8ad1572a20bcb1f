"""What becomes of a request on its way, drawn from the seed: late, lost, reset, doubled, refused.

The first nine faults, and the two kinds of partition. Each counts itself where it strikes.
"""

from __future__ import annotations

from collections.abc import Callable

from trader247.adapters.coinbase.transport import CONNECT_MAX
from trader247.domain.dataclass import dataclass
from trader247.domain.time import MICROSECOND
from trader247.simulation.mishaps.faults import Odds
from trader247.simulation.world.dice import Dice

_CONNECT_US = CONNECT_MAX // MICROSECOND
_MILLISECOND = 1_000
_SECOND = 1_000_000
_WORSE = 12
_LAG_MAX_US = 50 * _SECOND
_SLOW = "it does not answer in time"


@dataclass(frozen=True, slots=True)
class Trouble:
    """How one request fares. Without `refused` it leaves after `connect_us`.

    It arrives `out_us` later, never if that is None, and once more after each of `again_us`. Its
    answer takes `back_us`; `is_silent` loses it, and after `reset_us` the connection is reset.
    """

    connect_us: int
    out_us: int | None
    back_us: int
    refused: str = ""
    is_silent: bool = False
    reset_us: int | None = None
    again_us: tuple[int, ...] = ()


Befallen = Callable[[Dice, int, int], Trouble]
"""How a request fares that something befell: what happens by chance, and its usual two ways."""


class Network:
    """The way of all processes of a run."""

    def __init__(self, dice: Dice, odds: Odds, now_us: Callable[[], int]) -> None:
        self._dice = dice
        self._odds = odds
        self._now_us = now_us
        self._number = 0
        self._known: tuple[bool, list[tuple[str, Befallen]]] | None = None
        self.cut_until_us = 0
        """Until then nothing gets through at all."""
        self.deaf_until_us = 0
        """Until then requests arrive, and answers do not."""
        self.connect_us = 0
        """How long it takes until a connection is there by which something is changed."""
        self.wait_s = 0
        """How long whoever is refused for asking too often is asked to wait; 0: nobody says so."""
        self.streams_lag_since_us: int | None = None
        """Since when what streams say comes later and later, up to most of a minute."""
        self.on_request: Callable[[], None] = _unheard
        """Hears of each request that is about to leave."""

    @property
    def is_cut(self) -> bool:
        """Whether nothing that the exchange says gets through now."""
        return self._now_us() < max(self.cut_until_us, self.deaf_until_us)

    @property
    def stream_late_us(self) -> int:
        """How much later what streams say now arrives: it grows so slowly that none is silent."""
        since_us = self.streams_lag_since_us
        return 0 if since_us is None else min((self._now_us() - since_us) // 4, _LAG_MAX_US)

    def next_number(self) -> int:
        """What the next request is called."""
        self._number += 1
        return self._number

    def cut(self) -> None:
        """Nothing gets through for a while: mostly minutes, once in a while hours."""
        longest = self._dice.pick((3, 10, 40, 360))
        self.cut_until_us = self._now_us() + self._dice.between(1, longest) * 60 * _SECOND

    def go_deaf(self) -> None:
        """Answers do not get through for a while."""
        self.deaf_until_us = self._now_us() + self._dice.between(20, 600) * _SECOND

    def trouble(self, *, is_changing: bool = False) -> Trouble:
        """How the next request will fare: those that change something are few, and fare worse."""
        self.on_request()
        now_us = self._now_us()
        out_us = self._dice.between(2, 12) * _MILLISECOND
        back_us = self._dice.between(2, 12) * _MILLISECOND
        if now_us < self.cut_until_us:
            self._odds.count("F14")
            # A connection that stands still takes the bytes: then nobody knows where they are.
            is_taken = self._dice.chance(300_000)
            return Trouble(0, None, back_us) if is_taken else _unreachable(_SLOW)
        if now_us < self.deaf_until_us:
            self._odds.count("F15")
            return Trouble(0, out_us, back_us, is_silent=True)
        for id, befallen in self._befalling():
            if self._odds.strikes(id, times=_WORSE if is_changing else 1):
                return befallen(self._dice, out_us, back_us)
        return Trouble(self.connect_us if is_changing else 0, out_us, back_us)

    def _befalling(self) -> list[tuple[str, Befallen]]:
        """What of it this run has; found again once that is made to stop."""
        if self._known is None or self._known[0] is not self._odds.is_calm:
            has = [(id, each) for id, each in _BEFALLEN.items() if self._odds.has(id)]
            self._known = self._odds.is_calm, has
        return self._known[1]


def _unheard() -> None:
    """Nobody counts them."""


def _unreachable(refused: str, connect_us: int = _CONNECT_US) -> Trouble:
    return Trouble(connect_us, None, 0, refused=refused)


def _amid(dice: Dice, out_us: int, back_us: int) -> Trouble:
    """The connection is reset with the request, or its answer, half on its way."""
    is_there = dice.chance(500_000)
    reset_us = out_us + back_us
    return Trouble(0, out_us if is_there else None, back_us, is_silent=True, reset_us=reset_us)


def _late(dice: Dice, out_us: int, back_us: int) -> Trouble:
    late_us = dice.between(10, 170) * _SECOND
    if dice.chance(500_000):
        return Trouble(0, out_us + late_us, back_us)
    return Trouble(0, out_us, back_us + late_us)


_BEFALLEN: dict[str, Befallen] = {
    "F1": lambda *_: _unreachable("its name cannot be resolved", 50 * _MILLISECOND),
    "F2": lambda *_: _unreachable("it refuses connections", _MILLISECOND),
    "F3": lambda *_: _unreachable(_SLOW),
    "F4": lambda *_: _unreachable("TLS failed", 30 * _MILLISECOND),
    # The bytes went into a connection that was gone.
    "F5": lambda _, out_us, back_us: Trouble(0, None, back_us, reset_us=out_us),
    "F6": _amid,
    "F7": lambda _, out_us, back_us: Trouble(0, out_us, back_us, is_silent=True),
    "F8": lambda *ways: Trouble(0, None, ways[2]),
    "F9": _late,
}
