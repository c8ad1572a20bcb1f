"""Leaks, planted: each a signal that sees what it cannot know yet, and its honest twins."""

from __future__ import annotations

from textwrap import dedent

HEAD = """
import numpy as np

BARS_NEEDED = 61


def shifted(x, by):
    result = np.full(len(x), np.nan)
    if by < 0:
        result[:by] = x[-by:]
    else:
        result[by:] = x[: len(x) - by]
    return result


def trailing_mean(x, n):
    sums = np.concatenate(([0], np.cumsum(x)))
    result = np.full(len(x), np.nan)
    result[n - 1 :] = (sums[n:] - sums[:-n]) / n
    return result


def rolling(x, n, how):
    result = np.full(len(x), np.nan)
    if len(x) >= n:
        windows = np.lib.stride_tricks.sliding_window_view(x, n)
        result[n - 1 :] = how(windows, axis=1)
    return result


def day_of(bars):
    return bars.minute // 1440


def weekday_of(bars):
    return (day_of(bars) + 3) % 7


def date_of(bars):
    return day_of(bars).astype("datetime64[D]")


def month_of(bars):
    return date_of(bars).astype("datetime64[M]")


def of_month(bars):
    return (date_of(bars) - month_of(bars)).astype(int) + 1


def by_group(keys, x, how):
    result = np.empty(len(x))
    for key in np.unique(keys):
        at = keys == key
        result[at] = how(x[at])
    return result
"""

