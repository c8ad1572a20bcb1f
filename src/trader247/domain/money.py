"""Exact money: a price times a quantity is money, and nothing else is.

Each type wraps one finite `Decimal`. Arithmetic runs in `CONTEXT` (50 digits), whatever the
thread's own decimal context says, and mixing units is a type error, not a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
)
from typing import ClassVar, Self, TypeVar, overload

CONTEXT = Context(
    prec=50,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)

_add, _subtract = CONTEXT.add, CONTEXT.subtract
_multiply, _divide = CONTEXT.multiply, CONTEXT.divide

ZERO = Decimal(0)
ONE = Decimal(1)
_TWO = Decimal(2)
_HUNDRED = Decimal(100)
_TEN_THOUSAND = Decimal(10_000)


def plain(value: Decimal) -> str:
    """Decimal text without exponent and without trailing zeros: `1E-8` is `0.00000001`."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def rounded(value: Decimal, places: int, *, beside: Decimal | None = None) -> str:
    """Decimal text of at most `places` decimals, for people.

    Beside a limit that it is not at, it has the decimals that show on which side it is: 1.798 is
    not "1.8, at least 1.8".
    """
    if beside is not None:
        places = telling(value, beside, places)
    return plain(CONTEXT.quantize(value, _STEPS[places]))


def telling(value: Decimal, limit: Decimal, places: int) -> int:
    """The fewest decimals, from `places` up, that show a number apart from its limit."""
    if value != limit:
        for more in range(places, min(places + _DECIMALS_MORE, CONTEXT.prec)):
            if CONTEXT.quantize(value, _STEPS[more]) != CONTEXT.quantize(limit, _STEPS[more]):
                return more
    return places


_DECIMALS_MORE = 10
"""How far a figure is told on to show its side of a limit; what is nearer is shown as at it."""

_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(CONTEXT.prec))
"""By decimals: the grid that a figure is rounded to."""


@dataclass(frozen=True, slots=True, eq=False, init=False)
class _Amount:
    """One finite Decimal with a unit; only amounts of one unit compare or add."""

    value: Decimal

    def __init__(self, value: Decimal) -> None:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(self).__name__} takes a Decimal, not {type(value).__name__}")
        if not value.is_finite():
            raise ValueError(f"{type(self).__name__} must be finite, got {value}")
        _set_value(self, value)

    @classmethod
    def of(cls, text: str | int) -> Self:
        """Read from the number's own text.

        Raises:
            ValueError: the text is no finite decimal number.
        """
        try:
            return cls(Decimal(text))
        except InvalidOperation:
            raise ValueError(f"not a decimal number: {text!r}") from None

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.value == other.value

    def __lt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.value < other.value

    def __le__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.value <= other.value

    def __gt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.value > other.value

    def __ge__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.value >= other.value

    def __hash__(self) -> int:
        return hash((type(self), self.value))

    def __str__(self) -> str:
        return plain(self.value)

    def __bool__(self) -> bool:
        raise TypeError("an amount is no truth value: compare it with zero")


# Amounts are made by the thousand: the slot's own setter takes half the time of the generated one.
_set_value = _Amount.__dict__["value"].__set__
_new = object.__new__

Signed = TypeVar("Signed", bound=_Amount)


def _of_result(kind: type[Signed], value: Decimal) -> Signed:
    """An amount of either sign that was just worked out of amounts alone.

    They are finite, and of finite numbers `CONTEXT` answers with a finite one or not at all. Asking
    each result takes as long as the sum. A bare Decimal may be anything: what it makes is asked.
    """
    made = _new(kind)
    _set_value(made, value)
    return made


def _price(value: Decimal) -> Price:
    if value <= ZERO:
        return Price(value)  # which says what is wrong with it
    made = _new(Price)
    _set_value(made, value)
    return made


