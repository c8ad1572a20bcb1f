"""A limit: a number with a default, and a hard bound in code that no config can pass.

Every section of the policy is a frozen dataclass whose fields are made here. The settings model,
the JSON Schema and the documentation are derived from these fields; nothing is written twice.
"""

from __future__ import annotations

from dataclasses import field, fields
from decimal import Decimal
from typing import Any

from trader247.domain.dataclass import dataclass
from trader247.domain.money import Bps, Money, Percent, Price, Quantity

Scalar = int | Decimal | Money | Bps | Percent | Price | Quantity


@dataclass(frozen=True, slots=True)
class Bound:
    """What a field of the policy may hold.

    `at_least` and `at_most` are inclusive, in the field's own unit. `key` is the field's place in
    policy.yaml where that is not its section's own: the names of the founding document.
    """

    at_least: Decimal | None
    at_most: Decimal | None
    unit: str
    doc: str
    key: str | None = None


def limit(
    default: Any,
    *,
    unit: str,
    doc: str,
    at_least: str | int | None = None,
    at_most: str | int | None = None,
    key: str | None = None,
) -> Any:
    """A dataclass field with its bound.

    Raises:
        ValueError: the default is outside its own bound.
    """
    bound = Bound(
        at_least=None if at_least is None else Decimal(at_least),
        at_most=None if at_most is None else Decimal(at_most),
        unit=unit,
        doc=doc,
        key=key,
    )
    problem = outside(default, bound)
    if problem:
        raise ValueError(f"default {default}: {problem}")
    return field(default=default, metadata={"bound": bound})


def bound_of(section: type, name: str) -> Bound | None:
    """The bound of a section's field, or None where it has none."""
    for each in fields(section):
        if each.name == name:
            return each.metadata.get("bound")
    raise KeyError(name)


def number_of(value: Any) -> Decimal | None:
    """A scalar's number without its unit; None for what is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Money | Bps | Percent | Price | Quantity):
        return value.value
    return None


def outside(value: Any, bound: Bound) -> str:
    """Why `value` is outside `bound`, in words; empty if it is inside."""
    number = number_of(value)
    if number is None:
        return ""
    if bound.at_least is not None and number < bound.at_least:
        return f"below the least allowed, {bound.at_least} {bound.unit}".rstrip()
    if bound.at_most is not None and number > bound.at_most:
        return f"above the most allowed, {bound.at_most} {bound.unit}".rstrip()
    return ""
