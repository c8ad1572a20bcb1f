"""`trader247 sim do`: what whoever runs a simulated exchange can do to it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from textwrap import TextWrapper
from typing import Annotated, Any

import typer

from trader247.app.sim_doing import Done, SimBook, Where, read_schedule_file, sim_do
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, span
from trader247.cli.output import emit_json, show, width_of
from trader247.domain.errors import UsageError

app = new_app()


@app.callback()
def _group() -> None:
    """Act on a simulated exchange as whoever runs it: money, orders by hand, halts, fees, keys.

    It goes through trader247 sim serve where that runs on --data, else it is done on the store
    itself. --book paper is the exchange inside the paper trader, while that does not run.

    Examples:

      trader247 sim do deposit USD 500

      trader247 sim do place BTC-USD buy --size 0.001 --limit 60000

      trader247 sim do halt BTC-USD

    Exit codes: 0 done, 1 refused by the exchange, 2 wrong usage or no such exchange, 4 served but
    not answering, 5 a trader runs on it, 6 configuration invalid, 8 storage failed, 9 wrong token.
    """


Tls = Annotated[
    Path | None,
    typer.Option("--tls-dir", metavar="DIR", help="The server's folder.", show_default=False),
]
Book = Annotated[
    SimBook, typer.Option("--book", help="The served exchange, or the paper trader's own.")
]
Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="BTC-USD, or '*' for every one.")]
Products = Annotated[
    list[str] | None, typer.Argument(metavar="[PRODUCT]...", help="Which; all where none is named.")
]
Currency = Annotated[str, typer.Argument(metavar="CURRENCY", help="USD, BTC.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="A decimal number.")]


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _do(where: Where, as_json: bool, action: str, **fields: Any) -> ExitCode:
    asked = {name: value for name, value in fields.items() if value is not None}
    done = sim_do(where, {"action": action, **asked})
    if as_json:
        emit_json({"book": done.book, "server": done.server, **done.told})
    else:
        _tell(done)
    return ExitCode.DONE


def _tell(done: Done) -> None:
    """What came of it, a line a fact."""
    told = dict(done.told)
    action, time = told.pop("action"), told.pop("time")
    through = f"served at {done.server}" if done.server else "not served"
    # Names of keys are longer than a line, and must stay whole to be of use.
    lines = TextWrapper(
        width_of() - 2, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    show(f"{action}: done on {done.book} ({through}), at {time}")
    for name, value in told.items():
        for line in _lines(name.replace("_", " "), value):
            for part in lines.wrap(line):
                show(f"  {part}")


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{name} {key.replace('_', ' ')}: {_flat(each)}" for key, each in value.items()]
    if isinstance(value, list):
        return [f"{name} {_flat(each)}" for each in value] or [f"no {name}"]
    return [f"{name}: {_flat(value)}"]


def _flat(value: Any) -> str:
    """A nested value on one line: what is off or empty goes without saying."""
    if isinstance(value, dict):
        told = {key: each for key, each in value.items() if each not in (False, None, "")}
        said = [f"{key} {_flat(each)}" for key, each in told.items()]
        return ", ".join(part.removesuffix(" yes") for part in said)
    return "yes" if value is True else "no" if value is False else str(value)


@app.command()
def deposit(
    currency: Currency,
    amount: Amount,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Move money in: deposit USD 500."""
    where = Where(config, data, book, tls_dir)
    return _do(where, as_json, "deposit", currency=currency, amount=amount)


