"""A backtest, from what was asked for to what it left behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path

from trader247.adapters.large_pages import lay_on_large_pages
from trader247.app.candles.shelf import ReadingsShelf
from trader247.app.candles.store import FOLDER, Stored, candle_files, load
from trader247.app.figures import figure_of
from trader247.app.garbage import give_back, nothing_collected
from trader247.app.settings.canonical import policy_of_file
from trader247.app.settings.load import (
    Settings,
    expect_quoted,
    load_settings,
    with_tape_products,
)
from trader247.app.version import code_version
from trader247.backtest.fast import can_leave_out, quickest
from trader247.backtest.history import BOOK_MODELS, Histories, ProductHistory
from trader247.backtest.kept import Kept
from trader247.backtest.outcome import Told, result_of
from trader247.backtest.prospect import Prospect
from trader247.backtest.result import BacktestResult, DataRow
from trader247.backtest.run import Backtest, Setup
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId
from trader247.domain.money import plain
from trader247.domain.time import MINUTE, Instant
from trader247.domain.words import counted
from trader247.simex.feeds.replay import (
    SHORT_WARM_UP_MINUTES,
    TRADING_MINUTES_MIN,
    WARM_UP_MINUTES,
)
from trader247.simex.fees import SCHEDULE, FeeTerms, Tier
from trader247.simex.orders.costs import Rates

Result = BacktestResult
"""What a backtest answers, for drawing it."""
EQUITY_LEAST = 1
"""Of the quote currency: under it no figure that is a share of equity means anything."""
EQUITY_MOST = 1_000_000_000
"""As of a paper account: exact figures have an end, and no market here is so deep."""
SCHEDULED = "schedule"
CLEARS_AT_MIDNIGHT = "clears-at-midnight"
_THOUSANDS = re.compile(r"\d{1,3}([,_]\d{3})+(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ?\Z")
_KEPT_MINUTES = WARM_UP_MINUTES + 1440
"""History before the first traded minute that anything asks for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for. None leaves it to the settings, or to what there is."""

    config: Path | None
    data: Path
    begin: Instant | None = None
    end: Instant | None = None
    products: tuple[ProductId, ...] = ()
    policy: Path | None = None
    equity: Decimal | None = None
    fees: str = SCHEDULE[0].name
    slippage: str = "book"
    seed: int = 0
    operator: str = ""
    is_slow: bool = False


def _unseen(_done: int, _of: int) -> None:
    """Nobody looks at how far it has come."""


def backtested(asked: Asked, progress: Callable[[int, int], None] = _unseen) -> BacktestResult:
    """Trade the past. `progress` hears how many of how many minutes are done.

    Raises:
        SettingsInvalid: configuration or policy cannot be used.
        UsageError: there are no candles, too few, or something asked for is none.
    """
    return laid_out(asked).traded(progress)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A past that is ready to be traded, once, and what is to be told of it."""

    run: Backtest
    told: Told

    def traded(self, progress: Callable[[int, int], None] = _unseen) -> BacktestResult:
        """Trade it. `progress` hears how many of how many minutes are done."""
        setup = self.run.setup
        total = setup.end - setup.start + 1
        lay_on_large_pages()
        with nothing_collected(is_last=True):
            self.run.run(lambda minute: progress(minute - setup.start, total))
        give_back()
        return result_of(self.run, self.told)


def laid_out(asked: Asked) -> LaidOut:
    """The past that was asked for, ready to be traded. Raises as above."""
    settings = load_settings(asked.config)
    stored = _candles(asked)
    setup = _with_shelf(setup_of(asked, settings, stored), asked, stored)
    told = _told(asked, settings, setup, stored)
    # The histories have what is traded by: the candles themselves are a quarter of the memory.
    del stored
    give_back()
    return LaidOut(Backtest(setup) if asked.is_slow else quickest(setup), told)


