"""How much of equity was held, of each product, cluster and in all, against the caps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trader247.domain.ids import ProductId
from trader247.report.curve import Floats
from trader247.report.metrics import Missing, mean_over_time
from trader247.report.story import Story


@dataclass(frozen=True, slots=True)
class Share:
    """A share of equity in per cent: the most, the mean over time, the cap, and the time held.

    None is unknown; a cap is None where there is none.
    """

    of: str
    name: str
    most: float | None
    mean: float | None
    cap: float | None
    time: float | None


def shares(story: Story) -> tuple[Share, ...]:
    """All of it first, then clusters, then products."""
    caps = story.caps
    clusters = by_cluster(story)
    result = [_share(story, "all", "all", share_of_all(story), caps and caps.total)]
    for name, values in clusters.items():
        cap = None if caps is None else caps.clusters.get(name)
        result.append(_share(story, "cluster", name, values, cap))
    for product in story.holdings:
        values = share_of(story, product)
        result.append(_share(story, "product", str(product), values, caps and caps.product))
    return tuple(result)


def share_of_all(story: Story) -> Floats:
    """What was held in all, in per cent of equity, cycle by cycle."""
    return _over_equity(story, story.curve.exposure)


def share_of(story: Story, product: ProductId) -> Floats:
    """What was held of one product, in per cent of equity, cycle by cycle."""
    held = story.holdings[product]
    values = np.zeros(len(story.curve))
    values[held.at] = held.notional
    return _over_equity(story, values)


def by_cluster(story: Story) -> Mapping[str, Floats]:
    """What was held of each cluster, in per cent of equity; products of none are left out."""
    found: dict[str, Floats] = {}
    for product, name in sorted(story.clusters.items(), key=lambda item: item[1]):
        if product in story.holdings:
            values = share_of(story, product)
            found[name] = found[name] + values if name in found else values
    return found


def _over_equity(story: Story, notional: Floats) -> Floats:
    equity = story.curve.equity
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(equity > 0.0, notional / equity * 100.0, np.nan)
    return result


def _share(story: Story, of: str, name: str, values: Floats, cap: object) -> Share:
    times = story.curve.times
    known = values[np.isfinite(values)]
    held = np.where(np.isfinite(values), (values > 0.0) * 100.0, np.nan)
    return Share(
        of=of,
        name=name,
        most=float(known.max()) if len(known) else None,
        mean=_known(mean_over_time(times, values)),
        cap=None if cap is None else float(str(cap)),
        time=_known(mean_over_time(times, held)),
    )


def _known(measure: float | Missing) -> float | None:
    return None if isinstance(measure, Missing) else measure