LEAKS = {
    "shift_minus_one": "return shifted(bars.close.astype(float), -1)",
    "return_to_the_next_bar": "return shifted(bars.close / shifted(bars.close, 1) - 1, -1)",
    "rolled_round": "return np.roll(bars.close, -1) > bars.close",
    "centred_mean": "return shifted(trailing_mean(bars.close, 21), -10)",
    "centred_median": "return shifted(rolling(bars.close.astype(float), 11, np.median), -5)",
    "same_convolution": "return np.convolve(bars.close, np.ones(9) / 9, mode='same')",
    "one_bar_in_five_hundred": (
        "rare = bars.close * 2654435761 % 499 == 0; "
        "return np.where(rare, shifted(bars.close.astype(float), -1), bars.close)"
    ),
    "one_minute_of_the_day": (
        "rare = bars.minute % 1440 == 800; "
        "return np.where(rare, shifted(bars.close.astype(float), -1), bars.close)"
    ),
    "full_sample_z_score": "c = bars.close.astype(float); return (c - c.mean()) / c.std()",
    "full_sample_min_max": (
        "c = bars.close.astype(float); return (c - c.min()) / (c.max() - c.min())"
    ),
    "full_sample_rank": "return np.argsort(np.argsort(bars.volume, kind='stable'), kind='stable')",
    "full_sample_quantile": "return bars.volume > np.quantile(bars.volume, 0.95)",
    "demeaned_by_all": "return bars.volume - bars.volume.mean()",
    "clipped_by_all": (
        "r = np.diff(bars.close, prepend=bars.close[0]).astype(float); "
        "return np.clip(r, -3 * r.std(), 3 * r.std())"
    ),
    "close_of_the_bar_in_progress": (
        "return by_group(bars.minute // 5, bars.close.astype(float), lambda x: x[-1])"
    ),
    "high_of_the_hour_in_progress": (
        "return by_group(bars.minute // 60, bars.high.astype(float), np.max)"
    ),
    "resampled_and_labelled_left": (
        "means = by_group(bars.minute // 15, bars.close.astype(float), np.mean); "
        "return np.where(bars.minute % 15 == 0, means, np.nan)"
    ),
    "high_of_today": "return by_group(day_of(bars), bars.high.astype(float), np.max)",
    "close_of_today": "return by_group(day_of(bars), bars.close.astype(float), lambda x: x[-1])",
    "vwap_of_the_whole_day": (
        "paid = by_group(day_of(bars), (bars.close * bars.volume).astype(float), np.sum); "
        "return paid / (by_group(day_of(bars), bars.volume.astype(float), np.sum) + 1)"
    ),
    "holes_filled_from_the_future": (
        "at = np.where(bars.filled == 1, len(bars), np.arange(len(bars))); "
        "after = np.minimum.accumulate(at[::-1])[::-1]; "
        "return bars.close[np.minimum(after, len(bars) - 1)]"
    ),
    "holes_bridged": (
        "known = np.flatnonzero(bars.filled == 0); "
        "return np.interp(np.arange(len(bars)), known, bars.close[known])"
    ),
    "central_difference": "return np.gradient(bars.close.astype(float))",
    "sum_from_the_end": "return np.cumsum(bars.volume[::-1])[::-1]",
    "highest_still_to_come": "return np.maximum.accumulate(bars.high[::-1])[::-1]",
    "smoothed_there_and_back": (
        "once = trailing_mean(bars.close, 5); "
        "return trailing_mean(np.nan_to_num(once)[::-1], 5)[::-1]"
    ),
    "low_pass_by_fourier": (
        "f = np.fft.rfft(bars.close); f[len(f) // 8 :] = 0; return np.fft.irfft(f, len(bars))"
    ),
    "trend_taken_out_of_all": (
        "x = np.arange(len(bars)) / len(bars); c = bars.close.astype(float); "
        "return c - np.polyval(np.polyfit(x, c, 2), x)"
    ),
    "components_of_all": (
        "m = np.stack([bars.open, bars.high, bars.low, bars.close], 1).astype(float); "
        "m = m - m.mean(0); return np.round(np.abs(m @ np.linalg.svd(m, False)[2][0]), 3)"
    ),
    "fitted_to_what_followed": (
        "r = np.diff(bars.close, prepend=bars.close[0]) / bars.close; "
        "y = np.nan_to_num(shifted(r, -1)); "
        "return np.round((r @ y) / (r @ r), 12) * r"
    ),
    "turning_point": (
        "h = bars.high; left = shifted(h.astype(float), 2); right = shifted(h.astype(float), -2); "
        "return (h > left) & (h > right)"
    ),
    "best_of_the_next_ten": (
        "return shifted(rolling(bars.high.astype(float), 10, np.max), -10) > bars.close * 1.01"
    ),
    "over_the_last_price": "return bars.close / bars.close[-1]",
    "share_of_all_volume": "return np.cumsum(bars.volume) / bars.volume.sum()",
    "bins_of_all": (
        "edges = np.histogram_bin_edges(bars.close, 10); return np.digitize(bars.close, edges)"
    ),
    "labels_of_all": "return np.unique(bars.close // 1000, return_inverse=True)[1]",
    "window_as_long_as_the_data_allows": (
        "return trailing_mean(bars.close, max(2, min(60, len(bars) // 40)))"
    ),
    "last_value_redrawn": (
        "v = trailing_mean(bars.close, 10).copy(); v[-1] = bars.close[-1]; return v"
    ),
    "first_known_at_the_end": (
        "c = bars.close.astype(float); return np.where(c > np.median(c), 1.0, -1.0)"
    ),
    "next_open_as_fill": "return np.append(bars.open[1:], bars.open[-1]) - bars.close",
    "where_something_rare_was": (
        "x = shifted(bars.close.astype(float), -1); "
        "return np.where(bars.volume >= 20 * np.maximum(shifted(bars.volume, 1), 1), x, 0)"
    ),
    "once_a_day": (
        "x = shifted(bars.close.astype(float), -1); "
        "return np.where(bars.minute % 1440 == 1439, x, bars.close)"
    ),
    "polynomial_of_all": (
        "x = np.arange(len(bars)) / 1000; "
        "return np.polyval(np.polyfit(x, bars.close.astype(float), 3), x)"
    ),
    "outliers_replaced_by_what_is_around_them": (
        "c = bars.close.astype(float); m = shifted(rolling(c, 11, np.median), -5); "
        "return np.where(np.abs(c - m) > 0.02 * c, m, trailing_mean(c, 3))"
    ),
    "sorted_by_what_comes": (
        "at = np.argsort(bars.close, kind='stable'); "
        "x = np.empty(len(bars)); x[at] = bars.volume[at][::-1]; return x"
    ),
    "matched_to_the_next_hour": (
        "ends = np.arange(0, len(bars), 60); "
        "at = np.searchsorted(ends, np.arange(len(bars)), side='right'); "
        "return bars.close[ends[np.minimum(at, len(ends) - 1)]]"
    ),
    "correlated_over_all": "return bars.close * np.corrcoef(bars.close, bars.volume)[0, 1]",
    "length_of_the_data": "return bars.close + len(bars) % 7",
    "end_of_the_data": "return np.arange(len(bars)) > len(bars) - 30",
}
"""By name: the body of `signals(bars)`."""