def measure(asked: Asked) -> None:
    """Measure the past that was asked for, and let it go: whoever lays it out next finds that.

    Processes that begin from this one would else carry a past of its own each. Nothing is measured
    where each minute is looked at anyway. Raises as above.
    """
    stored = _candles(asked)
    setup = _with_shelf(setup_of(asked, load_settings(asked.config), stored), asked, stored)
    if can_leave_out(setup):
        Prospect(setup.policy, setup.histories, start=setup.start, end=setup.end, kept=setup.kept)


def _with_shelf(setup: Setup, asked: Asked, stored: list[Stored]) -> Setup:
    checksums = {each.tape.product_id: each.checksum for each in stored}
    return replace(setup, kept=Kept(ReadingsShelf(asked.data / FOLDER), checksums))


def prepared(asked: Asked) -> tuple[Setup, Told]:
    """The run that was asked for, ready to be made many times, and what it rests on.

    Raises as above.
    """
    settings = load_settings(asked.config)
    stored = _candles(asked)
    setup = setup_of(asked, settings, stored)
    return setup, _told(asked, settings, setup, stored)


def setup_of(asked: Asked, settings: Settings, stored: list[Stored]) -> Setup:
    """The run that was asked for."""
    policy = _policy(asked, settings, stored)
    start, end = _period(asked, stored)
    first = max(min(each.tape.first_minute for each in stored), start - _KEPT_MINUTES)
    model = BOOK_MODELS.get(asked.slippage)
    if model is None:
        raise UsageError(
            f"--slippage {asked.slippage} is no model of the book",
            hint=f"one of {', '.join(BOOK_MODELS)}",
        )
    histories = Histories(
        [ProductHistory(each.tape, first=first, last=end, model=model) for each in stored]
    )
    content = "\n".join(f"{each.tape.product_id} {each.checksum}" for each in stored)
    digest = sha256(f"{content}\n{start} {end} {asked.seed}".encode()).hexdigest()
    equity = settings.app.paper_equity.value if asked.equity is None else asked.equity
    if equity < EQUITY_LEAST:
        raise UsageError(
            f"--equity {equity:.6g} is nothing to trade with",
            hint=f"{EQUITY_LEAST} is the least; 10000 is what paper begins with",
        )
    if equity > EQUITY_MOST:
        raise UsageError(
            f"--equity {equity:.6g} is more than {EQUITY_MOST:,}, the most there may be"
        )
    return Setup(
        policy=policy,
        histories=histories,
        identity=f"backtest:v1:{digest}",
        book="backtest",
        funding={settings.app.quote_currency: equity},
        start=start,
        end=end,
        fees=fee_terms(asked.fees),
        code_version=code_version(),
        clears_at_midnight=_operator(asked.operator),
    )


def _candles(asked: Asked) -> list[Stored]:
    folder = asked.data / FOLDER
    files = candle_files(folder)
    wanted = asked.products or tuple(files)
    missing = [str(each) for each in wanted if each not in files]
    if missing or not wanted:
        of = f" of {', '.join(missing)}" if missing else ""
        there = f"; there are: {', '.join(map(str, files))}" if files else ""
        raise UsageError(
            f"there are no candles{of} in {folder}{there}",
            hint="trader247 data download PRODUCT, or trader247 data import FILE",
        )
    return [load(files[each]) for each in sorted(wanted)]


def _policy(asked: Asked, settings: Settings, stored: list[Stored]) -> Policy:
    policy = settings.policy
    if asked.policy is not None:
        policy = policy_of_file(asked.policy, policy)
    products = [ProductId.parse(each.tape.product_id) for each in stored]
    expect_quoted(policy, products)
    return with_tape_products(policy, products)


