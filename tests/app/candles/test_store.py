"""Candles taken in from files: every spelling of the same market is the same market."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from trader247.app.candles.importing import guess, imported, named
from trader247.app.candles.parquet import guessed
from trader247.app.candles.store import Source, candle_files, load, read, write
from trader247.app.candles.verifying import verified
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant

FIRST = 1_767_571_200
BTC = ProductId.parse("BTC-USD")
BARS = [
    (100.25, 101.5, 99.75, 100.5, 2.5),
    (100.5, 100.5, 100.5, 100.5, 0.00012),
    (100.5, 103.07, 100.1, 102.9, 11.0),
    (102.9, 103.0, 90.01, 95.5, 400.125),
]


def rows(times: list[str]) -> list[str]:
    return [
        f"{at},{o},{h},{low},{c},{v}" for at, (o, h, low, c, v) in zip(times, BARS, strict=True)
    ]


def seconds() -> list[str]:
    return [str(FIRST + 60 * at) for at in range(len(BARS))]


def written(path: Path, lines: list[str]) -> Path:
    data = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_every_format_and_time_is_the_same_candles(tmp_path: Path) -> None:
    head = "time,open,high,low,close,volume"
    millis = [f"{each}000" for each in seconds()]
    iso = [datetime.fromtimestamp(int(each), UTC).isoformat() for each in seconds()]
    files = [
        written(tmp_path / "BTC-USD.csv", [head, *rows(seconds())]),
        written(tmp_path / "b.csv.gz", ["Date,Open,High,Low,Close,Vol", *rows(iso)]),
        written(tmp_path / "c.csv", [f"{row},7,8,9" for row in rows(millis)]),
    ]
    columns = list(zip(*BARS, strict=True))
    table = {"timestamp": pyarrow.array([int(each) for each in seconds()])}
    table |= dict(zip(("open", "high", "low", "close", "volume"), columns, strict=True))
    pyarrow.parquet.write_table(pyarrow.table(table), tmp_path / "d.parquet")
    files.append(tmp_path / "d.parquet")
    found = []
    for at, file in enumerate(files):
        data = tmp_path / str(at)
        done = imported(guess(file), data, product=BTC, source="")
        again = load(candle_files(data / "candles")[BTC])
        assert again.checksum == done.stored.checksum
        found.append(done.stored)
    assert len({each.checksum for each in found}) == 1
    tape = found[0].tape
    assert (tape.price_decimals, tape.base_decimals) == (2, 5)
    assert tape.low.tolist() == [9975, 10050, 10010, 9001]
    assert tape.volume.tolist() == [250_000, 12, 1_100_000, 40_012_500]


@pytest.mark.parametrize(("name", "found"), [("gone.csv", "nothing"), ("", "a folder")])
def test_what_is_no_file_is_told_with_all_that_may_be_taken_in(
    name: str, found: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"found {found}; allowed: .*CSV, CSV.GZ or Parquet"):
        guess(tmp_path / name)


def test_what_is_not_named_is_refused_and_names_can_be_given(tmp_path: Path) -> None:
    file = written(tmp_path / "x.csv", ["when,what,o,h,l,c,v", *(
        f"{row.split(',')[0]},zzz,{row.split(',', 1)[1]}" for row in rows(seconds())
    )])  # fmt: skip
    with pytest.raises(UsageError, match="cannot tell time"):
        guess(file)
    known = named(file, "time,-,open,high,low,close,volume")
    done = imported(known, tmp_path, product=BTC, source="coinbase")
    assert done.stored.tape.close.tolist() == [10050, 10050, 10290, 9550]
    assert done.stored.source.label == ""


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_part_columns_too(mark: str, tmp_path: Path) -> None:
    lines = ["Timestamp,Open,High,Low,Close,Volume (BTC),Volume (Currency)"]
    lines += [f"{row},1000.5" for row in rows(seconds())]
    file = written(tmp_path / "x.csv", [each.replace(",", mark) for each in lines])
    done = imported(guess(file), tmp_path, product=BTC, source="elsewhere")
    assert done.stored.tape.close.tolist() == [10050, 10050, 10290, 9550]
    assert done.stored.tape.volume.tolist() == [250_000, 12, 1_100_000, 40_012_500]


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("unix,date,symbol,open,high,low,close,Volume SOL,Volume USD", 7),
        ("date,symbol,open,high,low,close,Volume USDT,Volume ETH,tradecount", 7),
        ("Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume", 5),
        ("Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price", 5),
        # Of a market of two coins either may be the base: nobody guesses.
        ("unix,open,high,low,close,Volume ETH,Volume BTC", None),
        ("unix,open,high,low,close,Volume USD", None),
    ],
)
def test_volume_is_taken_to_be_the_one_in_coins(header: str, place: int | None) -> None:
    assert guessed(header.split(",")).get("volume") == place


def test_an_import_says_what_it_left_out(tmp_path: Path) -> None:
    bad = [rows(seconds())[0], *rows(seconds()), f"{FIRST + 600},5,4,6,5,1"]
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *bad])
    done = imported(guess(file), tmp_path, product=None, source="elsewhere")
    assert done.left_out == "1 crossed, 1 repeated"
    whole = written(tmp_path / "ETH-USD.csv", ["time,open,high,low,close,volume", *rows(seconds())])
    assert imported(guess(whole), tmp_path, product=None, source="elsewhere").left_out == ""


def test_an_import_says_whose_place_it_took(tmp_path: Path) -> None:
    head = "time,open,high,low,close,volume"
    whole = written(tmp_path / "BTC-USD.csv", [head, *rows(seconds())])
    part = written(tmp_path / "part.csv", [head, *rows(seconds())[:2]])
    data = tmp_path / "data"
    (data / "candles").mkdir(parents=True)
    written(data / "candles" / "BTC-USD.csv.gz", ["nothing"])
    first = imported(guess(whole), data, product=BTC, source="")
    assert first.replaced == "BTC-USD.csv.gz, which could not be used"
    assert imported(guess(whole), data, product=BTC, source="").replaced == ""
    later = imported(guess(part), data, product=BTC, source="")
    assert later.replaced == "BTC-USD.parquet: 4 bars, 2026-01-05 to 2026-01-05"


def test_a_file_is_verified_by_the_columns_that_an_import_would_take(tmp_path: Path) -> None:
    file = written(tmp_path / "BTC-USD.csv", ["unix;o;h;l;c;v", *(
        row.replace(",", ";") for row in [*rows(seconds()), f"{FIRST + 600},5,4,6,5,1"]
    )])  # fmt: skip
    (finding,) = verified(tmp_path, [file], mend=tmp_path / "mended")
    assert finding.troubles == {"crossed": 1}
    assert finding.mended is not None
    assert load(finding.mended).tape.close.tolist() == [10050, 10050, 10290, 9550]
    headless = written(tmp_path / "ETH-USD.csv", ["what,o,h,l,c", "1,2,3,4,5"])
    (finding,) = verified(tmp_path, [headless], mend=None)
    assert "cannot tell time, volume" in finding.unusable


def test_what_was_imported_is_mapped_from_then_on(tmp_path: Path) -> None:
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *rows(seconds())])
    done = imported(guess(file), tmp_path, product=None, source="elsewhere")
    again = load(done.path)
    assert isinstance(again.tape.close, np.memmap)
    assert again.tape.close.tolist() == done.stored.tape.close.tolist()
    assert (again.source, again.checksum) == (done.stored.source, done.stored.checksum)


def test_a_cache_that_cannot_be_kept_leaves_nothing_and_is_not_missed(tmp_path: Path) -> None:
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *rows(seconds())])
    (tmp_path / ".cache" / "BTC-USD.csv.npy" / "in the way").mkdir(parents=True)
    assert load(file).tape.close.tolist() == [10050, 10050, 10290, 9550]
    assert [each.name for each in (tmp_path / ".cache").iterdir()] == ["BTC-USD.csv.npy"]


def test_what_is_not_coinbases_is_labelled(tmp_path: Path) -> None:
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *rows(seconds())])
    done = imported(guess(file), tmp_path, product=None, source="elsewhere")
    again = load(done.path)
    assert "not Coinbase's own" in again.source.label
    assert "elsewhere" in again.source.label


def test_the_cache_follows_its_file(tmp_path: Path) -> None:
    head = "time,open,high,low,close,volume"
    file = written(tmp_path / "BTC-USD.csv", [head, *rows(seconds())])
    first = load(file)
    assert load(file).tape.close.tolist() == first.tape.close.tolist()
    assert (tmp_path / ".cache").is_dir()
    written(file, [head, *rows(seconds())[:-1]])
    assert load(file).tape.close.tolist() == [10050, 10050, 10290]
    assert load(file).checksum == read(file).checksum != first.checksum


def test_faults_are_found_and_mended_only_on_request(tmp_path: Path) -> None:
    lines = rows(seconds())
    bad = [lines[0], lines[2], lines[1], lines[1], lines[3], f"{FIRST + 600},5,4,6,5,1"]
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *bad])
    before = file.read_bytes()
    (finding,) = verified(tmp_path, [file], mend=None)
    assert finding.troubles == {"crossed": 1, "repeated": 1, "disordered": 2}
    assert file.read_bytes() == before
    (finding,) = verified(tmp_path, [file], mend=tmp_path / "clean")
    assert finding.mended is not None
    (again,) = verified(tmp_path, [finding.mended], mend=None)
    assert again.is_clean


def test_a_hole_says_when_it_is_and_parquet_has_rows_and_no_lines(tmp_path: Path) -> None:
    lines = [f"{FIRST + 60 * at},5,6,4,5,1" for at in range(20) if at not in (2, 3)]
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *lines])
    path = imported(guess(file), tmp_path, product=None, source="coinbase").path
    when = Instant.from_seconds(FIRST + 60)
    told = [each.examples["holes"] for each in verified(tmp_path, [file, path], mend=None)]
    assert told == [
        f"line 3: 2 min missing after it, {when}",
        f"row 2: 2 min missing after it, {when}",
    ]


def test_content_that_is_not_what_its_checksum_says_is_found(tmp_path: Path) -> None:
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *rows(seconds())])
    path = imported(guess(file), tmp_path, product=None, source="coinbase").path
    table = pyarrow.parquet.read_table(path)
    pyarrow.parquet.write_table(
        table.slice(0, 3).replace_schema_metadata(table.schema.metadata), path
    )
    (finding,) = verified(tmp_path, [path], mend=None)
    assert finding.is_changed
    assert not finding.is_clean


def test_two_files_of_one_product_are_refused(tmp_path: Path) -> None:
    for name in ("BTC-USD.csv", "BTC-USD.csv.gz"):
        written(tmp_path / name, rows(seconds()))
    with pytest.raises(UsageError, match="both of BTC-USD"):
        candle_files(tmp_path)


COMMAS = "1780129560{0}1,3{0}1,4{0}1,2{0}1,3{0}11"


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("is_named", [True, False])
def test_numbers_with_a_decimal_comma_are_shown_as_they_stand_with_what_to_do(
    mark: str, is_named: bool, tmp_path: Path
) -> None:
    path = tmp_path / "XRP-USD.csv"
    lines = [COMMAS.format(mark).replace("560", f"{560 + 60 * each}") for each in range(7)]
    names = [mark.join(["time", "open", "high", "low", "close", "volume"])] if is_named else []
    written(path, names + lines)
    with pytest.raises(UsageError) as raised:
        imported(guess(path), tmp_path, product=None, source="")
    shown = lines[0].replace("\t", " ")
    assert f"found a comma in numbers, 7 bad rows of 7 (line {1 + is_named}: {shown})" in str(
        raised.value
    )
    assert "allowed: a decimal point in them and no comma" in str(raised.value)
    assert "tr , . <OLD.csv >NEW.csv" in raised.value.hint


def test_decimal_commas_between_commas_are_told_by_the_number_of_columns(tmp_path: Path) -> None:
    head = "time,open,high,low,close,volume"
    bare = written(tmp_path / "a.csv", [head, *[COMMAS.format(",")] * 3])
    with pytest.raises(UsageError, match="10 columns where the first line names 6") as raised:
        read(bare, "XRP-USD")
    assert "decimal points" in raised.value.hint
    row = '1780129560,"1,300.5","1,400.5","1,200.5","1,300.5","11"'
    quoted = written(tmp_path / "b.csv", [head, *[row] * 3])
    with pytest.raises(UsageError, match="a comma in numbers, 3 bad rows") as raised:
        read(quoted, "XRP-USD")
    assert row.replace('"11"', "11") in str(raised.value)
    assert raised.value.hint == "write them with a decimal point"


@pytest.mark.parametrize("kept", ["BTC-USD.csv", "BTC-USD.parquet"])
def test_a_mended_copy_never_takes_the_place_of_what_it_was_made_from(
    kept: str, tmp_path: Path
) -> None:
    # It was written over a Parquet file, and a CSV file was deleted for it.
    folder = tmp_path / "candles"
    folder.mkdir()
    text = folder / "BTC-USD.csv"
    rows = [f"{1_767_571_200 + 60 * at},1,2,1,2,5" for at in range(5)]
    text.write_text("\n".join(["time,open,high,low,close,volume", *rows, rows[0]]))
    if kept.endswith(".parquet"):
        write(folder, read(text), Source("coinbase"))
    before = (folder / kept).read_bytes()
    (tmp_path / "link").symlink_to(folder)
    for same in (folder, tmp_path / "link", tmp_path / "candles" / ".." / "candles"):
        with pytest.raises(UsageError, match="would take its place") as refused:
            list(verified(tmp_path, [folder / kept], mend=same))
        assert refused.value.hint
    assert (folder / kept).read_bytes() == before
    assert sorted(each.name for each in folder.iterdir() if each.is_file()) == [kept]


def test_a_mended_copy_takes_no_place_among_the_candles_that_are_traded(tmp_path: Path) -> None:
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *rows(seconds())])
    imported(guess(file), tmp_path, product=None, source="elsewhere")
    with pytest.raises(UsageError, match="would take their place"):
        list(verified(tmp_path, [file], mend=tmp_path / "candles"))


def test_a_parquet_file_that_is_not_whole_is_told_what_mends_that(tmp_path: Path) -> None:
    file = tmp_path / "BTC-USD.parquet"
    file.write_bytes(b"PAR1 and no more")
    with pytest.raises(UsageError) as refused:
        load(file)
    assert "download" in refused.value.hint
    assert "decimal point" not in refused.value.hint


def test_a_file_is_not_imported_into_its_own_place(tmp_path: Path) -> None:
    # It was deleted, and what was left out of it was lost.
    folder = tmp_path / "candles"
    folder.mkdir()
    file = written(folder / "BTC-USD.csv", ["time,open,high,low,close,volume", *rows(seconds())])
    before = file.read_bytes()
    with pytest.raises(UsageError, match="read from there as it is"):
        imported(guess(file), tmp_path, product=None, source="elsewhere")
    assert file.read_bytes() == before


def test_the_columns_of_a_parquet_file_are_confirmed_where_its_names_are_not_ours(
    tmp_path: Path,
) -> None:
    def laid(name: str, *names: str) -> Path:
        cells = ([1_767_571_200], [2.0], [4.0], [1.0], [3.0], [9.5])
        path = tmp_path / name
        table = pyarrow.table(dict(zip(names, cells, strict=True)))
        pyarrow.parquet.write_table(table, path)
        return path

    plain = laid("a.parquet", "volume", "open", "high", "low", "close", "time")
    assert guess(plain).is_certain
    found = guess(laid("b.parquet", "ts", "o", "h", "l", "c", "v"))
    assert not found.is_certain
    assert (
        found.text
        == "time = 1767571200, open = 2.0, high = 4.0, low = 1.0, close = 3.0, volume = 9.5"
    )
    with pytest.raises(UsageError, match="cannot tell open, high, low, close") as refused:
        guess(laid("c.parquet", "date", "first", "most", "least", "last", "vol"))
    assert "--columns" in refused.value.hint
    empty = tmp_path / "d.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"ts": []}), empty)
    with pytest.raises(UsageError):
        guess(empty)
    empty.write_bytes(b"PAR1 and no more")
    with pytest.raises(UsageError, match=r"d\.parquet"):
        guess(empty)


@pytest.mark.parametrize("name", ["close_time", "Close time", '"closeTime"'])
def test_the_time_of_a_bars_end_is_not_taken_for_that_of_its_opening(
    name: str, tmp_path: Path
) -> None:
    body = rows(seconds())
    file = written(tmp_path / "x.csv", [f"{name},open,high,low,close,volume", *body])
    with pytest.raises(UsageError, match=r"of each bar's end; a time is of its opening") as refused:
        guess(file)
    assert "--times close" in refused.value.hint
    both = written(
        tmp_path / "y.csv",
        [f"open_time,open,high,low,close,volume,{name}", *(f"{row},{row[:10]}" for row in body)],
    )
    assert guess(both).text.startswith("time = ")


@pytest.mark.parametrize("early_ms", [0, 1, 1000])
@pytest.mark.parametrize("head", ["time", "close_time", "open_time,close_time"])
def test_times_of_ends_are_made_those_of_openings_where_a_person_says_so(
    early_ms: int, head: str, tmp_path: Path
) -> None:
    ends = [f"{FIRST * 1000 + 60_000 * (at + 1) - early_ms}" for at in range(len(BARS))]
    body = rows(ends)
    if "," in head:
        body = [f"{at},{row}" for at, row in zip(seconds(), body, strict=True)]
    file = written(tmp_path / "x.csv", [f"{head},open,high,low,close,volume", *body])
    done = imported(guess(file, is_closing=True), tmp_path, product=BTC, source="")
    assert done.stored.tape.minute.tolist() == [FIRST // 60 + at for at in range(len(BARS))]
    columns = f"{'-,' if ',' in head else ''}time,open,high,low,close,volume"
    again = imported(named(file, columns, is_closing=True), tmp_path, product=BTC, source="")
    assert again.stored.checksum == done.stored.checksum


def test_what_opens_within_a_minute_may_be_an_end_and_is_told_how_to_say_so(tmp_path: Path) -> None:
    times = [f"{FIRST * 1000 + 60_000 * (at + 1) - 1}" for at in range(len(BARS))]
    file = written(tmp_path / "BTC-USD.csv", ["time,open,high,low,close,volume", *rows(times)])
    with pytest.raises(UsageError, match=r"59\.999 s past the minute") as refused:
        read(file)
    assert "--times close" in refused.value.hint


def test_an_end_is_a_bars_length_after_its_opening_and_a_row_without_a_time_stays_one(
    tmp_path: Path,
) -> None:
    times = [str(FIRST + 300 * (at + 1)) for at in range(3)]
    body = [*rows([*times, "soon"]), f"{times[0]},1,2,3,4,5"]
    file = written(tmp_path / "x.csv", ["time,open,high,low,close,volume", *body])
    known = guess(file, is_closing=True)
    done = imported(known, tmp_path, product=BTC, source="")
    assert replace(known, sample={"time": "1"}).text == "time = 1; times are of bars' ends"
    assert done.stored.tape.interval == 5
    assert done.stored.tape.minute.tolist() == [FIRST // 60 + 5 * at for at in range(3)]
    assert done.left_out == "1 malformed, 1 crossed"


def test_a_file_without_a_row_says_so(tmp_path: Path) -> None:
    file = written(tmp_path / "x.csv", ["time,open,high,low,close,volume"])
    with pytest.raises(UsageError, match="found no row; allowed: candles"):
        imported(guess(file), tmp_path / "data", product=BTC, source="")