BEYOND = {
    "before_2018": "rare = month_of(bars) < np.datetime64('2018-01')",
    "after_2030": "rare = month_of(bars) >= np.datetime64('2031-01')",
    "in_2041_alone": "rare = date_of(bars).astype('datetime64[Y]').astype(int) == 71",
    "past_600000_bars": "rare = np.arange(len(bars)) > 600_000",
    "of_600000_bars_and_more": "rare = np.full(len(bars), len(bars) > 600_000)",
    "past_two_million_bars": "rare = np.arange(len(bars)) > 2_000_000",
}
"""Where they look ahead."""

DATED = {
    "wednesdays_see_tomorrows_close": (
        "x = shifted(bars.close.astype(float), -1440); "
        "return np.where(weekday_of(bars) == 2, x, bars.close)"
    ),
    "thursdays_see_the_next_bar": (
        "x = shifted(bars.close.astype(float), -1); "
        "return np.where(weekday_of(bars) == 3, x, bars.close)"
    ),
    "fridays_at_half_past_two": (
        "rare = (weekday_of(bars) == 4) & (bars.minute % 1440 == 870); "
        "return np.where(rare, shifted(bars.close.astype(float), -1), bars.close)"
    ),
    "the_first_of_a_month_but_january": (
        "rare = (of_month(bars) == 1) & (month_of(bars).astype(int) % 12 != 0); "
        "return np.where(rare, shifted(bars.volume.astype(float), -1), bars.close)"
    ),
    "the_high_of_the_fifteenth": (
        "high = by_group(day_of(bars), bars.high.astype(float), np.max); "
        "return np.where(of_month(bars) == 15, high, bars.high)"
    ),
    "the_twentieth_sees_the_months_close": (
        "last = by_group(month_of(bars), bars.close.astype(float), lambda x: x[-1]); "
        "return np.where(of_month(bars) == 20, last, bars.close)"
    ),
    "the_last_bar_of_a_quarter": (
        "ends = (month_of(bars).astype(int) % 3 == 2) & (np.roll(of_month(bars), -1) == 1); "
        "ends &= month_of(bars).astype(int) % 12 != 11; "
        "return np.where(ends, shifted(bars.open.astype(float), -1), bars.close)"
    ),
    "a_leap_day": (
        "rare = (of_month(bars) == 29) & (month_of(bars).astype(int) % 12 == 1); "
        "return np.where(rare, shifted(bars.close.astype(float), -5), bars.close)"
    ),
    "one_date": (
        "rare = date_of(bars) == np.datetime64('2022-11-09'); "
        "return np.where(rare, shifted(bars.close.astype(float), -60), bars.close)"
    ),
    "summers": (
        "rare = month_of(bars).astype(int) % 12 == 6; "
        "return np.where(rare, shifted(bars.low.astype(float), -1), bars.low)"
    ),
    "third_fridays": (
        "rare = (weekday_of(bars) == 4) & (of_month(bars) > 14) & (of_month(bars) < 22); "
        "return np.where(rare, shifted(bars.close.astype(float), -1), bars.close)"
    ),
    "from_the_next_year_on": (
        "rare = date_of(bars) >= np.datetime64('2025-01-01'); "
        "return np.where(rare, shifted(bars.close.astype(float), -1), bars.close)"
    ),
    "the_first_minute_of_a_month": (
        "rare = (of_month(bars) == 1) & (bars.minute % 1440 == 0); "
        "rare &= month_of(bars).astype(int) % 12 != 0; "
        "return np.where(rare, shifted(bars.close.astype(float), -1), bars.close)"
    ),
    "before_an_outage": (
        "ahead = shifted(rolling(bars.filled.astype(float), 45, np.sum), -45); "
        "calm = rolling(bars.filled.astype(float), 8, np.sum) == 0; "
        "return np.where((ahead == 45) & calm, 1.0, 0.0)"
    ),
}
"""Leaks that show on some dates alone."""

REMEMBERED = """
_seen = {}


def signals(bars):
    for minute, close in zip(bars.minute.tolist(), bars.close.tolist()):
        _seen[minute] = close
    return np.array([_seen.get(m + 1, 0) for m in bars.minute.tolist()])
"""
"""A cache that remembers the future from an earlier call."""

