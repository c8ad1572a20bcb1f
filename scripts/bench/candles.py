"""Made-up minutes of a market, the same for the same seed: quiet and wild hours, jumps, volume.

One Parquet file a product, with the columns ts, open, high, low, close and volume, as other
backtesters take them, too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

NAMES = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "DOT", "UNI")
_PRICES = (60_000.0, 3_000.0, 150.0, 0.6, 0.15, 0.5, 35.0, 15.0, 6.0, 8.0)
_START = 1_704_067_200
_VOLUME = 400_000.0
"""What trades in a minute, in the quote currency, about."""


def write_candles(folder: Path, *, products: int, minutes: int, seed: int = 7) -> None:
    """Write the candles of the first `products` names."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, name in enumerate(NAMES[:products]):
        columns = _columns(place, minutes, np.random.default_rng([seed, place]))
        pq.write_table(pa.table(columns), folder / f"{name}-USD.parquet", compression="zstd")


def _columns(
    place: int, minutes: int, rng: np.random.Generator
) -> dict[str, NDArray[np.int64] | NDArray[np.float64]]:
    tick = 10.0 ** (np.floor(np.log10(_PRICES[place])) - 4)
    decimals = max(0, int(-np.floor(np.log10(tick))))
    weather = np.exp(
        np.clip(_slow(rng, minutes, 45) * 0.45 + _slow(rng, minutes, 2_880) * 0.35, -2, 2)
    )
    volatility = 0.0006 * (1 + 0.1 * (place % 8)) * weather
    jumps = (rng.random(minutes) < 3 / 1_440) * rng.choice([-1, 1], minutes)
    steps = volatility * rng.standard_t(4, minutes) / np.sqrt(2)
    steps += jumps * np.clip(rng.lognormal(np.log(0.012), 0.6, minutes), 0.006, 0.04)
    steps = np.clip(steps, -0.08, 0.08)
    # A level that neither doubles nor vanishes: only the way there is made up.
    level = np.cumsum(steps)
    level -= np.linspace(0, level[-1], minutes)
    close = np.maximum(np.round(_PRICES[place] * np.exp(level) / tick), 1)
    begin = np.concatenate([close[:1], close[:-1]])
    reach = np.abs(rng.normal(0, 0.6, minutes)) * volatility * close
    high = np.maximum(begin, close) + np.ceil(reach)
    low = np.maximum(np.minimum(begin, close) - np.ceil(reach), 1)
    traded = _VOLUME * np.exp(rng.normal(0, 0.5, minutes)) * (1 + 8 * np.abs(jumps)) * weather
    volume = np.round(traded / (close * tick), 6)
    prices = {"open": begin, "high": high, "low": low, "close": close}
    return {
        "ts": _START + 60 * np.arange(minutes, dtype=np.int64),
        **{name: np.round(column * tick, decimals) for name, column in prices.items()},
        "volume": np.maximum(volume, 1e-6),
    }


def _slow(rng: np.random.Generator, minutes: int, half_life: int) -> NDArray[np.float64]:
    """Noise of one standard deviation that changes within about `half_life` minutes."""
    knots = minutes // half_life + 3
    at = np.arange(minutes) / half_life
    return np.interp(at, np.arange(knots), rng.standard_normal(knots))
