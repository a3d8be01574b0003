"""Values in clear, for those who asked for them: in a restricted folder beside the dataset, without secrets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from portalscope.analysis import values
from portalscope.analysis.partition import FILE
from portalscope.analysis.rows import Rows
from portalscope.decoders.message import Scalar

type Codes = np.ndarray[Any, np.dtype[Any]]


class Clear:
    """The distinct values of one run. A value that was a secret anywhere is left out everywhere."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema) -> None:
        self.path = folder / "values" / name / FILE
        self.draft = self.path.with_suffix(".draft")
        self.rows = Rows(self.draft, schema)
        self.draft.chmod(values.FILE_MODE)
        self.written: set[int] = set()
        self.secrets: set[str] = set()

    def add(self, hashes: Codes, found: Sequence[Scalar], shown: Codes, private: Codes) -> None:
        """Take the values of one row group: `shown` and `private` are positions in `hashes` and `found`."""
        self.secrets.update(one for one in hashes[private] if one)
        for code in shown:
            if (name := hashes[code]) and (number := int(name, 16)) not in self.written:
                self.written.add(number)
                self.rows.add(name, values.as_text(found[code]))

    def close(self) -> None:
        """Write the values that are no secrets to their place; the draft goes with `abandon`."""
        self.rows.close()
        secrets = pa.array(sorted(self.secrets), pa.string())
        with pq.ParquetFile(self.draft) as draft, Rows(self.path, self.rows.schema) as final:
            self.path.chmod(values.FILE_MODE)
            for group in range(draft.num_row_groups):
                kept = draft.read_row_group(group)
                kept = kept.filter(pc.invert(pc.is_in(kept["value_hash"], value_set=secrets)))
                final.file.write_table(kept)

    def abandon(self) -> None:
        """Drop what is not in its place."""
        self.rows.file.close()
        self.draft.unlink(missing_ok=True)
