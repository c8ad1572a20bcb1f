"""`data list`: one file that cannot be used hides no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trader247.cli.main import execute


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Candles of two products, one of them broken."""
    (tmp_path / "candles").mkdir()
    rows = [f"{1_767_571_200 + 60 * at},1,2,1,2,5" for at in range(30)]
    lines = ["time,open,high,low,close,volume", *rows]
    (tmp_path / "candles" / "ETH-USD.csv").write_text("\n".join(lines))
    (tmp_path / "candles" / "BTC-USD.parquet").write_bytes(b"PAR1 and no more")
    return tmp_path


def test_what_is_whole_is_listed_beside_what_is_broken(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["data", "list", "--data", str(folder)]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "ETH-USD: 30 minutes, 2026-01-05T00:00:00Z to 2026-01-05T00:29:00Z" in said
    assert "BTC-USD.parquet: CANNOT BE USED: " in said
    assert execute(["data", "list", "--data", str(folder), "--json"]) == 2
    body = json.loads(capsys.readouterr().out)
    assert [each["product"] for each in body["candles"]] == ["ETH-USD"]
    (broken,) = body["unusable"]
    assert broken["file"] == str(folder / "candles" / "BTC-USD.parquet")
    assert "unreadable" in broken["reason"]


def test_a_single_bar_is_told_as_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "candles" / "BTC-USD.parquet").unlink()
    text = "time,open,high,low,close,volume\n1767571200,1,2,1,2,5\n"
    (folder / "candles" / "ETH-USD.csv").write_text(text)
    assert execute(["data", "list", "--data", str(folder)]) == 0
    assert "ETH-USD: 1 minute, 2026" in capsys.readouterr().out
    assert execute(["data", "verify", "--data", str(folder)]) == 0
    assert "ETH-USD: 1 bar of 1 min from 1 row: clean" in capsys.readouterr().out


def test_where_all_is_whole_it_ends_with_zero(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "candles" / "BTC-USD.parquet").unlink()
    assert execute(["data", "list", "--data", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unusable"] == []


def test_a_copy_asked_for_where_a_file_lies_is_a_wrong_name_and_no_bug(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "taken").write_text("a file")
    asked = ["data", "verify", str(folder / "candles" / "ETH-USD.csv"), "--data", str(folder)]
    assert execute([*asked, "--mend", str(folder / "taken")]) == 2
    said = capsys.readouterr().err
    assert "File exists" in said
    assert "bug" not in said


def test_an_import_tells_what_it_took_the_place_of(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "candles" / "BTC-USD.parquet").unlink()
    other = folder / "ETH-USD.csv"
    rows = [f"{1_767_571_200 + 60 * at},1,2,1,2,5" for at in range(1000, 1010)]
    other.write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    assert execute(["data", "import", str(other), "--data", str(folder)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "took the place of ETH-USD.csv: 30 bars, 2026-01-05 to 2026-01-05; nothing" in said
