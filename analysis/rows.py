"""Rows on their way into one Parquet file: gathered in columns, written in row groups, never all in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

GROUP = 1_000_000  # rows of a row group


class Rows:
    """One table of one run. Every row is a tuple in the order of the schema's columns.

    Raises `pyarrow.ArrowInvalid` (a ValueError) when a value does not fit its column, at the latest in `close`.
    """

    def __init__(self, path: Path, schema: pa.Schema, group: int = GROUP) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.schema = schema
        self.group = group
        self.rows: list[tuple[object, ...]] = []
        self.file = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1)

    def add(self, *row: object) -> None:
        """Take one row."""
        self.rows.append(row)
        if len(self.rows) >= self.group:
            self.flush()

    def flush(self) -> None:
        """Write what is gathered as one row group."""
        if self.rows:
            columns = zip(*self.rows, strict=True)
            arrays = [array(values, kind) for values, kind in zip(columns, self.schema.types, strict=True)]
            self.write(arrays)
            self.rows.clear()

    def write(self, arrays: list[pa.Array]) -> None:
        """Write one row group of arrays that are made already."""
        self.file.write_table(pa.Table.from_arrays(arrays, schema=self.schema))

    def close(self) -> None:
        """Write the rest and the footer."""
        try:
            self.flush()
        finally:
            self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """Return a column; text that is no Unicode (half a surrogate pair, as JSON allows) gets its codes spelled out."""
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([spelled(value) for value in values], kind)


def spelled(value: object) -> object:
    """Return a text with half a surrogate pair spelled out, anything else as it is."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
