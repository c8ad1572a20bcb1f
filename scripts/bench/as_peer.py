"""A busy backtest of some candles, told in the line in which other backtesters tell theirs.

    python -m scripts.bench.as_peer --products 10 --bars 525600

The candles are taken from the folder BENCH_DATA, into which they were imported. The policy is the
shipped one at its ceilings: paces, pauses and caps as loose as they go, on 1,000,000.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import resource
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

BUSY = {
    "seconds_between": "1",
    "per_hour": "60",
    "per_day": "500",
    "product_minutes": "1",
    "fill_minutes": "1",
    "loss_minutes": "1",
    "stop_minutes": "1",
    "stops_hours": "1",
    "closes_max": "10",
    "bought_pct": "300",
    "fees_pct": "3",
    "positions_max: 8": "positions_max: 20",
    "cycle_max": "5",
    "quote_max: 5000": "quote_max: 50000",
    "stop_pct": "2",
    "target_pct": "4",
    "hours_max": "4",
    "score_min": "0.05",
    "return_24_h_pct": "0.1",
    "return_15_min_pct": "0.5",
}


def busy_policy(path: Path) -> Path:
    """The shipped policy at its ceilings, with short trades, as a file."""
    from trader247.app.settings.location import SHIPPED

    text = (SHIPPED / "policy.yaml").read_text(encoding="utf-8")
    for name, value in BUSY.items():
        if ":" in name:
            assert name in text, f"policy.yaml says {name}"
            text = text.replace(name, value)
            continue
        text, count = re.subn(rf"(?m)^( +{name}: )\S+", rf"\g<1>{value}", text)
        assert count, f"policy.yaml has a {name}"
    text = re.sub(r"(?m)^( +(?:LAYER1|LAYER2|DEFI|MEME): )\d+", r"\g<1>15", text)
    path.write_text(text, encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, default=1)
    parser.add_argument("--bars", type=int, default=525_600)
    asked_for = parser.parse_args()
    began = time.perf_counter()
    from scripts.bench.candles import NAMES

    from trader247.adapters.large_pages import lay_on_large_pages
    from trader247.app.backtests.backtesting import Asked, prepared
    from trader247.app.candles.shelf import ReadingsShelf
    from trader247.app.candles.store import FOLDER
    from trader247.app.version import code_version
    from trader247.backtest.fast import FastBacktest
    from trader247.backtest.kept import Kept
    from trader247.domain.ids import ProductId

    data = Path(os.environ["BENCH_DATA"])
    asked = Asked(
        config=None,
        data=data,
        products=tuple(ProductId(name, "USD") for name in NAMES[: asked_for.products]),
        policy=busy_policy(data / "busy.yaml"),
        equity=Decimal(1_000_000),
    )
    started = time.perf_counter()
    setup, rests = prepared(asked)
    checksums = {each.product: each.checksum for each in rests.data}
    setup = replace(setup, kept=Kept(ReadingsShelf(data / FOLDER), checksums))
    loaded = time.perf_counter()
    run = FastBacktest(setup)
    laid_out = time.perf_counter()
    # As the command does: a run walks through all that is there, makes no cycles, keeps millions.
    lay_on_large_pages()
    gc.disable()
    run.run()
    ended = time.perf_counter()
    bars = asked_for.products * (setup.end - setup.start + 1)
    told = {
        "peer": "trader247",
        "version": code_version(),
        "products": asked_for.products,
        "bars": asked_for.bars,
        "load_s": round(loaded - started, 3),
        "run_s": round(ended - loaded, 3),
        "bars_per_s": round(bars / (ended - loaded)),
        "trades": len(run.recorder.trades),
        "equity": str(run.recorder.equity),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "note": "the whole gate; stops at the venue; a visit is a whole cycle",
        "import_s": round(started - began, 3),
        "columns_s": round(laid_out - loaded, 3),
        "visits_s": round(ended - laid_out, 3),
        "visits": run.visits,
        "orders": len(run.recorder.orders),
    }
    print("RESULT " + json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
