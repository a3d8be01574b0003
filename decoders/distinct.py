"""Distinct values, numbered: what is asked of a value is asked once, however often it comes."""

from collections.abc import Callable
from dataclasses import dataclass

from portalscope.decoders import inside
from portalscope.decoders.message import Field, Scalar

PLAIN = (str, int, float, bool, type(None), bytes)

type Key = tuple[tuple[object, ...], ...]
type Finish = Callable[[Scalar, tuple[str, ...]], tuple[tuple[Field, ...], int] | None]


@dataclass(frozen=True, slots=True)
class Inside:
    """What stands inside a value: fields with paths behind its own, and the numbers of their values.

    `key` is what values with the same leaves inside share; `cost` how many bytes were opened.
    """

    fields: tuple[Field, ...]
    numbers: tuple[int, ...]
    key: Key
    cost: int


class Numbers[K](dict[K, int]):
    """Values of one type with their numbers; `every` is shared by all types and holds them in the order of these."""

    def __init__(self, every: list[Scalar]) -> None:
        super().__init__()
        self.every = every

    def __missing__(self, value: K) -> int:
        number = self[value] = len(self.every)
        self.every.append(value)  # type: ignore[arg-type]  # K is one of the scalars
        return number


class Looked[K: str | bytes](Numbers[K]):
    """Texts or bytes: new ones are looked into."""

    def __init__(self, distinct: "Distinct") -> None:
        super().__init__(distinct.values)
        self.distinct = distinct

    def __missing__(self, value: K) -> int:
        number = super().__missing__(value)
        if len(value) >= inside.LEAST and inside.open_value(value) is not None:
            self.distinct.opening[number] = self.distinct.inside(value, ())
        return number


class Distinct:
    """The distinct values of a stretch of a run.

    `plain` gives the number of a value of each type, `opening` what is inside the ones that open, by number: None where
    that is out of the ordinary. `finish` is what opens values.
    """

    def __init__(self, finish: Finish) -> None:
        self.finish = finish
        self.values: list[Scalar] = []
        self.others: dict[tuple[type, Scalar], int] = {}
        self.opening: dict[int, Inside | None] = {}
        self.declared: dict[tuple[type, Scalar, tuple[str, ...]], Inside | None] = {}
        self.plain: dict[type, Numbers] = {  # type: ignore[type-arg]  # each has the type of its key
            str: Looked[str](self),
            bytes: Looked[bytes](self),
            int: Numbers[int](self.values),
            float: Numbers[float](self.values),
            bool: Numbers[bool](self.values),
            type(None): Numbers[None](self.values),
        }

    def number(self, value: Scalar) -> int:
        """Return the number of a value that is opened elsewhere, if at all.

        Those of different types differ, though `1 == True == 1.0`.
        """
        kind = value.__class__
        number = self.plain[kind].get(value)
        if number is None:
            number = self.others.get((kind, value))
        if number is None:
            number = self.others[kind, value] = len(self.values)
            self.values.append(value)
        return number

    def inside(self, value: Scalar, steps: tuple[str, ...]) -> Inside | None:
        """Return what these steps, or without any the looks, find inside a value; None: it is out of the ordinary."""
        key = (value.__class__, value, steps)
        if key not in self.declared:
            found = self.finish(value, steps)
            self.declared[key] = self.opened(*found) if found else None
        return self.declared[key]

    def opened(self, fields: tuple[Field, ...], cost: int) -> Inside:
        """Number the values that are inside."""
        key = tuple((f.path, f.shape, f.tags, f.depth, f.opened, f.value.__class__) for f in fields)
        return Inside(fields, tuple([self.number(f.value) for f in fields]), key, cost)

    def clear(self) -> None:
        """Forget all values; numbers start again."""
        for numbers in self.plain.values():
            numbers.clear()
        self.others.clear()
        self.opening.clear()
        self.declared.clear()
        self.values.clear()
