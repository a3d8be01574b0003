"""Rows become row groups, and nothing that does not fit its column gets in."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portalscope.analysis import schema
from portalscope.analysis.rows import Rows

COLUMNS = schema.table("Two.", [schema.must("word", schema.WORD, "."), schema.may("size", schema.SIZE, ".")])


def test_rows_are_written_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "deep/down/part-0.parquet"
    with Rows(path, COLUMNS, group=2) as rows:
        for i in range(5):
            rows.add(f"w{i}", None if i == 3 else i)
        assert len(rows.rows) == 1, "full groups are on disk already"
    file = pq.ParquetFile(path)
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [2, 2, 1]
    assert file.read()["size"].to_pylist() == [0, 1, 2, None, 4]


def test_no_rows_are_a_table_too(tmp_path: Path) -> None:
    with Rows(tmp_path / "x.parquet", COLUMNS):
        pass
    assert pq.ParquetFile(tmp_path / "x.parquet").read().schema.equals(COLUMNS, check_metadata=False)


@pytest.mark.parametrize("row", [(None, 1), ("w", "no number"), ("w",)])
def test_a_row_that_does_not_fit_is_an_error(tmp_path: Path, row: tuple[object, ...]) -> None:
    rows = Rows(tmp_path / "x.parquet", COLUMNS)
    rows.add("w", 1)
    rows.add(*row)
    with pytest.raises((ValueError, pa.ArrowTypeError)):
        rows.close()
    assert not rows.file.is_open


def test_text_that_is_no_unicode_is_spelled_out(tmp_path: Path) -> None:
    with Rows(tmp_path / "x.parquet", COLUMNS) as rows:
        rows.add("a\ud800", None)
        rows.add("b", 1)
    assert pq.ParquetFile(tmp_path / "x.parquet").read()["word"].to_pylist() == ["a\\ud800", "b"]
