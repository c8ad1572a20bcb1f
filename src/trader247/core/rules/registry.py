"""Every rule there is. Adding one: its file, its name here, its section in the policy."""

from __future__ import annotations

from trader247.core.rules.breakout import BreakoutRule
from trader247.core.rules.mean_reversion import MeanReversionRule
from trader247.core.rules.momentum import MomentumRule
from trader247.core.rules.price_move import PriceMoveRule
from trader247.core.rules.reversal import ReversalRule
from trader247.core.rules.rule import Rule
from trader247.core.rules.volume_spike import VolumeSpikeRule

ALL_RULES: tuple[type[Rule], ...] = (
    PriceMoveRule,
    VolumeSpikeRule,
    BreakoutRule,
    ReversalRule,
    MomentumRule,
    MeanReversionRule,
)
