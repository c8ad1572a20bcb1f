"""`simulate`, by what people type: a number that cannot be is refused before anything begins."""

from __future__ import annotations

import pytest

from trader247.cli.main import execute


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--within", "9" * 400), "--within"),
        (("--within", "0"), "--within"),
        (("--seeds", "0..999999999"), "at most"),
        (("--seeds", "7..3"), "a range goes upwards"),
        (("--days", "1e-999"), "a minute"),
        (("--days", "0.0001"), "a minute"),
        (("--days", "NaN"), "at most"),
        (("--days", "1e999"), "at most"),
    ],
)
def test_what_cannot_be_run_is_refused(
    words: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["simulate", *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "bug" not in told
