"""Every control, and how it is taken out: the checks by one pattern, each other one by its own."""

from __future__ import annotations

from scripts.mutants.mutation import Mutant

from trader247.core.risk.check import Check
from trader247.core.risk.registry import ALL_CHECKS

_YES = 'return self.allow("removed", value="")'
_BREAKERS, _TEST_BREAKERS = "core/risk/breakers.py", "core/risk/test_breakers.py"
_STOPS, _TEST_STOPS = "core/risk/stops.py", "core/risk/test_stops.py"
_BANS, _TEST_BANS = "core/risk/bans.py", "core/risk/test_bans.py"
_TEST_CANCELS = "core/orders/test_cancellations.py"
_MACHINE = "test_slow_answers_too_many_reconnects_and_a_full_disk_open_theirs"
_RECONCILE, _TEST_RECONCILE = "core/reconcile.py", "core/test_reconcile.py"
_JOURNAL = "adapters/sqlite/test_journal.py"


def mutants() -> tuple[Mutant, ...]:
    """All of them, by control."""
    return (*(each for kind in ALL_CHECKS for each in _of_check(kind)), *_OTHERS)


def _of_check(kind: type[Check]) -> tuple[Mutant, ...]:
    file, tests = f"core/risk/checks/{kind.id}.py", (f"core/risk/checks/test_{kind.id}.py",)
    found = (
        Mutant(kind.id, "always allows", file, tests, f"{kind.__name__}.assess", _YES),
        Mutant(kind.id, "allows what it refuses, and the reverse", file, tests, kind.__name__),
    )
    if not kind.binds_exits:
        return found
    old = "    binds_exits: ClassVar[bool] = True\n"
    return (*found, Mutant(kind.id, "lets every exit pass", file, tests, old=old, new=""))


def _without_stop(name: str) -> str:
    return (
        "return tuple(HaltLatched(level.name, level.cause) for level in stop_levels("
        "portfolio, policy, equity=equity, now=now) if level.is_hit "
        f"and level.name not in portfolio.halts and level.name is not HaltName.{name})"
    )


def _breaker(control: str, function: str, *tests: str) -> Mutant:
    names = tuple(f"{_TEST_BREAKERS}::{each}" for each in tests)
    return Mutant(control, "never opens", _BREAKERS, names, function, 'return ""')


