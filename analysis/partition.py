"""A run's partition on disk: written aside, then moved into its place: a reader sees all of a run or none of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from portalscope.analysis import schema

FILE = "part-0.parquet"


def stamps(dataset: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (run, stamp) for every run in a dataset, in order of their names. Raises ValueError for a broken file."""
    for path in sorted((dataset / "runs").glob(f"run=*/{FILE}")):
        found = pq.read_schema(path).metadata or {}
        yield path.parent.name.removeprefix("run="), {key.decode(): value.decode() for key, value in found.items()}


def check(dataset: Path, key: str | None = None) -> None:
    """Raise ValueError when a dataset was made by another version of the schema, or its hashes with another key."""
    for run, stamp in stamps(dataset):
        if (version := stamp.get("schema_version", "none")) != schema.VERSION:
            raise ValueError(
                f"run {run} has schema version {version}, this is version {schema.VERSION}: decode the run again"
            )
        key = stamp["value_key"] if key is None else key
        if stamp["value_key"] != key:
            raise ValueError(f"the hashes of run {run} were made with another key and cannot be compared")


def replace(dataset: Path, draft: Path, name: str) -> None:
    """Put the tables of a draft into their places. The row in `runs` is taken away first and put back last."""
    order = ["runs", *(table for table in schema.TABLES if table != "runs")]
    for table in order:
        if (old := dataset / table / name).exists():
            shutil.rmtree(old)
    for table in reversed(order):
        (dataset / table).mkdir(exist_ok=True)
        (draft / table).rename(dataset / table / name)
    draft.rmdir()
