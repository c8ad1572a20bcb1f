"""A new strategy as two files: the module, and the test that keeps it honest."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from trader247.adapters.files import write_atomically
from trader247.app.settings.own_strategies import SHIPPED_NAMES
from trader247.domain.errors import StorageError, UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")

_MODULE = '''\
"""{title}: buys a product that fell far below where it traded an hour ago.

Two pure functions: `measure` says what the market is like, `wish` what to do about it. Neither asks
for time, chance, files or a network, and what `measure` knows of a bar is what was known then.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.rules.rule import (
    FixedRule,
    hours_limit,
    multiplier_limit,
    stop_limit,
    target_limit,
    trailing_limit,
)
from trader247.core.signals.series import Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class {camel}(Signal):
    """The close is far below the close of an hour before, on no less than the usual volume."""

    id = "{name}"
    bars_needed = 1440
    """The whole memory: a value depends on so many bars up to its own, and on none before."""

    fall_pct: Percent = limit(
        Percent(Decimal("2")), unit="%", at_least="0.1", at_most=50, doc="fall over an hour"
    )

    def measure(self, series: Series, at: Any) -> Measured:
        """Whole numbers alone: a history and a live bar give the same, to the bit."""
        change = series.change(60, at)
        fall, least = -change, nanos(self.fall_pct)
        recent, usual = series.volume(60, at), series.volume(1440, at)
        is_triggered = (fall >= least) & (recent * 24 >= usual)
        return Measured(
            is_triggered=is_triggered,
            strength=series.capped(series.ratio(fall, 2 * least)) * is_triggered,
            confidence=700_000_000 * is_triggered,
            gauges=(Gauge("fall_1h", fall, least, "%"),),
        )


@dataclass(frozen=True, slots=True)
class {camel}Rule(FixedRule):
    """A fall on volume is often half undone: a near target, a nearer stop, a short hold."""

    id = "{name}"
    signal = "{name}"

    stop_pct: Percent = stop_limit("2")
    target_pct: Percent = target_limit("4")
    hours_max: int = hours_limit(24)
    multiplier: Decimal = multiplier_limit("0.5")
    trailing_pct: Percent = trailing_limit()
'''

_TEST = '''\
"""{title} knows nothing of the future, and triggers where it says."""

from __future__ import annotations

from array import array
from pathlib import Path

from trader247.app.strategies.checking import checked
from trader247.app.strategies.subjects import loaded
from trader247.core.signals.reading import read
from trader247.core.signals.window import Window
from trader247.domain.market import Bars
from trader247.domain.money import Percent, Price

MODULE = Path(__file__).with_name("{name}.py")


def signal():
    return loaded(str(MODULE)).{camel}()


def bars(closes):
    column = array("q", closes)
    opens = array("q", [closes[0], *closes[:-1]])
    high = array("q", map(max, opens, column))
    low = array("q", map(min, opens, column))
    volume, filled = array("q", [1_000] * len(column)), array("q", [0] * len(column))
    return Bars(Price.of("0.01"), 29_000_000, opens, high, low, column, volume, filled)


def reading(closes):
    return read(signal(), Window(bars(closes)), missing_max=Percent.of(10))


def test_it_does_not_look_ahead():
    found = checked(str(MODULE))
    assert found.is_sound, found


def test_it_triggers_on_a_fall_and_on_nothing_less():
    calm = [10_000] * 1440
    assert not reading(calm).is_triggered
    assert not reading([*calm, *[9_801] * 30]).is_triggered
    assert reading([*calm, *[9_800] * 30]).is_triggered


def test_it_says_when_it_has_too_few_bars():
    assert not reading([10_000] * 1439).is_measured
'''


def write_new(name: str, folder: Path) -> tuple[Path, Path]:
    """Write NAME.py and test_NAME.py into `folder`.

    Raises:
        UsageError: the name is none, or a shipped one's, or one of the files is there.
        StorageError: the folder cannot be made, or the disk did not take a file.
    """
    if not _NAME.match(name) or keyword.iskeyword(name):
        raise UsageError(
            f"{name!r} is no name for a strategy",
            hint="small letters, digits and _, a letter first, no word of Python's: dip_buyer",
        )
    if name in SHIPPED_NAMES:
        raise UsageError(
            f"{name} is the name of a shipped rule, which policy.yaml refuses for another",
            hint=f"choose another name, like my_{name}",
        )
    module, test = folder / f"{name}.py", folder / f"test_{name}.py"
    for path in (module, test):
        if path.exists():
            raise UsageError(f"{path} is there already", hint="choose another name, or move it")
    words = {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "camel": "".join(part.capitalize() for part in name.split("_")),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder {folder} cannot be made: {error.strerror}",
            hint="name another one with --folder",
        ) from error
    write_atomically(module, _MODULE.format(**words).encode())
    write_atomically(test, _TEST.format(**words).encode())
    return module, test
