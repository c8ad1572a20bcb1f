"""What the exchange lists as ended with nothing filled is no order of the trader's to keep."""

from __future__ import annotations

from tests.truth.story import Row, Story, judged

BUY = "t247-a-1-1"


def filled_and_over(story: Story) -> Row:
    """A part was filled, the rest ended, and the journal learns of the end alone."""
    story.cycle()
    story.record(BUY)
    number = story.send(BUY)
    row = story.create(BUY)
    story.answer(number)
    story.take(BUY)
    fill = story.fill(BUY, "0.001")
    row["status"] = "CANCELLED"
    story.exchange(orders=[row])
    story.see_end(BUY, "CANCELLED")
    return fill


def told(*, is_understated: bool, is_booked: bool) -> list[str]:
    def part(story: Story) -> None:
        fill = filled_and_over(story)
        if is_understated:
            story.tell("understated", orders=[BUY])
        story.fold()
        if is_booked:
            story.book(BUY, fill)
            story.fold()
        story.end()

    return [each.text for each in judged(part)]


def test_a_fill_of_an_order_that_was_listed_as_ended_without_it_may_come_later() -> None:
    assert told(is_understated=True, is_booked=True) == []
    (early,) = told(is_understated=False, is_booked=True)
    assert early.endswith("works no more in the trader's books")


def test_it_is_booked_in_the_end_all_the_same() -> None:
    assert any("never booked" in each for each in told(is_understated=True, is_booked=False))
