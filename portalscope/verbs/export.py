"""`export`: a table of the dataset or a result, as CSV, JSON or a spreadsheet."""

from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.summarise import NO_DATASET
from portalscope.verbs.terminal import existing, fail, say


def export(
    table: Annotated[str, typer.Argument(help="summary, completeness, or a table of the dataset: exchanges, fields …")],
    out: Annotated[Path, typer.Argument(help="File to write: .csv, .json or .xlsx.")],
    runs: Annotated[list[str] | None, typer.Option("--run", help="Runs to export; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
) -> None:
    """Write a table for people who filter and sort; captured text never becomes a formula or a link."""
    from portalscope.analysis.export import frame_of, write
    from portalscope.analysis.frames import load

    existing(dataset, "dataset", NO_DATASET)
    try:
        rows = frame_of(load(dataset, runs or None), table)
        write(rows, out)
    except ValueError as error:
        fail(str(error))
    say(f"{len(rows)} rows in {out}")
