"""Problem: bytes that were sent and not understood, with the reason. Never dropped, always counted."""

import math
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that could not be read or decoded.

    `exchange` is the exchange's id, or the file's name when the file itself is at fault. `part` is a part of the
    exchange (`body`, `response`, …) or `file`. `rest` are the bytes that nobody understood, exactly as they stood.
    """

    exchange: str
    part: str
    step: str
    why: str
    rest: bytes = b""

    @property
    def size(self) -> int:
        """How many bytes were not understood."""
        return len(self.rest)

    @property
    def entropy(self) -> float:
        """Shannon entropy of the rest in bits per byte: above 7.5 it looks encrypted or compressed."""
        return entropy(self.rest)


def entropy(data: bytes) -> float:
    """Shannon entropy in bits per byte, 0.0 for nothing; at most the first 64 KiB are looked at."""
    sample = data[:65536]
    counts = Counter(sample).values()
    return sum(n / len(sample) * math.log2(len(sample) / n) for n in counts) if sample else 0.0
