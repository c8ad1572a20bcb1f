from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.adapters.ids import DerivedIds, install_for_seed, new_install
from trader247.domain.ids import EPOCH_MAX, NAME_MAX, ClientOrderId, DecisionId
from trader247.ports import Ids

INSTALL = install_for_seed("synthetic:v1:seed=7")
PINNED = "t247-2165f0-3-995f8311-7d68-5235-9799-76db27f001e7"
ACT = st.tuples(
    st.integers(0, 99), st.sampled_from(["1:BTC-USD", "1:ETH-USD", "11:BTC-USD"]), st.integers(0, 9)
)


def order_id(install: str, act: tuple[int, str, int]) -> str:
    ids: Ids = DerivedIds(install)
    return ids.client_order(epoch=act[0], decision=DecisionId(act[1]), leg=act[2])


def test_an_id_is_pinned_because_a_new_version_must_derive_the_same() -> None:
    assert order_id(INSTALL, (3, "17:BTC-USD", 0)) == PINNED


def test_an_id_names_the_trader_the_installation_and_the_epoch() -> None:
    assert order_id(INSTALL, (3, "17:BTC-USD", 0)).startswith(f"t247-{INSTALL[:6]}-3-")
    assert len(order_id(INSTALL, (3, "17:BTC-USD", 0))) <= 128


@pytest.mark.parametrize("epoch", [0, 9, 10**15 - 1, 10**15, 10**15 + 35, 10**18, EPOCH_MAX])
def test_an_id_fits_a_journal_at_any_epoch_and_tells_it(epoch: int) -> None:
    """Each start of a LIVE process leaps: one a minute comes to 10^15 within a year."""
    name = order_id(INSTALL, (epoch, "17:BTC-USD", 0))
    assert 20 <= len(name) <= NAME_MAX
    assert DerivedIds(INSTALL).epoch_of(ClientOrderId(name)) == epoch


@given(st.integers(0, EPOCH_MAX), st.integers(0, EPOCH_MAX))
def test_two_epochs_are_never_written_the_same(one: int, other: int) -> None:
    names = {order_id(INSTALL, (each, "1:BTC-USD", 0)) for each in (one, other)}
    assert len(names) == len({one, other})


@pytest.mark.parametrize(
    "epoch",
    ["", "-1", "01", "9" * 16, "9" * 5_000, "z", "z0", "zz", "zZZ", "z" + "9" * 13, "\u0663"],
)
def test_an_id_that_we_never_write_tells_of_no_epoch(epoch: str) -> None:
    """What others name like that is none of ours: nobody goes on after an epoch of theirs."""
    name = ClientOrderId(PINNED.replace("-3-", f"-{epoch}-", 1))
    assert DerivedIds(INSTALL).epoch_of(name) is None


@pytest.mark.parametrize("end", ["", "x", "-0", "0" * 60, "\n"])
def test_an_id_with_another_end_than_ours_tells_of_no_epoch(end: str) -> None:
    """No journal has room for such a name, or only for one that is not derived."""
    name = PINNED + end if end else PINNED[:-1]
    assert DerivedIds(INSTALL).epoch_of(ClientOrderId(name)) is None


@given(ACT, ACT)
def test_two_ids_are_equal_exactly_if_their_acts_are(
    one: tuple[int, str, int], other: tuple[int, str, int]
) -> None:
    assert (order_id(INSTALL, one) == order_id(INSTALL, other)) == (one == other)


def test_two_installations_never_share_an_id() -> None:
    act = (1, "1:BTC-USD", 0)
    assert order_id(INSTALL, act) != order_id(INSTALL[:6] + "0" * 58, act)


@given(st.integers(0, 10**9))
def test_jitter_is_a_fraction_below_one_and_repeats(cycle: int) -> None:
    jitter = DerivedIds(INSTALL).jitter(cycle)
    assert 0 <= jitter < 1
    assert jitter == DerivedIds(INSTALL).jitter(cycle)


def test_jitter_differs_between_cycles_and_installations() -> None:
    ids = DerivedIds(INSTALL)
    assert len({ids.jitter(cycle) for cycle in range(100)}) == 100
    assert ids.jitter(1) != DerivedIds(new_install()).jitter(1)


@pytest.mark.parametrize("install", ["", "abcde", "ABCDEF", "t247-a", "a" * 65, "abcdef\n"])
def test_an_installation_id_that_is_not_hexadecimal_is_refused(install: str) -> None:
    with pytest.raises(ValueError, match="installation id"):
        DerivedIds(install)


def test_a_new_installation_is_fresh_and_well_formed() -> None:
    one, other = new_install(), new_install()
    assert one != other
    assert len(one) == len(install_for_seed("x")) == 64
    DerivedIds(one)
