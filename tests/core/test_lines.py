from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trader247.domain.lines import fitted

_WORDS = st.sampled_from(["a", "stop", "trader247", "kill", "on;", "--data", "x" * 30, "end."])


def test_a_command_to_copy_stays_on_one_line() -> None:
    text = "no answer is a no, and nothing was bought. Next: trader247 confirm 1-ETH-USD"

    assert fitted(text, 60, hanging="  ") == [
        "no answer is a no, and nothing was bought. Next:",
        "  trader247 confirm 1-ETH-USD",
    ]


def test_the_sentence_goes_on_behind_a_command() -> None:
    text = "see `trader247 kill on` for that; trader247 status (the screen) shows it"

    assert fitted(text, 20) == [
        "see",
        "`trader247 kill on`",
        "for that;",
        "trader247 status",
        "(the screen) shows",
        "it",
    ]


@given(st.lists(_WORDS, min_size=1).map(" ".join), st.integers(10, 90))
def test_no_word_is_lost_and_only_what_is_whole_is_longer_than_a_line(
    text: str, width: int
) -> None:
    lines = fitted(text, width)

    assert " ".join(lines).split() == text.split()
    for line in lines:
        assert len(line) <= width or " " not in line or "trader247 " in line
