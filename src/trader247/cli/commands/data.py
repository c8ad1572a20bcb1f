"""`trader247 data`: the candles that backtests trade on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json
from trader247.cli.output import emit_json, say, show
from trader247.cli.progress import progress_of
from trader247.cli.views.standing import tell
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant
from trader247.domain.words import counted

if TYPE_CHECKING:
    from trader247.app.candles.importing import Guess, Imported
    from trader247.app.candles.store import Stored
    from trader247.app.candles.verifying import Finding

app = new_app()


@app.callback()
def _group() -> None:
    """Candles for backtests: take in, list, look for faults. They lie in DATA/candles."""


def _product(text: str) -> ProductId:
    try:
        return ProductId.parse(text.upper())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _times(text: str) -> str:
    if text.lower() not in ("open", "close"):
        raise typer.BadParameter(f"found {text!r}; allowed: open, close")
    return text.lower()


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, CSV.GZ or Parquet, one a product.")
    ],
    *,
    product: Annotated[
        ProductId | None,
        typer.Option(
            parser=_product,
            metavar="BTC-USD",
            help="Whose they are. Else the file's name.",
            show_default=False,
        ),
    ] = None,
    columns: Annotated[
        str,
        typer.Option(
            metavar="NAMES", help="The file's columns in their order; - for one to leave out."
        ),
    ] = "",
    times: Annotated[
        str,
        typer.Option(
            parser=_times,
            metavar="open|close",
            help="Whether a time is of a bar's opening or its end.",
        ),
    ] = "open",
    source: Annotated[
        str, typer.Option(help="Where they come from; it is shown in every report.")
    ] = "",
    is_sure: Annotated[
        bool, typer.Option("--yes", help="Take the guessed columns without asking.")
    ] = False,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Take candles in from files: cleaned, as Parquet, with their checksum and their source.

    Which column is which is told by its name, or guessed and asked about. Times are seconds,
    milliseconds or ISO 8601, of each bar's opening. Nothing in a file tells a bar's opening from
    its end: where yours has the end, say --times close, or all of it is traded a bar too late.
    Volume is in base units. Candles that are not Coinbase's are labelled so through to the report;
    --source coinbase says that they are. What DATA/candles has of the product makes way, and that
    is said.

    Examples:

      trader247 data import BTC-USD.csv --source coinbase

      trader247 data import kline.csv.gz --product ETH-USD --source kraken --yes

      trader247 data import f.csv --columns time,-,open,high,low,close,volume

      trader247 data import ends.csv --times close

    Exit codes: 0 done, 2 a file cannot be used, or nobody is there to confirm what is guessed, 130
    not confirmed or interrupted.
    """
    from trader247.app.candles.importing import guess, imported, named

    if product is not None and len(files) > 1:
        raise UsageError(
            f"--product names one product, and there are {len(files)} files",
            hint="one file at a time, or leave it out: each file's name says its product",
        )
    is_closing = times == "close"
    known = [
        named(file, columns, is_closing=is_closing)
        if columns
        else guess(file, is_closing=is_closing)
        for file in files
    ]
    for each in known:
        _confirm(each, is_sure=is_sure)
    done: list[Imported] = []
    for each in known:
        done.append(imported(each, data, product=product, source=source))
        if not as_json:
            _tell_stored(done[-1].stored, f" -> {done[-1].path}")
            if done[-1].left_out:
                tell(f"rows that were left out: {done[-1].left_out}", indent="  ")
            if done[-1].replaced:
                tell(f"took the place of {done[-1].replaced}; nothing is joined", indent="  ")
    if as_json:
        rows = [{**_row(each.stored, each.path), "replaced": each.replaced} for each in done]
        emit_json({"imported": rows})
    return ExitCode.DONE


def _confirm(known: Guess, *, is_sure: bool) -> None:
    if known.is_certain:
        return
    tell(f"{known.path}: the columns are taken to be", to=say)
    tell(known.text, indent="  ", to=say)
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"the columns of {known.path} are guessed, and nobody is there to confirm them",
            hint="--yes takes the guess, --columns says them",
        )
    typer.confirm("is that right?", abort=True, err=True)


