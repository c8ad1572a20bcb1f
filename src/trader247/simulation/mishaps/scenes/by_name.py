"""What takes two rare things at once, made to happen: scenes that each check plays, by name.

Seeds come to these by luck, once in a dozen of them or never. A scene is a run of its own, judged
as ever, and fails where it does not show what it is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from trader247.simulation.mishaps.accidents import ACCIDENTS, Accident
from trader247.simulation.mishaps.scenes.again import AGAIN
from trader247.simulation.mishaps.scenes.answers import ANSWERS
from trader247.simulation.mishaps.scenes.books import BOOKS
from trader247.simulation.mishaps.scenes.emptied import EMPTIED
from trader247.simulation.mishaps.scenes.endings import ENDINGS
from trader247.simulation.mishaps.scenes.fates import FATES
from trader247.simulation.mishaps.scenes.holds import HOLDS
from trader247.simulation.mishaps.scenes.late import LATE
from trader247.simulation.mishaps.scenes.listings import LISTINGS
from trader247.simulation.mishaps.scenes.machine import MACHINE
from trader247.simulation.mishaps.scenes.market import MARKET
from trader247.simulation.mishaps.scenes.meanwhile import MEANWHILE
from trader247.simulation.mishaps.scenes.misled import MISLED
from trader247.simulation.mishaps.scenes.misread import MISREAD
from trader247.simulation.mishaps.scenes.refusing import REFUSING
from trader247.simulation.mishaps.scenes.restored import RESTORED
from trader247.simulation.mishaps.scenes.stops import STOPS
from trader247.simulation.mishaps.scenes.storms import STORMS
from trader247.simulation.mishaps.scenes.unheard import UNHEARD
from trader247.simulation.mishaps.scenes.wishes import WISHES

_ALL = (
    FATES,
    ENDINGS,
    RESTORED,
    LISTINGS,
    BOOKS,
    MARKET,
    MACHINE,
    ANSWERS,
    HOLDS,
    AGAIN,
    REFUSING,
    WISHES,
    STOPS,
    STORMS,
    MISREAD,
    MISLED,
    LATE,
    UNHEARD,
    EMPTIED,
    MEANWHILE,
)

SCENES: Mapping[str, Accident] = MappingProxyType(
    {each.name: each for scenes in _ALL for each in scenes}
)
"""Every one, by its name."""

SCENARIOS: Mapping[str, Accident] = MappingProxyType({**ACCIDENTS, **SCENES})
"""The accidents of others, and the scenes."""
