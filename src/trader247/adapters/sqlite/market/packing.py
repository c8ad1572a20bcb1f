"""Whole numbers as bytes, few for small ones: the same bytes on every machine.

No general compressor: what is packed here is hashed into the journal's chain, and builds of zlib
differ in what they write. A packed value is a row of naturals, seven bits a byte, lowest first;
everything else is told in naturals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from trader247.domain.errors import StorageError


class Packer:
    """Collects naturals; `data` is their bytes."""

    __slots__ = ("_add", "_values")

    def __init__(self) -> None:
        self._values: list[int] = []
        self._add = self._values.append

    def natural(self, number: int) -> None:
        """A number that is never below zero."""
        assert number >= 0, "a natural"
        self._add(number)

    def whole(self, number: int) -> None:
        """A number of either sign: 0, -1, 1, -2 become 0, 1, 2, 3."""
        self._add(number + number if number >= 0 else -number - number - 1)

    def wholes(self, numbers: Iterable[int]) -> None:
        """Many numbers of either sign; their count is told elsewhere."""
        self._values.extend([n + n if n >= 0 else -n - n - 1 for n in numbers])

    def text(self, text: str) -> None:
        """A text, as its length and its UTF-8."""
        data = text.encode()
        self._add(len(data))
        self._values.extend(data)

    def decimals(self, numbers: list[Decimal], before: Decimal | None = None) -> None:
        """At least one decimal, digits and exponent exact; each as its step from the one before."""
        pairs = [_split(number) for number in numbers]
        exponent = pairs[0][1]
        is_even = all(pair[1] == exponent for pair in pairs)
        self._add(_zigzag(exponent) * 2 + is_even)
        if not is_even:
            for coefficient, own in pairs:
                self.whole(own)
                self.whole(coefficient)
            return
        last = _base(before, exponent)
        for coefficient, _ in pairs:
            self.whole(coefficient - last)
            last = coefficient

    @property
    def data(self) -> bytes:
        out = bytearray()
        add = out.append
        for number in self._values:
            while number > 127:  # eaten seven bits at a time
                add(number & 127 | 128)
                number >>= 7  # noqa: PLW2901
            add(number)
        return bytes(out)


class Unpacker:
    """Gives back what a `Packer` collected, in its order.

    Every method raises StorageError where the bytes end early.
    """

    __slots__ = ("_values",)

    def __init__(self, data: bytes) -> None:
        self._values = _naturals(data)

    def natural(self) -> int:
        for number in self._values:
            return number
        raise StorageError("a packed frame ends early")

    def whole(self) -> int:
        number = self.natural()
        return -(number >> 1) - 1 if number & 1 else number >> 1

    def wholes(self, count: int) -> list[int]:
        return [self.whole() for _ in range(count)]

    def text(self) -> str:
        size = self.natural()
        try:
            return bytes([self.natural() for _ in range(size)]).decode()
        except ValueError as error:
            raise StorageError("a packed text is no text") from error

    def decimals(self, count: int, before: Decimal | None = None) -> list[Decimal]:
        head = self.natural()
        first = head >> 1
        exponent = -(first >> 1) - 1 if first & 1 else first >> 1
        if not head & 1:
            pairs = [(self.whole(), self.whole()) for _ in range(count)]
            return [_joined(coefficient, own) for own, coefficient in pairs]
        last = _base(before, exponent)
        numbers = []
        for _ in range(count):
            last += self.whole()
            numbers.append(_joined(last, exponent))
        return numbers

    @property
    def is_at_end(self) -> bool:
        """Whether everything was taken; what is left is lost by asking."""
        return next(self._values, None) is None


def _naturals(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 127) << shift
        if byte < 128:
            yield number
            number = shift = 0
        else:
            shift += 7


def _zigzag(number: int) -> int:
    return number + number if number >= 0 else -number - number - 1


def _split(number: Decimal) -> tuple[int, int]:
    """Coefficient, with its sign, and exponent."""
    text = str(number)
    if "E" not in text:
        whole, _, fraction = text.partition(".")
        return int(whole + fraction), -len(fraction)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "an amount is finite"
    coefficient = int("".join(map(str, digits)))
    return (-coefficient if sign else coefficient), exponent


def _joined(coefficient: int, exponent: int) -> Decimal:
    return Decimal(f"{coefficient}E{exponent}")


def _base(before: Decimal | None, exponent: int) -> int:
    if before is None:
        return 0
    coefficient, own = _split(before)
    return coefficient if own == exponent else 0
