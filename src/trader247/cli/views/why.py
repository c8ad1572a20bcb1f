"""An explanation of a product's cycle, as text of 80 columns: its path, its reason, its change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trader247.cli import figures
from trader247.cli.output import Cell, Tone, clean, show, show_rows
from trader247.cli.views.standing import WIDTH, tell

if TYPE_CHECKING:
    from trader247.app.past.explaining import Explanation, Reading, Size, Takes, Trigger, Verdict

_LABEL = 11


def tell_why(found: Explanation) -> None:
    """Show the whole path, as far as the product came."""
    tell(f"{found.source.market} · {found.source.mode.value} on {found.source.venue.value}")
    tell(f"{found.product} in cycle {found.cycle}, decided {figures.moment(found.at)}")
    show()
    _part("universe", _universe(found))
    _part("regime", f"{found.regime}; sizes x {found.regime.multiplier}")
    if found.position is not None:
        held = found.position
        _part(
            "position",
            f"{held.quantity} bought at {figures.price(held.entry_price)}, stop "
            f"{figures.price(held.stop)}, target {figures.price(held.target)}, "
            f"until {figures.moment(held.leaves_at)}",
        )
    if found.dust is not None:
        _part(
            "dust",
            f"{found.dust.quantity} left of a position, less than the venue sells: it goes with "
            "what is bought next",
        )
    if found.is_unpriced:
        _part(
            "worth",
            "UNKNOWN, and so equity is: nothing is bought until it has a price. If the venue "
            f"trades {found.product} no more, take the coins over at what they are worth to you: "
            f'trader247 reconcile --accept --reason "delisted" --price {found.product}=PRICE',
        )
    for reading in found.guards:
        _part("guard" if reading is found.guards[0] else "", _reading(reading))
    for reading in found.readings:
        _part("signals" if reading is found.readings[0] else "", _reading(reading))
    if found.trigger is not None:
        _part("rule", _rule(found.trigger))
    if found.size is not None:
        _part("size", _size(found.size))
    _verdicts(found.verdicts)
    for act in found.acts:
        _part(act.kind, act.text)
    show()
    _reason(found)
    _takes(found.takes)


def _part(label: str, text: str, tone: Tone = Tone.PLAIN) -> None:
    """A labelled part of the path, its lines hanging under their first word."""
    for index, line in enumerate(_lines(text, WIDTH - _LABEL)):
        head = label if index == 0 else ""
        show_rows([(Cell(f"{head:<{_LABEL}}", Tone.DIM), Cell(line, tone))])


def _lines(text: str, width: int) -> Iterable[str]:
    from textwrap import wrap

    return wrap(clean(text), width, break_on_hyphens=False, break_long_words=False) or [""]


def _universe(found: Explanation) -> str:
    if found.tier is None:
        return "listed in no tier"
    quote, rules, depth = found.view.quote, found.view.product, found.view.depth
    facts = []
    if quote is not None and not quote.is_crossed:
        facts.append(f"spread {quote.spread.value:.1f} bps")
    if rules is not None and rules.volume_24h is not None:
        facts.append(f"24 h volume {rules.volume_24h.value:,.0f}")
    if depth is not None:
        facts.append(f"depth within 20 bps {depth.within(20).value:,.0f}")
    standing = "a member" if found.is_member else "not a member"
    against = "" if found.eligibility is None else f"; {found.eligibility.detail}"
    return f"{found.tier}, {standing}; {', '.join(facts) or 'nothing was read'}{against}"


def _reading(reading: Reading) -> str:
    if not reading.is_measured:
        return f"{reading.signal}: not measured, {reading.trouble}"
    text = ", ".join(str(each) for each in reading.figures)
    mark = ""
    if reading.is_triggered:
        mark = f": TRIGGERED {reading.score:.3f}" if reading.score else ": TRIGGERED"
    return f"{reading.signal}{mark}: {text}"


def _rule(trigger: Trigger) -> str:
    plan, reading = trigger.wish.plan, trigger.reading
    hours = int(plan.longest_hold.total_seconds()) // 3600
    trailing = (
        "" if plan.trailing_fraction is None else f", trailing {plan.trailing_fraction * 100:.1f} %"
    )
    return (
        f"{trigger.rule.id} on {reading.signal}: score {reading.score:.3f} = strength "
        f"{reading.strength:.3f} x confidence {reading.confidence:.3f}; stop "
        f"-{plan.stop_fraction * 100:.1f} %, target +{plan.target_fraction * 100:.1f} %, "
        f"{hours} h{trailing}; size x {trigger.wish.multiplier}"
    )


def _size(size: Size) -> str:
    text = f"bound by {size.binding}, floor {size.floor}"
    if size.quantity.is_zero:
        return f"none: {text}"
    return f"{size.quantity} at {size.price}, {figures.money(size.price * size.quantity)}; {text}"


def _verdicts(verdicts: Iterable[Verdict]) -> None:
    said = list(verdicts)
    if not said:
        return
    refused = [each for each in said if not each.is_allowed]
    _part("gate", f"{len(said) - len(refused)} of {len(said)} checks say yes")
    for each in refused:
        _part("", f"NO {each.check}: {each.detail}", Tone.WARN)


def _reason(found: Explanation) -> None:
    reason = found.outcome.reason.value
    _part("REASON", f"{reason}: {found.outcome.detail}")
    if not found.is_as_recorded:
        was = found.recorded
        said = "nothing" if was is None else f"{was.reason.value}: {was.detail}"
        _part("", f"the journal says otherwise: {said}", Tone.BAD)
        _part("", f"it was decided by version {found.code_version}", Tone.BAD)


def _takes(takes: Takes) -> None:
    if not takes.is_answer:
        _part("CHANGE", "no single input would have changed it")
        return
    has_traded = takes.ending.reason.value in ("entry_sent", "exit_sent")
    if len(takes.remedies) == 1:
        word = "would trade" if has_traded else f"would end in {takes.ending.reason.value}"
        _part("CHANGE", f"{word} at {takes.remedies[0]}")
        return
    word = "would trade" if has_traded else f"would still end in {takes.ending.reason.value}"
    _part("CHANGE", f"{word} with all of these:")
    for number, remedy in enumerate(takes.remedies, start=1):
        _part("", f"{number}. {remedy}")
