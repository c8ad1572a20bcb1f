"""`trader247 backtest`: trade the past by the code that trades live."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json
from trader247.cli.output import emit_json, say, show
from trader247.cli.standing import tell
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant

if TYPE_CHECKING:
    from trader247.app.backtesting import Result


def _time(text: str) -> Instant:
    from trader247.app.backtesting import read_time

    try:
        return read_time(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _products(text: str) -> tuple[ProductId, ...]:
    names = [name for part in text.split(",") for name in part.split()]
    try:
        return tuple(ProductId.parse(name.upper()) for name in names)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace("_", "").replace(",", ""))
    except InvalidOperation:
        amount = Decimal(0)
    if not (amount.is_finite() and amount > 0):
        raise typer.BadParameter(f"{text!r} is no amount above zero; example: 10000")
    return amount


def backtest(
    *,
    begin: Annotated[
        Instant | None,
        typer.Option(
            "--from",
            parser=_time,
            metavar="TIME",
            help="First day or minute to trade (UTC).",
            show_default=False,
        ),
    ] = None,
    end: Annotated[
        Instant | None,
        typer.Option(
            "--to",
            parser=_time,
            metavar="TIME",
            help="Where to stop, itself not included.",
            show_default=False,
        ),
    ] = None,
    products: Annotated[
        tuple[ProductId, ...] | None,
        typer.Option(
            parser=_products,
            metavar="LIST",
            help="BTC-USD,ETH-USD; else all there are.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another policy.yaml.", show_default=False),
    ] = None,
    equity: Annotated[
        Decimal | None,
        typer.Option(
            parser=_amount,
            metavar="AMOUNT",
            help="To begin with. Else paper.equity.",
            show_default=False,
        ),
    ] = None,
    fees: Annotated[
        str,
        typer.Option(
            metavar="TIER", help="A tier, `schedule`, or maker/taker: 40/60 (bps), 0.4%/0.6%."
        ),
    ] = "Intro",
    slippage: Annotated[
        str,
        typer.Option(metavar="MODEL", help="How the book was: book, harsh or optimistic."),
    ] = "book",
    operator: Annotated[
        str,
        typer.Option(
            metavar="WHO", help="clears-at-midnight clears daily and weekly stops at 00:00 UTC."
        ),
    ] = "",
    seed: Annotated[int, typer.Option(help="What ids are derived from besides.")] = 0,
    is_slow: Annotated[
        bool, typer.Option("--slow", help="Every minute in full: the reference.")
    ] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Trade the candles in DATA/candles by the code that trades live: what would have happened?

    The same decisions, checks, sizes, orders, exits and booking as live, on the simulated
    exchange's own matching, with the policy in force or another one. Only time and prices come
    from the past. The first 8 days of history are warm-up, or 26 h where there is less.

    A halt stands to the end, as it would until a person looks.

    Examples:

      trader247 backtest --from 2026-01-01 --to 2026-02-01

      trader247 backtest --products BTC-USD,ETH-USD --fees 40/60 --policy stricter.yaml

      trader247 backtest --equity 1000000 --operator clears-at-midnight --json

    Exit codes: 0 done, 2 no candles, too few or wrong usage, 6 configuration or policy invalid,
    130 interrupted.
    """
    from trader247.app.backtesting import Asked, backtested

    asked = Asked(
        config=config,
        data=data,
        begin=begin,
        end=end,
        products=products or (),
        policy=policy,
        equity=equity,
        fees=fees,
        slippage=slippage,
        seed=seed,
        operator=operator,
        is_slow=is_slow,
    )
    result = backtested(asked)
    if as_json:
        emit_json(_body(result))
    else:
        _tell(result)
    return ExitCode.DONE


def _body(result: Result) -> dict[str, object]:
    return {
        "start": result.start,
        "end": result.end,
        "starting_equity": result.starting_equity,
        "final_equity": result.final_equity,
        "trades": len(result.trades),
        "closed": sum(not each.is_open for each in result.trades),
        "orders": len(result.orders),
        "fills": len(result.fills),
        "fees": result.fees,
        "slippage": result.slippage,
        "refusals": result.refusals,
        "stops": result.stops,
        "settings": result.settings,
        "data": result.data,
        "decision_hash": result.decision_hash,
        "policy_hash": result.policy_hash,
        "assumptions": result.assumptions,
        "warnings": result.warnings,
    }


def _tell(result: Result) -> None:
    quote = result.quote_currency
    for warning in result.warnings:
        tell(f"warning: {warning}", to=say)
    tell(f"BACKTEST {result.start} to {result.end}")
    for each in result.data:
        label = f", {each.label}" if each.label else f", from {each.source}"
        tell(f"{each.product}: {each.bars} bars, {each.missing} min missing{label}", indent="  ")
    tell("it is assumed:")
    for text in result.assumptions:
        tell(f"- {text}", indent="  ")
    closed = [each for each in result.trades if not each.is_open]
    won = sum(each.realised.value > 0 for each in closed)
    show()
    tell(
        f"equity {result.starting_equity.value:,.2f} to "
        f"{'unknown' if result.final_equity is None else f'{result.final_equity.value:,.2f}'} "
        f"{quote}; {len(closed)} trades closed, {won} with a profit, "
        f"{len(result.trades) - len(closed)} still held"
    )
    tell(
        f"{len(result.orders)} orders, {len(result.fills)} fills, fees {result.fees.value:,.2f}, "
        f"slippage {result.slippage.value:,.2f} {quote}"
    )
    for stop in result.stops:
        if stop.kind == "halt":
            until = "to the end" if stop.ended is None else f"until {stop.ended}"
            tell(f"HALT {stop.name} at {stop.since}, {until}: {stop.cause}")
    if len(closed) < 30:
        tell(f"{len(closed)} trades are too few to conclude anything")
    tell(f"decisions {result.decision_hash[:16]}, policy {result.policy_hash[:16]}")
