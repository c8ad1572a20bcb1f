"""Every signal there is. Adding one: its file, its name here, its section in the policy."""

from __future__ import annotations

from trader247.core.signals.breakout import Breakout
from trader247.core.signals.mean_reversion import MeanReversion
from trader247.core.signals.momentum import Momentum
from trader247.core.signals.price_move import PriceMove
from trader247.core.signals.reversal import Reversal
from trader247.core.signals.signal import Signal
from trader247.core.signals.volume_spike import VolumeSpike

ALL_SIGNALS: tuple[type[Signal], ...] = (
    PriceMove,
    VolumeSpike,
    Breakout,
    Reversal,
    Momentum,
    MeanReversion,
)