def _period(asked: Asked, stored: list[Stored]) -> tuple[int, int]:
    """The first and the last minute to trade: the history before it has to be there."""
    first = min(each.tape.first_minute for each in stored)
    last = max(each.tape.last_minute for each in stored)
    end = last if asked.end is None else min(last, asked.end.minute - 1)
    usual = first + WARM_UP_MINUTES
    short = first + SHORT_WARM_UP_MINUTES
    if asked.begin is not None:
        start = max(asked.begin.minute, short)
    else:
        start = usual if end - usual + 1 >= TRADING_MINUTES_MIN else short
    if last < short:
        raise UsageError(
            f"nothing to trade: the candles begin at {_at(first)} and end at {_at(last)}, and the "
            "first 26 h of them are warm-up",
            hint="more history: trader247 data download PRODUCT, or trader247 data import FILE",
        )
    if end < start:
        raise UsageError(
            f"nothing to trade between {_at(start)} and {_at(end)}: the candles begin at "
            f"{_at(first)} and end at {_at(last)}, and the first 26 h of them are warm-up",
            hint="trader247 data list shows what there is",
        )
    return start, end


def fee_terms(text: str) -> FeeTerms:
    """What a run is charged: a tier's name, `schedule`, or `maker/taker`.

    Raises:
        UsageError: it is none of them.
    """
    if text.lower() == SCHEDULED:
        return FeeTerms()
    named = next((each for each in SCHEDULE if each.name.lower() == text.lower()), None)
    if named is not None:
        return FeeTerms(fixed=named.name)
    parts = text.split("/")
    if len(parts) != 2:
        raise UsageError(
            f"--fees {text} is no tier and no maker/taker",
            hint=f"one of {', '.join(each.name for each in SCHEDULE)}, {SCHEDULED}; or 40/60 "
            "(bps), 0.4%/0.6%, 0.004/0.006",
        )
    rates = Rates(_rate(parts[0], text), _rate(parts[1], text))
    own = Tier("as asked for", Decimal(0), None, rates)
    return FeeTerms(schedule=(own,), fixed=own.name)


def _rate(text: str, whole: str) -> Decimal:
    number = text.strip()
    is_percent = number.endswith("%")
    try:
        value = Decimal(number.removesuffix("%").strip())
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite():
        value = Decimal(-1)
    if is_percent:
        share = value / 100
    elif value == 0 or value >= 1:
        share = value / 10_000
    else:
        share = value
    if not 0 <= share <= Decimal("0.05"):
        raise UsageError(
            f"--fees {whole}: {text} is no fee of 0 to 5 %",
            hint="40/60 are basis points, 0.4%/0.6% per cent, 0.004/0.006 shares",
        )
    return share


def _operator(text: str) -> bool:
    if text not in ("", CLEARS_AT_MIDNIGHT):
        raise UsageError(
            f"--operator {text} is none", hint=f"the one there is: {CLEARS_AT_MIDNIGHT}"
        )
    return bool(text)


def read_time(text: str) -> Instant:
    """A day, `2026-01-05`, or an instant, as people type them. Raises ValueError."""
    trimmed = text.strip()
    if _DAY.match(trimmed):
        trimmed += "T00:00:00Z"
    elif _MINUTE.match(trimmed):
        trimmed = trimmed.removesuffix("Z") + ":00Z"
    try:
        return Instant.parse(trimmed)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; examples: 2026-01-05, 2026-01-05T14:30:00Z"
        ) from None


def read_amount(text: str) -> Decimal:
    """Money to begin with, as people type it: `10000`, `10,000`, `10_000.50`.

    Raises:
        ValueError: it is no number above zero. A comma stands between thousands alone: `1,5` is
            one and a half to some, and fifteen to nobody.
    """
    trimmed = text.strip()
    if _THOUSANDS.fullmatch(trimmed):
        trimmed = trimmed.replace(",", "").replace("_", "")
    amount = figure_of(trimmed)
    if amount is None or amount <= 0:
        raise ValueError(f"{text!r} is no amount above zero; examples: 10000, 10,000.50")
    return amount


