"""The dataset as pandas frames: checked on the way in, its leaves joined with what is known of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from portalscope.analysis import partition, schema

SENT = ("path", "query", "header", "cookie", "body")  # the other parts are of answers
JOINED = ("fields", "events", "exchanges", "endpoints")  # where `leaves` looks for a column, in this order

type Positions = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Some runs of a dataset: one frame a table, with a column `run` each; columns are those of `schema.TABLES`.

    Words of which there are few are categories, the rest is backed by Arrow. Observations are many: they stay on disk
    until `observations` or `leaves` asks for some of their columns. `names` are the runs, in the order asked for.
    """

    dataset: Path
    names: tuple[str, ...]
    runs: pd.DataFrame
    exchanges: pd.DataFrame
    connections: pd.DataFrame
    events: pd.DataFrame
    fields: pd.DataFrame
    endpoints: pd.DataFrame
    problems: pd.DataFrame
    steps: pd.DataFrame

    def observations(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return these columns of the observations, all by default, one row a leaf in the order it was sent."""
        return read(self.dataset, "observations", self.names, columns)

    def leaves(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return these columns of observations, fields, events, exchanges and endpoints, one row a leaf; always `run`.

        A column that several tables have is taken from the first of them. `sent` is true for leaves of requests.
        Raises KeyError for a column that no table has, ValueError when a row has no partner.
        """
        own = [name for name in columns if name in schema.OBSERVATIONS.names]
        found = self.observations(list(dict.fromkeys([*own, "exchange", "event", "field"])))
        rows = self.rows_of(found)
        fields = self.fields.assign(sent=self.fields["part"].isin(SENT))
        for name in columns:
            if name not in found.columns:
                table = table_of(name)
                frame = fields if table == "fields" else getattr(self, table)
                found[name] = frame[name].take(rows[table]).set_axis(found.index)
        return found[list(dict.fromkeys(["run", *columns]))]

    def wire(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a table that were seen on the network: of the others no upload is proven."""
        kinds = self.runs["source_kind"].astype("str")
        return table[table["run"].isin(self.runs.loc[kinds == "wire", "run"])]

    def rows_of(self, observations: pd.DataFrame) -> dict[str, Positions]:
        """Return for each joined table which of its rows belongs to each observation."""
        fields = positions(self.fields, "field", observations)
        exchanges = positions(self.exchanges, "exchange", observations)
        endpoints = positions(self.endpoints, "endpoint", self.exchanges)[exchanges]
        first = np.zeros(len(self.exchanges), np.int64)
        of_events = positions(self.exchanges, "exchange", self.events)
        first[of_events[::-1]] = np.arange(len(self.events))[::-1]  # the last assignment stays: the first event
        events = first[exchanges] + observations["event"].to_numpy(np.int64)
        if not np.array_equal(of_events[events], exchanges):
            raise ValueError("the events of the dataset are not in order")
        return {"fields": fields, "exchanges": exchanges, "endpoints": endpoints, "events": events}


def load(dataset: Path, runs: Iterable[str] | None = None) -> Frames:
    """Return the frames of some runs, of all by default.

    Raises ValueError when the folder is no dataset, has no such run, or was made by another version of the schema or
    with several keys.
    """
    present = [run for run, _ in partition.stamps(dataset)]
    if not present:
        raise ValueError(f"{dataset.name} is no dataset: there is no run in it")
    names = tuple(present if runs is None else dict.fromkeys(runs))
    if strange := [name for name in names if name not in present]:
        raise ValueError(f"no run {', '.join(strange)} in {dataset.name}; it has {', '.join(present)}")
    partition.check(dataset)
    small = (table for table in schema.TABLES if table != "observations")
    return Frames(dataset=dataset, names=names, **{table: read(dataset, table, names) for table in small})


def read(dataset: Path, table: str, runs: Sequence[str], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return one table of some runs, with the run as a category in the order of `runs`."""
    files = [dataset / table / f"run={run}" / partition.FILE for run in runs]
    whole = pa.concat_tables([one_run(path, number, columns) for number, path in enumerate(files)]).unify_dictionaries()
    frame: pd.DataFrame = whole.to_pandas(types_mapper=backed_by)
    frame["run"] = pd.Categorical.from_codes(frame["run"].astype("int32"), dtype=pd.CategoricalDtype(list(runs)))
    return frame


def one_run(path: Path, number: int, columns: Sequence[str] | None) -> pa.Table:
    """Return one run's part of a table, with the run's number in front."""
    found = pq.ParquetFile(path).read(columns=columns).replace_schema_metadata()
    return found.add_column(0, "run", pa.array(np.full(found.num_rows, number, np.int32)))


def backed_by(kind: pa.DataType) -> pd.ArrowDtype | None:
    """Return the pandas type of a column: Arrow's own, which knows null, or None for what becomes a category."""
    return None if pa.types.is_dictionary(kind) else pd.ArrowDtype(kind)


def table_of(column: str) -> str:
    """Return the table that `leaves` takes a column from."""
    if column == "sent":
        return "fields"
    for table in JOINED:
        if column in schema.TABLES[table].names:
            return table
    raise KeyError(column)


def positions(table: pd.DataFrame, key: str, rows: pd.DataFrame) -> Positions:
    """Return for each of `rows` the position of the row of `table` with the same run and key."""
    words = rows[key].cat.categories
    width = max(len(words), 1)
    codes = pd.Index(words).get_indexer(pd.Index(table[key].astype("str")))
    known = codes >= 0
    lookup = np.full(width * len(table["run"].cat.categories), -1, np.int64)
    lookup[table["run"].cat.codes.to_numpy(np.int64)[known] * width + codes[known]] = np.flatnonzero(known)
    found: Positions = lookup[rows["run"].cat.codes.to_numpy(np.int64) * width + rows[key].cat.codes.to_numpy(np.int64)]
    if (found < 0).any():
        raise ValueError(f"the dataset is broken: {int((found < 0).sum())} rows have no {key}")
    return found
