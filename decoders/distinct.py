"""Distinct values, numbered: what is asked of a value is asked once, however often it comes."""

from portalscope.decoders import inside
from portalscope.decoders.message import Scalar

LONGEST = 4096  # bits of an integer that is numbered by itself; longer ones are written in other ways


class OpensError(Exception):
    """Something stands inside a value: it is no plain one."""


class Numbers[K](dict[K, int]):
    """Values of one type with their numbers; `every` is shared by all types and holds them in the order of these."""

    def __init__(self, every: list[Scalar]) -> None:
        super().__init__()
        self.every = every

    def __missing__(self, value: K) -> int:
        self.check(value)
        number = self[value] = len(self.every)
        self.every.append(value)  # type: ignore[arg-type]  # K is one of the scalars
        return number

    def check(self, value: K) -> None:
        """Raise OpensError when this is no plain value."""


class Strings(Numbers[str]):
    """Texts with nothing inside."""

    def check(self, value: str) -> None:
        """Look into a new text."""
        if len(value) >= inside.LEAST and inside.open_value(value) is not None:
            raise OpensError


class Packed(Numbers[bytes]):
    """Bytes with nothing inside."""

    def check(self, value: bytes) -> None:
        """Look into new bytes."""
        if len(value) >= inside.LEAST and inside.open_value(value) is not None:
            raise OpensError


class Integers(Numbers[int]):
    """Integers of no unusual size."""

    def check(self, value: int) -> None:
        """Refuse those that are written in other ways."""
        if value.bit_length() > LONGEST:
            raise OpensError


class Distinct:
    """The distinct values of a stretch of a run.

    `plain` gives the numbers of each type of plain values, which raise OpensError for others; `number` any value's.
    """

    def __init__(self) -> None:
        self.values: list[Scalar] = []
        self.others: dict[tuple[type, Scalar], int] = {}
        self.plain: dict[type, Numbers] = {  # type: ignore[type-arg]  # each has the type of its key
            str: Strings(self.values),
            int: Integers(self.values),
            float: Numbers[float](self.values),
            bool: Numbers[bool](self.values),
            type(None): Numbers[None](self.values),
            bytes: Packed(self.values),
        }

    def __len__(self) -> int:
        return len(self.values)

    def number(self, value: Scalar) -> int:
        """Return the number of any value. Those of different types differ, though `1 == True == 1.0`."""
        kind = value.__class__
        plain = self.plain.get(kind)
        if plain is not None and value in plain:
            return plain[value]
        key = (kind, value)
        found = self.others.get(key)
        if found is None:
            found = self.others[key] = len(self.values)
            self.values.append(value)
        return found

    def clear(self) -> None:
        """Forget all values; numbers start again."""
        for numbers in (*self.plain.values(), self.others):
            numbers.clear()
        self.values.clear()
