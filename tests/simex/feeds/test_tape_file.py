from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from trader247.simex.feeds import tape_file
from trader247.simex.feeds.tape_file import ProductTwice, TapeUnusable, read_rows, tape_files

HEADER = "time,open,high,low,close,volume"
ROW = "1767571200,10,12,9,11,5"


def written(folder: Path, name: str, text: str = f"{HEADER}\n{ROW}\n") -> Path:
    path = folder / name
    if name.lower().endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def test_a_folder_is_its_candle_files_by_product(tmp_path: Path) -> None:
    for name in ("ETH-USD.csv", "BTC-USD.csv.gz", "README.md", ".XRP-USD.csv", "sol-usd.CSV"):
        written(tmp_path, name)
    (tmp_path / "ADA-USD.csv").mkdir()
    assert {product: file.name for product, file in tape_files(tmp_path).items()} == {
        "BTC-USD": "BTC-USD.csv.gz",
        "ETH-USD": "ETH-USD.csv",
        "SOL-USD": "sol-usd.CSV",
    }


def test_a_file_is_a_tape_of_one_product(tmp_path: Path) -> None:
    file = written(tmp_path, "BTC-USD.csv")
    assert tape_files(file) == {"BTC-USD": file}


@pytest.mark.parametrize("other", ["BTC-USD.csv.gz", "btc-usd.csv"])
def test_two_files_of_one_product_are_refused(tmp_path: Path, other: str) -> None:
    written(tmp_path, "BTC-USD.csv")
    written(tmp_path, other)
    with pytest.raises(ProductTwice, match=r"both of BTC-USD; allowed: one file"):
        tape_files(tmp_path)


@pytest.mark.parametrize("name", ["prices.csv", "BTC_USD.csv", "BTC-USD-1m.csv", "BTC-USD.txt"])
def test_a_file_whose_name_is_no_product_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TapeUnusable, match=r"no product; allowed: BTC-USD.csv"):
        tape_files(written(tmp_path, name))


def test_an_empty_folder_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeUnusable, match="found 0 candle files"):
        tape_files(tmp_path)
    with pytest.raises(TapeUnusable, match="no such file or folder"):
        tape_files(tmp_path / "gone")


@pytest.mark.parametrize("name", ["BTC-USD.csv", "BTC-USD.csv.gz"])
def test_columns_may_stand_in_any_order_beside_others(tmp_path: Path, name: str) -> None:
    header = "\ufeffVolume, close,note,low,high,open,TIME,trades"
    text = f"{header}\n5,11,x,9,12,10,60,3\n5,11,x,9,12,10,120\n"
    rows = read_rows(written(tmp_path, name, text))
    assert [column[0] for column in rows.cells] == ["60", "10", "12", "9", "11", "5"]
    assert rows.lines == (2, 3)
    assert rows.short_lines == ()


def test_lines_that_lack_a_column_are_set_aside_with_their_number(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROW}\n1,2,3\n\n{ROW}\n"
    rows = read_rows(written(tmp_path, "BTC-USD.csv", text))
    assert rows.lines == (2, 5)
    assert rows.short_lines == (3,)


@pytest.mark.parametrize(
    "text",
    ["", "time,open,high,low,close\n", f"{ROW}\n{ROW}\n", "time|open|high|low|close|volume\n"],
)
def test_a_first_line_without_the_columns_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TapeUnusable, match=r"line 1: found the columns .*; allowed: a first line"):
        read_rows(written(tmp_path, "BTC-USD.csv", text))


def test_a_column_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeUnusable, match="each once"):
        read_rows(written(tmp_path, "BTC-USD.csv", f"{HEADER},open\n"))


def test_a_torn_or_false_gz_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, "BTC-USD.csv.gz", f"{HEADER}\n" + f"{ROW}\n" * 500)
    for content in (file.read_bytes()[:-20], b"no gz at all", b""):
        file.write_bytes(content)
        with pytest.raises(TapeUnusable):
            read_rows(file)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "BTC-USD.csv"
    file.write_bytes(f"{HEADER}\n".encode() + b"\xff\xfe\n")
    with pytest.raises(TapeUnusable, match="no text"):
        read_rows(file)


def test_a_quote_that_never_ends_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TapeUnusable, match="line 3"):
        read_rows(written(tmp_path, "BTC-USD.csv", f'{HEADER}\n{ROW}\n1,"2,3'))


def test_a_file_over_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_file, "BYTES_MAX", 40)
    with pytest.raises(TapeUnusable, match="more than 512 MiB"):
        read_rows(written(tmp_path, "BTC-USD.csv.gz"))
