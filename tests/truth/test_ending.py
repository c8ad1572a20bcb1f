"""What a process that ends in order leaves at the exchange, in its folder and in its tables."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from tests.truth.story import Story, said

Part = Callable[[Story], object]
BUY = "t247-a-1-1"


def wishes(story: Story, cause: str = "ending: SIGTERM") -> None:
    story.journal(("cancel_requested", {"client_order_id": BUY, "cause": cause}))


def is_over(story: Story) -> None:
    row = story.rows[BUY]
    row["status"] = "CANCELLED"
    story.exchange(orders=[row])
    story.see_end(BUY, "CANCELLED")


def ends(story: Story, what: str = "ended", *, is_cleared: bool = False) -> None:
    if what == "ended":
        story.journal(("session_ended", {"epoch": story.epoch, "cause": "SIGTERM"}))
    story.tell("process", what=what, cause="", is_cleared=is_cleared)


def has(words: str, *parts: Part, **limits: object) -> bool:
    return any(words in each for each in said(*parts, **limits))


LEFT = "did not ask for its end"


def test_who_ends_in_order_leaves_nothing_of_which_the_end_was_not_asked_for() -> None:
    assert has(LEFT, Story.rests, ends)
    assert not has(LEFT, Story.rests, wishes, ends), "it may live on, and has its own end"
    assert not has(LEFT, Story.rests, is_over, ends)
    assert not has(LEFT, Story.rests, partial(ends, what="died")), "nobody asked it"
    assert not has(LEFT, Story.rests, ends, is_called=1), "the next one that is called asks"


def test_a_folder_says_that_nothing_rests_where_nothing_does() -> None:
    words, cleared = "the folder says that nothing does", partial(ends, is_cleared=True)

    assert has(words, Story.rests, wishes, cleared)
    assert has(words, Story.rests, partial(ends, what="died", is_cleared=True))
    assert not has(words, Story.rests, is_over, cleared)
    assert not has(words, Story.rests, wishes, ends)


def test_who_fails_does_not_let_go_of_the_journal_as_if_it_had_ended_in_order() -> None:
    def fails(story: Story, *, is_let_go: bool | None = True, has_ended: bool = False) -> None:
        if has_ended:
            story.journal(("session_ended", {"epoch": story.epoch, "cause": "SIGTERM"}))
        story.tell("process", what="failed", cause="", is_let_go=is_let_go)

    words = "the journal says that it ended in order"

    def again(story: Story) -> None:
        fails(story, is_let_go=False)
        story.tell("process", what="started")

    assert has(words, Story.rests, fails)
    assert not has(words, Story.rests, partial(fails, is_let_go=False))
    assert not has(words, Story.rests, partial(fails, is_let_go=None))
    assert not has(words, Story.rests, wishes, partial(fails, has_ended=True))
    assert not has(words, Story.rests, again, fails), "it never had it"


def test_an_end_in_the_name_of_the_switch_needs_one_that_is_raised() -> None:
    words, in_its_name = "that nobody raised", partial(wishes, cause="kill switch")

    def raises(story: Story) -> None:
        story.tell("kill", is_on=True, keeps_sales=False)

    def lets_go(story: Story, after_s: int = 5) -> None:
        story.tell("kill", is_on=False)
        story.wait(after_s)

    assert has(words, Story.rests, in_its_name)
    assert not has(words, Story.rests, wishes), "it is for another cause"
    assert not has(words, Story.rests, raises, in_its_name)
    assert not has(words, Story.rests, raises, lets_go, in_its_name), "it was until just now"
    assert has(words, Story.rests, raises, partial(lets_go, after_s=90), in_its_name)


def test_the_table_of_orders_shows_what_the_exchange_has() -> None:
    def shows(story: Story, state: str = "CANCELLED", filled: str = "0") -> None:
        story.tell("tables", orders=[{"client_order_id": BUY, "state": state, "filled": filled}])

    words = "in the table of orders"
    assert not has(words, Story.rests, is_over, shows)
    assert not has(words, Story.rests, is_over, partial(shows, filled="0.00")), "it is one number"
    assert has(words, Story.rests, is_over, partial(shows, filled="0.001"))
    assert has(words, Story.rests, is_over, partial(shows, state="FILLED"))
    assert not has(words, Story.rests, partial(shows, state="OPEN")), "it is not over"

    def is_told_otherwise(story: Story) -> None:
        story.tell("otherwise", orders=[BUY])

    assert not has(words, Story.rests, is_over, is_told_otherwise, partial(shows, filled="0.001"))


def test_what_the_exchange_took_back_since_is_shown_as_it_stood_or_as_it_stands() -> None:
    def fills(story: Story, size: str) -> None:
        made = story.fill(BUY, size)
        story.exchange(orders=[story.rows[BUY]], fills=[made])

    def takes_back(story: Story, kind: str, *more: str) -> None:
        made = [each for record in story.told for each in record.get("fills", ())]
        last = next(each for each in reversed(made) if each["kind"] == "FILL")
        row = story.rows[BUY]
        if not more:
            row["filled"] = str(Decimal(row["filled"]) - Decimal(last["size"]))
        revised = [{**last, "entry_id": each, "kind": each} for each in (kind, *more)]
        story.exchange(orders=[row], fills=revised)

    def shows(story: Story, filled: str, state: str = "CANCELLED") -> None:
        story.tell("tables", orders=[{"client_order_id": BUY, "state": state, "filled": filled}])

    def is_wrong(revision: Part, filled: str, state: str = "CANCELLED") -> bool:
        part, rest = partial(fills, size="0.0005"), partial(fills, size="0.0003")
        shown = partial(shows, filled=filled, state=state)
        return has("in the table of orders", Story.rests, part, rest, is_over, revision, shown)

    taken_back = partial(takes_back, kind="REVERSAL")
    assert not is_wrong(taken_back, "0.0008"), "what is taken back is kept for a person to see"
    assert not is_wrong(taken_back, "0.0005"), "it was listed since"
    assert is_wrong(taken_back, "0"), "one of its fills stands"
    assert is_wrong(taken_back, "0.0003")
    assert is_wrong(taken_back, "0.0008", "FILLED"), "that it never was"

    def corrects(story: Story) -> None:
        takes_back(story, "REVERSAL", "CORRECTION")

    assert not is_wrong(corrects, "0.0008")
    assert is_wrong(corrects, "0.0005"), "so it stood at no time since it ended"
