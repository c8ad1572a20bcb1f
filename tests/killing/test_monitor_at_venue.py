"""The monitor looks at an account over TLS: however the venue answers, a look has an end."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.test_sim_serve import serving
from tests.killing.troubled import Trouble, troubled

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.monitoring import monitor
from trader247.app.settings.location import SHIPPED

pytestmark = pytest.mark.slow


def test_a_listing_without_an_end_does_not_hold_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its pages is quick enough by itself."""
    monkeypatch.setattr(monitor, "LOOK_MAX", timedelta(seconds=3))
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    with serving(tmp_path / "served", "--seed", "7") as served:
        upstream = str(served.told["base_url"]).removeprefix("https://")
        trouble = Trouble("endless")
        with troubled(upstream, served.tls, trouble) as host:
            app = config / "app.yaml"
            text = app.read_text(encoding="utf-8")
            text = text.replace('endpoint: "localhost:8443"', f'endpoint: "{host}"')
            text = text.replace('tls_dir: ""', f'tls_dir: "{served.tls}"')
            app.write_text(text, encoding="utf-8")
            choice = Choice(config, tmp_path / "data", Mode.LIVE, VenueName.SIM)
            began = time.monotonic()
            look = monitor.Monitor(choice, limits=None).look()
            assert time.monotonic() - began < 20
    assert look.judged is None
    assert "is over" in look.trouble or "no answer" in look.trouble, look.trouble
    listing = "/api/v3/brokerage/orders/historical/batch"
    assert [path for _, _, path in trouble.asked].count(listing) > 1
