"""`trader247 sim do`: orders that the account's owner places and cancels by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.cli.commands.sim_do.deed import Fields, deed
from trader247.cli.lazy import new_app
from trader247.domain.errors import UsageError

app = new_app()


_PLACING = "trader247 sim do place BTC-USD buy --size 0.001 --limit 60000"


@deed(app, "place")
def place(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="BTC-USD.")],
    side: Annotated[str, typer.Argument(metavar="SIDE", help="buy or sell.")],
    *,
    size: Annotated[str | None, typer.Option(metavar="BASE", help="How much.")] = None,
    quote: Annotated[str | None, typer.Option(metavar="QUOTE", help="Or: for how much.")] = None,
    limit: Annotated[
        str | None, typer.Option(metavar="PRICE", help="Its limit. Without one: at the market.")
    ] = None,
    stop: Annotated[
        str | None, typer.Option(metavar="PRICE", help="The last trade that wakes it.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it expires, RFC 3339.")
    ] = None,
    profit: Annotated[
        str | None,
        typer.Option(metavar="PRICE", help="With --loss: sell what it buys at a profit."),
    ] = None,
    loss: Annotated[
        str | None, typer.Option(metavar="PRICE", help="With --profit: sell it at this stop.")
    ] = None,
    post_only: Annotated[bool, typer.Option("--post-only", help="Never take.")] = False,
    client_order_id: Annotated[
        str | None, typer.Option("--client-id", metavar="ID", help="Its client order id.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="RETAIL_ADVANCED, or RETAIL_SIMPLE: hidden in listings."),
    ] = None,
) -> Fields:
    """Place an order as the account's owner would on the website: no trader knows of it."""
    if (size is None) == (quote is None):
        raise UsageError("an order has --size or --quote", hint=_PLACING)
    if stop is not None and limit is None:
        raise UsageError("an order with --stop has a --limit as well", hint=_PLACING)
    if (profit is None) != (loss is None):
        raise UsageError("--profit and --loss go together", hint=_PLACING)
    terms = {
        "base_size": size,
        "quote_size": quote,
        "limit_price": limit,
        "stop_price": stop,
        "end_time": until,
        "post_only": post_only or None,
    }
    if stop is not None:
        word = "UP" if side.upper() == "BUY" else "DOWN"
        terms["stop_direction"] = f"STOP_DIRECTION_STOP_{word}"
    end = "gtc" if until is None else "gtd"
    kind = "market_market_ioc" if limit is None else f"limit_limit_{end}"
    if stop is not None:
        kind = f"stop_limit_stop_limit_{end}"
    given = {name: value for name, value in terms.items() if value is not None}
    return {
        "product_id": product.upper(),
        "side": side,
        "order_configuration": {kind: given},
        "attached_order_configuration": None
        if profit is None
        else {"trigger_bracket_gtc": {"limit_price": profit, "stop_trigger_price": loss}},
        "client_order_id": client_order_id,
        "source": source,
    }


@deed(app, "cancel")
def cancel(
    order: Annotated[
        list[str] | None, typer.Argument(metavar="[ORDER]...", help="The exchange's order ids.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every live order.")] = False,
) -> Fields:
    """Cancel orders as the account's owner would on the website."""
    return {"order_ids": order or None, "all": every or None}
