"""How each figure of a report is computed, and where the definition comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Formula:
    """A definition in one line, and its source."""

    text: str
    source: str


FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        "total_return": Formula(
            "last nav / first nav - 1; nav is equity a unit, which deposits and withdrawals "
            "never move",
            "GIPS Standards 2020, time-weighted return",
        ),
        "cagr": Formula(
            "(last nav / first nav) ^ (365 / days) - 1",
            "CFA Institute, Quantitative Methods, annualized return",
        ),
        "volatility": Formula(
            "sample standard deviation of daily returns x sqrt(365); days end at 00:00 UTC",
            "J. Hull, Options, Futures and Other Derivatives, volatility from historical data",
        ),
        "sharpe": Formula(
            "mean of daily returns / their sample standard deviation x sqrt(365); "
            "the risk-free rate is 0",
            "W. F. Sharpe, The Sharpe Ratio, J. of Portfolio Management 21 (1994)",
        ),
        "sortino": Formula(
            "mean of daily returns / sqrt(mean over all days of min(return, 0)^2) x sqrt(365)",
            "F. A. Sortino, L. N. Price, Performance Measurement in a Downside Risk Framework, "
            "J. of Investing 3 (1994); target 0",
        ),
        "calmar": Formula(
            "CAGR / maximum drawdown, over the whole period",
            "T. W. Young, Calmar Ratio: A Smoother Tool, Futures (Oct 1991)",
        ),
        "max_drawdown": Formula(
            "the greatest fall of nav below its highest value so far, over all cycles, "
            "as a share of that value",
            "M. Magdon-Ismail, A. Atiya, Maximum Drawdown, Risk 17 (2004)",
        ),
        "longest_drawdown": Formula(
            "days from the last cycle at a peak until nav reaches it again, or until the end; "
            "the longest",
            "as the maximum drawdown",
        ),
        "profit_factor": Formula(
            "sum of winning trades / sum of losing trades, after all fees",
            "J. Schwager, Schwager on Futures: Technical Analysis (1996)",
        ),
        "expectancy": Formula(
            "mean profit or loss of a closed trade, after all fees",
            "V. Tharp, Trade Your Way to Financial Freedom (1998)",
        ),
        "win_rate": Formula(
            "closed trades that made money after all fees / closed trades; "
            "its 95 % interval is Wilson's",
            "E. B. Wilson, J. of the American Statistical Association 22 (1927)",
        ),
        "turnover": Formula(
            "(bought + sold) / mean equity of the period",
            "SEC Form N-1A divides the lesser of both; here both count, since both pay fees",
        ),
        "fee_drag": Formula(
            "fees paid / mean equity of the period; not annualised",
            "SEC Form N-1A, expense ratio, with trading fees for expenses",
        ),
        "time_in_market": Formula(
            "share of the time at which anything was held",
            "step integral from cycle to cycle",
        ),
        "mean_exposure": Formula(
            "mean over time of what was held at the bid / equity",
            "step integral from cycle to cycle",
        ),
        "hold_return": Formula(
            "mean over the products that traded of last close / first open - 1: each bought once "
            "for an equal amount when the last of them first trades, never sold, without fees; a "
            "cycle knows the closes before it",
            "buy and hold",
        ),
        "cash_return": Formula("0: the quote currency bears no interest here", "cash"),
    }
)
"""By the id of the figure."""
