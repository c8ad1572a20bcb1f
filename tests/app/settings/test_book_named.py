from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trader247.app.books.modes import Mode, VenueName
from trader247.app.settings.book_named import SHIPPED_BOOK, book_named
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED


def test_the_shipped_configuration_names_the_book_that_is_taken_without_reading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no configuration is
    shipped = load_settings(SHIPPED).app
    assert book_named(None) == SHIPPED_BOOK == (shipped.mode, shipped.venue)
    (tmp_path / "app.yaml").write_bytes((SHIPPED / "app.yaml").read_bytes())
    assert book_named(tmp_path) == SHIPPED_BOOK


def test_a_configuration_of_a_persons_own_is_read(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text('app: {mode: "LIVE", venue: coinbase}\n', encoding="utf-8")
    assert book_named(tmp_path) == (Mode.LIVE, VenueName.COINBASE)
    (tmp_path / "app.yaml").write_text("app: {mode: LIVE}\n", encoding="utf-8")
    assert book_named(tmp_path) is None


def test_without_a_configuration_no_yaml_is_loaded(tmp_path: Path) -> None:
    asked = "from trader247.app.settings.book_named import book_named; book_named(None)"
    told = "import sys; print('yaml' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; {told}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"