def _moment(text: str) -> Instant:
    from trader247.app.backtests.backtesting import read_time

    try:
        return read_time(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.command()
def download(
    products: Annotated[
        list[ProductId], typer.Argument(parser=_product, metavar="PRODUCT...", help="BTC-USD ...")
    ],
    *,
    begin: Annotated[
        Instant, typer.Option("--from", parser=_moment, metavar="TIME", help="First day or minute.")
    ],
    end: Annotated[
        Instant,
        typer.Option("--to", parser=_moment, metavar="TIME", help="Where to stop, not included."),
    ],
    granularity: Annotated[
        str, typer.Option(metavar="LENGTH", help="1m, 5m, 15m, 30m, 1h or 1d.")
    ] = "1m",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Fetch candles from Coinbase's public market data, or whatever app.yaml puts in its place.

    It keeps within a quarter of what the venue allows. What does not come is asked for again for a
    minute. Cut short, the same command goes on from where it stopped. A minute without a trade has
    no candle there and stays a hole. What DATA/candles has of the product is kept, and joined.

    Examples:

      trader247 data download BTC-USD ETH-USD --from 2026-01-01 --to 2026-02-01

    Exit codes: 0 done, 2 wrong usage or nothing there, 4 venue unreachable, 6 configuration
    invalid, 130 interrupted.
    """
    from trader247.app.candles.fetching import KEPT, fetched

    done = []
    for product in products:
        try:
            with progress_of(str(product), "pages") as told:
                stored = fetched(
                    product,
                    begin,
                    end,
                    granularity=granularity,
                    config=config,
                    data=data,
                    progress=told,
                )
        except KeyboardInterrupt:
            say(f"interrupted: {KEPT}")
            raise
        done.append(stored)
        if not as_json:
            _tell_stored(stored, "")
    if as_json:
        emit_json({"downloaded": [_row(each, each.path) for each in done]})
    return ExitCode.DONE


@app.command("list")
def list_(*, data: DataDir = DEFAULT_DATA, as_json: Json = False) -> ExitCode:
    """The candles that are there: span, bars, holes, source and checksum of each product.

    Examples:

      trader247 data list

    Exit codes: 0 done, 2 a file cannot be used: the others are listed all the same.
    """
    from trader247.app.candles.store import FOLDER, candle_files, load

    stored: list[Stored] = []
    broken: list[tuple[Path, str]] = []
    for path in candle_files(data / FOLDER).values():
        try:
            stored.append(load(path))
        except UsageError as error:
            broken.append((path, str(error).removeprefix(f"{path}: ")))
    code = ExitCode.USAGE if broken else ExitCode.DONE
    if as_json:
        emit_json(
            {
                "candles": [_row(each, each.path) for each in stored],
                "unusable": [{"file": str(path), "reason": why} for path, why in broken],
            }
        )
        return code
    if not stored and not broken:
        show(f"no candles in {data / FOLDER}")
        show("next: trader247 data import FILE, or trader247 data download PRODUCT")
    for each in stored:
        _tell_stored(each, "")
    for path, why in broken:
        tell(f"{path}: CANNOT BE USED: {why}")
    return code


@app.command()
def verify(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="Else all of DATA/candles.")
    ] = None,
    *,
    mend: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a clean copy of each there.", show_default=False),
    ] = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Look for holes, repeats, disorder, crossed and absurd bars, and changed content.

    Nothing is changed: a mended copy is written only where --mend says so. A hole stays a hole.

    Examples:

      trader247 data verify

      trader247 data verify BTC-USD.csv --mend clean

    Exit codes: 0 nothing found, 1 something was, 2 there are no candles.
    """
    from trader247.app.candles.verifying import verified

    found = list(verified(data, files or [], mend=mend))
    if as_json:
        emit_json({"files": found})
    else:
        for each in found:
            _tell_finding(each)
    return ExitCode.DONE if all(each.is_clean for each in found) else ExitCode.REFUSED


def _row(stored: Stored, path: Path) -> dict[str, object]:
    tape = stored.tape
    return {
        "product": tape.product_id,
        "file": str(path),
        "source": stored.source.name,
        "label": stored.source.label,
        "checksum": stored.checksum,
        "first_minute": tape.first_minute,
        "last_minute": tape.last_minute,
        "bars": len(tape.minute),
        "missing_minutes": stored.missing,
        "interval_minutes": tape.interval,
        "troubles": dict(stored.troubles),
    }


def _tell_stored(stored: Stored, where: str) -> None:
    from trader247.app.backtests.backtesting import spoken

    tell(f"{stored.tape.product_id}: {spoken(stored)}{where}")
    if stored.source.label:
        tell(stored.source.label, indent="  ")


def _tell_finding(found: Finding) -> None:
    if found.unusable:
        tell(f"{found.path}: CANNOT BE USED: {found.unusable.removeprefix(f'{found.path}: ')}")
        return
    state = "clean" if found.is_clean else "FOUND"
    span = f"{counted(found.bars, 'bar')} of {found.interval} min from {counted(found.rows, 'row')}"
    tell(f"{found.product}: {span}: {state}")
    for name, count in found.troubles.items():
        what = "minutes missing" if name == "holes" else name
        tell(f"{count:,} {what}: {found.examples.get(name, '')}", indent="  ")
    if found.is_changed:
        tell("its content is not what its own checksum says", indent="  ")
    if found.mended is not None:
        tell(f"a mended copy is in {found.mended}", indent="  ")