@app.command()
def withdraw(
    currency: Currency,
    amount: Amount,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Move money out: withdraw BTC 0.1. What is on hold stays."""
    where = Where(config, data, book, tls_dir)
    return _do(where, as_json, "withdraw", currency=currency, amount=amount)


_PLACING = "trader247 sim do place BTC-USD buy --size 0.001 --limit 60000"


@app.command()
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
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
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
    return _do(
        Where(config, data, book, tls_dir),
        as_json,
        "place",
        product_id=product.upper(),
        side=side,
        order_configuration={kind: given},
        attached_order_configuration=None
        if profit is None
        else {"trigger_bracket_gtc": {"limit_price": profit, "stop_trigger_price": loss}},
        client_order_id=client_order_id,
        source=source,
    )


@app.command()
def cancel(
    order: Annotated[
        list[str] | None, typer.Argument(metavar="[ORDER]...", help="The exchange's order ids.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every live order.")] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Cancel orders as the account's owner would on the website."""
    where = Where(config, data, book, tls_dir)
    return _do(where, as_json, "cancel", order_ids=order or None, all=every or None)


@app.command("set")
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
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Set flags of a product: set BTC-USD cancel_only=on."""
    flags: dict[str, str | bool] = {}
    for each in flag:
        name, is_set, value = each.partition("=")
        if not is_set:
            raise typer.BadParameter(f"{each!r} is no FLAG=VALUE", param_hint="'FLAG=VALUE'")
        flags[name] = {"on": True, "off": False}.get(value, value)
    where = Where(config, data, book, tls_dir)
    return _do(where, as_json, "set", product_id=product.upper(), flags=flags)


@app.command()
def halt(
    product: Product,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Stop all trading in a product (trading_disabled)."""
    return _do(Where(config, data, book, tls_dir), as_json, "halt", product_id=product.upper())


@app.command()
def resume(
    product: Product,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Open a product again: every flag as it is at first."""
    return _do(Where(config, data, book, tls_dir), as_json, "resume", product_id=product.upper())


@app.command()
def delist(
    product: Product,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Take a product off the list; its live orders are cancelled."""
    return _do(Where(config, data, book, tls_dir), as_json, "delist", product_id=product.upper())


@app.command()
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
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Schedule maintenance, of the exchange's own time: maintain cancel_only BTC-USD --for 10m."""
    return _do(
        Where(config, data, book, tls_dir),
        as_json,
        "maintain",
        kind=kind,
        products=[each.upper() for each in product or ()],
        to=end,
        for_s=_seconds(span_),
        **{"from": begin},
    )


@app.command()
def jump(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="BTC-USD.")],
    percent: Annotated[str, typer.Option("--percent", metavar="N", help="-20: a fifth down.")],
    *,
    span_: Annotated[
        timedelta | None,
        typer.Option("--for", metavar="SPAN", parser=span, help="For so long. Else for good."),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Let a product's price jump from the next minute on: jump BTC-USD --percent -20 --for 5m."""
    return _do(
        Where(config, data, book, tls_dir),
        as_json,
        "jump",
        product_id=product.upper(),
        percent=percent,
        for_s=_seconds(span_),
    )


@app.command()
def clear(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Forget what is scheduled; maintenance and jumps that go on end."""
    return _do(Where(config, data, book, tls_dir), as_json, "clear")


@app.command()
def tier(
    name: Annotated[str, typer.Argument(metavar="TIER", help="'VIP 1'; auto: by volume.")],
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Charge by another fee tier from now on; live orders keep theirs."""
    return _do(Where(config, data, book, tls_dir), as_json, "tier", tier=name)


@app.command()
def promotion(
    maker: Annotated[str | None, typer.Argument(metavar="[MAKER]", help="0.001")] = None,
    taker: Annotated[str | None, typer.Argument(metavar="[TAKER]", help="0.002")] = None,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Charge promotional rates instead of the tier's: promotion 0 0.001. None ends it."""
    return _do(Where(config, data, book, tls_dir), as_json, "promotion", maker=maker, taker=taker)


@app.command()
def schedule(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help='JSON: [{"name": "One", "volume": "0", "maker": "0.002", "taker": "0.003"}, ...].',
        ),
    ] = None,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Charge by another schedule of tiers, or without a file by the one that ships."""
    tiers = None if file is None else read_schedule_file(file)
    return _do(Where(config, data, book, tls_dir), as_json, "schedule", tiers=tiers)


Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="The fill's entry_id.")]


@app.command()
def reverse(
    entry: Entry,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Take a fill back, with all that it did: a row of type REVERSAL."""
    return _do(Where(config, data, book, tls_dir), as_json, "reverse", entry_id=entry)


@app.command()
def correct(
    entry: Entry,
    price: Annotated[str, typer.Argument(metavar="PRICE", help="What it should have been.")],
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Take a fill back, and book it again at another price: REVERSAL and CORRECTION."""
    return _do(Where(config, data, book, tls_dir), as_json, "correct", entry_id=entry, price=price)


@app.command()
def synthetic(
    entry: Entry,
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Add a row of type SYNTHETIC like a fill's: bookkeeping that moves nothing."""
    return _do(Where(config, data, book, tls_dir), as_json, "synthetic", entry_id=entry)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A key's name, or its last part.")],
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Take a client's key away from it: 401 from now on."""
    return _do(Where(config, data, SimBook.SERVED, tls_dir), as_json, "revoke", key=key)


@app.command()
def restore(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A key's name, or its last part.")],
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Give a revoked key back."""
    return _do(Where(config, data, SimBook.SERVED, tls_dir), as_json, "restore", key=key)


@app.command("show")
def show_all(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    book: Book = SimBook.SERVED,
    tls_dir: Tls = None,
    as_json: Json = False,
) -> ExitCode:
    """Show how it stands: flags, wallets, fees, what is scheduled, keys."""
    return _do(Where(config, data, book, tls_dir), as_json, "show")
