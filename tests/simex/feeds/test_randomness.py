from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.feeds.randomness import Stream, fractions, normals

SEEDS = st.integers(0, 2**63 - 1)


def plain(key: int, number: int) -> int:
    """splitmix64 in whole numbers, as its authors give it."""
    every = (1 << 64) - 1
    mixed = (key + (number + 1) * 0x9E3779B97F4A7C15) & every
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & every
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & every
    return mixed ^ (mixed >> 31)


@given(SEEDS, st.integers(0, 2**40), st.integers(1, 9))
def test_words_are_those_of_splitmix64_in_whole_numbers(seed: int, first: int, count: int) -> None:
    stream = Stream(seed, 0)
    key = plain(plain(seed, -1), -1)
    expected = [plain(key, first + at) for at in range(count)]
    assert stream.words(first, count).tolist() == expected


@given(SEEDS, st.integers(0, 2**40))
def test_a_word_does_not_depend_on_what_is_asked_with_it(seed: int, first: int) -> None:
    stream = Stream(seed, 1)
    assert stream.words(first, 8)[5:].tolist() == stream.words(first + 5, 3).tolist()


def test_streams_of_other_seeds_and_names_are_not_shifts_of_one_another() -> None:
    streams = [Stream(seed, name) for seed in range(20) for name in (1, 2)]
    words = [word for stream in streams for word in stream.words(0, 200).tolist()]
    assert len(set(words)) == len(words)


def test_normals_have_mean_0_and_deviation_1_and_a_bound() -> None:
    words = Stream(1, 1).words(0, 200_000).reshape(2, -1)
    drawn = normals(words[0], words[1])
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.std() - 1) < 0.01
    assert np.abs(drawn).max() < 4.91


def test_fractions_lie_evenly_from_0_up_to_1() -> None:
    one, other = fractions(Stream(1, 1).words(0, 100_000))
    for drawn in (one, other):
        assert 0 <= drawn.min() < drawn.max() < 1
        assert np.abs(np.histogram(drawn, 10)[0] - 10_000).max() < 500
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02
