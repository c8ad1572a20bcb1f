"""Monthly returns as a table of colours that carry their figures."""

from __future__ import annotations

from collections.abc import Sequence

from trader247.report.charts.money import figure
from trader247.report.months import MonthReturn
from trader247.report.page.parts import text

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STRONGEST = 0.38


def month_table(months: Sequence[MonthReturn]) -> str:
    """A row a year, a column a month of which something is known; part of a month is marked."""
    known = {each.month: each for each in months}
    years = sorted({each.month[:4] for each in months})
    most = max((abs(each.value) for each in months), default=0.0) or 1.0
    columns = sorted({int(each.month[5:7]) for each in months})
    heads = "".join(f'<th scope="col">{_NAMES[at - 1]}</th>' for at in columns)
    rows = []
    for year in years:
        cells = [_cell(known.get(f"{year}-{at:02d}"), most) for at in columns]
        whole = 1.0
        for each in months:
            if each.month.startswith(year):
                whole *= 1.0 + each.value
        total = figure((whole - 1.0) * 100.0, is_signed=True)
        rows.append(
            f'<tr><th scope="row" class="text">{text(year)}</th>{"".join(cells)}'
            f"<td><strong>{text(total)}</strong></td></tr>"
        )
    note = "" if all(each.is_whole for each in months) else "* only part of the month"
    return (
        '<div class="scroll" tabindex="0"><table class="months"><thead><tr>'
        f'<th scope="col" class="text">year</th>{heads}<th scope="col">all</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        f'<p class="note">Per cent, from close to close of UTC days. {note}</p>'
    )


def _cell(month: MonthReturn | None, most: float) -> str:
    if month is None:
        return '<td class="none">\u00b7</td>'
    # A colour says no other sign than the figure in it.
    value = round(month.value, 4)
    strength = _STRONGEST * min(1.0, abs(value) / most)
    rgb = "18,144,142" if value >= 0 else "217,98,43"
    shown = figure(month.value * 100.0, is_signed=True) + ("" if month.is_whole else "*")
    return f'<td style="background:rgba({rgb},{strength:.2f})">{text(shown)}</td>'
