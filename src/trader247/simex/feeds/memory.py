"""What the synthetic market remembers from minute to minute: how large its moves were.

Each variance is 1 in ordinary weather. A minute's shock weighs in, and the hour's level draws it
home (GARCH): large moves come in clusters, as they do in real markets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trader247.simex.feeds.listings import CHARACTERS, Cluster
from trader247.simex.feeds.randomness import Floats
from trader247.simex.feeds.weather import CLIMATES, Weather

_P = len(CHARACTERS)
_C = len(Cluster)


def column(name: str) -> Floats:
    """One figure of every character, in their order."""
    return np.array([float(getattr(character, name)) for character in CHARACTERS])


_CLUSTER = np.array([int(character.cluster) for character in CHARACTERS])

# Deviations in bps a minute of ordinary weather, and their squares: a product's weather is its
# variance against its own ordinary one.
_MARKET_BPS = column("beta") * 5.2
_CLUSTER_BPS = column("cluster_beta") * np.array([2.0, 4.0, 4.5, 5.0, 0.3])[_CLUSTER]
_OWN_BPS = column("own_bps")
_MARKET_PART = _MARKET_BPS * _MARKET_BPS
_CLUSTER_PART = _CLUSTER_BPS * _CLUSTER_BPS
_OWN_PART = _OWN_BPS * _OWN_BPS
_ORDINARY = _MARKET_PART + _CLUSTER_PART + _OWN_PART

# What remembers: the market's variance, each cluster's, each product's own, and how busy each
# product is. Each minute the last shock weighs in, and the pull leads home to the hour's level.
STATES = 1 + _C + _P + _P
CLUSTERS = slice(1, 1 + _C)
OWN = slice(1 + _C, 1 + _C + _P)
BUSY = slice(1 + _C + _P, STATES)
_SHOCK = np.concatenate([np.full(1 + _C + _P, 0.05), np.full(_P, 0.03)])
_HOME = np.concatenate([np.full(1 + _C + _P, 0.02), np.full(_P, 0.01)])
_VARIANCE_MAX = 30.0

_JUMP_KICK = 7.0


class Variance:
    """The hour's variances, in bps² a minute."""

    def __init__(self, memory: Floats) -> None:
        self._market = _MARKET_PART * memory[:, 0:1]
        self._cluster = _CLUSTER_PART * memory[:, CLUSTERS][:, _CLUSTER]
        self._own = _OWN_PART * memory[:, OWN]
        self.now = self._market + self._cluster + self._own
        self.relative = self.now / _ORDINARY

    def moves(self, shocks: Floats) -> Floats:
        """Each product's return in each minute, jumps and drifts apart."""
        bps = np.sqrt(self._market) * shocks[:, 0:1]
        bps += np.sqrt(self._cluster) * shocks[:, CLUSTERS][:, _CLUSTER]
        bps += np.sqrt(self._own) * shocks[:, OWN]
        return bps / 1e4


def levels(weather: Weather, news: Floats) -> Floats:
    """Where each variance is pulled to in this hour."""
    climate = CLIMATES[weather].variance
    home = np.ones(STATES)
    home[0] = climate
    home[CLUSTERS] = 0.5 + 0.5 * climate
    home[OWN] = (0.5 + 0.5 * climate) * (1.0 + np.minimum(np.abs(news) * 140.0, 6.0))
    return home


def remembered(
    memory: Floats, shocks: Floats, levels: Floats, jumped: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """The memory that each minute is drawn with, and that of the hour after."""
    minutes = len(shocks)
    factors = (1.0 - _SHOCK - _HOME) + _SHOCK * shocks * shocks
    kicks = np.tile(levels * _HOME, (minutes, 1))
    kicks[:, OWN] += np.where(jumped, _JUMP_KICK, 0.0)
    stepped = np.empty((minutes + 1, STATES))
    stepped[0] = memory
    for minute in range(minutes):
        row = stepped[minute + 1]
        np.multiply(stepped[minute], factors[minute], out=row)
        row += kicks[minute]
        np.minimum(row, _VARIANCE_MAX, out=row)
    return stepped[:minutes], stepped[minutes].copy()
