"""Looks: values that no table tells apart. A leaf is judged once for each look that its value can have.

What a value adds to the judgement of a leaf is whether it stands for none, what was planted in it, and which shapes
accept it. Values that agree in all three have the same look. For some kinds of values that are new every time (times,
GUIDs, small numbers) the outline alone decides, as long as nothing was planted in them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from portalscope.decoders.classify import text
from portalscope.decoders.judging import Judge
from portalscope.decoders.message import Scalar
from portalscope.decoders.planted import fold

# Of one outline and length, all values have the same look, and nothing stands inside: the tests try the tables with it.
OUTLINES = re.compile(
    r"(?P<number>[1-9]\d{0,8})"
    r"|(?P<fraction>[0-8]?\d\.\d{1,4})"
    r"|(?P<guid>(?!f{8})(?=[0-9a-f-]{0,12}[1-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?P<time>20[2-9]\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{3}(?:\d{4})?)?Z)",
    re.ASCII,
)

type Look = tuple[object, ...]


class Looks:
    """The looks of a run. `examples` holds one value of each; a look is a position in it."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.known: dict[Look, int] = {}
        self.examples: list[Scalar] = []

    def of(self, values: Sequence[Scalar]) -> list[int]:
        """Return the look of each value."""
        texts = [text(value) for value in values]
        found = [OUTLINES.fullmatch(one) for one in texts]
        tainted = self.tainted(one if outline else "" for one, outline in zip(texts, found, strict=True))
        return [
            self.number((outline.lastgroup, len(one)) if outline and n not in tainted else self.look(value, one), value)
            for n, (value, one, outline) in enumerate(zip(values, texts, found, strict=True))
        ]

    def number(self, look: Look, value: Scalar) -> int:
        """The number of a look; a value that has a new one is its example."""
        number = self.known.get(look)
        if number is None:
            number = self.known[look] = len(self.examples)
            self.examples.append(value)
        return number

    def look(self, value: Scalar, written: str) -> Look:
        """What no outline decides."""
        if value is True or value is False:
            return (bool,)
        values = self.judge.values
        if values.sentinel(written):
            return ("sentinel",)
        return (self.judge.planted.hits(written), values.accepting(written))

    def tainted(self, texts: Iterable[str]) -> set[int]:
        """Return which texts may hold something planted as they stand; all are searched in one pass."""
        planted = self.judge.planted
        folded = fold("\n".join(texts))
        lines = folded.split("\n")
        found = {n for n, line in enumerate(lines) if line in planted.wholes} if planted.wholes else set()
        if planted.needles:
            ends = list(accumulate(len(line) + 1 for line in lines))
            found.update(bisect_right(ends, end) for end, _ in planted.automaton.iter(folded))
        return found
