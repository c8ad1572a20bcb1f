"""A busy backtest as a whole process, beside numpy that only streams the same file.

With PEERS=DIR, a folder that holds a `run_peers.py` (and what it asks for), other backtesters are
run on the same candles side by side: one product, or three, of the short one, and ten products by a
year of the long one. PEER_NAMES says which (else those that trade many products in minutes), and
ANCHOR_VENVS where each has its own environment. What a peer took is told in processor time, which
says the same on a machine that is busy; a peer that gives up, or takes over an hour, says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scripts.bench.candles import NAMES, write_candles
from scripts.bench.measure import Row, Target
from scripts.bench.startup import BIN

SHORT, YEAR = (3, 45 * 1_440), (10, 525_600)
K_BARS_PER_S_MIN = 2
SECONDS_MAX = 600
"""Guards against falling back; what is aimed at stands in docs/decisions/0006."""
_PEERS = "ref-trigger,vectorbt,backtesting.py,nautilus"
_PEER_SECONDS_MAX = 3_600


def backtest() -> Iterator[Row]:
    """Three products, six weeks."""
    with tempfile.TemporaryDirectory(prefix="trader247-bench-") as folder:
        told, _ = _measured(Path(folder), *SHORT)
        rate = float(told["bars_per_s"]) / 1_000
        name = f"backtest, {_size(told)}"
        yield Row(name, "k bars/s", rate, None, None, Target.MEASURED_AT_LEAST, K_BARS_PER_S_MIN)


def long_backtest() -> Iterator[Row]:
    """Ten products, a year."""
    with tempfile.TemporaryDirectory(prefix="trader247-bench-") as folder:
        told, wall = _measured(Path(folder), *YEAR)
        yield Row(
            f"backtest, {_size(told)}", "s", wall, None, None, Target.MEASURED_AT_MOST, SECONDS_MAX
        )


def _size(told: dict[str, float]) -> str:
    return f"{told['products']} products, {told['trades']:,} trades"


def _measured(folder: Path, products: int, minutes: int) -> tuple[dict[str, float], float]:
    """What the run told, and its wall time in seconds."""
    candles, data = folder / "candles", folder / "data"
    write_candles(candles, products=products, minutes=minutes)
    files = [str(candles / f"{name}-USD.parquet") for name in NAMES[:products]]
    command = [str(BIN / "trader247"), "data", "import", *files, "--yes", "--data", str(data)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    line = [sys.executable, "-m", "scripts.bench.as_peer"]
    line += ["--products", str(products), "--bars", str(minutes)]
    around = {**os.environ, "BENCH_DATA": str(data)}
    # The first one lays the candles out for the others.
    for _ in range(2):
        began = time.perf_counter()
        done = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True, env=around)
        wall = time.perf_counter() - began
    told: dict[str, float] = json.loads(done.stdout.partition("RESULT ")[2])
    print(
        f"where the time goes: start {told['import_s']:.1f} s, candles {told['load_s']:.1f} s, "
        f"columns {told['columns_s']:.1f} s, {told['visits']:,} visits {told['visits_s']:.1f} s "
        f"({told['orders']:,} orders); {told['rss_mb']:,} MB",
        flush=True,
    )
    rate, streamed = told["bars_per_s"], _streaming(data)
    share = f"{rate / streamed:.1e} of numpy streaming the same file ({streamed / 1e6:,.0f} M)"
    print(f"{rate:,.0f} bars a second, {share}", flush=True)
    _beside_peers(candles, line, around, products=products, minutes=minutes)
    return told, wall


def _streaming(data: Path) -> float:
    """Bars a second at which numpy passes over the mapped candles once."""
    arrays = [np.load(each, mmap_mode="r") for each in (data / "candles" / ".cache").glob("*.npy")]
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        bars = sum(int(array.sum(axis=1).size and array.shape[1]) for array in arrays)
        best = max(best, bars / (time.perf_counter() - began))
    return best


def _beside_peers(
    candles: Path, line: list[str], around: dict[str, str], *, products: int, minutes: int
) -> None:
    folder = os.environ.get("PEERS", "")
    script = Path(folder) / "run_peers.py"
    if not (folder and script.is_file()):
        print("peers: not there (PEERS=DIR with a run_peers.py runs them side by side)", flush=True)
        return
    own = " ".join(line[: line.index("--products")])
    environment = {**around, "ANCHOR_DATA": str(candles), "ANCHOR_EXTRA": f"trader247={own}"}
    asked = ["--peers", f"trader247,{os.environ.get('PEER_NAMES', _PEERS)}", "--reps", "1"]
    asked += ["--products", str(products), "--bars", str(minutes)]
    asked += ["--timeout", str(_PEER_SECONDS_MAX)]
    command = [sys.executable, str(script), *asked]
    print(f"beside peers, {products} products by {minutes:,} minutes, whole process:", flush=True)
    print(f"{'peer':16}{'version':>14}{'trades':>9}{'processor s':>13}{'wall s':>9}{'MB':>8}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None, "it was asked for"
        for told in running.stdout:
            if told.startswith("{"):
                print(_peer(json.loads(told)), flush=True)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)


def _peer(told: dict[str, Any]) -> str:
    """A peer's line: what its whole process took, or why it did not end."""
    if "error" in told:
        return f"{told['peer']:16} {str(told['error']).strip()[-80:]!r}"
    return (
        f"{told['name']:16}{told['version']!s:>14.13}{told['trades']:9,}{told['cpu_s']:13.1f}"
        f"{told['wall_s']:9.1f}{told['peak_rss_mb']:8,.0f}"
    )
