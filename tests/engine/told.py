"""A board whose minutes outlive the process that moved it: what was told once stays told."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from pathlib import Path

from tests.engine.board import Board

from trader247.simex.feeds.feed import MinuteBar


class LastingBoard(Board):
    """A board that writes down each minute as it is told."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        if path.exists():
            with path.open("rb") as file:
                while file.peek(1):
                    minute, bars = pickle.load(file)
                    self._told[minute] = bars
                    self._level |= {product: bar.close for product, bar in bars.items()}

    def __call__(self, minute: int) -> Mapping[str, MinuteBar]:
        is_new = minute not in self._told
        bars = super().__call__(minute)
        if is_new:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(descriptor, pickle.dumps((minute, dict(bars))))
            os.close(descriptor)
        return bars
