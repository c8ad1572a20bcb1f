"""`trader247 sim do`: flags, maintenance and jumping prices of products."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from trader247.cli.commands.sim_do.deed import Fields, deed, seconds
from trader247.cli.lazy import new_app
from trader247.cli.options import span

app = new_app()

Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="BTC-USD, or '*' for every one.")]
Products = Annotated[
    list[str] | None, typer.Argument(metavar="[PRODUCT]...", help="Which; all where none is named.")
]


@deed(app, "set")
def set_flags(
    product: Product,
    flag: Annotated[
        list[str],
        typer.Argument(
            metavar="FLAG=VALUE...",
            help="status=offline|delisted|online, or trading_disabled, cancel_only, limit_only, "
            "post_only, auction_mode, view_only, is_disabled = on|off.",
        ),
    ],
) -> Fields:
    """Set flags of a product: set BTC-USD cancel_only=on."""
    flags: dict[str, str | bool] = {}
    for each in flag:
        name, is_set, value = each.partition("=")
        if not is_set:
            raise typer.BadParameter(f"{each!r} is no FLAG=VALUE", param_hint="'FLAG=VALUE'")
        flags[name] = {"on": True, "off": False}.get(value, value)
    return {"product_id": product.upper(), "flags": flags}


@deed(app, "halt")
def halt(
    product: Product,
) -> Fields:
    """Stop all trading in a product (trading_disabled)."""
    return {"product_id": product.upper()}


@deed(app, "resume")
def resume(
    product: Product,
) -> Fields:
    """Open a product again: every flag as it is at first."""
    return {"product_id": product.upper()}


@deed(app, "delist")
def delist(
    product: Product,
) -> Fields:
    """Take a product off the list; its live orders are cancelled."""
    return {"product_id": product.upper()}


@deed(app, "maintain")
def maintain(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="offline, trading_disabled, cancel_only, limit_only, post_only, auction, "
            "view_only, or closed: everything answers 503.",
        ),
    ],
    product: Products = None,
    *,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="RFC 3339. Else now.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="RFC 3339.")] = None,
    span_: Annotated[
        timedelta | None, typer.Option("--for", metavar="SPAN", parser=span, help="10m, 2h.")
    ] = None,
) -> Fields:
    """Schedule maintenance, of the exchange's own time: maintain cancel_only BTC-USD --for 10m."""
    return {
        "kind": kind,
        "products": [each.upper() for each in product or ()],
        "to": end,
        "for_s": seconds(span_),
        "from": begin,
    }


@deed(app, "jump")
def jump(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="BTC-USD.")],
    percent: Annotated[str, typer.Option("--percent", metavar="N", help="-20: a fifth down.")],
    *,
    span_: Annotated[
        timedelta | None,
        typer.Option("--for", metavar="SPAN", parser=span, help="For so long. Else for good."),
    ] = None,
) -> Fields:
    """Let a product's price jump from the next minute on: jump BTC-USD --percent -20 --for 5m."""
    return {
        "product_id": product.upper(),
        "percent": percent,
        "for_s": seconds(span_),
    }


@deed(app, "clear")
def clear() -> Fields:
    """Forget what is scheduled; maintenance and jumps that go on end."""
    return {}
