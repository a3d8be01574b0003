"""Values in clear: distinct, readable, without secrets."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from portalscope.analysis import schema
from portalscope.analysis.clear import Clear


def test_secrets_of_later_row_groups_are_taken_out_of_earlier_ones(tmp_path: Path) -> None:
    clear = Clear(tmp_path, "run=a", schema.VALUES)
    none = np.array([], int)
    clear.add(np.array(["0a", "0b", None], object), ["one", "two", ""], np.array([0, 1, 2]), none)
    clear.add(np.array(["0a", "0b", "0c"], object), ["one", "two", b"\xff"], np.array([0, 2]), np.array([1]))
    clear.close()
    clear.abandon()
    found = pq.ParquetFile(tmp_path / "values/run=a/part-0.parquet").read().to_pylist()
    assert found == [{"value_hash": "0a", "value": "one"}, {"value_hash": "0c", "value": "0xff"}]
    assert [path.name for path in (tmp_path / "values/run=a").iterdir()] == ["part-0.parquet"]