def _quantity(value: Decimal) -> Quantity:
    if value < ZERO:
        return Quantity(value)
    made = _new(Quantity)
    _set_value(made, value)
    return made


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Price(_Amount):
    """Quote currency for one unit of base; always above zero."""

    def __init__(self, value: Decimal) -> None:
        _Amount.__init__(self, value)
        if value <= ZERO:
            raise ValueError(f"a price is above zero, got {value}")

    @overload
    def __mul__(self, other: Quantity) -> Money: ...
    @overload
    def __mul__(self, other: Decimal) -> Price: ...
    def __mul__(self, other: Quantity | Decimal) -> Money | Price:
        if isinstance(other, Quantity):
            return _of_result(Money, _multiply(self.value, other.value))
        if isinstance(other, Decimal):
            return Price(_multiply(self.value, other))
        return NotImplemented

    def midpoint(self, other: Price) -> Price:
        """Halfway between two prices."""
        return _price(_divide(_add(self.value, other.value), _TWO))

    def bps_above(self, reference: Price) -> Bps:
        """How far this price is above `reference`, in basis points of it; negative below."""
        gap = _subtract(self.value, reference.value)
        return _of_result(Bps, _multiply(_divide(gap, reference.value), _TEN_THOUSAND))

    def percent_off(self, reference: Price) -> Percent:
        """How far this price is from `reference`, either way, in per cent of it."""
        gap = _subtract(self.value, reference.value)
        off = CONTEXT.abs(_divide(gap, reference.value))
        return _of_result(Percent, _multiply(off, _HUNDRED))

    def is_near(self, reference: Price, within: Percent) -> bool:
        """Whether this price is at most `within` of `reference` off it, either way."""
        gap = CONTEXT.abs(_subtract(self.value, reference.value))
        return gap <= _multiply(reference.value, within.fraction)

    def times(self, count: int) -> Price:
        """So many of this price, as a price is so many ticks; above zero."""
        return _price(_multiply(self.value, Decimal(count)))

    def shifted(self, by: Bps) -> Price:
        """This price moved by `by` basis points, up if positive."""
        return _price(_multiply(self.value, _add(ONE, by.fraction)))

    def floor_to(self, increment: Price) -> Price:
        """The greatest multiple of `increment` not above this price.

        Raises:
            ValueError: that multiple is zero.
        """
        return _price(_multiple(self.value, increment.value, ROUND_FLOOR))

    def ceil_to(self, increment: Price) -> Price:
        """The least multiple of `increment` not below this price."""
        return _price(_multiple(self.value, increment.value, ROUND_CEILING))

    def is_multiple_of(self, increment: Price) -> bool:
        """Whether this price lies on the grid of `increment`."""
        return CONTEXT.remainder(self.value, increment.value) == 0


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Quantity(_Amount):
    """Units of base currency; never below zero."""

    def __init__(self, value: Decimal) -> None:
        _Amount.__init__(self, value)
        if value < ZERO:
            raise ValueError(f"a quantity is never below zero, got {value}")

    def __add__(self, other: Quantity) -> Quantity:
        if not isinstance(other, Quantity):
            return NotImplemented
        return _quantity(_add(self.value, other.value))

    def __sub__(self, other: Quantity) -> Quantity:
        if not isinstance(other, Quantity):
            return NotImplemented
        return _quantity(_subtract(self.value, other.value))

    @overload
    def __mul__(self, other: Price) -> Money: ...
    @overload
    def __mul__(self, other: Decimal) -> Quantity: ...
    def __mul__(self, other: Price | Decimal) -> Money | Quantity:
        if isinstance(other, Price):
            return _of_result(Money, _multiply(self.value, other.value))
        if isinstance(other, Decimal):
            return Quantity(_multiply(self.value, other))
        return NotImplemented

    def floor_to(self, increment: Quantity) -> Quantity:
        """The greatest multiple of `increment` not above this quantity."""
        return _quantity(_multiple(self.value, increment.value, ROUND_FLOOR))

    def ceil_to(self, increment: Quantity) -> Quantity:
        """The least multiple of `increment` not below this quantity."""
        return _quantity(_multiple(self.value, increment.value, ROUND_CEILING))

    def is_multiple_of(self, increment: Quantity) -> bool:
        """Whether this quantity lies on the grid of `increment`."""
        return CONTEXT.remainder(self.value, increment.value) == 0

    def times(self, count: int) -> Quantity:
        """So many of this quantity, as a quantity is so many lots."""
        return _quantity(_multiply(self.value, Decimal(count)))

    def share_of(self, whole: Quantity) -> Decimal:
        """This quantity as a fraction of `whole`."""
        return _divide(self.value, whole.value)

    @property
    def is_zero(self) -> bool:
        return self.value == 0


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Money(_Amount):
    """An amount of the book's quote currency, of either sign."""

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return _of_result(Money, _add(self.value, other.value))

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return _of_result(Money, _subtract(self.value, other.value))

    def __neg__(self) -> Money:
        return _of_result(Money, CONTEXT.minus(self.value))

    def __mul__(self, ratio: Decimal) -> Money:
        if not isinstance(ratio, Decimal):
            return NotImplemented
        return Money(_multiply(self.value, ratio))

    def at(self, price: Price) -> Quantity:
        """The quantity that this money buys at `price`, unrounded."""
        return _quantity(_divide(self.value, price.value))

    def share_of(self, whole: Money) -> Decimal:
        """This money as a fraction of `whole`."""
        return _divide(self.value, whole.value)

    def per(self, quantity: Quantity) -> Price:
        """The price at which `quantity` is worth this money."""
        return _price(_divide(self.value, quantity.value))

    @property
    def is_zero(self) -> bool:
        return self.value == 0


