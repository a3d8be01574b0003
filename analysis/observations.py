"""One row a leaf: codes into dictionaries instead of objects, every distinct thing looked at once."""

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from portalscope.analysis import values
from portalscope.analysis.clear import Clear
from portalscope.analysis.rows import Rows
from portalscope.decoders.message import Event, Scalar

type Ints = np.ndarray[Any, np.dtype[Any]]


class Codes[K](dict[K, int]):
    """A dictionary column: distinct keys in order of appearance; `words` is what is written for each."""

    def __init__(self, word: Callable[[K], Any]) -> None:
        super().__init__()
        self.word = word
        self.words: list[Any] = []

    def __missing__(self, key: K) -> int:
        code = self[key] = len(self.words)
        self.words.append(self.word(key))
        return code


class Observations:
    """The observations of one run on their way to disk, memory bounded by one row group.

    `fields` are the field ids that the codes of `add` point into; `hidden` the codes of fields whose values get no
    hash (sentinels), `private` of those that never appear in clear (secrets). `clear` takes values in clear, if wanted.
    """

    def __init__(self, rows: Rows, mask: Callable[[str], str], secret: bytes, clear: Clear | None = None) -> None:
        self.rows = rows
        self.mask = mask
        self.secret = secret
        self.clear = clear
        self.fields: list[str] = []
        self.hidden: set[int] = set()
        self.private: set[int] = set()
        self.reset()

    def reset(self) -> None:
        """Start a row group with empty columns and dictionaries."""
        self.exchange, self.event, self.field = array("i"), array("i"), array("i")
        self.path, self.value = array("i"), array("i")
        self.depth, self.opened = array("b"), array("b")
        self.exchanges: Codes[str] = Codes(str)
        self.paths: Codes[str] = Codes(self.mask)
        self.distinct: Codes[tuple[type, Scalar, str]] = Codes(lambda key: key[1])

    def add(self, exchange: str, event: Event, codes: list[int]) -> None:
        """Take the leaves of one event, with the code of each one's field."""
        fields = event.fields
        self.exchange.extend([self.exchanges[exchange]] * len(fields))
        self.event.extend([event.index] * len(fields))
        self.field.extend(codes)
        self.path.extend([self.paths[leaf.path] for leaf in fields])
        # the type belongs to the key, since `1 == True == 1.0` in a dictionary
        self.value.extend([self.distinct[distinct(leaf.value)] for leaf in fields])
        self.depth.extend([min(leaf.depth, 127) for leaf in fields])
        self.opened.extend([leaf.opened for leaf in fields])
        if len(self.field) >= self.rows.group:
            self.flush()

    def flush(self) -> None:
        """Write a row group."""
        if not self.field:
            return
        found: list[Scalar] = self.distinct.words
        data = [values.as_bytes(value) for value in found]
        hashes = np.array([values.digest(self.secret, one) if one else None for one in data], dtype=object)
        field, value, opened = numbers(self.field), numbers(self.value), numbers(self.opened, np.int8).astype(bool)
        hidden = np.isin(field, list(self.hidden))
        self.rows.write(
            [
                column(self.exchange, self.exchanges.words),
                pa.array(numbers(self.event)),
                column(self.field, self.fields),
                column(self.path, self.paths.words),
                pa.array(numbers(self.depth, np.int8)),
                pa.array([values.kind(one) for one in found]).dictionary_encode().take(pa.array(value)),
                pa.array(np.array([len(one) for one in data], np.int64)[value]),
                pa.array(hashes[value], pa.string(), mask=hidden),
                pa.array(opened),
            ]
        )
        if self.clear:
            private = np.isin(field, list(self.private))
            self.clear.add(hashes, found, np.unique(value[~(private | hidden | opened)]), np.unique(value[private]))
        self.reset()

    def close(self) -> None:
        """Write what is left."""
        self.flush()
        self.rows.close()
        if self.clear:
            self.clear.close()

    def abandon(self) -> None:
        """Drop what is not in its place."""
        if self.clear:
            self.clear.abandon()


def distinct(value: Scalar) -> tuple[type, Scalar, str]:
    """What makes a value another one in a dictionary: its type too, and the sign of a zero."""
    return value.__class__, value, repr(value) if value.__class__ is float else ""


def numbers(codes: "array[int]", kind: type = np.int32) -> Ints:
    """Return an array's numbers without copying them."""
    return np.frombuffer(codes, kind)


def column(codes: "array[int]", words: list[str]) -> pa.DictionaryArray:
    """Return a dictionary column for rows that hold these codes."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers(codes)), pa.array(words, pa.string()))
