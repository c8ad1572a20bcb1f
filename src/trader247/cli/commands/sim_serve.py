"""`trader247 sim serve`: the simulated exchange for any client of Coinbase's on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from trader247.app.durations import in_words
from trader247.app.serving.server import Plan, Serving
from trader247.app.serving.server import serve as serve_exchange
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, speed_of
from trader247.cli.output import emit_json, say, show, show_code


def serve(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")
    ] = 8443,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**63 - 1, help="The simulated market, for a new exchange."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Replay candle files (CSV, CSV.GZ) as the market."),
    ] = None,
    speed: Annotated[
        str, typer.Option(metavar="X", help="Market time over real time: 1, 60.")
    ] = "1",
    switch: Annotated[
        list[str] | None,
        typer.Option(
            "--switch", metavar="NAME=VALUE", help="How an open point behaves; may be repeated."
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="NAME=CHANCE@WHERE",
            help="What goes wrong: calm, rough, hostile, or one fault; may be repeated.",
        ),
    ] = None,
    fault_seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="When the faults strike.")
    ] = 0,
    tls_dir: Annotated[
        Path | None,
        typer.Option(
            "--tls-dir",
            metavar="DIR",
            help="Folder of certificate and keys. Else one in the data folder.",
            show_default=False,
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Serve the simulated exchange on this machine, as Coinbase would: HTTPS and WebSocket.

    It listens on loopback alone, both on one port. Certificate and keys are made in --tls-dir,
    once; what it prints at start says how a client trusts it, and which key file to give it. Its
    books last, in --data.

    At --speed 1 a synthetic market keeps this machine's time, also over a restart.

    Examples:

      trader247 sim serve --seed 7

      trader247 sim serve --replay tape/ --switch stray_bearer=ignored

      trader247 sim serve --fault rough --fault lost_answer=0.05@create

    Exit codes: 0 asked to end, 2 wrong usage or port taken, 5 served already, 6 configuration
    invalid, 8 storage failed, 9 unsafe folder.
    """
    plan = Plan(
        port=port,
        seed=seed,
        replay=replay,
        speed=speed_of(speed, at_most=10_000),
        switches=tuple(switch or ()),
        tls=tls_dir,
        faults=tuple(fault or ()),
        fault_seed=fault_seed,
    )
    serve_exchange(config, data, plan, on_ready=_json if as_json else _text, warn=say)
    return ExitCode.DONE


def _json(serving: Serving) -> None:
    emit_json(
        {
            "base_url": f"localhost:{serving.port}",
            "stream_url": f"wss://localhost:{serving.port}",
            "ca": str(serving.trust.authority.resolve()),
            "key_file": str(serving.trust.client_key.resolve()),
            "market": serving.label,
            "products": serving.products,
            "time": serving.now,
        }
    )


def _text(serving: Serving) -> None:
    authority, key = serving.trust.authority.resolve(), serving.trust.client_key.resolve()
    show(f"{serving.label}: {serving.products} products, {serving.now}")
    if serving.caught_up:
        show(f"caught up {in_words(serving.caught_up)} of market time")
    show(f"serving https://localhost:{serving.port} on loopback, and wss; Ctrl-C ends it")
    show()
    show("The official client:")
    show_code(f'  client = RESTClient(key_file="{key}", base_url="localhost:{serving.port}")')
    show_code(f'  client.session.verify = "{authority}"')
    show_code("  client.session.trust_env = False    # else REQUESTS_CA_BUNDLE would win")
    show_code(
        f'  stream = WSClient(key_file="{key}", base_url="wss://localhost:{serving.port}", …)'
    )
    show("Anything else:")
    show_code(f"  curl --cacert {authority} https://localhost:{serving.port}/api/v3/brokerage/time")
    show()
    # Whoever started us in a pipe waits for this.
    sys.stdout.flush()