class _Part(_Amount):
    """An amount that is a part of others, as a fraction: worked out once, as limits are asked."""

    __slots__ = ("_fraction",)
    _fraction: Decimal
    _WHOLE: ClassVar[Decimal]

    @property
    def fraction(self) -> Decimal:
        try:
            return self._fraction
        except AttributeError:
            object.__setattr__(self, "_fraction", _divide(self.value, self._WHOLE))
            return self._fraction


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Bps(_Part):
    """Hundredths of a percent, of either sign."""

    _WHOLE: ClassVar[Decimal] = _TEN_THOUSAND

    def of_money(self, money: Money) -> Money:
        """This many basis points of `money`."""
        return _of_result(Money, _multiply(money.value, self.fraction))

    def __add__(self, other: Bps) -> Bps:
        if not isinstance(other, Bps):
            return NotImplemented
        return _of_result(Bps, _add(self.value, other.value))

    def __neg__(self) -> Bps:
        return _of_result(Bps, CONTEXT.minus(self.value))

    def __abs__(self) -> Bps:
        return _of_result(Bps, CONTEXT.abs(self.value))


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Percent(_Part):
    """Hundredths, of either sign: `Percent.of("5")` is five per cent."""

    _WHOLE: ClassVar[Decimal] = _HUNDRED

    @classmethod
    def from_fraction(cls, fraction: Decimal) -> Percent:
        return cls(_multiply(fraction, _HUNDRED))

    def of_money(self, money: Money) -> Money:
        """This many per cent of `money`."""
        return _of_result(Money, _multiply(money.value, self.fraction))

    def __neg__(self) -> Percent:
        return _of_result(Percent, CONTEXT.minus(self.value))

    def __abs__(self) -> Percent:
        return _of_result(Percent, CONTEXT.abs(self.value))


NO_MONEY = Money(ZERO)
NOTHING = Quantity(ZERO)


def total(amounts: Iterable[Money]) -> Money:
    """The sum, in Decimal."""
    result = ZERO
    for amount in amounts:
        result = _add(result, amount.value)
    return _of_result(Money, result)


def worth(amounts: Iterable[tuple[Price, Quantity]]) -> Money:
    """What quantities are worth together, each at its price: as `total` of each product."""
    result = ZERO
    for price, quantity in amounts:
        result = _add(result, _multiply(price.value, quantity.value))
    return _of_result(Money, result)


def _multiple(value: Decimal, increment: Decimal, rounding: str) -> Decimal:
    if increment <= 0:
        raise ValueError(f"an increment is above zero, got {increment}")
    steps = _divide(value, increment).to_integral_value(rounding=rounding)
    return _multiply(steps, increment)