def _told(asked: Asked, settings: Settings, setup: Setup, stored: list[Stored]) -> Told:
    model = BOOK_MODELS[asked.slippage]
    rates = "by the schedule of the simulated exchange, whose tiers between are made up"
    if setup.fees.fixed is not None:
        tier = next(each for each in setup.fees.schedule if each.name == setup.fees.fixed)
        maker, taker = (plain(rate * 100) for rate in tier.rates)
        rates = f"{tier.name}: maker {maker} %, taker {taker} %"
    first = min(each.tape.first_minute for each in stored)
    warm_up = min(setup.start - first, WARM_UP_MINUTES)
    assumptions = [
        f"fees {rates}",
        f"fills by the model {model.name}: {model.text}",
        f"history {setup.start - first:,} minutes before the first decision",
        "decisions once a minute, on the minute, by the code that trades live; the whole risk gate "
        "is on",
    ]
    if setup.clears_at_midnight:
        assumptions.append(
            "an operator clears the daily and the weekly stop at 00:00 UTC; a drawdown stands"
        )
    labels = sorted({each.source.label for each in stored if each.source.label})
    assumptions += labels
    warnings = moved(asked, setup)
    if warm_up < WARM_UP_MINUTES:
        warnings.append(
            "the history before the first decision is shorter than 8 days: the regime counts as "
            "chop until it is known"
        )
    interpolated = [each.tape.product_id for each in stored if each.tape.interval > 1]
    if interpolated:
        warnings.append(
            f"INTERPOLATED: bars of {', '.join(interpolated)} are coarser than a minute and were "
            "split by a made-up path"
        )
    unsaid = [each.tape.product_id for each in stored if each.source.name == "unsaid"]
    if unsaid:
        warnings.append(f"where the candles of {', '.join(unsaid)} come from is not said")
    return Told(
        settings={
            "from": _at(setup.start),
            "to": _at(setup.end + 1),
            "products": ", ".join(setup.histories.products),
            "equity": str(setup.funding[settings.app.quote_currency]),
            "fees": rates,
            "slippage": asked.slippage,
            "seed": str(asked.seed),
            "operator": asked.operator or "none",
            "policy": settings.source.label if asked.policy is None else str(asked.policy),
            "policy_hash": setup.policy.hash,
        },
        data=tuple(_row(each) for each in stored),
        assumptions=tuple(assumptions),
        warnings=tuple(warnings),
    )


def moved(asked: Asked, setup: Setup) -> list[str]:
    """What is told of a period that was asked for beyond what the candles let be traded."""
    found = []
    if asked.begin is not None and asked.begin.minute < setup.start:
        found.append(
            f"asked for from {asked.begin}, traded from {_at(setup.start)}: the first 26 h of "
            "candles are warm-up"
        )
    if asked.end is not None and asked.end.minute > setup.end + 1:
        found.append(
            f"asked for until {asked.end}, traded until {_at(setup.end + 1)}: there the candles end"
        )
    return found


def _row(stored: Stored) -> DataRow:
    tape = stored.tape
    return DataRow(
        product=tape.product_id,
        source=stored.source.name,
        label=stored.source.label,
        checksum=stored.checksum,
        first=Instant(0) + tape.first_minute * MINUTE,
        last=Instant(0) + tape.last_minute * MINUTE,
        bars=len(tape.minute),
        missing=stored.missing,
        interval_minutes=tape.interval,
    )


def _at(minute: int) -> str:
    return str(Instant(0) + minute * MINUTE)


def spoken(stored: Stored) -> str:
    """What a product's candles are, in a line."""
    tape = stored.tape
    count = len(tape.minute)
    is_minutes = tape.interval == 1
    bars = counted(count, "minute" if is_minutes else "bar")
    bars += "" if is_minutes else f" of {tape.interval} min"
    return (
        f"{bars}, {_at(tape.first_minute)} to {_at(tape.last_minute)}, "
        f"{stored.missing:,} min missing, source {stored.source.name}, "
        f"checksum {stored.checksum[:12]}"
    )