_OTHERS = (
    Mutant(
        "min_notional",
        "never sets dust aside",
        "core/orders/dust.py",
        ("core/orders/test_dust.py",),
        "dust_found",
        "return ()",
    ),
    Mutant(
        "min_notional",
        "forgets the lots of dust",
        "core/book/dust.py",
        ("core/book/test_dust.py",),
        "with_dust",
        "return opened",
    ),
    Mutant(
        "max_positions",
        "counts dust as held",
        "core/risk/reservations.py",
        ("core/risk/checks/test_max_positions.py",),
        "AtRisk.products",
        "return {*self.bought, *self.held}",
    ),
    Mutant(
        "kill_switch",
        "is never on",
        "adapters/kill_switch.py",
        ("adapters/test_kill_switch.py",),
        "KillSwitch.is_raised",
        "return False",
    ),
    Mutant(
        "kill_switch",
        "is not looked at before sending",
        "engine/execution.py",
        (
            "engine/test_execution.py::"
            "test_a_stop_raised_after_the_record_keeps_the_order_from_leaving",
            "engine/test_execution.py::test_an_order_decided_more_than_two_seconds_ago_is_not_sent",
        ),
        "Execution._too_late",
        "return None",
    ),
    Mutant(
        "kill_at_venue",
        "is proven by nothing",
        "app/killing/raising.py",
        ("app/killing/test_raising.py",),
        "KillOn.is_proven",
        "return True",
    ),
    Mutant(
        "latches",
        "end with a restart",
        "core/booking.py",
        ("engine/test_startup.py::test_halts_stand_after_a_restart",),
        old="        is_session_open=True,\n",
        new="        is_session_open=True,\n        halts={},\n",
    ),
    Mutant(
        "latches",
        "are cleared while their cause stands",
        "core/risk/halts.py",
        ("engine/test_stops.py::test_no_person_can_clear_it_while_the_loss_stands",),
        "standing_cause",
        "return None",
    ),
    Mutant(
        "attribution",
        "an intent needs no policy",
        "adapters/sqlite/schema.py",
        (f"{_JOURNAL}::test_an_intent_without_its_attribution_cannot_be_recorded",),
        old="policy_hash TEXT NOT NULL CHECK(policy_hash <> '')",
        new="policy_hash TEXT",
    ),
    *(
        Mutant(
            control,
            "never hits",
            _STOPS,
            (f"{_TEST_STOPS}::{test}",),
            "judge_stops",
            _without_stop(control.upper()),
        )
        for control, test in (
            ("daily_stop", "test_the_daily_stop_trips_at_exactly_three_per_cent"),
            ("weekly_stop", "test_the_weekly_stop_trips_at_exactly_seven_per_cent"),
            ("drawdown", "test_the_drawdown_stop_trips_at_exactly_ten_per_cent"),
        )
    ),
    Mutant(
        "daily_stop",
        "hits one step too late",
        _STOPS,
        (_TEST_STOPS,),
        old="value <= self.limit",
        new="value < self.limit",
    ),
    _breaker(
        "loss_velocity",
        "_loss_velocity",
        "test_one_per_cent_lost_in_a_quarter_of_an_hour_opens_it",
    ),
    Mutant(
        "loss_velocity",
        "closes at once",
        _BREAKERS,
        (f"{_TEST_BREAKERS}::test_after_a_fast_loss_nothing_is_bought_for_six_hours",),
        "held_for",
        "return 0 * MINUTE",
    ),
    _breaker(
        "api_errors",
        "_api_errors",
        "test_three_errors_running_open_the_breaker",
        "test_five_errors_in_five_minutes_open_it",
    ),
    _breaker("rate_limit", "_rate_limit", "test_three_rate_limit_answers_in_ten_minutes_open_it"),
    _breaker("maintenance", "_maintenance", "test_a_venue_that_is_closed_opens_it"),
    _breaker("cycle_budget", "_cycle_budget", "test_three_cycles_over_their_budget_open_it"),
    _breaker("stale_market", "_stale_market", "test_more_than_half_of_the_market_stale_opens_it"),
    _breaker("volatility", "_volatility", "test_a_flash_move_of_a_member_opens_it"),
    Mutant(
        "volatility",
        "closes at once",
        _BREAKERS,
        (f"{_TEST_BREAKERS}::test_after_a_flash_crash_nothing_is_bought_for_half_an_hour",),
        "held_for",
        "return 0 * MINUTE",
    ),
    *(
        Mutant(control, name, _BANS, (f"{_TEST_BANS}::{test}",), function, "return iter(())")
        for control, name, function, test in (
            (
                "collar",
                "refusals ban nobody",
                "_of_verdict",
                "test_the_third_price_outside_the_collar_within_ten_minutes_bans_the_product",
            ),
            (
                "repetition",
                "one too many bans nobody",
                "_of_verdict",
                "test_who_asks_for_one_purchase_too_many_is_banned_with_its_strategy",
            ),
            (
                "slippage",
                "what fills cost bans nobody",
                "_of_fills",
                "test_two_fills_over_twice_the_cap_ban_the_product",
            ),
            (
                "conduct",
                "is not judged",
                "_of_conduct",
                "test_more_than_half_of_the_orders_ended_at_once_ban_their_strategy",
            ),
        )
    ),
    Mutant(
        "banned",
        "resting buys stay",
        "core/orders/cancellations.py",
        (f"{_TEST_BANS}::test_resting_buys_of_a_banned_product_are_cancelled_and_sales_stay",),
        old="for ban in banned_by(portfolio, product, intent.strategy):",
        new="for ban in banned_by(portfolio, product, intent.strategy)[:0]:",
    ),
    Mutant(
        "stale_market",
        "resting buys stay",
        "core/orders/cancellations.py",
        (f"{_TEST_CANCELS}::test_buys_go_in_a_flash_crash_and_in_a_market_that_shows_no_prices",),
        old="        unsafe.append(BreakerName.STALE_MARKET)\n",
        new="        unsafe = [*unsafe]\n",
    ),
    Mutant(
        "volatility",
        "resting buys stay",
        "core/orders/cancellations.py",
        (f"{_TEST_CANCELS}::test_buys_go_in_a_flash_crash_and_in_a_market_that_shows_no_prices",),
        old="    unsafe = [BreakerName.VOLATILITY]\n",
        new="    unsafe: list[BreakerName] = []\n",
    ),
    _breaker("latency", "_latency", _MACHINE),
    _breaker("disk", "_disk", _MACHINE),
    _breaker("reconnects", "_reconnects", "test_more_than_six_reconnects_in_an_hour_open_it"),
    Mutant(
        "quote_sanity",
        "nothing is ever in doubt",
        "core/risk/doubts.py",
        ("core/risk/test_doubts.py",),
        "judge_doubts",
        "return ()",
    ),
    Mutant(
        "quote_sanity",
        "one quote confirms a jump",
        "core/risk/doubts.py",
        ("core/risk/test_doubts.py",),
        old="        prints = known.prints + is_later\n",
        new="        prints = 99\n",
    ),
    Mutant(
        "product_status",
        "orders stay where the product flips",
        "core/orders/cancellations.py",
        (f"{_TEST_CANCELS}::test_where_a_product_flips_what_could_not_be_sent_any_more_goes",),
        "_flipped",
        'return ""',
    ),
    Mutant(
        "rate_budget",
        "always gives leave",
        "adapters/coinbase/budget.py",
        ("adapters/coinbase/test_budget.py",),
        "_Allowance.wait",
        "return timedelta(0)",
    ),
    Mutant(
        "rate_budget",
        "counts no cancel of a minute",
        "adapters/coinbase/budget.py",
        ("adapters/coinbase/test_budget.py",),
        "_Bucket.wait",
        "return timedelta(0)",
    ),
    Mutant(
        "rate_budget",
        "nobody tells it the policy's limit on cancels",
        "app/wiring/assembly.py",
        ("engine/test_cycle.py::test_a_storm_of_cancels_is_slowed_and_a_stops_are_not",),
        old="plugs.policy.execution.cancels_per_minute if is_real else None",
        new="None",
    ),
    Mutant(
        "rate_budget",
        "queues orders",
        "adapters/coinbase/budget.py",
        ("adapters/coinbase/test_budget.py",),
        "RateBudget.take_order",
        "self.take_read()\nreturn True",
    ),
    Mutant(
        "runaway",
        "compares nothing",
        "engine/execution.py",
        ("engine/test_irregular.py",),
        "Execution.compare_counts",
        "return None",
    ),
    Mutant(
        "runaway",
        "compares once a cycle alone",
        "engine/execution.py",
        (
            "engine/test_irregular.py::"
            "test_an_order_too_many_keeps_the_next_one_of_the_same_cycle_from_leaving",
        ),
        old="        self.compare_counts()  # one order too many is not followed by another, in no "
        "cycle\n",
        new="",
    ),
    Mutant(
        "runaway",
        "sends what was not announced",
        "adapters/coinbase/guard.py",
        (
            "adapters/coinbase/test_client.py::test_an_order_that_was_not_announced_is_not_sent",
            "adapters/coinbase/test_venue.py::"
            "test_a_body_that_the_client_would_write_otherwise_is_not_sent",
        ),
        "OrderGuard._compare",
        "return None",
    ),
    Mutant(
        "runaway",
        "books more than was ordered",
        "core/book/fills.py",
        ("core/book/test_fills.py::test_a_fill_that_contradicts_its_intent_is_not_booked",),
        "_against_intent",
        'return ""',
    ),
    Mutant(
        "reservations",
        "earlier approvals do not count",
        "core/risk/reservations.py",
        ("core/risk/test_reservations.py",),
        "with_reserved",
        "return portfolio",
    ),
    Mutant(
        "reservations",
        "an unknown order reserves what is left",
        "core/risk/reservations.py",
        ("core/risk/test_reservations.py",),
        "open_quantity",
        "return NOTHING if working.state.is_settled else working.remaining",
    ),
    *(
        Mutant(
            "liquidity",
            f"{what} has no floor",
            "core/universe.py",
            ("core/test_universe.py::test_each_floor_from_both_sides",),
            function,
            "return None",
        )
        for what, function in (
            ("volume", "_low_volume"),
            ("spread", "_wide"),
            ("depth", "_shallow"),
        )
    ),
    Mutant(
        "allow_list",
        "nothing is banned",
        "core/never_traded.py",
        ("core/test_universe.py",),
        "never_traded",
        "return None",
    ),
    Mutant(
        "allow_list",
        "new and halted products are eligible",
        "core/universe.py",
        ("core/test_universe.py",),
        "_untradable",
        "return None",
    ),
    *(
        Mutant(
            "risk_monitor",
            f"{what} is not watched",
            "app/monitoring/overseeing.py",
            ("app/monitoring/test_overseeing.py",),
            f"Overseer.{function}",
            body,
        )
        for what, function, body in (
            ("exposure", "_of_exposure", "return Money(ZERO), []"),
            ("an open order", "_of_orders", "return []"),
            ("a loss", "_of_loss", "return []"),
        )
    ),
    Mutant(
        "foreign_orders",
        "orders of others are not told of",
        "engine/strays.py",
        (
            "engine/test_reconciler.py::"
            "test_orders_that_are_not_ours_are_told_of_once_also_after_a_start",
        ),
        "Strays.tell_of_others",
        "return None",
    ),
    Mutant(
        "deployment",
        "a change of version is not told",
        "core/alerts/orders.py",
        ("engine/test_startup.py::test_another_version_that_goes_on_with_a_book_says_so_once",),
        "version_alert",
        "return None",
    ),
    Mutant(
        "deployment",
        "what it runs on is not compared",
        "app/wiring/programs.py",
        (
            "engine/test_startup.py::"
            "test_another_program_below_ours_is_told_of_once_and_kept_with_its_session",
        ),
        "changes",
        'return ""',
    ),
    Mutant(
        "deployment",
        "installed files are not compared",
        "app/granting/installed.py",
        ("app/granting/test_installed.py",),
        "_compared",
        "return 1, []",
    ),
    Mutant(
        "turnover",
        "fees latch nothing",
        _STOPS,
        (f"{_TEST_STOPS}::test_fees_over_their_share_of_the_day_latch",),
        "judge_fees",
        "return ()",
    ),
    Mutant(
        "order_life",
        "has no longest life",
        "core/risk/checks/order_type.py",
        (
            "core/risk/checks/test_order_type.py::test_an_entry_lives_at_most_five_minutes",
            "core/risk/checks/test_order_type.py::test_an_exit_lives_at_most_fifteen_minutes",
        ),
        old="if not 0 < microseconds(proposal.lifetime) <= seconds * 1_000_000:",
        new="if False:",
    ),
    Mutant(
        "alerts",
        "are not delivered",
        "adapters/alerts.py",
        ("adapters/test_alerts.py",),
        "AlertOutbox.attempt",
        "return False",
    ),
    Mutant(
        "alert_noise",
        "the same alert is raised each time",
        "core/alerts/due.py",
        ("core/alerts/test_facts.py::test_the_same_alert_is_not_raised_again_within_a_minute",),
        "is_due",
        "return True",
    ),
    Mutant(
        "kill_switch",
        "is silent where an order does not end",
        "core/alerts/due.py",
        (
            "core/alerts/test_facts.py::"
            "test_an_order_that_outlives_a_halt_by_half_a_minute_is_told_of_each_minute",
        ),
        "_still_open",
        "return None",
    ),
    Mutant(
        "heartbeat",
        "is always fresh",
        "app/outside/pulse.py",
        ("app/outside/test_pulse.py",),
        "Life.is_fresh",
        "return True",
    ),
    Mutant(
        "reconciliation",
        "fills are not compared",
        _RECONCILE,
        (_TEST_RECONCILE,),
        "_fill_gaps",
        "return []",
    ),
    Mutant(
        "reconciliation",
        "no difference becomes a break",
        _RECONCILE,
        (_TEST_RECONCILE,),
        "_is_old",
        "return False",
    ),
    Mutant(
        "balances",
        "cash is not compared",
        _RECONCILE,
        (_TEST_RECONCILE,),
        "_cash_gaps",
        "return []",
    ),
    Mutant(
        "balances",
        "coins are not compared",
        _RECONCILE,
        (_TEST_RECONCILE,),
        "_base_gaps",
        "return []",
    ),
    Mutant(
        "foreign_orders",
        "strangers under our name are not seen",
        _RECONCILE,
        (
            f"{_TEST_RECONCILE}::"
            "test_a_live_order_of_our_prefix_that_nobody_recorded_is_a_difference",
        ),
        "_order_gaps",
        "return []",
    ),
    Mutant(
        "duplicate",
        "a size may come again at once",
        "core/risk/checks/duplicate.py",
        ("core/risk/checks/test_duplicate.py",),
        "Duplicate._again",
        'return ""',
    ),
    Mutant(
        "duplicate",
        "only the very same size is the same",
        "core/risk/checks/duplicate.py",
        ("core/risk/checks/test_duplicate.py",),
        "Duplicate._is_one_size",
        "return proposal.quantity == earlier.quantity",
    ),
    Mutant(
        "unknown_outcome",
        "closes nothing after ten minutes",
        "core/risk/checks/duplicate.py",
        (
            "core/risk/checks/test_duplicate.py::"
            "test_after_ten_minutes_an_unknown_outcome_closes_the_way_to_every_entry",
        ),
        "_unanswered",
        'return ""',
    ),
    Mutant(
        "unknown_outcome",
        "any listing is evidence",
        "core/recovery.py",
        ("core/test_recovery.py",),
        "_is_evidence",
        "return True",
    ),
    Mutant(
        "unknown_outcome",
        "any order of the name is ours",
        "core/recovery.py",
        ("core/test_recovery.py",),
        "mismatch",
        'return ""',
    ),
    Mutant(
        "exposure_view",
        "what is unknown is shown as nothing",
        "core/risk/control_checks.py",
        ("core/risk/test_controls.py",),
        old="    shown = None if amount is None else figure(amount.value, 8)\n",
        new="    amount = Money(ZERO) if amount is None else amount\n"
        "    shown = figure(amount.value, 8)\n",
    ),
    Mutant(
        "audit_trail",
        "the chain is not followed",
        "adapters/sqlite/chain.py",
        ("adapters/sqlite/test_chain.py",),
        "followed",
        "yield from rows",
    ),
    Mutant(
        "audit_trail",
        "the past can be changed",
        "adapters/sqlite/schema.py",
        (f"{_JOURNAL}::test_what_was_written_can_be_neither_changed_nor_removed",),
        "_forbid",
        'return ""',
    ),
    Mutant(
        "single_instance",
        "the lock is not asked",
        "adapters/instance_guard.py",
        ("adapters/test_instance_guard.py",),
        "InstanceGuard._acquire",
        "return None",
    ),
    Mutant(
        "single_instance",
        "an old epoch may write",
        "adapters/sqlite/journal.py",
        (f"{_JOURNAL}::test_the_epoch_of_a_later_process_ends_this_one",),
        old="                if self._connection.changes() != 1:\n",
        new="                if False:\n",
    ),
    Mutant(
        "single_instance",
        "an old epoch may send",
        "adapters/sqlite/tenure.py",
        (
            "engine/test_execution.py::"
            "test_an_order_never_leaves_once_another_process_has_taken_the_journal",
        ),
        "expect_epoch",
        "return None",
    ),
    Mutant(
        "configuration",
        "a limit has no bound",
        "core/limits.py",
        ("app/settings/test_load.py",),
        "outside",
        'return ""',
    ),
    Mutant(
        "configuration",
        "nothing counts as loosened",
        "app/settings/tightening.py",
        ("app/settings/test_tightening.py",),
        "_is_as_tight",
        "return True",
    ),
    Mutant(
        "deployment",
        "a newer schema is taken",
        "adapters/sqlite/schema.py",
        (
            f"{_JOURNAL}::test_a_journal_of_a_newer_schema_is_refused",
            f"{_JOURNAL}::test_a_database_of_something_else_is_refused",
        ),
        "expect_ours",
        "return None",
    ),
    Mutant(
        "startup_gate",
        "any number of unclean ends goes on",
        "engine/startup.py",
        (
            "engine/test_startup.py::"
            "test_more_than_five_unclean_ends_in_ten_minutes_stop_entries_until_a_person_looks",
        ),
        old="if len(lately) + 1 > UNCLEAN_ENDS_MAX:",
        new="if False:",
    ),
    Mutant(
        "startup_gate",
        "what was unanswered is not doubted",
        "engine/startup.py",
        (
            "engine/test_startup.py::"
            "test_an_intent_without_an_answer_is_unknown_after_a_start_and_never_sent_again",
        ),
        "Startup._doubt_the_unanswered",
        "return None",
    ),
    Mutant(
        "continuity",
        "lost epochs are used again",
        "engine/strays.py",
        (
            "engine/test_reconciler.py::"
            "test_a_lost_order_that_is_listed_late_leaves_its_epoch_behind",
        ),
        "Strays._leave_epochs_of",
        "return None",
    ),
    Mutant(
        "continuity",
        "a start that could not read the books owes no wide reading",
        "engine/reconciler.py",
        (
            "engine/test_reconciler.py::"
            "test_a_start_that_could_not_read_the_books_reads_them_as_far_back_later",
        ),
        old="            back = max(back, owed.back)\n",
        new="            self._owed = None\n",
    ),
)
