"""`trader247 sim do`: what whoever runs a simulated exchange can do to it."""

from __future__ import annotations

from trader247.cli.commands.sim_do import fills, keys, money, orders, products
from trader247.cli.commands.sim_do.deed import Fields, deed
from trader247.cli.lazy import new_app

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


for part in (money, orders, products, fills, keys):
    app.add_typer(part.app)


@deed(app, "show")
def show_all() -> Fields:
    """Show how it stands: flags, wallets, fees, what is scheduled, keys."""
    return {}
