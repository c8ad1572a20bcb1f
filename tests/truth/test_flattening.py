"""What a person wants sold is not bought on, and what failed is not written to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.truth.story import Story, judged
from tests.truth.test_switch import resting, wanted

Part = Callable[[Story], object]


def flattened(products: str = "", *, is_ended: bool = False, cycles: int = 3) -> Part:
    """Somebody wants all sold while a buy of BTC rests, or what is named."""

    def part(story: Story) -> None:
        resting(story)
        arguments = {"products": products} if products else {}
        story.tell("asked", what="flatten", arguments=arguments)
        if is_ended:
            wanted(story, "by hand: its product is being sold")
        for _ in range(cycles):
            story.wait(30)
            story.cycle()

    return part


def written_on(*, is_so: bool) -> Part:
    def part(story: Story) -> None:
        story.tell("process", what="failed", cause="StorageError: x", wrote_on=is_so)

    return part


FINE = {
    "its end is wanted": flattened(is_ended=True),
    "another product is to be sold": flattened("ETH-USD"),
    "soon after it was asked for": flattened(cycles=2),
    "nothing is written after it": written_on(is_so=False),
}  # fmt: skip
BROKEN = {
    "all is to be sold": ("I17", flattened()),
    "this is to be sold": ("I17", flattened("ETH-USD BTC-USD")),
    "a journal that failed is written to": ("I10", written_on(is_so=True)),
}  # fmt: skip


@pytest.mark.parametrize("part", FINE.values(), ids=FINE)
def test_what_is_done_passes(part: Part) -> None:
    assert judged(part) == []


@pytest.mark.parametrize(("promise", "part"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_is_named(promise: str, part: Part) -> None:
    assert {each.invariant for each in judged(part)} == {promise}