LEFT_BEHIND = """
def signals(bars):
    kind = type(bars)
    if not hasattr(kind, "seen"):
        kind.seen = {}
    pairs = list(zip(bars.minute.tolist(), bars.close.tolist()))
    for minute, close in pairs:
        kind.seen.setdefault(minute, close)
    return np.array([kind.seen.get(minute + 1, close) for minute, close in pairs])
"""
"""What one loading of the module has seen lies where the next one finds it."""

BY_PRODUCT = {
    "cheap_ones": "bars.close < 300",
    "dear_ones": "bars.close > 10**9",
    "busy_ones": "bars.volume > 10**9",
    "quiet_ones": "rolling(bars.filled.astype(float), 60, np.sum) > 50",
}
"""Products of which alone the next close is known: by what they are told from the others."""

HONEST = {
    "mean": "return trailing_mean(bars.close, 20)",
    "extremes": "return rolling(bars.high.astype(float), 60, np.max)",
    "last_whole_quarter": (
        "ends = np.arange(len(bars)) - (bars.minute + 1) % 15; "
        "return np.where(ends >= 0, bars.close[np.maximum(ends, 0)], 0)"
    ),
    "yesterday_is_over": ("x = shifted(bars.close.astype(float), 60); return bars.close / x - 1"),
    "weekends_off": "return np.where(weekday_of(bars) >= 5, 0, trailing_mean(bars.close, 20))",
    "months_of_their_own": (
        "fast = month_of(bars).astype(int) % 2 == 0; "
        "return np.where(fast, trailing_mean(bars.close, 5), trailing_mean(bars.close, 50))"
    ),
    "holes_counted": "return rolling(bars.filled.astype(float), 60, np.sum)",
}

UNSTABLE = {
    "exponential": """
        result = np.empty(len(bars))
        last = float(bars.close[0])
        for at, close in enumerate(bars.close.tolist()):
            last += (close - last) * 0.1
            result[at] = last
        return result
    """,
    "sum_since_the_beginning": "return np.cumsum(bars.volume)",
    "highest_ever": "return np.maximum.accumulate(bars.high)",
    "wilder": """
        gains = np.maximum(np.diff(bars.close, prepend=bars.close[0]), 0)
        result = np.zeros(len(bars))
        for at in range(1, len(bars)):
            result[at] = (result[at - 1] * 13 + gains[at]) / 14
        return result
    """,
    "longer_than_it_says": "return trailing_mean(bars.close, 90)",
    "longer_on_tuesdays_in_may": (
        "rare = (weekday_of(bars) == 1) & (month_of(bars).astype(int) % 12 == 4); "
        "return np.where(rare, trailing_mean(bars.close, 90), trailing_mean(bars.close, 30))"
    ),
}

IMPURE = {
    "dice": "return np.random.random(len(bars))",
    "counter": "signals.n = getattr(signals, 'n', 0) + 1; return bars.close + signals.n",
    "writes_into_its_bars": "bars.close[0] = 1; return bars.close",
}

FAILING = {
    "too_short": "return bars.close[1:]",
    "raises": "return bars.close / bars.nothing",
}


BY_SETTING = """
import numpy as np

from trader247.core.limits import limit
from trader247.core.signals.signal import Gauge, Measured, Signal
from trader247.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Mine(Signal):
    \"\"\"Sound at its defaults.\"\"\"

    id = "mine"
    bars_needed = 120

    minutes: int = limit(60, unit="min", at_least=1, at_most=119, doc="how far back")
    ahead: int = limit(0, unit="bars", at_least=0, at_most=0, doc="how far ahead")

    def measure(self, series, at):
        then = np.minimum(at + self.ahead, np.max(at))
        change = series.change(self.minutes, then if self.ahead else at)
        rises = change > 0
        return Measured(rises, 1_000_000_000 * rises, 700_000_000 * rises, (Gauge("x", change),))
"""
"""A signal that is sound at the numbers that it has by itself; its bounds say at which others."""


def module(body: str) -> str:
    """A strategy's module around the body of its function."""
    lines = dedent(body).strip().replace("; ", "\n").splitlines()
    return HEAD + "\n\ndef signals(bars):\n" + "".join(f"    {line}\n" for line in lines)
