"""What differs from the exchange's word is noticed; so is a fill retold, and a loop of crashes."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.truth.story import Row, Story, judged

ACCOUNTS = "/api/v3/brokerage/accounts"
FILLS = "/api/v3/brokerage/orders/historical/fills"
BUY = "t247-a-1-1"


def texts(*parts: object) -> list[str]:
    return [each.text for each in judged(*parts)]  # type: ignore[arg-type]


def money_comes(story: Story, amount: str = "500") -> None:
    story.tell("moved", currency="USD", amount=amount)
    story.wallets["USD"] += int(amount)
    total = str(story.wallets["USD"])
    story.exchange(wallets=[{"currency": "USD", "total": total, "hold": "0"}])


def cycles(
    story: Story,
    count: int = 14,
    *,
    apart_s: int = 60,
    reads: bool = True,
    is_told: bool = False,
    back_at: int = 0,
) -> None:
    for number in range(count):
        story.wait(apart_s)
        if reads:
            story.answer(story.ask("GET", ACCOUNTS))
        if back_at and number == back_at:
            story.now_us -= 3_600_000_000
            story.cycle()
            story.now_us += 3_600_000_000
            story.told[-1]["at_us"] = story.now_us
        else:
            story.cycle()
        if is_told and number == 2:
            venue = str(story.wallets["USD"])
            told = {"key": "cash:USD", "ledger": "100000", "venue": venue, "is_break": True}
            story.journal(("difference_found", told))
        story.fold()


def resting(story: Story) -> None:
    story.cycle()
    story.record(BUY, size="0.02")
    story.answer(story.send(BUY))
    story.create(BUY, life_s=900)
    story.take(BUY)


def unnoticed(*parts: object) -> bool:
    return any("no break was told" in each for each in texts(*parts))


def test_money_that_nobody_told_of_is_a_break_within_four_cycles() -> None:
    assert unnoticed(money_comes, cycles)
    assert not unnoticed(money_comes, partial(cycles, is_told=True))
    assert not unnoticed(money_comes, partial(cycles, count=4))
    assert not unnoticed(money_comes, partial(cycles, reads=False)), "nobody could see it"
    assert not unnoticed(cycles), "nothing differs"


def test_cycles_within_seconds_make_no_difference_old() -> None:
    hasty = partial(cycles, count=8, apart_s=4)
    assert not unnoticed(money_comes, hasty), "it may be two minutes old before it is a break"
    assert not unnoticed(money_comes, hasty, partial(cycles, count=2))
    assert unnoticed(money_comes, hasty, partial(cycles, count=3))
    assert unnoticed(money_comes, partial(cycles, count=50, apart_s=4))


def test_a_difference_is_young_that_could_not_be_seen_before() -> None:
    hasty = partial(cycles, count=6, apart_s=4)
    unread = partial(cycles, count=8, reads=False)
    assert not unnoticed(money_comes, partial(cycles, count=1), unread, hasty)


def test_an_order_explains_no_more_than_it_is_of_and_one_way_alone() -> None:
    nine = partial(cycles, count=9)
    assert not unnoticed(resting, partial(money_comes, amount="-500"), nine), "what a buy may take"
    assert unnoticed(resting, partial(money_comes, amount="-2500"), nine)
    assert unnoticed(resting, money_comes, nine), "a buy brings no money"


def test_an_order_of_unknown_fate_explains_what_differs_for_ten_minutes_alone() -> None:
    def in_doubt(story: Story) -> None:
        story.cycle()
        story.record(BUY, size="0.02")
        story.answer(story.send(BUY), None)
        story.settle(BUY, {"is": "Unknown", "detail": "no answer"})

    spent = partial(money_comes, amount="-500")
    assert unnoticed(in_doubt, spent, partial(cycles, count=18))
    assert not unnoticed(in_doubt, spent, partial(cycles, count=12))
    assert not unnoticed(resting, spent, partial(cycles, count=18)), "what rests may fill still"


def test_what_differs_after_it_was_explained_is_another_difference() -> None:
    def explained(story: Story) -> None:
        story.journal(("difference_healed", {"key": "cash:USD"}))

    three = partial(cycles, count=3)
    assert not unnoticed(money_comes, three, explained, three)
    assert unnoticed(money_comes, three, three)


def test_a_clock_that_was_set_back_makes_what_it_saw_before_a_young_one() -> None:
    assert not unnoticed(money_comes, partial(cycles, back_at=3))


def booked(story: Story) -> None:
    story.bought()


def retold(story: Story, *, is_halted: bool = False, count: int = 8) -> None:
    for number in range(count):
        story.wait(60)
        story.tell("retold", entries=["entry 1"])
        story.answer(story.ask("GET", FILLS))
        if is_halted and number == 2:
            halt = {"name": "reconciliation_break", "cause": "told otherwise"}
            alert = {"severity": "critical", "code": "reconciliation_break", "text": "told"}
            story.journal(("halt_latched", halt), ("alert_raised", alert))
            story.halts.append("reconciliation_break")
        story.fold()


def unsaid(*parts: object) -> bool:
    return any("listed otherwise" in each for each in texts(*parts))


def test_a_fill_that_is_listed_otherwise_than_it_was_booked_stops_whoever_buys() -> None:
    assert unsaid(booked, retold)
    assert not unsaid(booked, partial(retold, is_halted=True))
    assert not unsaid(booked, partial(retold, count=5))
    assert not unsaid(retold), "it was never booked"


def sessions(story: Story, *, apart_s: int = 60, count: int = 6, is_latched: bool = False) -> None:
    for number in range(count):
        story.wait(apart_s)
        story.die()
        story.incarnation += 1
        story.epoch += 1
        story.tell("process", what="started")
        began: Row = {"epoch": story.epoch, "code_version": "0", "was_clean": False}
        events = [("session_started", began)]
        if is_latched and number == count - 1:
            halt: Row = {"name": "crash_loop", "cause": "too many"}
            events.append(("halt_latched", halt))
            alert: Row = {"severity": "critical", "code": "crash_loop", "text": "too many"}
            events.append(("alert_raised", alert))
        story.journal(*events)
        story.tell("process", what="recovered")


def goes_on(*parts: object) -> bool:
    return any("and goes on" in each for each in texts(*parts))


def test_the_sixth_start_in_ten_minutes_after_no_proper_end_latches_a_halt() -> None:
    assert goes_on(sessions)
    assert not goes_on(partial(sessions, is_latched=True))
    assert not goes_on(partial(sessions, count=5))
    assert not goes_on(partial(sessions, apart_s=130))


def untold(story: Story, *, cycles_: int, again_at: int = 0, is_up: bool = True) -> None:
    """A halt that was told of once, and for so many cycles not again."""
    halt: Row = {"name": "reconciliation_break", "cause": "cash differs"}
    alert: Row = {"severity": "critical", "code": "reconciliation_break", "text": "cash differs"}
    story.journal(("halt_latched", halt), ("alert_raised", alert))
    story.halts.append("reconciliation_break")
    story.told_of("delivered", "CRITICAL reconciliation_break", "cash differs")
    if not is_up:
        story.tell("channel", is_up=False)
    for number in range(cycles_):
        story.wait(60)
        if again_at and number == again_at:
            story.told_of("delivered", "CRITICAL reconciliation_break", "Again: cash differs")
        story.fold()


def test_what_is_critical_is_told_of_again_until_somebody_knows() -> None:
    def is_told(cycles_: int, *, again_at: int = 0, is_up: bool = True) -> bool:
        how = partial(untold, cycles_=cycles_, again_at=again_at, is_up=is_up)
        return any("was not told of again" in each for each in texts(how))

    assert is_told(10)
    assert not is_told(8)
    assert not is_told(10, again_at=4)
    assert not is_told(10, is_up=False)


def test_a_ban_is_told_of_until_the_last_of_its_control_is_cleared() -> None:
    def bans(story: Story, *, cleared: tuple[str, ...]) -> None:
        alert: Row = {"severity": "critical", "code": "ban_collar", "text": "BTC-USD is banned"}
        keys = [{"control": "collar", "scope": scope, "cause": ""} for scope in ("BTC-USD", "ETH")]
        story.journal(*(("ban_latched", key) for key in keys), ("alert_raised", alert))
        story.told_of("delivered", "CRITICAL ban_collar", "BTC-USD is banned")
        for scope in cleared:
            words = {"control": "collar", "scope": scope}
            story.tell("asked", what="clear_halt", arguments={"name": f"collar:{scope}"})
            story.journal(("ban_cleared", words))
        for _ in range(10):
            story.wait(60)
            story.fold()

    def is_told(*cleared: str) -> bool:
        how = partial(bans, cleared=cleared)
        return any("not told of again: ban_collar" in each for each in texts(how))

    assert is_told()
    assert is_told("BTC-USD")
    assert not is_told("BTC-USD", "ETH")


def told_often(story: Story, *, slept_us: int) -> None:
    """Told ten times within an hour, of which the machine sleeps half, and then not again."""
    halt: Row = {"name": "reconciliation_break", "cause": "cash differs"}
    alert: Row = {"severity": "critical", "code": "reconciliation_break", "text": "cash differs"}
    story.journal(("halt_latched", halt), ("alert_raised", alert))
    story.halts.append("reconciliation_break")
    for number in range(10):
        story.told_of("delivered", "CRITICAL reconciliation_break", "Again: cash differs")
        story.wait(180)
        story.fold()
        if number == 4:
            story.wait(1_800)
            story.tell("slept", span_us=slept_us)
    for _ in range(12):
        story.wait(60)
        story.fold()


def test_an_hour_in_which_the_machine_slept_was_none_for_who_counts_messages() -> None:
    def is_told(slept_us: int) -> bool:
        how = partial(told_often, slept_us=slept_us)
        return any("was not told of again" in each for each in texts(how))

    assert is_told(0)
    assert not is_told(1_800_000_000)


def told_before_sleep(story: Story, *, slept_us: int) -> None:
    """Told of once, and not again in ten cycles of half a minute, amid which the machine sleeps."""
    halt: Row = {"name": "reconciliation_break", "cause": "cash differs"}
    alert: Row = {"severity": "critical", "code": "reconciliation_break", "text": "cash differs"}
    story.journal(("halt_latched", halt), ("alert_raised", alert))
    story.halts.append("reconciliation_break")
    story.told_of("delivered", "CRITICAL reconciliation_break", "cash differs")
    for number in range(10):
        story.wait(30)
        story.fold()
        if number == 7:
            story.wait(1_800)
            story.tell("slept", span_us=slept_us)


def test_what_the_machine_sleeps_is_no_time_in_which_anything_was_to_be_told_again() -> None:
    def is_silent(*, slept_us: int, then_for: int = 0) -> bool:
        def goes_on(story: Story) -> None:
            for _ in range(then_for):
                story.wait(60)
                story.fold()

        how = partial(told_before_sleep, slept_us=slept_us)
        return any("was not told of again" in each for each in texts(how, goes_on))

    assert is_silent(slept_us=0)
    assert not is_silent(slept_us=1_800_000_000)
    assert is_silent(slept_us=1_800_000_000, then_for=4), "eight minutes that it was awake"


def up_amid_sleep(story: Story) -> None:
    """The channel is up again while the machine sleeps; then nothing is told in ten minutes."""
    alert: Row = {"severity": "critical", "code": "reconciliation_break", "text": "cash differs"}
    story.journal(("alert_raised", alert))
    story.wait(1_200)
    story.tell("channel", is_up=True)
    story.wait(600)
    story.tell("slept", span_us=1_800_000_000)
    for _ in range(10):
        story.wait(60)
        story.fold()


def test_a_channel_that_is_up_amid_sleep_is_told_again_within_the_same_minutes() -> None:
    assert any("was not told of again" in each for each in texts(up_amid_sleep))


def folded_for_long(story: Story, *, slept_us: int) -> None:
    """A warning waits for a digest: ten minutes of cycles, and eleven without any amid them."""
    story.journal(("alert_raised", {"severity": "WARNING", "code": "trade", "text": "x"}))
    story.tell("alert", what="tried", id=story.seq, code="folded", severity="", text="waits")
    for number in range(13):
        story.wait(45)
        story.fold()
        if number == 2:
            story.wait(660)
            story.tell("slept", span_us=slept_us)


def test_what_the_machine_sleeps_is_no_time_in_which_a_digest_was_due() -> None:
    def is_late(slept_us: int) -> bool:
        how = partial(folded_for_long, slept_us=slept_us)
        return any("not tried again" in each for each in texts(how))

    assert is_late(0)
    assert not is_late(660_000_000)


def untried(story: Story, *, severity: str = "WARNING", cycles: int, is_told: bool = False) -> None:
    """Something is raised, and whoever goes on after a crash never tries to tell of it."""
    story.journal(("alert_raised", {"severity": severity, "code": "trade", "text": "x"}))
    id = story.seq
    story.tell("process", what="started")
    story.tell("process", what="recovered", kept=None)
    if is_told:
        story.tell("message", title="WARNING trade", body="x", is_taken=True)
        story.tell("alert", what="delivered", id=id, code="simulated", severity="", text="")
    for _ in range(cycles):
        story.wait(60)
        story.fold()


def test_what_was_never_tried_is_told_of_as_soon_as_what_was_not_taken() -> None:
    def is_late(**how: Any) -> bool:
        return any("not tried again" in each for each in texts(partial(untried, **how)))

    assert is_late(cycles=14)
    assert is_late(cycles=14, severity="INFO")
    assert not is_late(cycles=11)
    assert not is_late(cycles=14, is_told=True)
    assert not is_late(cycles=14, severity="CRITICAL"), "it is repeated: another promise asks"


def tried_amid_sleep(story: Story, *, awake_s: int) -> None:
    """A message is not taken while the machine sleeps for eight hours, and not tried after it."""
    story.journal(("alert_raised", {"severity": "WARNING", "code": "trade", "text": "x"}))
    story.wait(7 * 3_600)
    story.tell("alert", what="tried", id=story.seq, code="trade", severity="", text="waits")
    story.wait(3_600)
    story.tell("slept", span_us=8 * 3_600_000_000)
    for _ in range(awake_s // 45):
        story.wait(45)
        story.fold()


def test_a_sleep_puts_nothing_off_for_longer_than_until_it_is_over() -> None:
    def is_late(awake_s: int) -> bool:
        how = partial(tried_amid_sleep, awake_s=awake_s)
        return any("not tried again" in each for each in texts(how))

    assert is_late(720)
    assert not is_late(630), "eleven minutes that it was awake"


def told_amid_sleep(story: Story, *, awake_s: int) -> None:
    """Told of ten times while the machine sleeps for eight hours, and not again after it."""
    halt: Row = {"name": "reconciliation_break", "cause": "cash differs"}
    alert: Row = {"severity": "critical", "code": "reconciliation_break", "text": "cash differs"}
    story.journal(("halt_latched", halt), ("alert_raised", alert))
    story.halts.append("reconciliation_break")
    story.wait(7 * 3_600)
    for _ in range(10):
        story.told_of("delivered", "CRITICAL reconciliation_break", "Again: cash differs")
    story.wait(3_600)
    story.tell("slept", span_us=8 * 3_600_000_000)
    for _ in range(awake_s // 60):
        story.wait(60)
        story.fold()


def test_what_was_told_amid_sleep_is_enough_for_an_hour_and_no_longer() -> None:
    def is_told(awake_s: int) -> bool:
        how = partial(told_amid_sleep, awake_s=awake_s)
        return any("was not told of again" in each for each in texts(how))

    assert not is_told(3_540)
    assert is_told(3_720)
