"""What a space says of its backtests, over what the command line says."""

from __future__ import annotations

from dataclasses import replace

from trader247.app.backtests.backtesting import Asked, read_amount, read_time
from trader247.app.sweeps.space import Space
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId


def asked_of(asked: Asked, space: Space) -> Asked:
    """The backtest that every trial is, but for its values.

    Raises:
        UsageError: something that the space says is none.
    """
    said = space.asked
    try:
        return replace(
            asked,
            begin=read_time(said["from"]) if "from" in said else asked.begin,
            end=read_time(said["to"]) if "to" in said else asked.end,
            products=_products(said["products"]) if "products" in said else asked.products,
            equity=read_amount(said["equity"]) if "equity" in said else asked.equity,
            fees=said.get("fees", asked.fees),
            slippage=said.get("slippage", asked.slippage),
            operator=said.get("operator", asked.operator),
            seed=int(said["seed"]) if "seed" in said else asked.seed,
        )
    except ValueError as error:
        raise UsageError(
            f"backtest: {error}", hint="from and to are days, equity is an amount, seed a number"
        ) from None


def _products(text: str) -> tuple[ProductId, ...]:
    return tuple(ProductId.parse(each.strip().upper()) for each in text.split(",") if each.strip())
