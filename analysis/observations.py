"""One row a leaf: codes into dictionaries instead of objects, every distinct thing looked at once."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from portalscope.analysis import values
from portalscope.analysis.clear import Clear
from portalscope.analysis.rows import Rows
from portalscope.decoders.distinct import Distinct
from portalscope.decoders.message import Build, Columns, Event, Scalar

REMEMBERED = 200_000  # paths that are remembered beyond one row group

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


class Settle(Protocol):
    """Gives the codes of fields for leaves of which only the place and the value are known."""

    def __call__(self, places: Ints, numbers: Ints) -> Ints:
        """Return the code of each leaf's field."""


class Observations:
    """The observations of one run on their way to disk, memory bounded by one row group.

    `fields` are the field ids that the codes of `add` point into; `hidden` the codes of fields whose values get no
    hash (sentinels), `private` of those that never appear in clear (secrets). `clear` takes values in clear, if wanted.
    `distinct` numbers the values; `settle` judges, a row group at a time, what `add_columns` took.
    """

    def __init__(
        self,
        rows: Rows,
        mask: Callable[[str], str],
        secret: bytes,
        clear: Clear | None = None,
        *,
        distinct: Distinct,
        settle: Settle | None = None,
    ) -> None:
        self.rows = rows
        self.mask = mask
        self.digest = values.digester(secret)
        self.clear = clear
        self.distinct = distinct
        self.settle = settle
        self.fields: list[str] = []
        self.hidden: set[int] = set()
        self.private: set[int] = set()
        self.parts: Codes[str] = Codes(mask)
        self.endings: dict[Build, array[int]] = {}
        self.reset()

    def reset(self) -> None:
        """Start a row group with empty columns and dictionaries."""
        self.exchange, self.event, self.field = array("i"), array("i"), array("i")
        self.record, self.name, self.value = array("i"), array("i"), array("i")
        self.depth, self.opened = array("b"), array("b")
        self.exchanges: Codes[str] = Codes(str)
        self.distinct.clear()
        if len(self.parts) > REMEMBERED:
            self.parts = Codes(self.mask)
            self.endings.clear()

    def add(self, exchange: str, event: Event, codes: list[int]) -> None:
        """Take the leaves of one event, with the code of each one's field."""
        fields = event.fields
        self.place(exchange, event.index, "", len(fields))
        self.field.extend(codes)
        self.name.extend([self.parts[leaf.path] for leaf in fields])
        self.value.extend([self.distinct.number(leaf.value) for leaf in fields])
        self.depth.extend([min(leaf.depth, 127) for leaf in fields])
        self.opened.extend([leaf.opened for leaf in fields])

    def add_columns(self, exchange: str, record: Columns, places: "array[int]") -> None:
        """Take the leaves of a record in columns; `places` are what `settle` knows their places by, below zero."""
        count = len(places)
        self.place(exchange, record.index, record.path, count)
        self.field.extend(places)
        self.name.extend(self.endings.get(record.build) or self.ending(record.build))
        self.value.extend(record.numbers)
        self.depth.frombytes(record.build.depths)
        self.opened.frombytes(record.build.opened)

    def ended(self) -> None:
        """Write a row group when it is full. Call it between exchanges: numbers of values hold for one row group."""
        if len(self.field) >= self.rows.group:
            self.flush()

    def place(self, exchange: str, event: int, record: str, count: int) -> None:
        """Say of so many leaves where they are; `record` is the path in front of their own."""
        self.exchange.extend(array("i", [self.exchanges[exchange]]) * count)
        self.event.extend(array("i", [event]) * count)
        self.record.extend(array("i", [self.parts[record]]) * count)

    def ending(self, build: Build) -> "array[int]":
        """Return the codes of the paths of a build."""
        found = self.endings[build] = array("i", [self.parts[name] for name in build.names])
        return found

    def flush(self) -> None:
        """Write a row group."""
        if not self.field:
            return
        field, value, opened = numbers(self.field).copy(), numbers(self.value), numbers(self.opened, np.int8).astype(bool)
        if self.settle and (waiting := field < 0).any():
            field[waiting] = self.settle(field[waiting], value[waiting])
        found = self.distinct.values
        data = [values.as_bytes(one) for one in found]
        hashes = [self.digest(one) if one else None for one in data]
        hidden = np.isin(field, list(self.hidden))
        codes = pa.array(value)
        self.rows.write(
            [
                column(numbers(self.exchange), self.exchanges.words),
                pa.array(numbers(self.event)),
                column(field, self.fields),
                self.paths(),
                pa.array(numbers(self.depth, np.int8)),
                pa.array([values.kind(one) for one in found]).dictionary_encode().take(codes),
                pa.array(np.fromiter(map(len, data), np.int64, len(data))[value]),
                pa.array(hashes, pa.string()).take(pa.array(value, mask=hidden)),
                pa.array(opened),
            ]
        )
        if self.clear:
            private = np.isin(field, list(self.private))
            shown = np.unique(value[~(private | hidden | opened)])
            self.clear.add(np.array(hashes, dtype=object), found, shown, np.unique(value[private]))
        self.reset()

    def paths(self) -> pa.DictionaryArray:
        """Return the column of paths: the record's own path and the leaf's in it, put together once a pair."""
        pairs = numbers(self.record).astype(np.int64) << 32 | numbers(self.name)
        found = pa.array(pairs).dictionary_encode()
        words = self.parts.words
        whole: Codes[str] = Codes(str)
        codes = [whole[words[pair >> 32] + words[pair & 0xFFFFFFFF]] for pair in found.dictionary.to_pylist()]
        return column(np.array(codes, np.int32)[found.indices.to_numpy()], whole.words)

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


def numbers(codes: "array[int]", kind: type = np.int32) -> Ints:
    """Return an array's numbers without copying them."""
    return np.frombuffer(codes, kind)


def column(codes: Ints, words: Sequence[str]) -> pa.DictionaryArray:
    """Return a dictionary column for rows that hold these codes."""
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()))
