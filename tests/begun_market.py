"""An exchange that has lived its first days already, to serve from: made once, copied often.

Eight days of a market's history are a second of computing, and what is tested comes after them.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from trader247.adapters.clock import SystemClock
from trader247.app.serving import server as serving
from trader247.app.serving.places import served_places
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED

_FOLDERS: list[TemporaryDirectory[str]] = []
"""They go when the tests end."""


def begin(data: Path, options: Sequence[str]) -> None:
    """Put a begun exchange into a folder that has none, where `options` name a seed."""
    told = dict(pairwise(options))
    if "--seed" not in told or "--replay" in told or served_places(data).exchange.exists():
        return
    data.mkdir(mode=0o700, exist_ok=True)
    for file in _begun(int(told["--seed"]), Decimal(told.get("--speed", "1"))).iterdir():
        shutil.copy2(file, data / file.name)


@cache
def _begun(seed: int, speed: Decimal) -> Path:
    folder = TemporaryDirectory(prefix="begun-")
    _FOLDERS.append(folder)
    plan = serving.Plan(port=0, seed=seed, replay=None, speed=speed, switches=(), tls=None)
    places = served_places(Path(folder.name))
    exchange, _, _ = serving._opened(load_settings(SHIPPED), places, plan, SystemClock().now())
    exchange.close()
    return places.data
