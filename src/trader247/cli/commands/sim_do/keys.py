"""`trader247 sim do`: clients' keys that are taken away and given back."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.cli.commands.sim_do.deed import Fields, deed
from trader247.cli.lazy import new_app

app = new_app()


@deed(app, "revoke", has_book=False)
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A key's name, or its last part.")],
) -> Fields:
    """Take a client's key away from it: 401 from now on."""
    return {"key": key}


@deed(app, "restore", has_book=False)
def restore(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A key's name, or its last part.")],
) -> Fields:
    """Give a revoked key back."""
    return {"key": key}
