"""What a control has found holds: breakers, a refused key, strange answers, fees, losses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import LIMITS, LISTING, SECOND_US, Story, judged, time_text

Part = Callable[[Story], object]
BUY = "t247-a-1-1"


def texts(*parts: Part, **limits: object) -> list[str]:
    def limited(story: Story) -> None:
        story.told[0]["limits"] = {**LIMITS, **limits}

    return [each.text for each in judged(limited, *parts)]


def cycle(story: Story, *tripped: str, minutes: float = 1, equity: str = "100000") -> None:
    story.wait(60 * minutes)
    story.cycle(equity=equity)
    story.told[-1]["events"][0]["payload"]["tripped"] = list(tripped)


def tripped(*names: str, minutes: float = 1) -> Part:
    return lambda story: cycle(story, *names, minutes=minutes)


def buys(story: Story) -> None:
    story.record(BUY)


def is_held(*parts: Part) -> bool:
    limits = {"breaker_cycles": 2, "breaker_s": 300, "losses_s": 3_600}
    return any(" tripped " in each for each in texts(*parts, **limits))


def test_a_breaker_keeps_buys_back_for_its_time_and_for_two_cycles_without_it() -> None:
    once = tripped("disk")
    assert is_held(once, buys)
    assert is_held(once, tripped(minutes=6), buys), "one cycle without it is not two"
    assert is_held(once, tripped(), tripped(), buys), "nor are two minutes five"
    assert is_held(once, tripped(minutes=6), once, tripped(), buys)
    assert not is_held(once, tripped(minutes=3), tripped(minutes=3), buys)
    assert not is_held(tripped(), buys)


def test_one_that_trips_again_before_it_was_closed_goes_on_from_where_it_opened() -> None:
    def closed(story: Story) -> None:
        story.journal(("breaker_closed", {"name": "disk"}))

    def is_early(*parts: Part) -> bool:
        limits = {"breaker_cycles": 2, "breaker_s": 300, "losses_s": 3_600}
        return any("or too soon" in each for each in texts(*parts, **limits))

    once, over = tripped("disk"), (tripped(minutes=3), tripped(minutes=3))
    assert not is_early(once, *over, once, tripped(), tripped(), closed)
    assert is_early(once, *over, once, tripped(), closed), "one cycle without it is not two"
    assert is_early(once, *over, closed, once, tripped(), tripped(), closed), "a new one"


def test_after_a_fast_loss_it_takes_longer() -> None:
    lost, later = tripped("loss_velocity"), tripped(minutes=20)
    assert is_held(lost, later, later, buys)
    assert not is_held(lost, later, later, later, buys)


def erred(count: int, *names: str, minutes: float = 1) -> Part:
    def part(story: Story) -> None:
        cycle(story, *names, minutes=minutes)
        story.told[-1]["events"][0]["payload"]["errors"] = count

    return part


def test_errors_of_five_minutes_count_together_whichever_cycle_they_were_in() -> None:
    def is_named(*parts: Part) -> bool:
        return any("did not trip" in each for each in texts(*parts, errors_max=5))

    assert is_named(erred(3), erred(2), tripped())
    assert is_named(*[erred(1)] * 4, erred(1, minutes=0.5), erred(0, minutes=0.4))
    assert not is_named(erred(3), erred(2)), "the cycle after it is the first to know"
    assert not is_named(erred(3), erred(2), tripped("api_errors"))
    assert not is_named(erred(3), erred(1), tripped())
    assert not is_named(erred(3), erred(2, minutes=4), tripped()), "the first are five minutes old"


def refused(story: Story, path: str = LISTING, *, status: int = 401) -> None:
    number = story.ask("GET", path)
    story.answer(number)
    story.told[-1]["status"] = status


def is_refused(*parts: Part) -> bool:
    return any("the key was refused" in each for each in texts(*parts))


def test_a_key_that_is_refused_twice_running_is_halted_within_two_cycles() -> None:
    twice = (refused, refused)
    assert is_refused(*twice, *[tripped()] * 3)
    assert not is_refused(*twice, *[tripped()] * 2)
    assert not is_refused(refused, partial(refused, status=200), refused, *[tripped()] * 3)
    assert not is_refused(refused, partial(refused, path="/elsewhere"), *[tripped()] * 3)

    def unsent(story: Story, method: str = "GET") -> None:
        story.tell("unsent", method=method, path=LISTING)

    assert not is_refused(refused, unsent, refused, *[tripped()] * 3)
    assert is_refused(refused, partial(unsent, method="POST"), refused, *[tripped()] * 3)

    def halts(story: Story) -> None:
        story.journal(("halt_latched", {"name": "key", "cause": "401"}))

    assert not is_refused(*twice, halts, *[tripped()] * 4)


def test_an_answer_that_is_of_something_else_halts_everything_with_it() -> None:
    def strange(halts: bool, story: Story) -> None:
        cycle(story)
        story.record(BUY)
        outcome = {"is": "Unknown", "detail": "another order", "latch": True}
        events = [("submission_settled", {"client_order_id": BUY, "outcome": outcome})]
        if halts:
            events.append(("halt_latched", {"name": "invariant", "cause": "strange"}))
        story.journal(*events)

    def is_strange(*, halts: bool) -> bool:
        return any("as something else" in each for each in texts(partial(strange, halts)))

    assert is_strange(halts=False)
    assert not is_strange(halts=True)


def halt(name: str, story: Story) -> None:
    story.journal(("halt_latched", {"name": name, "cause": "so"}))


def test_fees_over_their_share_of_equity_halt_in_that_cycle() -> None:
    def are_over(*parts: Part, pct: str) -> bool:
        found = texts(Story.bought, *parts, fees_pct=pct)
        return any("fees of a day" in each for each in found)

    both = tripped(), tripped()
    assert are_over(*both, pct="0.0009"), "a dollar of 100,000 was paid"
    assert not are_over(*both, pct="0.001")
    assert are_over(tripped(), partial(halt, "fees"), tripped(), pct="0.0009"), "not with it"
    assert not are_over(tripped(), partial(halt, "fees"), Story.join, tripped(), pct="0.0009")
    assert not are_over(tripped(minutes=24 * 60), tripped(), pct="0.0009"), "another day"


def test_a_loss_that_stands_is_not_cleared() -> None:
    def cleared(story: Story) -> None:
        story.journal(("halt_cleared", {"name": "daily_stop", "accepted_peak": None}))

    def is_wrong(equity: str) -> bool:
        lost = partial(cycle, equity="96000")
        later = partial(cycle, equity=equity)
        found = texts(tripped(), lost, partial(halt, "daily_stop"), later, cleared)
        return any("was cleared while" in each for each in found)

    assert is_wrong("96900")
    assert not is_wrong("97100")


def unknown(story: Story) -> None:
    story.record(BUY)
    story.settle(BUY, {"is": "Unknown", "detail": "no answer"})


def told(severity: str, story: Story) -> None:
    alert = {"code": "unknown_outcome", "severity": severity, "text": "unknown"}
    story.journal(("alert_raised", alert))


def test_an_order_of_unknown_fate_is_told_of_after_a_minute_and_after_ten() -> None:
    def is_untold(*parts: Part) -> bool:
        found = texts(tripped(), unknown, *parts)
        return any("is unknown, and nobody" in each for each in found)

    assert is_untold(*[tripped()] * 5)
    assert not is_untold(*[tripped()] * 3)
    warned = tripped(), tripped(), partial(told, "warning")
    assert not is_untold(*warned, *[tripped()] * 7)
    assert is_untold(*warned, *[tripped()] * 13)
    grave = partial(told, "critical")
    assert not is_untold(*warned, *[tripped()] * 9, grave, *[tripped()] * 5)


def test_an_order_that_ended_with_more_than_is_booked_becomes_a_break() -> None:
    def ends(filled: str, story: Story) -> None:
        cycle(story)
        story.record(BUY)
        story.answer(story.send(BUY))
        story.create(BUY)
        story.take(BUY)
        order = {"client_order_id": BUY, "order_id": f"order of {BUY}", "state": "FILLED"}
        story.journal(("order_seen", {"order": {**order, "filled": filled}}))

    def read(story: Story) -> None:
        cycle(story)
        story.fold()

    def breaks(story: Story) -> None:
        key = {"key": f"fills:{BUY}", "ledger": "0", "venue": "0.004", "is_break": True}
        story.journal(("difference_found", key))

    def is_owed(*parts: Part) -> bool:
        return any("ended with other figures" in each for each in texts(*parts))

    assert is_owed(partial(ends, "0.004"), *[read] * 7)
    assert not is_owed(partial(ends, "0.004"), *[read] * 5)
    assert not is_owed(partial(ends, "0"), *[read] * 7)
    assert not is_owed(partial(ends, "0.004"), breaks, *[read] * 7)


def test_an_order_that_paid_other_fees_than_its_fills_becomes_a_break() -> None:
    def ends(story: Story, *, fees: str, fill_count: int | None) -> None:
        cycle(story)
        story.record(BUY)
        story.answer(story.send(BUY))
        story.create(BUY)
        story.take(BUY)
        story.book(BUY, story.fill(BUY))
        order = {"client_order_id": BUY, "order_id": f"order of {BUY}", "state": "FILLED"}
        told = {**order, "filled": "0.004", "fees": fees, "fill_count": fill_count}
        story.journal(("order_seen", {"order": told}))

    def read(story: Story) -> None:
        story.wait(60)
        story.cycle({"BTC-USD": "50000"})
        story.fold()

    def is_owed(fees: str, fill_count: int | None) -> bool:
        how = partial(ends, fees=fees, fill_count=fill_count)
        return any("ended with other figures" in each for each in texts(how, *[read] * 7))

    assert is_owed("1.01", None)
    assert not is_owed("1.00", None)
    assert not is_owed("1.01", 1), "who counted the fills knows their fees"


def test_a_day_is_told_of_as_it_was() -> None:
    def next_day(text: str, story: Story) -> None:
        story.wait(86_400)
        story.cycle(equity="100000")
        rows = story.told[-1]["events"]
        if text:
            alert = {"code": "daily_digest", "severity": "info", "text": text}
            rows.append({**rows[0], "seq": story.seq + 1, "kind": "alert_raised", "payload": alert})

    def said(*parts: Part) -> list[str]:
        return [each for each in texts(*parts, digests=1) if " day " in f" {each} "]

    one = "2026-01-05 UTC: +1.00 USD (+0.00 %), realised +0.00, fees 1.00; 1 fill; refused: none"
    assert said(Story.bought, partial(next_day, one)) == []
    assert said(Story.bought, partial(next_day, "")) == ["a day is over, and no digest tells of it"]
    for wrong in (one.replace("+0.00,", "+4.00,"), one.replace("fees 1", "fees 2")):
        assert "it was told as" in said(Story.bought, partial(next_day, wrong))[0]
    wrong = one.replace("1 fill;", "2 fills;")
    assert "2 were told" in said(Story.bought, partial(next_day, wrong))[0]
    # The next day has a digest of its own alone.
    assert said(Story.bought, partial(next_day, one), partial(next_day, one))


def test_a_day_that_is_not_over_is_not_told_of() -> None:
    text = "2026-01-05 UTC: +1.00 USD (+0.00 %), realised +0.00, fees 1.00; 1 fill; refused: none"

    def ahead(days: int, skew: int, told: str, story: Story) -> None:
        """A cycle of a clock that is so many days ahead, by so many as it says itself."""
        story.wait(60)
        us = 86_400_000_000
        story.cycle(equity="100000")
        rows = story.told[-1]["events"]
        rows[0]["payload"]["at"] = time_text(story.now_us + days * us)
        rows[0]["payload"]["skew"] = -skew * us
        if told:
            alert = {"code": "daily_digest", "severity": "info", "text": told}
            rows.append({**rows[0], "seq": story.seq + 1, "kind": "alert_raised", "payload": alert})

    def said(*parts: Part) -> list[str]:
        return [each for each in texts(*parts, digests=1) if " day " in f" {each} "]

    assert said(Story.bought, partial(ahead, 2, 2, "")) == []
    assert said(Story.bought, partial(ahead, 2, 2, text)) == [
        "a digest tells of a day that is not over"
    ]


def test_who_says_that_a_clock_is_off_knows_the_time() -> None:
    def cycle_of(ahead_s: int, skew_s: int | None, story: Story) -> None:
        us = 1_000_000
        story.cycle()
        payload = story.told[-1]["events"][0]["payload"]
        payload["at"] = time_text(story.now_us + ahead_s * us)
        payload["skew"] = None if skew_s is None else skew_s * us

    def found(ahead_s: int, skew_s: int | None) -> list[str]:
        return [each for each in texts(partial(cycle_of, ahead_s, skew_s)) if "takes the" in each]

    assert not found(7_200, -7_200)
    assert not found(7_200, -7_100)
    assert not found(7_200, None), "it may not know that it is off"
    assert found(0, -7_200)
    assert found(7_200, 7_200)


def test_a_breaker_that_tripped_is_open_with_its_cycle() -> None:
    opened = ("breaker_opened", {"name": "api_errors", "cause": "five"})

    def found(*, before: bool = False, beside: bool = False) -> list[str]:
        def part(story: Story) -> None:
            if before:
                story.journal(opened)
            cycle(story, "api_errors")
            if beside:
                story.journal(opened)
                story.join()

        return [each for each in texts(part, breaker_cycles=2) if "not open with it" in each]

    assert found() == ["a cycle found api_errors, which was not open with it"]
    assert found(before=True) == []
    assert found(beside=True) == []


def closes(story: Story) -> None:
    story.journal(("breaker_closed", {"name": "disk"}))


def test_a_breaker_is_not_closed_before_its_time_and_its_cycles_are_over() -> None:
    limits = {"breaker_cycles": 2, "breaker_s": 300, "losses_s": 3_600}

    def is_early(*parts: Part) -> bool:
        return any("was closed" in each for each in texts(*parts, closes, **limits))

    once, later = tripped("disk"), tripped(minutes=3)
    assert is_early(once)
    assert is_early(once, tripped(), tripped()), "two minutes are not five"
    assert is_early(once, tripped(minutes=6)), "one cycle without it is not two"
    assert is_early(once, later, once, later), "nor are two that do not follow each other"
    assert not is_early(once, later, later)
    assert not is_early(once, later, once, later, later)


def test_a_breaker_opened_by_a_clock_that_was_set_back_meanwhile_is_of_the_earlier_time() -> None:
    def dated_ahead(story: Story) -> None:
        cycle(story, "disk")
        told = story.told[-1]["events"][0]["payload"]
        told["at"] = time_text(story.now_us + 120 * SECOND_US)

    limits = {"breaker_cycles": 2, "breaker_s": 300, "losses_s": 3_600}
    later = tripped(minutes=2.5)
    assert not any(
        "was closed" in each for each in texts(dated_ahead, later, later, closes, **limits)
    )
